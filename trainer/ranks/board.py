"""What the ranks write up for one another beside their sums: who is there, who is alive, and a last word.

It is torch's key-value store over TCP, held by rank 0. A rank that waits for something slow looks here, so that the wait
lasts as long as the others live, and no longer.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from trainer.errors import LastWord, RankError, ServiceError
from trainer.ranks.place import Place

if TYPE_CHECKING:
    from torch._C._distributed_c10d import TCPStore

_LOOK_EVERY_S = 0.05
_WORD_AFTER_S = 1.0
"""How long a rank that lost another looks for its last word."""


class Board:
    """The store of a run, and this rank's sign of life in it."""

    def __init__(self, place: Place, timeout_s: float) -> None:
        """Come to the store, and wait until all ranks have.

        Raises:
            ServiceError: rank 0 cannot listen, or a rank did not come within `timeout_s` seconds.
        """
        self._place, self._timeout_s = place, timeout_s
        self._until = time.monotonic() + timeout_s
        if not place.leads:
            self._find_rank_0()
        self.store = self._open(is_master=place.leads)
        self._signs = self._open(is_master=False)  # a client of its own: another may wait for an answer
        self._word: LastWord | None = None
        self._seen = {rank: ("", time.monotonic()) for rank in range(place.size) if rank != place.rank}
        self._is_lost = False
        self._closed = threading.Event()
        self._come_together()
        threading.Thread(target=self._show_life, name="sign-of-life", daemon=True).start()

    def check(self) -> None:
        """Raise when another rank has left its last word, or has shown no life for too long."""
        word = self._others_word()
        if word is not None:
            raise _of_word(word)
        now = time.monotonic()
        for rank, (_, since) in self._seen.items():
            if self._is_lost or now - since > self._timeout_s:
                raise RankError(self._silence(0 if self._is_lost else rank))

    def meet(self, name: str, check: Callable[[], None]) -> None:
        """Wait until every rank is at the place of this name."""
        self.write(f"{name}/{self._place.rank}")
        for rank in range(self._place.size):
            self.wait_for(f"{name}/{rank}", check)

    def write(self, name: str) -> None:
        """Write up that this rank has come so far."""
        with self._answered():
            self.store.set(name, "here")

    def wait_for(self, name: str, check: Callable[[], None] = lambda: None) -> None:
        """Wait until a rank has written this up."""
        while not self._has(name):
            self.check()
            check()
            time.sleep(_LOOK_EVERY_S)

    def fail(self, exit_code: int, sentence: str) -> None:
        """Leave a last word, if nobody has yet."""
        with suppress(RuntimeError):
            self.store.compare_set("word", "", json.dumps([self._place.rank, exit_code, sentence]))

    def lost(self, cause: BaseException) -> RankError:
        """What a call that another rank did not answer means: its last word, if it left one."""
        until = time.monotonic() + _WORD_AFTER_S
        while self._others_word() is None and not self._is_lost and time.monotonic() < until:
            with suppress(RuntimeError):
                self._read_word()
            time.sleep(_LOOK_EVERY_S)
        word = self._others_word()
        if word is not None:
            return _of_word(word)
        silent = [rank for rank, (_, since) in self._seen.items() if time.monotonic() - since > self._timeout_s / 2]
        who = f"Rank {silent[0]}" if silent else "Another rank"
        return RankError(f"{who} ended or hangs, without a word, and this one ends with it ({_first_line(cause)}).")

    def leave(self) -> None:
        """Rank 0 holds the store until the others have left it."""
        with suppress(RuntimeError, RankError):
            if self._place.leads:
                until = time.monotonic() + self._timeout_s
                for rank in self._seen:
                    while not self.store.check([f"left/{rank}"]) and time.monotonic() < until:
                        self.check()
                        time.sleep(_LOOK_EVERY_S)
            else:
                self.store.set(f"left/{self._place.rank}", "gone")
        self._closed.set()

    def _has(self, name: str) -> bool:
        with self._answered():
            found: bool = self.store.check([name])
            return found

    @contextmanager
    def _answered(self) -> Iterator[None]:
        """Rank 0 holds the store: where it does not answer, rank 0 is gone."""
        try:
            yield
        except RuntimeError as error:
            raise self.lost(error) from error

    def _find_rank_0(self) -> None:
        """Wait until it listens: torch's own client prints its calls where it has to try again."""
        address = self._place.address, self._place.port
        while True:
            left_s = self._until - time.monotonic()
            try:
                with socket.create_connection(address, max(0.1, left_s)):
                    return
            except OSError as error:
                if left_s <= 0:
                    raise ServiceError(self._not_found(error)) from error
            time.sleep(_LOOK_EVERY_S)

    def _open(self, *, is_master: bool) -> TCPStore:
        from torch import distributed as dist

        place, left_s = self._place, max(1.0, self._until - time.monotonic())
        try:
            return dist.TCPStore(  # type: ignore[attr-defined]
                place.address, place.port, None, is_master, timedelta(seconds=left_s), wait_for_workers=False
            )
        except RuntimeError as error:
            if place.leads:
                what = f"Rank 0 cannot listen on MASTER_PORT={place.port} ({_first_line(error)})"
                raise ServiceError(f"{what}; is another run there?") from error
            raise ServiceError(self._not_found(error)) from error

    def _not_found(self, error: BaseException) -> str:
        place = self._place
        return (
            f"Rank {place.rank} of {place.size} did not find rank 0 at MASTER_ADDR={place.address}, MASTER_PORT={place.port} "
            f"within RANK_TIMEOUT={self._timeout_s:g} seconds ({_first_line(error)}); look at its log, at the headless Service "
            "and at the network policy."
        )

    def _come_together(self) -> None:
        me, size = self._place.rank, self._place.size
        try:
            if self.store.add(f"come/{me}", 1) > 1:
                if self.store.check(["complete"]):  # its predecessor is gone, and the others are about to find out
                    raise RankError(
                        f"This run began with another process as rank {me}; the next one begins when it has ended."
                    )
                raise ServiceError(f"Two processes say that they are rank {me}; give each one of 0 to {size - 1}.")
            missing = list(range(size))
            while missing:
                missing = [rank for rank in missing if not self.store.check([f"come/{rank}"])]
                if missing and time.monotonic() > self._until:
                    raise ServiceError(
                        f"Of {size} ranks {_numbers(missing)} did not come within RANK_TIMEOUT={self._timeout_s:g} seconds; "
                        "look at the pods' logs."
                    )
                if missing:
                    time.sleep(_LOOK_EVERY_S)
            self.store.set("complete", "all")
        except RuntimeError as error:
            raise ServiceError(f"Rank 0 ended before all {size} ranks had come; look at its log.") from error

    def _show_life(self) -> None:
        count, pause_s = 0, min(1.0, self._timeout_s / 5)
        while not self._closed.wait(pause_s):
            count += 1
            try:
                self._signs.set(f"life/{self._place.rank}", str(count))
                self._read_word()
                for rank, (last, _) in self._seen.items():
                    if self._signs.check([f"life/{rank}"]):
                        sign = self._signs.get(f"life/{rank}").decode()
                        if sign != last:
                            self._seen[rank] = (sign, time.monotonic())
            except RuntimeError:  # rank 0 has gone with its store
                self._is_lost = True
                return

    def _read_word(self) -> None:
        if self._word is None and self._signs.check(["word"]):
            self._word = LastWord(*json.loads(self._signs.get("word")))

    def _others_word(self) -> LastWord | None:
        return None if self._word is None or self._word.rank == self._place.rank else self._word

    def _silence(self, rank: int) -> str:
        if self._is_lost:
            return "Rank 0 ended without a word, and this one with it."
        return f"Rank {rank} has shown no life for RANK_TIMEOUT={self._timeout_s:g} seconds; this one ends with it."


def _of_word(word: LastWord) -> RankError:
    return RankError(f"Rank {word.rank} ended with exit code {word.exit_code}: {word.sentence}", word)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200]


def _numbers(ranks: list[int]) -> str:
    shown = ", ".join(map(str, ranks[:10])) + (", …" if len(ranks) > 10 else "")
    return f"{'rank' if len(ranks) == 1 else 'ranks'} {shown}"
