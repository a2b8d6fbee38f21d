"""What the ranks write up for one another beside their sums: who is there, who is alive, that one is to stop, a last word.

It is torch's key-value store over TCP, held by rank 0. A rank that waits for something slow looks here, so that the wait
lasts as long as the others live, and no longer.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from trainer.errors import LastWord, RankError
from trainer.process.stop import StopToken
from trainer.ranks.coming import LOOK_EVERY_S, Coming, SurplusError
from trainer.ranks.patience import Patience
from trainer.ranks.place import Place
from trainer.ranks.rank_zero import RankZero, first_line
from trainer.ranks.stopping import obey

if TYPE_CHECKING:
    from torch._C._distributed_c10d import TCPStore

_WORD_AFTER_S = 1.0
"""How long a rank that lost another looks for its last word."""


class FinishedBeforeError(Exception):
    """The run was finished by an earlier start, as rank 0 says: there is nothing to train."""


class Board:
    """The store of a run, and this rank's sign of life in it."""

    def __init__(self, place: Place, patience: Patience, stop: StopToken) -> None:
        """Come to the store.

        Args:
            place: of this process.
            patience: how long any call waits for another rank.
            stop: this rank's; a request to one of the ranks is one to all.

        Raises:
            ServiceError: rank 0 cannot listen, or is not found in time.
            StopRequested: this rank was asked to stop before it was there.
        """
        self._place, self._patience, self._stop = place, patience, stop
        self._timeout_s = patience.timeout_s
        self._pause_s = min(1.0, patience.timeout_s / 5)
        self._rank_0 = RankZero(place, patience, stop)
        self._rank_0.find()
        self.store = self._rank_0.open_store(holds_it=place.leads)
        self._signs = self._rank_0.open_store(holds_it=False)  # a client of its own: another may wait for an answer
        self._word: LastWord | None = None
        self._me = uuid.uuid4().hex
        self._is_surplus = False
        self._seen = {rank: ("", time.monotonic()) for rank in range(place.size) if rank != place.rank}
        self._is_lost = False
        self._closed = threading.Event()
        self._has_spread_stop = False
        threading.Thread(target=self._show_life, name="sign-of-life", daemon=True).start()

    def come_together(self) -> None:
        """Wait until all ranks have come.

        Raises:
            FinishedBeforeError: there is nothing to come for.
            RankError: another rank has left its last word, rank 0 is gone, or this rank came once more while the others train.
            ServiceError: a rank did not come in time.
            StopRequested: one of them was asked to stop.
        """
        coming = Coming(self.store, self._place, self._me, self._patience, self._rank_0.until, self._pause_s)
        try:
            coming.wait_for_all(self._look_for_an_end)
        except RuntimeError as error:
            raise RankError(f"Rank 0 ended before all {self._place.size} ranks had come; look at its log.") from error
        except SurplusError:
            self._is_surplus = True
            raise
        for rank, (sign, _) in self._seen.items():  # who came late was silent until now
            self._seen[rank] = sign, time.monotonic()

    def finished_before(self) -> None:
        """Rank 0: tell whoever comes that there is nothing to train."""
        with suppress(RuntimeError):
            self.store.set("finished before", "yes")

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
            time.sleep(LOOK_EVERY_S)

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
            time.sleep(LOOK_EVERY_S)
        word = self._others_word()
        if word is not None:
            return _of_word(word)
        silent = [rank for rank, (_, since) in self._seen.items() if time.monotonic() - since > self._timeout_s / 2]
        who = f"Rank {silent[0]}" if silent else "Another rank"
        return RankError(f"{who} ended or hangs, without a word, and this one ends with it ({first_line(cause)}).")

    def leave(self, within_s: float | None = None, *, wait_for_absent: bool = True) -> None:
        """Rank 0 holds the store until the others have left it.

        Args:
            within_s: for so long at most; by default for the time-out.
            wait_for_absent: whether also for those who have not come yet.
        """
        with suppress(RuntimeError, RankError):
            if self._place.leads:
                until = time.monotonic() + (self._timeout_s if within_s is None else within_s)
                for rank in self._seen:
                    if not wait_for_absent and not self.store.check([f"come/{rank}"]):
                        continue
                    while not self.store.check([f"left/{rank}"]) and time.monotonic() < until:
                        self.check()
                        time.sleep(LOOK_EVERY_S)
            elif not self._is_surplus:
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

    def _look_for_an_end(self) -> None:
        """Raise when this run ends before it begins."""
        self._share_stop(self.store)
        self._stop.check()
        if self.store.check(["finished before"]):
            raise FinishedBeforeError
        if self._word is None and self.store.check(["word"]):
            self._word = LastWord(*json.loads(self.store.get("word")))
        word = self._others_word()
        if word is not None:
            raise _of_word(word)

    def _share_stop(self, store: TCPStore) -> None:
        """Tell the others that this rank was asked to stop, or find out that another was."""
        if self._stop.requested:
            if not self._has_spread_stop:
                store.set("stop", json.dumps(self._stop.reason))
                self._has_spread_stop = True
        elif store.check(["stop"]):
            self._has_spread_stop = True
            obey(self._stop, json.loads(store.get("stop")))

    def _show_life(self) -> None:
        count = 0
        while not self._closed.is_set():
            count += 1
            try:
                self._share_stop(self._signs)
                for whose in (str(self._place.rank), self._me):
                    self._signs.set(f"life/{whose}", f"{self._me} {count}")
                self._read_word()
                for rank, (last, _) in self._seen.items():
                    if self._signs.check([f"life/{rank}"]):
                        sign = self._signs.get(f"life/{rank}").decode()
                        if sign != last:
                            self._seen[rank] = (sign, time.monotonic())
            except RuntimeError:  # rank 0 has gone with its store
                self._is_lost = True
                return
            self._closed.wait(self._pause_s)

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
