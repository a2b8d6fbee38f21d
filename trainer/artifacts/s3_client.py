"""The boto3 client of the store, set up by our settings and by nothing else.

boto3 would also look into the environment, into files of the home folder and at the metadata service of a
cloud; a pod that carries any of these for another program must not change where its model goes. Proxies follow
the one rule of `trainer.process.proxies`.
"""

from __future__ import annotations

import logging
import os
import re
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES, ConfigValueStore, ConstantProvider
from botocore.exceptions import IncompleteReadError
from botocore.parsers import ResponseParserError
from botocore.session import Session

from trainer.artifacts import s3_patience as patience
from trainer.artifacts.s3_session import BoundedSession
from trainer.errors import SettingsError
from trainer.process.proxies import proxy_for
from trainer.process.redirects import shown_address
from trainer.process.trust import trusted_cas
from trainer.settings.groups.s3 import S3Settings

# Their debug lines hold the access key.
for _name in ("boto3", "botocore"):
    logging.getLogger(_name).setLevel(logging.INFO)

_ENTITY = b"<!ENTITY"
_ENDPOINT = re.compile(rb"<Endpoint>\s*([^<\s]+)\s*</Endpoint>")


class RedirectedError(Exception):
    """The store answered that it is elsewhere.

    Attributes:
        address: where, as scheme, host and port; None where it did not say, or named a path of its own.
        region: the region of the bucket, if the answer names one.
    """

    def __init__(self, status: int, address: str | None, region: str | None) -> None:
        """Note the answer."""
        super().__init__(f"status {status}")
        self.status, self.address, self.region = status, address, region


def endpoint_url(s3: S3Settings) -> str:
    """The address of the store; where it names no scheme, MINIO_SECURE chooses."""
    endpoint = (s3.minio_endpoint or "").rstrip("/")
    if "://" in endpoint:
        return endpoint
    return f"{'https' if s3.minio_secure else 'http'}://{endpoint}"


def open_client(s3: S3Settings) -> Any:
    """A client that tries once and follows no redirect; nothing is sent yet.

    Raises:
        SettingsError: MINIO_ENDPOINT is no address for boto3.
    """
    keys = boto3.Session(
        aws_access_key_id=s3.minio_access_key.get_secret_value(),
        aws_secret_access_key=s3.minio_secret_key.get_secret_value(),
        aws_session_token=s3.minio_session_token.get_secret_value() or None,
        region_name=s3.minio_region,
        botocore_session=_session_of_defaults(),
    )
    url = endpoint_url(s3)
    proxy = proxy_for(url)
    config = Config(
        s3={"addressing_style": "path"},
        signature_version="s3v4",
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=patience.CONNECT_TIMEOUT_S,
        read_timeout=patience.READ_TIMEOUT_S,
        proxies={} if proxy is None else {urlsplit(url).scheme: proxy.url},  # none: boto3 would look for one itself
        # Many S3-compatible stores do not know the checksums that boto3 would add of itself.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    try:
        client = keys.client("s3", endpoint_url=url, verify=trusted_cas(s3.minio_ca_path), config=config)
    except ValueError:
        raise SettingsError(
            "MINIO_ENDPOINT should be host:port, or with http:// or https://; its host may hold letters, digits, hyphens and dots."
        ) from None
    timeouts = patience.CONNECT_TIMEOUT_S, patience.READ_TIMEOUT_S
    session = BoundedSession(verify=trusted_cas(s3.minio_ca_path), proxies=config.proxies, timeout=timeouts)
    client.meta.events.register("before-send.s3", session.before_send)
    client.meta.events.register("before-parse.s3", _inspect)
    return client


def _inspect(response_dict: dict[str, Any], **_: object) -> None:
    """End a call whose refusal is no whole one: it broke off, or it is a redirect.

    boto3 would take the status for what a cut body does not say, and would answer a redirect by looking for the region of
    the bucket and calling again; and an XML parser takes entities for as much as they say.
    """
    status, headers, body = int(response_dict["status_code"]), response_dict["headers"], response_dict.get("body")
    if isinstance(body, bytes) and _ENTITY in body:
        raise ResponseParserError("entities of its own")
    if status < 300:
        return
    length, num_read = headers.get("content-length"), len(response_dict.get("body") or b"")
    if length and length.isdigit() and num_read < int(length) and not headers.get("content-encoding"):
        raise IncompleteReadError(actual_bytes=num_read, expected_bytes=int(length))
    if status >= 400:
        return
    named = _ENDPOINT.search(response_dict.get("body") or b"")
    target = headers.get("location") or (named[1].decode(errors="replace") if named else "")
    region = str(headers.get("x-amz-bucket-region") or "")
    raise RedirectedError(status, shown_address(target), region if re.fullmatch(r"[a-z0-9-]{1,40}", region) else None)


def _session_of_defaults() -> Session:
    values = {name: variable[2] for name, variable in BOTOCORE_DEFAUT_SESSION_VARIABLES.items()}
    values |= {"config_file": os.devnull, "credentials_file": os.devnull}
    session = Session()
    mapping = {name: ConstantProvider(value) for name, value in values.items()}
    session.register_component("config_store", ConfigValueStore(mapping=mapping))
    return session
