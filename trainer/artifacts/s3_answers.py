"""Which answers of a store are worth another try: one table, with the reasons.

The codes are those of Amazon's error reference and of botocore's standard list, with what MinIO, Ceph and SeaweedFS
answer besides. A code that is in no row is judged by its status, so that a store of tomorrow is met as well.
"""

from __future__ import annotations

from typing import NamedTuple

from botocore.exceptions import ClientError

Answer = tuple[str, int]
"""The code and the HTTP status of an answer; a code of digits is the status of an answer without a code."""


class Verdict(NamedTuple):
    """Whether the same request may succeed a little later, and why."""

    is_transient: bool
    reason: str


_BUSY = Verdict(True, "the store has too much to do")
_ARRIVED_DAMAGED = Verdict(True, "the request did not arrive as it was sent")
_INSIDE = Verdict(True, "something inside the store failed or is being restarted")
_RACE = Verdict(True, "another request for the same key was being carried out")
_LOST_UPLOAD = Verdict(True, "the store dropped the started upload; a new one succeeds")
_FULL = Verdict(False, "the store is full, and waiting makes no room")
_REFUSED = Verdict(False, "keys, rights or settings are wrong")
_UNKNOWN_OPERATION = Verdict(False, "the store does not know this operation")
_REDIRECT = Verdict(False, "the store is elsewhere, and keys are not sent on")

BUSY_CODES = frozenset(
    {
        *("SlowDown", "SlowDownRead", "SlowDownWrite", "Busy", "TooManyRequests", "TooManyRequestsException"),
        *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"),
        *("RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "EC2ThrottledException"),
        *("ProvisionedThroughputExceededException", "ServiceUnavailable", "ServiceUnavailableException"),
    }
)
_BUSY_STATUSES = frozenset({429, 503, 509})
FULL_CODES = frozenset(
    {
        *("XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "XMinioDiskFull", "QuotaExceeded"),
        *("InsufficientStorage", "InsufficientCapacity", "StorageQuotaExceeded", "BucketQuotaExceeded", "507"),
    }
)
EXPIRED_CODES = frozenset({"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"})
LOST_UPLOAD_CODES = frozenset({"NoSuchUpload", "InvalidPart", "InvalidPartOrder"})
CHECKSUM_CODES = frozenset({"InvalidRequest", "MissingContentMD5", "MissingDigest", "InvalidDigest", "BadRequest"})
"""How stores ask for a checksum: buckets with Object Lock, and policies that demand one."""
NAME_CODES = frozenset({"KeyTooLongError", "KeyTooLong", "XMinioInvalidObjectName", "InvalidObjectName", "InvalidURI"})

_BY_CODE: dict[str, Verdict] = (
    dict.fromkeys(BUSY_CODES, _BUSY)
    | dict.fromkeys(
        (
            *("IncompleteBody", "BadDigest", "XAmzContentSHA256Mismatch", "XAmzContentChecksumMismatch"),
            *("RequestTimeout", "RequestTimeoutException", "RequestTimeTooSkewed", "ClientDisconnected"),
        ),
        _ARRIVED_DAMAGED,
    )
    | dict.fromkeys(
        (
            *("InternalError", "InternalFailure", "InternalServerError", "TransactionInProgressException"),
            *("ServerNotInitialized", "XMinioServerNotInitialized", "XMinioBackendDown", "XMinioReadQuorum"),
            "XMinioWriteQuorum",
        ),
        _INSIDE,
    )
    | dict.fromkeys(("OperationAborted", "ConditionalRequestConflict", "PriorRequestNotComplete"), _RACE)
    | dict.fromkeys(LOST_UPLOAD_CODES, _LOST_UPLOAD)
    | dict.fromkeys(FULL_CODES, _FULL)
    | dict.fromkeys(EXPIRED_CODES, Verdict(False, "the temporary keys are over"))
    | dict.fromkeys(("NotImplemented", "MethodNotAllowed", "501", "405"), _UNKNOWN_OPERATION)
    | dict.fromkeys(("PermanentRedirect", "TemporaryRedirect", "Redirect"), _REDIRECT)
    | dict.fromkeys(
        (
            *("AccessDenied", "AllAccessDisabled", "AccountProblem", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
            *("InvalidToken", "InvalidTokenId", "AuthorizationHeaderMalformed", "NoSuchBucket", "NoSuchKey"),
            *("PreconditionFailed", "EntityTooLarge", "InvalidArgument", "InvalidBucketName", "InvalidObjectState"),
            *CHECKSUM_CODES,
            *NAME_CODES,
        ),
        _REFUSED,
    )
)
_BY_STATUS: dict[int, Verdict] = (
    dict.fromkeys(_BUSY_STATUSES, _BUSY)
    | dict.fromkeys((408, 425, 499), _ARRIVED_DAMAGED)
    | dict.fromkeys((501, 505, 510), _UNKNOWN_OPERATION)
    | {507: _FULL}
    | {511: Verdict(False, "a gateway asks for a login")}
)


def verdict(answer: Answer) -> Verdict:
    """The row of an answer."""
    code, status = answer
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < 400:
        return _REDIRECT
    return _INSIDE if status >= 500 else _REFUSED


def is_busy(error: Exception) -> bool:
    """Whether the store asks for fewer requests."""
    if not isinstance(error, ClientError):
        return False
    code, status = answer_of(error)
    return code in BUSY_CODES or (code not in _BY_CODE and status in _BUSY_STATUSES)


def answer_of(error: ClientError) -> Answer:
    """The code and the status of a refusal."""
    code = error.response.get("Error", {}).get("Code", "")
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return str(code), int(status)
