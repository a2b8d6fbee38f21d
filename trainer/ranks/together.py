"""Several processes over torch.distributed with gloo, which computes and sends on CPUs.

Whatever one rank does not answer in time, or at all, ends the others with `RankError`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar, cast

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from trainer.process.stop import StopToken
from trainer.ranks.board import Board
from trainer.ranks.parcel import Bytes, pack, pieces, unpack
from trainer.ranks.patience import Patience
from trainer.ranks.place import Place

T = TypeVar("T")


class Together:
    """`Ranks` of several processes."""

    def __init__(self, place: Place, timeout_s: float, board: Board | None = None) -> None:
        """Meet the others; see `Board` for who does not come.

        Args:
            place: of this process.
            timeout_s: how long any call waits for another rank.
            board: of this run; by default one that no stop is written on.
        """
        self.rank, self.size = place.rank, place.size
        self._board = Board(place, Patience(timeout_s), StopToken()) if board is None else board
        self._num_dealt = 0
        self._board.come_together()
        with self._answered():
            dist.init_process_group(
                "gloo",
                store=dist.PrefixStore("gloo", self._board.store),  # type: ignore[attr-defined]
                rank=self.rank,
                world_size=self.size,
                timeout=timedelta(seconds=timeout_s),
            )

    def sum(self, flat: Tensor) -> None:
        """See `Ranks`."""
        with self._answered():
            dist.all_reduce(flat)

    def same(self, value: T) -> T:
        """See `Ranks`."""

        def travel(array: Bytes) -> None:
            for piece in pieces(array):
                dist.broadcast(_tensor(piece), 0)

        with self._answered():
            given = pack(value) if self.rank == 0 else None
            received = _by_parcel(given, travel)
        return value if self.rank == 0 else cast(T, received)

    def all_of(self, value: T) -> list[T]:
        """See `Ranks`."""
        values: list[Any] = [None] * self.size
        with self._answered():
            dist.all_gather_object(values, value)
        return values

    def exchange(self, rows: Tensor, sent: Sequence[int], received: Sequence[int]) -> Tensor:
        """See `Ranks`."""
        into = rows.new_empty(sum(received), *rows.shape[1:])
        with self._answered():
            dist.all_to_all_single(into, rows.contiguous(), list(received), list(sent))
        return into

    def gather(self, rows: Tensor) -> Tensor | None:
        """See `Ranks`."""
        counts = self.all_of(len(rows))
        received = counts if self.rank == 0 else [0] * self.size
        gathered = self.exchange(rows, [len(rows)] + [0] * (self.size - 1), received)
        return gathered if self.rank == 0 else None

    def fill(self, rows: Tensor, bounds: Sequence[int]) -> None:
        """See `Ranks`."""
        assert rows.is_contiguous(), "it is filled in place"
        with self._answered():
            for rank in range(self.size):
                begin, end = bounds[rank], bounds[rank + 1]
                if end > begin:
                    dist.broadcast(rows[begin:end], rank)

    def deal(self, part_of: Callable[[int], T] | None) -> T:
        """See `Ranks`."""
        self._num_dealt += 1
        if part_of is None:
            self._board.wait_for(f"deal/{self._num_dealt}/{self.rank}")  # a part may take long to make
            with self._answered():
                part: T = _by_parcel(None, self._receive)
            return part
        for rank in range(1, self.size):
            parcel = pack(part_of(rank))
            self._board.write(f"deal/{self._num_dealt}/{rank}")
            with self._answered():
                _by_parcel(parcel, partial(self._send, rank))
            del parcel
        return part_of(0)

    def meet(self, place: str, check: Callable[[], None] = lambda: None) -> None:
        """See `Ranks`."""
        self._board.meet(f"meet/{place}", check)

    def check(self) -> None:
        """See `Ranks`."""
        self._board.check()

    def fail(self, exit_code: int, sentence: str) -> None:
        """See `Ranks`."""
        self._board.fail(exit_code, sentence)

    def leave(self) -> None:
        """See `Ranks`."""
        self._board.leave()

    def _send(self, rank: int, array: Bytes) -> None:
        for piece in pieces(array):
            dist.send(_tensor(piece), rank)

    def _receive(self, array: Bytes) -> None:
        for piece in pieces(array):
            dist.recv(_tensor(piece), 0)

    @contextmanager
    def _answered(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            raise self._board.lost(error) from error


def _by_parcel(given: tuple[Bytes, list[Bytes]] | None, travel: Callable[[Bytes], None]) -> Any:
    """Let a parcel travel, or receive one: the sizes, the description, then each array into memory of its own."""
    head = np.zeros(2, np.int64) if given is None else np.array([len(given[0]), len(given[1])])
    travel(head.view(np.uint8))
    sizes = np.zeros(head[1], np.int64) if given is None else np.array([len(array) for array in given[1]], np.int64)
    travel(sizes.view(np.uint8))
    description = np.empty(head[0], np.uint8) if given is None else given[0]
    buffers = [np.empty(size, np.uint8) for size in sizes] if given is None else given[1]
    for array in (description, *buffers):
        travel(array)
    return unpack(description, buffers) if given is None else None


def _tensor(array: Bytes) -> Tensor:
    """The same memory."""
    with warnings.catch_warnings():  # what is sent may be read-only: it is not written to
        warnings.simplefilter("ignore", category=UserWarning)
        return torch.frombuffer(array, dtype=torch.uint8)
