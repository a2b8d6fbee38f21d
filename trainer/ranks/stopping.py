"""A stop that one rank was asked for is a stop of all."""

from __future__ import annotations

from trainer.errors import RankError
from trainer.process.stop import STOP_COMMAND, StopToken
from trainer.ranks.ranks import Ranks


def stop_together(ranks: Ranks, stop: StopToken) -> None:
    """Let every rank know what the first one that was asked to stop was told; all ranks do this together."""
    reasons = [reason for reason in ranks.all_of(stop.reason) if reason is not None]
    assert reasons, "somebody was asked"
    obey(stop, reasons[0])


def obey(stop: StopToken, reason: str) -> None:
    """Stop because another rank was asked to.

    After a stop command every rank ends with 0; after a signal those that did not get one end with 5.
    """
    stop.request(reason, 0 if reason == STOP_COMMAND else RankError.exit_code)


def set_out_together(ranks: Ranks, stop: StopToken, *, has_work: bool = True) -> bool:
    """Wait until every rank has come so far; all ranks do this together, whether they were asked to stop or not.

    Returns:
        Whether there is work for all, as each of them says.

    Raises:
        StopRequested: on all of them, when one was asked to stop on the way here.
    """
    ranks.meet("set out")
    told = ranks.all_of((stop.requested, has_work))
    if any(requested for requested, _ in told):
        stop_together(ranks, stop)
        stop.check()
    return all(work for _, work in told)
