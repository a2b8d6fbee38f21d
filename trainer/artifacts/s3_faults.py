"""Failed calls of the store: whether to retry, and a sentence for the person who started the run.

Responses are distinguished by their code, never by their message, which may quote what we sent.
"""

from __future__ import annotations

import time
from typing import Literal

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    HTTPClientError,
    IncompleteReadError,
    ReadTimeoutError,
    SSLError,
)
from botocore.exceptions import (
    ConnectionError as UnreachableError,
)
from botocore.parsers import ResponseParserError

from trainer.settings.groups.s3 import S3Settings

Operation = Literal["read", "written", "removed"]

FAULTS = (BotoCoreError, ClientError, ResponseParserError)
"""All that a call of the client raises."""

_RIGHTS: dict[Operation, str] = {
    "read": "s3:GetObject and s3:ListBucket",
    "written": "s3:PutObject",
    "removed": "s3:DeleteObject",
}
# NoSuchUpload: the store has dropped a started upload; a new one succeeds.
_TRANSIENT_CODES = {
    "SlowDown",
    "RequestTimeout",
    "InternalError",
    "ServiceUnavailable",
    "OperationAborted",
    "NoSuchUpload",
}
_TRANSIENT_STATUSES = {408, 429}
_FULL = {"XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "QuotaExceeded", "507"}


class RetryBudget:
    """Whether to try again: after transient faults, until the store has been away for so long.

    The time counts from the first fault and not from the start, since a large upload that broke off late
    deserves a second try too.
    """

    def __init__(self, budget_s: float) -> None:
        """Allow `budget_s` seconds from the first fault on."""
        self._budget_s = budget_s
        self._first_fault: float | None = None

    def __call__(self, error: Exception) -> bool:
        """Whether to try again after this error."""
        now = time.monotonic()
        if self._first_fault is None:
            self._first_fault = now
        return is_transient(error) and now - self._first_fault < self._budget_s


def is_transient(error: Exception) -> bool:
    """Whether the same call may succeed a little later."""
    if isinstance(error, ClientError):
        code, status = _answer(error)
        return code in _TRANSIENT_CODES or status in _TRANSIENT_STATUSES or status >= 500
    if isinstance(error, SSLError):
        return _tls_mistake(error) is None
    return isinstance(error, UnreachableError | HTTPClientError | IncompleteReadError)


def explain(error: Exception, s3: S3Settings, location: str, operation: Operation) -> str:
    """One sentence: what could not be done, why, and what to do."""
    why = _refused(error, s3, operation) if isinstance(error, ClientError) else _unreached(error, s3)
    return f"{location} could not be {operation}: {why}."


def _refused(error: ClientError, s3: S3Settings, operation: Operation) -> str:
    code, status = _answer(error)
    bucket, store = f"MINIO_BUCKET={s3.minio_bucket!r}", _store(s3)
    whys = {
        "SignatureDoesNotMatch": f"MINIO_SECRET_KEY is not the secret of MINIO_ACCESS_KEY, says {store}; correct the two",
        "InvalidAccessKeyId": f"MINIO_ACCESS_KEY is unknown to {store}; correct it and MINIO_SECRET_KEY",
        "AccessDenied": f"the user of MINIO_ACCESS_KEY has no right to this in {bucket}; grant {_RIGHTS[operation]}",
        "NoSuchBucket": f"there is no bucket {bucket} at {store}; create it or correct MINIO_BUCKET",
        "RequestTimeTooSkewed": f"the clocks of this machine and of {store} are too far apart; set them right",
        "AuthorizationHeaderMalformed": f"MINIO_REGION={s3.minio_region!r} is not the region of {store}; correct it",
    }
    whys |= dict.fromkeys(_FULL, f"the bucket {bucket} at {store} is full; make room and run again")
    whys["403"] = whys["AccessDenied"]
    if code in whys:
        return whys[code]
    if code == str(status):
        # No code of S3: a gateway before the store, or no store at all (boto3 makes 500 of any web page).
        return f"{store} does not answer as an S3 store does (status {status}); check that it is up and MINIO_ENDPOINT is right"
    if is_transient(error):
        return f"{store} keeps failing (last answer: {status} {code}); run again once it has recovered"
    return f"{store} refused ({status} {code}); see its log"


def _unreached(error: Exception, s3: S3Settings) -> str:
    store = _store(s3)
    if isinstance(error, SSLError) and (mistake := _tls_mistake(error)):
        return mistake.format(store=store)
    if isinstance(error, ResponseParserError):
        return f"{store} does not answer as an S3 store does; check that MINIO_ENDPOINT is right"
    if not is_transient(error):
        return f"the S3 client gave up on {store} ({type(error).__name__})"
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        how = "timed out"
    elif isinstance(error, ConnectionClosedError | IncompleteReadError):
        how = "broke off the connection"
    else:
        how = "could not be reached"
    return f"{store} {how}; check that it is up and MINIO_ENDPOINT is right"


def _tls_mistake(error: SSLError) -> str | None:
    """What is wrong with the settings of a failed handshake; None for one that merely broke off."""
    text = str(error.kwargs.get("error")).lower()  # without the address, which may hold any word
    if "certificate" in text or "hostname" in text:
        return "the certificate of {store} is not trusted; name the PEM file of its CA in SSL_CERT_FILE, or correct the host in MINIO_ENDPOINT"
    if "wrong_version_number" in text or "wrong version number" in text or "http_request" in text:
        return "{store} does not speak TLS; use http:// in MINIO_ENDPOINT, or MINIO_SECURE=false"
    return None


def _store(s3: S3Settings) -> str:
    return f"the S3 store at MINIO_ENDPOINT={s3.minio_endpoint!r}"


def _answer(error: ClientError) -> tuple[str, int]:
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return str(code), int(status)
