"""Ranks that are threads of one process: what they say goes from hand to hand, and how much it was is counted."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

import torch
from torch import Tensor

from tests.waits import LONG_S
from trainer.errors import LastWord, RankError

T = TypeVar("T")


@dataclass
class Sent:
    """Rows of one exchange that went to other ranks."""

    rows: int
    num_bytes: int
    is_vectors: bool


@dataclass
class _Hall:
    """Where the ranks of one training meet."""

    size: int
    barrier: threading.Barrier
    hands: list[Any]
    word: LastWord | None = None


@dataclass
class RankThread:
    """`Ranks` of a thread.

    Attributes:
        rank: see `Ranks`.
        sent: every exchange so far.
        num_sums: how often it summed up.
    """

    rank: int
    hall: _Hall
    sent: list[Sent] = field(default_factory=list)
    num_sums: int = 0

    @property
    def size(self) -> int:
        return self.hall.size

    def sum(self, flat: Tensor) -> None:
        self.num_sums += 1
        total = torch.stack(self._all(flat.clone())).cumsum(0)[-1]
        flat.copy_(total)

    def same(self, value: T) -> T:
        parcel = self._all(pickle.dumps(value) if self.rank == 0 else None)[0]
        if self.rank == 0:
            return value
        received: T = pickle.loads(parcel)
        return received

    def all_of(self, value: T) -> list[T]:
        return self._all(value)

    def exchange(self, rows: Tensor, sent: Sequence[int], received: Sequence[int]) -> Tensor:
        assert len(rows) == sum(sent)
        others = len(rows) - sent[self.rank]
        self.sent.append(Sent(others, others * rows[:1].numel() * rows.element_size(), rows.is_floating_point()))
        parts = [by_rank[self.rank].clone() for by_rank in self._all(torch.split(rows.detach(), list(sent)))]
        assert [len(part) for part in parts] == list(received), "what is sent is what is waited for"
        return torch.cat(parts)

    def gather(self, rows: Tensor) -> Tensor | None:
        parts = self._all(rows.detach().clone())
        return torch.cat(parts) if self.rank == 0 else None

    def fill(self, rows: Tensor, bounds: Sequence[int]) -> None:
        parts = self._all(rows[bounds[self.rank] : bounds[self.rank + 1]].clone())
        for rank, part in enumerate(parts):
            rows[bounds[rank] : bounds[rank + 1]] = part

    def deal(self, part_of: Callable[[int], T] | None) -> T:
        parts = None if part_of is None else [pickle.dumps(part_of(rank)) for rank in range(self.size)]
        part: T = pickle.loads(self._all(parts)[0][self.rank])
        return part

    def meet(self, place: str, check: Callable[[], None] = lambda: None) -> None:
        assert set(self._all(place)) == {place}

    def check(self) -> None:
        word = self.hall.word
        if word is not None and word.rank != self.rank:
            raise RankError(f"Rank {word.rank} ended with exit code {word.exit_code}: {word.sentence}", word)

    def fail(self, exit_code: int, sentence: str) -> None:
        self.hall.word = self.hall.word or LastWord(self.rank, exit_code, sentence)
        self.hall.barrier.abort()

    def leave(self) -> None:
        """Nobody waits."""

    def _all(self, hand: Any) -> list[Any]:
        try:
            self.hall.barrier.wait()
            self.hall.hands[self.rank] = hand
            self.hall.barrier.wait()
            return list(self.hall.hands)
        except threading.BrokenBarrierError:
            self.check()
            raise RankError("Another rank ended without a word, and this one with it.") from None


def run_ranks(size: int, work: Callable[[RankThread], T]) -> list[T]:
    """What `work` gives on each rank; the first error of one of them ends all, and is raised."""
    hall = _Hall(size, threading.Barrier(size, timeout=LONG_S), [None] * size)
    failed: list[BaseException] = []

    def run(rank: int) -> T:
        try:
            return work(RankThread(rank, hall))
        except BaseException as error:
            failed.append(error)
            hall.barrier.abort()
            raise

    with ThreadPoolExecutor(size) as threads:
        futures = [threads.submit(run, rank) for rank in range(size)]
    if failed:
        raise failed[0]
    return [future.result() for future in futures]
