"""Which answers of ArangoDB are worth another try: one table, with the reasons.

The numbers are ArangoDB's `errorNum`; an answer without one comes from a proxy, or is judged by its status alone.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import arango.errno as errno

Remedy = Literal["resend", "rerun", "smaller", "none"]
"""Send the same request again, run the whole query again, run it again in smaller batches, or give up."""


class Verdict(NamedTuple):
    """What may help, and why."""

    remedy: Remedy
    reason: str


_STARTING = Verdict("resend", "the server is starting up or shutting down")
_BUSY = Verdict("resend", "the server has too much to do")
_LOCKED = Verdict("resend", "another request was being carried out")
_MOVING = Verdict("resend", "a cluster was choosing another leader, or had lost a connection inside")
_BROKEN_OFF = Verdict("rerun", "the query ended in the server; a new one succeeds")
_FULL = Verdict("none", "there is no room, and waiting makes none")
_REFUSED = Verdict("none", "rights, names or the query are wrong")
_ELSEWHERE = Verdict("none", "the server is elsewhere, and the password is not sent on")

FULL_NUMBERS = frozenset({errno.FILESYSTEM_FULL, errno.LICENSE_RESOURCE_EXHAUSTED})
_BY_NUMBER: dict[int, Verdict] = (
    dict.fromkeys((errno.SHUTTING_DOWN, errno.STARTING_UP, errno.HTTP_SERVICE_UNAVAILABLE), _STARTING)
    | dict.fromkeys((errno.QUEUE_FULL, errno.QUEUE_TIME_REQUIREMENT_VIOLATED), _BUSY)
    | dict.fromkeys((errno.HTTP_REQUEST_TIMEOUT, errno.HTTP_GATEWAY_TIMEOUT), _BUSY)
    | dict.fromkeys((errno.LOCK_TIMEOUT, errno.LOCKED, errno.CONFLICT, errno.BUSY, errno.CURSOR_BUSY), _LOCKED)
    | dict.fromkeys(
        (
            *(errno.CLUSTER_TIMEOUT, errno.CLUSTER_CONNECTION_LOST, errno.CLUSTER_BACKEND_UNAVAILABLE),
            *(errno.CLUSTER_READING_PLAN_AGENCY, errno.CLUSTER_AGENCY_COMMUNICATION_FAILED),
            *(errno.CLUSTER_AQL_COMMUNICATION, errno.CLUSTER_SHARD_LEADER_RESIGNED),
            *(errno.CLUSTER_SHARD_LEADER_REFUSES_REPLICATION, errno.CLUSTER_SHARD_FOLLOWER_REFUSES_OPERATION),
            *(errno.CLUSTER_LEADERSHIP_CHALLENGE_ONGOING, errno.CLUSTER_NOT_LEADER),
            *(errno.REPLICATION_LEADER_CHANGE, errno.REPLICATION_WRITE_CONCERN_NOT_FULFILLED),
        ),
        _MOVING,
    )
    | dict.fromkeys((errno.QUERY_KILLED, errno.CURSOR_NOT_FOUND), _BROKEN_OFF)
    | dict.fromkeys(FULL_NUMBERS, _FULL)
)
_BUSY_STATUSES = frozenset({408, 425, 429, 509})
_PERMANENT_STATUSES = frozenset({501, 505, 507, 508, 510, 511})


def verdict(status: int, number: int) -> Verdict:
    """The row of an answer.

    Args:
        status: of HTTP.
        number: ArangoDB's `errorNum`, 0 where it gave none.
    """
    if number in _BY_NUMBER:
        return _BY_NUMBER[number]
    if status in _BUSY_STATUSES:
        return _BUSY
    if status in (421, 502, 503, 504):
        return _MOVING
    if 300 <= status < 400:
        return _ELSEWHERE
    if status == 507:
        return _FULL
    if status >= 500 and not number and status not in _PERMANENT_STATUSES:
        return Verdict("resend", "a proxy before the server has no better answer")
    return _REFUSED
