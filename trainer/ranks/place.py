"""Which of several processes this is, and where it finds the others."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.settings.groups.ranks import RanksSettings


@dataclass(frozen=True)
class Place:
    """The place of a process among several.

    Attributes:
        rank: from 0 on; rank 0 reads, writes and speaks for all.
        size: how many there are; 1 for a single run.
        address: where rank 0 is found; empty for a single run.
        port: where rank 0 listens.
    """

    rank: int = 0
    size: int = 1
    address: str = ""
    port: int = 0

    @property
    def leads(self) -> bool:
        """Whether this is the process that speaks for all."""
        return self.rank == 0


def place_of(settings: RanksSettings) -> Place:
    """The place that the settings say, which are checked."""
    if settings.size == 1:
        return Place()
    return Place(*(getattr(settings, name) for name in settings.place_names))
