"""A single run: there is nobody to talk to, and torch.distributed is not imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")


class Alone:
    """`Ranks` of one process; every call gives back what it was given."""

    rank = 0
    size = 1

    def sum(self, flat: Tensor) -> None:
        """The sum is what is there."""

    def same(self, value: T) -> T:
        """The value itself."""
        return value

    def all_of(self, value: T) -> list[T]:
        """The value itself."""
        return [value]

    def exchange(self, rows: Tensor, sent: Sequence[int], received: Sequence[int]) -> Tensor:
        """The rows themselves."""
        return rows

    def gather(self, rows: Tensor) -> Tensor | None:
        """The rows themselves."""
        return rows

    def fill(self, rows: Tensor, bounds: Sequence[int]) -> None:
        """All rows are there."""

    def deal(self, part_of: Callable[[int], T] | None) -> T:
        """The only part."""
        assert part_of is not None, "rank 0 makes the parts"
        return part_of(0)

    def meet(self, place: str, check: Callable[[], None] = lambda: None) -> None:
        """Everybody is here."""

    def check(self) -> None:
        """There is nobody to be missed."""

    def fail(self, exit_code: int, sentence: str) -> None:
        """There is nobody to be told."""

    def leave(self) -> None:
        """There is nobody to wait for."""
