"""Failed calls of the store: whether to retry, and a sentence for the person who started the run.

Responses are distinguished by their code, never by their message, which may quote what we sent.
"""

from __future__ import annotations

import time
from typing import Literal
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    HTTPClientError,
    IncompleteReadError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.exceptions import (
    ConnectionError as UnreachableError,
)
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError as BodyError
from urllib3.exceptions import ReadTimeoutError as BodyTimeoutError

from trainer.artifacts.s3_answers import (
    CHECKSUM_CODES,
    EXPIRED_CODES,
    FULL_CODES,
    LOST_UPLOAD_CODES,
    NAME_CODES,
    answer_of,
    verdict,
)
from trainer.artifacts.s3_client import RedirectedError, endpoint_url
from trainer.process.bounded_answers import AnswerBoundError
from trainer.process.proxies import proxy_for
from trainer.settings.groups.s3 import S3Settings

Operation = Literal["read", "written", "removed"]

FAULTS = (BotoCoreError, ClientError, ResponseParserError, RedirectedError, AnswerBoundError, BodyError)
"""All that a call of the client raises; the last is of urllib3, where the body of a refusal breaks off."""

_RIGHTS: dict[Operation, str] = {
    "read": "s3:GetObject and s3:ListBucket",
    "written": "s3:PutObject",
    "removed": "s3:DeleteObject",
}


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

    def restart(self) -> None:
        """Something arrived: the store is there, and the next fault is a first one."""
        self._first_fault = None


class Restarts:
    """Whether to begin an upload anew: when the store has lost it, which may happen a few times."""

    def __init__(self) -> None:
        """Nothing was lost yet."""
        self._left = 3

    def __call__(self, error: Exception) -> bool:
        """Whether to begin anew after this error."""
        self._left -= 1
        return is_lost_upload(error) and self._left >= 0


def is_lost_upload(error: Exception) -> bool:
    """Whether the store does not know an upload, or a part of it, any more."""
    return isinstance(error, ClientError) and answer_of(error)[0] in LOST_UPLOAD_CODES


def is_transient(error: Exception) -> bool:
    """Whether the same call may succeed a little later."""
    if isinstance(error, ClientError):
        return verdict(answer_of(error)).is_transient
    if isinstance(error, SSLError):
        return _tls_mistake(error) is None
    exceeded = _exceeded(error)
    if exceeded is not None:
        return exceeded.is_slow
    return not _is_unreadable(error) and isinstance(
        error, UnreachableError | HTTPClientError | IncompleteReadError | BodyError
    )


def _exceeded(error: Exception) -> AnswerBoundError | None:
    """The bound that an answer has exceeded, if it was that."""
    cause = error.kwargs.get("error") if isinstance(error, HTTPClientError) else error
    return cause if isinstance(cause, AnswerBoundError) else None


def _is_unreadable(error: Exception) -> bool:
    """Whether the client stumbled over an answer, as over a redirect with 303 or to no address, which no store sends."""
    if not isinstance(error, HTTPClientError) or type(error) is not HTTPClientError:
        return False
    return isinstance(error.kwargs.get("error"), TypeError | ValueError)


def may_be_tls(error: Exception) -> bool:
    """Whether a server that speaks TLS only may answer plain http like this: it hangs up, or complains without a code."""
    if isinstance(error, ClientError):
        return answer_of(error)[0] == "400"
    return isinstance(error, ConnectionClosedError | ResponseParserError | BodyError) or type(error) is HTTPClientError


def explain(error: Exception, s3: S3Settings, location: str, operation: Operation) -> str:
    """One sentence: what could not be done, why, and what to do."""
    if isinstance(error, RedirectedError):
        why = _redirected(error, s3)
    else:
        why = _refused(error, s3, operation) if isinstance(error, ClientError) else _unreached(error, s3)
    return f"{location} could not be {operation}: {why}."


def is_https(s3: S3Settings) -> str:
    """Why a store that speaks https only does not answer."""
    return f"The S3 store at MINIO_ENDPOINT={s3.minio_endpoint!r} speaks https and is addressed by http; use https:// there, or MINIO_SECURE=true."


def _redirected(error: RedirectedError, s3: S3Settings) -> str:
    store = f"{_store(s3)} redirects (status {error.status})"
    if error.region is not None and error.region != s3.minio_region:
        store += f", with the region {error.region}"
    if error.address is None:
        return f"{store} and names no other address, as a console or a login page does; {_right_port(s3)}"
    return f"{store} to {error.address}, which is not followed; set MINIO_ENDPOINT to that address if it is the store's"


def _refused(error: ClientError, s3: S3Settings, operation: Operation) -> str:
    code, status = answer = answer_of(error)
    bucket, store = f"MINIO_BUCKET={s3.minio_bucket!r}", _store(s3)
    keys = "MINIO_ACCESS_KEY, MINIO_SECRET_KEY and MINIO_SESSION_TOKEN"
    whys = {
        "SignatureDoesNotMatch": f"MINIO_SECRET_KEY is not the secret of MINIO_ACCESS_KEY, says {store}; correct the two",
        "InvalidAccessKeyId": f"MINIO_ACCESS_KEY is unknown to {store}; correct it and MINIO_SECRET_KEY",
        "AccessDenied": f"the user of MINIO_ACCESS_KEY has no right to this in {bucket}; grant {_RIGHTS[operation]}",
        "NoSuchBucket": f"there is no bucket {bucket} at {store}; create it or correct MINIO_BUCKET",
        "RequestTimeTooSkewed": f"the clocks of this machine and of {store} are too far apart; set them right",
        "AuthorizationHeaderMalformed": f"MINIO_REGION={s3.minio_region!r} is not the region of {store}; correct it",
        "NotImplemented": f"{store} does not know what it was asked for; see whether it takes uploads in parts, and"
        f" whether it takes checksums (S3_CHECKSUM={s3.s3_checksum})",
        # MinIO's console answers like this.
        "InvalidArgument": f"{store} refused ({status} {code}); see its log, and check {_right_port(s3)}",
        "407": f"the proxy before {store} asks for a user and a password; put them into {_proxy(s3) or 'its address'}",
    }
    whys |= dict.fromkeys(FULL_CODES, f"the bucket {bucket} at {store} is full; make room and run again")
    whys |= dict.fromkeys(NAME_CODES, f"{store} does not take this key; choose a shorter and simpler QUEUE_ID")
    whys |= dict.fromkeys(
        EXPIRED_CODES,
        f"the temporary keys of {keys} have expired, says {store}; set new ones and run again, which goes on from the"
        " last checkpoint",
    )
    whys |= dict.fromkeys(
        ("InvalidToken", "InvalidTokenId"),
        f"MINIO_SESSION_TOKEN does not belong to MINIO_ACCESS_KEY or has expired, says {store}; set {keys} anew",
    )
    if s3.minio_session_token.get_secret_value():
        whys["InvalidAccessKeyId"] = f"the temporary keys are unknown to {store}, or have expired; set {keys} anew"
    if s3.s3_checksum == "never" and operation == "written":
        wants = f"{store} refused ({status} {code}), maybe for want of a checksum; set S3_CHECKSUM=auto"
        whys |= dict.fromkeys(CHECKSUM_CODES, f"{wants}, or see its log")
    whys["403"] = whys["AccessDenied"]
    whys["507"] = whys["InsufficientStorage"]
    if code in whys:
        return whys[code]
    if status == 507:
        return whys["507"]
    if code == str(status):
        # No code of S3: a gateway before the store, or no store at all (boto3 makes 500 of any web page).
        return f"{store} does not answer as an S3 store does (status {status}); check that it is up, that MINIO_ENDPOINT is right, and {_right_port(s3)}"
    if verdict(answer).is_transient:
        return f"{store} keeps failing (last answer: {status} {code}); run again once it has recovered"
    return f"{store} refused ({status} {code}); see its log"


def _unreached(error: Exception, s3: S3Settings) -> str:
    store = _store(s3)
    if exceeded := _exceeded(error):
        advice = "what slows it or the network" if exceeded.is_slow else "what has stored it, or answers in its place"
        return f"{store} sent {exceeded}; see {advice}"
    if isinstance(error, SSLError) and (mistake := _tls_mistake(error)):
        return mistake.format(store=store)
    if isinstance(error, ResponseParserError) or _is_unreadable(error):
        return f"{store} does not answer as an S3 store does; check that MINIO_ENDPOINT is right, and {_right_port(s3)}"
    if not is_transient(error):
        return f"the S3 client gave up on {store} ({type(error).__name__})"
    if isinstance(error, ProxyConnectionError):
        return (
            f"{store} could not be reached through the proxy of {_proxy(s3)}; correct it, or name the host in NO_PROXY"
        )
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError | BodyTimeoutError):
        how = "timed out"
    elif isinstance(error, ConnectionClosedError | IncompleteReadError | BodyError):
        how = "broke off the connection"
    else:
        how = "could not be reached"
    through = f" through the proxy of {variable}" if (variable := _proxy(s3)) else ""
    return f"{store} {how}{through}; check that it is up and MINIO_ENDPOINT is right"


def _tls_mistake(error: SSLError) -> str | None:
    """What is wrong with the settings of a failed handshake; None for one that merely broke off."""
    text = str(error.kwargs.get("error")).lower()  # without the address, which may hold any word
    if "certificate" in text or "hostname" in text:
        why, advice = "its CA is unknown", "set MINIO_CA_PATH to the PEM file of its CA"
        if "has expired" in text:
            why, advice = "it has expired, or its CA has", "renew it, or set MINIO_CA_PATH to the new CA"
        elif "mismatch" in text or "hostname" in text or "not valid for" in text:
            why, advice = "it is for another host", "correct the host in MINIO_ENDPOINT, or the certificate"
        return f"the certificate of {{store}} is not trusted ({why}); {advice}"
    if "wrong_version_number" in text or "wrong version number" in text or "http_request" in text:
        return "{store} does not speak TLS; use http:// in MINIO_ENDPOINT, or MINIO_SECURE=false"
    return None


def _store(s3: S3Settings) -> str:
    return f"the S3 store at MINIO_ENDPOINT={s3.minio_endpoint!r}"


def _right_port(s3: S3Settings) -> str:
    port = urlsplit(endpoint_url(s3)).port
    return f"that {'its port' if port is None else f'port {port}'} is that of the S3 interface, not of the console"


def _proxy(s3: S3Settings) -> str | None:
    proxy = proxy_for(endpoint_url(s3))
    return None if proxy is None else proxy.variable
