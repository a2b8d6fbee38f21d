"""The S3-compatible store of the artifacts."""

from pydantic import SecretStr

from trainer.settings.setting import Group, setting


class S3Settings(Group, heading="S3"):
    """The S3-compatible store of the artifacts."""

    minio_endpoint: str | None = setting(
        None, "S3-compatible store; used when OUTPUT_PATH is not set.", "host:port, or with http:// or https://"
    )
    minio_access_key: SecretStr = setting(SecretStr(""), "Access key.", "a string")
    minio_secret_key: SecretStr = setting(SecretStr(""), "Secret key.", "a string")
    minio_bucket: str | None = setting(
        None, "Bucket of the artifacts.", "the name of a bucket", aliases=("MINIO_BUCKET_NAME",)
    )
    minio_secure: bool = setting(False, "Use https when MINIO_ENDPOINT has no scheme.", "true or false")
    minio_region: str = setting("us-east-1", "Region for the signature.", "the name of a region")
