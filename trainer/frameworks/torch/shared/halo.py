"""The vertices of other ranks that this rank's edges come from, and how their vectors get here."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from trainer.frameworks.torch.sparse import sum_bags
from trainer.ranks.ranges import Bounds
from trainer.ranks.ranks import Ranks


class Halo:
    """Who sends which rows of one type to whom, for one relation: agreed on once, used in every sum.

    Attributes:
        places: of the vertices that are received, ascending, so that they come rank by rank.
    """

    def __init__(self, ranks: Ranks, bounds: Bounds, sources: NDArray[np.int64]) -> None:
        """Tell each rank what is needed of it; all ranks do this together.

        Args:
            ranks: this one and the others.
            bounds: the ranges of the type.
            sources: the places that edges come from.
        """
        self._ranks = ranks
        begin, end = bounds[ranks.rank : ranks.rank + 2].tolist()
        self.places = np.unique(sources[(sources < begin) | (sources >= end)])
        self._received = np.diff(np.searchsorted(self.places, bounds)).tolist()
        each = [1] * ranks.size
        self._sent: list[int] = ranks.exchange(torch.tensor(self._received), each, each).tolist()
        asked = ranks.exchange(torch.from_numpy(self.places), self._received, self._sent)
        self._rows = asked - begin
        self._is_used = any(ranks.all_of(bool(len(self.places))))
        self._first, self._num_own = 0, end - begin

    def after(self, num: int) -> Halo:
        """The same where `num` other rows come before those of the type."""
        moved = object.__new__(Halo)
        moved.__dict__.update(self.__dict__, _rows=self._rows + num)
        return moved

    def local(self, sources: NDArray[np.int64], begin: int, num_own: int) -> NDArray[np.int64]:
        """Places as rows of what `spread` gives: own rows, then those that are received."""
        rows = sources - begin
        other = (rows < 0) | (rows >= num_own)
        rows[other] = num_own + np.searchsorted(self.places, sources[other])
        return rows

    def spread(self, x: Tensor) -> Tensor:
        """`x`, and below it the rows that are received; their gradient goes back to where they came from."""
        if not self._is_used:
            return x
        spread: Tensor = _Spread.apply(x, self)  # type: ignore[no-untyped-call]
        return spread

    def fetch(self, x: Tensor) -> Tensor:
        """The rows that are received."""
        return self._ranks.exchange(x.index_select(0, self._rows), self._sent, self._received)

    def bring_back(self, gradient: Tensor, own: Tensor) -> Tensor:
        """`own` plus the gradients of the rows that were sent, those of rank 0 first."""
        back = self._ranks.exchange(gradient, self._received, self._sent)
        if not len(back):
            return own
        rows, crow, order = self._by_row
        sums = sum_bags(crow, order, None, back)
        return own.index_copy(0, rows, own.index_select(0, rows) + sums)

    @property
    def _by_row(self) -> tuple[Tensor, Tensor, Tensor]:
        """The rows that were sent, each once, and where each went: the order of the sums is that of the ranks."""
        rows, counts = torch.unique(self._rows, return_counts=True)
        order = torch.sort(self._rows, stable=True).indices
        return rows, torch.cat([counts.new_zeros(1), counts.cumsum(0)]), order


class _Spread(torch.autograd.Function):
    """Own rows, then those of others."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, halo: Halo) -> Tensor:
        ctx.halo, ctx.num_own = halo, len(x)
        return torch.cat([x, halo.fetch(x)])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        halo: Halo = ctx.halo
        own, others = gradient[: ctx.num_own], gradient[ctx.num_own :]
        return halo.bring_back(others.contiguous(), own), None
