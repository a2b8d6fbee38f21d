"""Writes on condition: an object is replaced only if it is still the one that was seen (If-Match, If-None-Match).

MinIO, AWS and SeaweedFS obey both on PUT and on the completion of an upload. For a store that ignores or refuses them the
look at the object just before the write has to do.
"""

from __future__ import annotations

import logging

from botocore.exceptions import ClientError

from trainer.artifacts.store import Version

NO_VERSION: Version = '"00000000000000000000000000000000"'
"""An ETag that no object has."""
_FAILED = frozenset({"PreconditionFailed", "NoSuchKey", "412", "404"})
_REFUSED = frozenset(
    {"NotImplemented", "MethodNotAllowed", "InvalidArgument", "InvalidRequest", "BadRequest", "501", "400"}
)

_log = logging.getLogger("gnn_trainer")


class Conditions:
    """What is known of one store: whether it obeys conditions."""

    def __init__(self) -> None:
        """Nothing is known; until then conditions are sent."""
        self._obeyed: bool | None = None

    @property
    def are_known(self) -> bool:
        """Whether the store has been tried."""
        return self._obeyed is not None

    def learn(self, obeyed: bool) -> None:
        """Note what the store did with a condition that cannot hold."""
        self._obeyed = obeyed
        if not obeyed:
            _log.info(
                "The store ignores or refuses If-Match; two runs of one QUEUE_ID are kept apart by owner.json alone."
            )

    def parameters(self, over: Version | None) -> dict[str, str]:
        """The parameters of a call that may replace this version only; None: that may only create."""
        if self._obeyed is False:
            return {}
        return {"IfNoneMatch": "*"} if over is None else {"IfMatch": over}


def has_failed(error: ClientError) -> bool:
    """Whether another version is there than the call may replace."""
    return str(error.response["Error"]["Code"]) in _FAILED


def is_refusal(error: ClientError) -> bool:
    """Whether the store does not know conditions."""
    return str(error.response["Error"]["Code"]) in _REFUSED
