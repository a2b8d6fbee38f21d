"""How long a rank waits for another one."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.settings.groups.ranks import RanksSettings


@dataclass(frozen=True)
class Patience:
    """How long a rank waits for another one, in seconds.

    Pods start at different times: one has the image, another waits for a node. So the first wait may be longer than those
    in which a rank that says nothing must be taken for dead.

    Attributes:
        timeout_s: once all have met (RANK_TIMEOUT).
        start_s: until all have met (RANK_START_TIMEOUT); None for as long as then.
    """

    timeout_s: float
    start_s: float | None = None

    @property
    def until_met_s(self) -> float:
        """How long a rank waits at the start."""
        return self.timeout_s if self.start_s is None else self.start_s

    @property
    def until_met(self) -> str:
        """The same as a sentence names it."""
        name = "RANK_TIMEOUT" if self.start_s is None else "RANK_START_TIMEOUT"
        return f"{name}={self.until_met_s:g} seconds"


def patience_of(settings: RanksSettings) -> Patience:
    """The patience that the settings say."""
    return Patience(settings.rank_timeout, settings.rank_start_timeout or None)
