"""How the ranks of a run come together, each of them once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from trainer.errors import RankError, ServiceError
from trainer.ranks.patience import Patience
from trainer.ranks.place import Place

if TYPE_CHECKING:
    from torch._C._distributed_c10d import TCPStore

LOOK_EVERY_S = 0.05
_SIGNS_MISSED = 5
"""Who has let so many moments pass in which it shows life is gone."""


class SurplusError(RankError):
    """The run has begun with another process of this rank; this one has no part in it, and must not disturb it."""


class Coming:
    """The way of one rank to the others, over the store of rank 0."""

    def __init__(
        self, store: TCPStore, place: Place, me: str, patience: Patience, until: float, pause_s: float
    ) -> None:
        """Nobody knows of this rank yet.

        Args:
            store: of the run.
            place: of this process.
            me: this process, among those that say they have its rank; it shows life under this name.
            patience: with the others.
            until: when it ends, by `time.monotonic`.
            pause_s: how often a process shows life.
        """
        self._store, self._place, self._me = store, place, me
        self._patience, self._until, self._pause_s = patience, until, pause_s

    def wait_for_all(self, look_for_an_end: Callable[[], None]) -> None:
        """Come, and wait until all ranks have.

        Args:
            look_for_an_end: raises where the run ends before it begins.

        Raises:
            SurplusError: another process of this rank is part of the run already.
            ServiceError: a rank did not come in time, or two live that say they are this one.
            RuntimeError: rank 0 has gone with its store.
        """
        me, size, store = self._place.rank, self._place.size, self._store
        if store.add(f"come/{me}", 1) > 1:
            self._succeed(look_for_an_end)
        store.set(f"holds/{me}", self._me)
        missing = list(range(size))
        while missing:
            look_for_an_end()
            missing = [rank for rank in missing if not store.check([f"come/{rank}"])]
            if missing and time.monotonic() > self._until:
                raise ServiceError(
                    f"Of {size} ranks {_numbers(missing)} did not come within {self._patience.until_met}; look at the pods' logs."
                )
            if missing:
                time.sleep(LOOK_EVERY_S)
        store.set("complete", "all")
        if store.get(f"holds/{me}").decode() != self._me:
            raise self._surplus()
        store.set(f"sets out/{me}", self._me)

    def _succeed(self, look_for_an_end: Callable[[], None]) -> None:
        """Take the place of a process that has ended while others were waited for, as a pod does that was evicted.

        The others may take it for present and wait for it: they meet this one.
        """
        me, store, signs = self._place.rank, self._store, set[str]()
        until = time.monotonic() + _SIGNS_MISSED * self._pause_s
        while time.monotonic() < until:
            look_for_an_end()
            if store.check([f"sets out/{me}"]):
                raise self._surplus()
            holder = store.get(f"holds/{me}").decode() if store.check([f"holds/{me}"]) else ""
            if store.check([f"life/{holder}"]):
                signs.add(store.get(f"life/{holder}").decode())
            if len(signs) > 1:
                if store.check(["complete"]):
                    raise self._surplus()
                raise ServiceError(
                    f"Two processes say that they are rank {me}; give each one of 0 to {self._place.size - 1}."
                )
            time.sleep(LOOK_EVERY_S)

    def _surplus(self) -> SurplusError:
        return SurplusError(
            f"This run began with another process as rank {self._place.rank}: give each process a rank of its own; where "
            "that one is gone, the next run begins when the others have ended."
        )


def _numbers(ranks: list[int]) -> str:
    shown = ", ".join(map(str, ranks[:10])) + (", …" if len(ranks) > 10 else "")
    return f"{'rank' if len(ranks) == 1 else 'ranks'} {shown}"
