"""The boto3 client of the store, set up by our settings and by nothing else.

boto3 would also look into the environment, into files of the home folder and at the metadata service of a
cloud; a pod that carries any of these for another program must not change where its model goes.
"""

from __future__ import annotations

import logging
import os
import ssl
from typing import Any

import boto3
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider
from botocore.session import Session

from trainer.errors import SettingsError
from trainer.settings.groups.s3 import S3Settings

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 20.0

# Their debug lines hold the access key.
for _name in ("boto3", "botocore", "s3transfer"):
    logging.getLogger(_name).setLevel(logging.INFO)


def endpoint_url(s3: S3Settings) -> str:
    """The address of the store; where it names no scheme, MINIO_SECURE chooses."""
    endpoint = (s3.minio_endpoint or "").rstrip("/")
    if "://" in endpoint:
        return endpoint
    return f"{'https' if s3.minio_secure else 'http'}://{endpoint}"


def open_client(s3: S3Settings) -> Any:
    """A client that tries once; nothing is sent yet.

    Raises:
        SettingsError: MINIO_ENDPOINT is no address for boto3.
    """
    session = boto3.Session(
        aws_access_key_id=s3.minio_access_key.get_secret_value(),
        aws_secret_access_key=s3.minio_secret_key.get_secret_value(),
        region_name=s3.minio_region,
        botocore_session=_session_of_defaults(),
    )
    config = Config(
        s3={"addressing_style": "path"},
        signature_version="s3v4",
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        # Many S3-compatible stores do not know the checksums that boto3 would add of itself.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        return session.client("s3", endpoint_url=endpoint_url(s3), verify=_trusted(), config=config)
    except ValueError:
        shown = f"MINIO_ENDPOINT={s3.minio_endpoint!r}"
        raise SettingsError(
            f"{shown} should be host:port, or with http:// or https://; the host may hold letters, digits, hyphens and dots."
        ) from None


def _session_of_defaults() -> Session:
    values = {name: variable[2] for name, variable in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    values |= {"config_file": os.devnull, "credentials_file": os.devnull}
    session = Session()
    mapping = {name: ConstantProvider(value) for name, value in values.items()}
    session.register_component("config_store", ConfigValueStore(mapping=mapping))
    return session


def _trusted() -> str | bool:
    """The system's CAs, or those that OpenSSL's own SSL_CERT_FILE names; boto3's where there are none."""
    return ssl.get_default_verify_paths().cafile or True
