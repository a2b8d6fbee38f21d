"""The S3-compatible store of the artifacts."""

from typing import Annotated, Literal

from pydantic import SecretStr

from trainer.settings.setting import Group, setting
from trainer.settings.values import choice

ChecksumMode = Literal["auto", "always", "never"]


class S3Settings(Group, heading="S3"):
    """The S3-compatible store of the artifacts."""

    minio_endpoint: str | None = setting(
        None,
        "S3-compatible store; used when OUTPUT_PATH is not set.",
        "host:port with a port from 1 to 65535, or with http:// or https://",
    )
    minio_access_key: SecretStr = setting(SecretStr(""), "Access key.", "a string")
    minio_secret_key: SecretStr = setting(SecretStr(""), "Secret key.", "a string")
    minio_session_token: SecretStr = setting(
        SecretStr(""), "Session token, which temporary keys (STS) have besides the two.", "a string"
    )
    minio_bucket: str | None = setting(
        None, "Bucket of the artifacts.", "the name of a bucket", aliases=("MINIO_BUCKET_NAME",)
    )
    minio_secure: bool = setting(False, "Use https when MINIO_ENDPOINT has no scheme.", "true or false")
    minio_region: str = setting("us-east-1", "Region for the signature.", "the name of a region")
    minio_ca_path: str | None = setting(
        None, "PEM file with the CA of an https store; by default the system's CAs.", "a PEM file"
    )
    s3_checksum: Annotated[ChecksumMode, choice("auto", "always", "never")] = setting(
        "auto",
        "Whether objects travel with a checksum (Content-MD5); `auto`: from the first time that the store asks for one,"
        " as buckets with Object Lock do.",
        "auto, always or never",
    )
