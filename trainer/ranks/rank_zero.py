"""Where rank 0 is found, and the key-value store that it holds there for all."""

from __future__ import annotations

import re
import socket
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from trainer.errors import ServiceError
from trainer.process.stop import StopToken
from trainer.ranks.coming import LOOK_EVERY_S
from trainer.ranks.patience import Patience
from trainer.ranks.place import Place

if TYPE_CHECKING:
    from torch._C._distributed_c10d import TCPStore

_PLACE = re.compile(r"^\[\S+:\d+\] ")
_TRY_FOR_S = 5.0
"""How long an address gets to answer: that of a pod that is gone never does, and its name has a new one soon."""
_ITSELF = "127.0.0.1"
"""Where rank 0 finds its own store: its name may not be published yet, and need not be."""


class RankZero:
    """Rank 0 as a rank looks for it, which may be rank 0 itself."""

    def __init__(self, place: Place, patience: Patience, stop: StopToken) -> None:
        """Look for nothing yet; the patience counts from now on.

        Args:
            place: of the rank that looks.
            patience: how long it does so.
            stop: ends the search.
        """
        self._place, self._patience, self._stop = place, patience, stop
        self.until = time.monotonic() + patience.until_met_s

    def find(self) -> None:
        """Wait until it listens: torch's own client prints its calls where it has to try again.

        Raises:
            ServiceError: it is not there in time.
            StopRequested: this rank was asked to stop.
        """
        if self._place.leads:
            return
        while True:
            left_s = self.until - time.monotonic()
            try:
                with socket.create_connection(self._address, max(0.1, min(left_s, _TRY_FOR_S))):
                    return
            except OSError as error:
                if self.until <= time.monotonic():
                    raise ServiceError(self._not_found(error)) from error
            self._stop.check()
            time.sleep(LOOK_EVERY_S)

    def open_store(self, *, holds_it: bool) -> TCPStore:
        """Return a way to the store.

        Args:
            holds_it: whether this process is the one that answers; else it is asked for what it holds.

        Raises:
            ServiceError: rank 0 cannot listen, or has gone since it was found.
        """
        from torch import distributed as dist

        left = timedelta(seconds=max(1.0, self.until - time.monotonic()))
        try:
            return dist.TCPStore(*self._address, None, holds_it, left, wait_for_workers=False)  # type: ignore[attr-defined]
        except RuntimeError as error:
            if self._place.leads:
                what = f"Rank 0 cannot listen on MASTER_PORT={self._place.port} ({first_line(error)})"
                raise ServiceError(f"{what}; is another run there?") from error
            raise ServiceError(self._not_found(error)) from error

    @property
    def _address(self) -> tuple[str, int]:
        return _ITSELF if self._place.leads else self._place.address, self._place.port

    def _not_found(self, error: BaseException) -> str:
        place = self._place
        what = f"Rank {place.rank} of {place.size} did not find rank 0"
        if isinstance(error, socket.gaierror):
            return (
                f"{what}: MASTER_ADDR={place.address} is no name that could be looked up within {self._patience.until_met} "
                f"({first_line(error)}); look at its pod and at the headless Service."
            )
        return (
            f"{what} at MASTER_ADDR={place.address}, MASTER_PORT={place.port} "
            f"within {self._patience.until_met} ({first_line(error)}); look at its log, at the headless Service "
            "and at the network policy."
        )


def first_line(error: BaseException) -> str:
    """What an error says, in short, and without the place in the library where it was raised."""
    return _PLACE.sub("", str(error).strip().partition("\n")[0])[:200]
