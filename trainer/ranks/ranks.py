"""What the ranks of one training say to each other.

Every call but `check`, `fail` and `leave` is made by all ranks, in the same order: none may leave a step on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


class Ranks(Protocol):
    """This rank, and its way to the others.

    Every call may raise `RankError`: another rank has ended, or has said nothing for RANK_TIMEOUT seconds.
    Tensors are on the CPU; what comes out has the same bits on every rank, and the same again whenever it is repeated.
    """

    @property
    def rank(self) -> int:
        """From 0 on; rank 0 speaks for all."""

    @property
    def size(self) -> int:
        """How many ranks there are."""

    def sum(self, flat: Tensor) -> None:
        """Put the sum over all ranks into a tensor of the same shape and dtype on each."""

    def same(self, value: T) -> T:
        """Rank 0's value, on every rank; what the others pass does not count. Its arrays travel without a copy."""

    def all_of(self, value: T) -> list[T]:
        """A small value of each rank, in their order, on every rank."""

    def exchange(self, rows: Tensor, sent: Sequence[int], received: Sequence[int]) -> Tensor:
        """Send rows to each rank and receive rows from each.

        Args:
            rows: [sum of sent, ...], first those for rank 0.
            sent: how many rows go to each rank.
            received: how many come from each.

        Returns:
            [sum of received, ...], first those of rank 0.
        """

    def gather(self, rows: Tensor) -> Tensor | None:
        """The rows of all ranks, in the order of the ranks, on rank 0; None on the others."""

    def fill(self, rows: Tensor, bounds: Sequence[int]) -> None:
        """Give every rank's slice of `rows` to all: that of rank r is `bounds[r]:bounds[r + 1]`."""

    def deal(self, part_of: Callable[[int], T] | None) -> T:
        """The part that rank 0 makes for this rank; it makes them one after the other, its own last.

        Args:
            part_of: makes the part of a rank; None on the others.
        """

    def meet(self, place: str, check: Callable[[], None] = lambda: None) -> None:
        """Wait until every rank is at this place, however long it takes one that is alive.

        Args:
            place: a name, used once in a run.
            check: called again and again meanwhile; what it raises ends the wait.
        """

    def check(self) -> None:
        """Raise when another rank has left its last word, or has shown no life for RANK_TIMEOUT seconds."""

    def fail(self, exit_code: int, sentence: str) -> None:
        """Leave a last word for the others; only the first one of all ranks counts. Never raises."""

    def leave(self) -> None:
        """End: rank 0 waits, within RANK_TIMEOUT, until the others have left. Never raises."""
