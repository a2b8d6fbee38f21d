"""Dropout that several ranks draw together.

Torch's own depends on the shape of what a process holds. Here the numbers belong to the rows: they are drawn in blocks,
each out of a seed of its own, and a rank draws the blocks in which its rows lie. So masks do not depend on how many ranks
there are, and nothing of them has to be stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import prod
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from trainer.ranks.ranks import Ranks

_NUMBERS_IN_BLOCK = 1 << 16
Made = Callable[[NDArray[np.float32]], NDArray[Any]]


class SharedDropout(TorchFunctionMode):
    """Inside it `F.dropout` and `torch.rand` draw what belongs to this rank's rows; all ranks call them alike."""

    def __init__(self, ranks: Ranks, seed: int, *, by_row: bool) -> None:
        """Draw out of SEED.

        Args:
            ranks: this one and the others.
            seed: with epoch, step and place decides every number.
            by_row: whether the rows of all ranks, one rank after the other, are the same in every step, however many
                ranks there are; else each rank draws for itself.
        """
        super().__init__()
        self._ranks, self._seed, self._by_row = ranks, seed, by_row
        self._first_rows: dict[int, int] = {}
        self._step: tuple[int, int] = (0, 0)
        self._num_drawn = 0

    def begin(self, epoch: int, step: int) -> None:
        """The next step, counted from 0."""
        self._step, self._num_drawn = (epoch, step), 0

    def __torch_function__(
        self, func: Callable[..., Any], types: Iterable[type], args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Take the place of what draws; everything else is torch's."""
        if func is F.dropout:
            return self._dropped(*args, **(kwargs or {}))
        if func is torch.rand:
            return self._uniform(tuple(args[0]))
        return func(*args, **(kwargs or {}))

    def _dropped(self, x: Tensor, p: float = 0.5, training: bool = True, inplace: bool = False) -> Tensor:
        if not training or not p:
            return x
        kept = torch.from_numpy(self._drawn(tuple(x.shape), np.bool_, lambda numbers: numbers >= p))
        dropped: Tensor = _Dropped.apply(x, kept, 1 / (1 - p))  # type: ignore[no-untyped-call]
        return dropped

    def _uniform(self, shape: tuple[int, ...]) -> Tensor:
        """Numbers from 0 to 1 for these rows, float32."""
        return torch.from_numpy(self._drawn(shape, np.float32, lambda numbers: numbers))

    def _drawn(self, shape: tuple[int, ...], dtype: type[np.generic], made: Made) -> NDArray[Any]:
        """What is made of numbers from 0 to 1 for these rows, block by block."""
        call = self._num_drawn
        self._num_drawn += 1
        if not self._by_row:
            rng = np.random.default_rng((self._seed, *self._step, call, self._ranks.rank))
            return made(rng.random(shape, np.float32))
        if call not in self._first_rows:
            self._first_rows[call] = sum(self._ranks.all_of(shape[0])[: self._ranks.rank])
        begin, width = self._first_rows[call], shape[1:]
        end = begin + shape[0]
        num = max(1, _NUMBERS_IN_BLOCK // max(1, prod(width)))
        drawn = np.empty(shape, dtype)
        for block in range(begin // num, -(-end // num) if shape[0] else 0):
            rng = np.random.default_rng((self._seed, *self._step, call, block))
            first, last = max(begin, block * num), min(end, (block + 1) * num)
            numbers = rng.random((last - block * num, *width), np.float32)  # those of later rows are not needed
            drawn[first - begin : last - begin] = made(numbers[first - block * num :])
        return drawn


class _Dropped(torch.autograd.Function):
    """`x` where it is kept, which is all that is remembered for the gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kept: Tensor, scale: float) -> Tensor:
        ctx.save_for_backward(kept)
        ctx.scale = scale
        return (x * kept).mul_(scale)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (kept,) = ctx.saved_tensors
        return (gradient * kept).mul_(ctx.scale), None, None
