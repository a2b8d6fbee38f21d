"""A stop that one rank was asked for is a stop of all."""

from __future__ import annotations

from trainer.errors import RankError
from trainer.process.stop import STOP_COMMAND, StopToken
from trainer.ranks.ranks import Ranks


def stop_together(ranks: Ranks, stop: StopToken) -> None:
    """Let every rank know what the first one that was asked to stop was told; all ranks do this together.

    After a stop command every rank ends with 0; after a signal those that did not get one end with 5.
    """
    reasons = [reason for reason in ranks.all_of(stop.reason) if reason is not None]
    assert reasons, "somebody was asked"
    stop.request(reasons[0], 0 if reasons[0] == STOP_COMMAND else RankError.exit_code)
