"""How much each edge counts before the softmax, in GAT and in GATv2.

GAT's score is a sum over the two ends of an edge, so it is looked up. GATv2's is not: it needs a vector for every
edge. Those are made in blocks that fit the processor's cache, and made again for the gradient.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from trainer.frameworks.torch.sparse import Adjacency, sum_bags

_CACHED, _LAUNCHED = 1 << 20, 1 << 26
"""Numbers in a block: on a processor what stays in its cache, on a GPU what is worth its launches."""


def additive_scores(
    source: Tensor, target: Tensor, edge: Tensor | None, adjacency: Adjacency, negative_slope: float
) -> Tensor:
    """GAT's scores of one head: leaky_relu(source + target + value * edge) per edge (Velickovic et al. 2018, eq. 3).

    Args:
        source: one number per source.
        target: one number per target.
        edge: what a value of one adds; None where values do not count.
        adjacency: the edges and their values.
        negative_slope: of the leaky ReLU.
    """
    total: Tensor = _SumOfEnds.apply(source, target, edge, adjacency)  # type: ignore[no-untyped-call]
    return F.leaky_relu(total, negative_slope)


class _SumOfEnds(torch.autograd.Function):
    """Two look-ups per edge; the gradients are sums over the edges of a source and of a target."""

    @staticmethod
    def forward(ctx: Any, source: Tensor, target: Tensor, edge: Tensor | None, adjacency: Adjacency) -> Tensor:
        ctx.adjacency, ctx.with_edge = adjacency, edge is not None
        total = source.index_select(0, adjacency.col).add_(target.index_select(0, adjacency.row))
        return total if edge is None else total.addcmul_(_values(adjacency, total.dtype), edge)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor | None, None]:
        adjacency: Adjacency = ctx.adjacency
        crow, _, order = adjacency.transposed
        source = torch.segment_reduce(gradient.index_select(0, order), "sum", offsets=crow, unsafe=True)
        target = torch.segment_reduce(gradient, "sum", offsets=adjacency.crow, unsafe=True)
        edge = gradient.dot(_values(adjacency, gradient.dtype)) if ctx.with_edge else None
        return source, target, edge, None


def dynamic_scores(
    source: Tensor, target: Tensor, edge: Tensor | None, attention: Tensor, adjacency: Adjacency, negative_slope: float
) -> Tensor:
    """GATv2's scores of one head: attention . leaky_relu(source + target + value * edge) (Brody et al. 2022, eq. 7).

    Args:
        source: [sources, channels].
        target: [targets, channels].
        edge: what a value of one adds, [channels]; None where values do not count.
        attention: [channels].
        adjacency: the edges and their values.
        negative_slope: of the leaky ReLU.
    """
    score: Tensor = _DynamicScores.apply(source, target, edge, attention, adjacency, negative_slope)  # type: ignore[no-untyped-call]
    return score


class _DynamicScores(torch.autograd.Function):
    """The leaky ReLU of every edge and channel, made block by block and never kept.

    It is its argument times its slope there. So the gradients at both ends are sums of slopes over the edges, and
    the gradient of the attention follows from these sums.
    """

    @staticmethod
    def forward(
        ctx: Any,
        source: Tensor,
        target: Tensor,
        edge: Tensor | None,
        attention: Tensor,
        adjacency: Adjacency,
        slope: float,
    ) -> Tensor:
        ends = torch.cat([source, target])
        score = ends.new_empty(adjacency.col.numel())
        for block, total in _EdgeVectors(ends, edge, adjacency).blocks():
            torch.mv(F.leaky_relu_(total, slope), attention, out=score[block])
        ctx.save_for_backward(ends, edge, attention)
        ctx.adjacency, ctx.slope = adjacency, slope
        return score

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor | None, Tensor, None, None]:
        ends, edge, attention = ctx.saved_tensors
        adjacency: Adjacency = ctx.adjacency
        turned = gradient.index_select(0, adjacency.transposed.order)
        target, by_value = _EdgeVectors(ends, edge, adjacency).sum_slopes(gradient, ctx.slope)
        source, _ = _EdgeVectors(ends, edge, adjacency, by_source=True).sum_slopes(turned, ctx.slope)
        learned = (ends * torch.cat([source, target])).sum(0)
        if by_value is not None:
            learned += edge * by_value
            by_value *= attention
        return source.mul_(attention), target.mul_(attention), by_value, learned, None, None


class _EdgeVectors:
    """source + target + value * edge for all edges, ordered by target or by source, a block at a time."""

    def __init__(self, ends: Tensor, edge: Tensor | None, adjacency: Adjacency, by_source: bool = False) -> None:
        self.ends, self.edge, self.num_sources = ends, edge, adjacency.num_sources
        self.crow, self.source, self.target = adjacency.crow, adjacency.col, adjacency.row
        self.value = None if edge is None else _values(adjacency, ends.dtype)
        self.row = self.target
        if by_source:
            self.crow, self.target, order = adjacency.transposed
            self.row = self.source = self.source.index_select(0, order)
            self.value = None if self.value is None else self.value.index_select(0, order)

    def blocks(self) -> Iterator[tuple[slice, Tensor]]:
        """Which edges, and their vectors: a look-up of two rows of one table, added on the way."""
        numbers = _CACHED if self.ends.device.type == "cpu" else _LAUNCHED
        length = max(1, numbers // self.ends.size(1))
        pairs = self.source.new_empty(length, 2)
        for start in range(0, self.source.numel(), length):
            block = slice(start, min(start + length, self.source.numel()))
            pairs = pairs[: block.stop - start]
            pairs[:, 0] = self.source[block]
            torch.add(self.target[block], self.num_sources, out=pairs[:, 1])
            total = F.embedding_bag(pairs, self.ends, mode="sum")
            if self.edge is not None and self.value is not None:
                total.addcmul_(self.value[block, None], self.edge)
            yield block, total

    def sum_slopes(self, weight: Tensor, slope: float) -> tuple[Tensor, Tensor | None]:
        """Per row the sum of weight * slope over its edges; and that of weight * slope * value over all edges."""
        above = weight.new_zeros(self.crow.numel() - 1, self.ends.size(1))  # the sums of weights where the slope is 1
        above_by_value = None if self.edge is None else torch.zeros_like(self.edge)
        for block, total in self.blocks():
            positive = total.gt_(0)
            start, stop = int(self.row[block.start]), int(self.row[block.stop - 1]) + 1
            crow = (self.crow[start : stop + 1] - block.start).clamp_(0, len(positive))
            own = torch.arange(len(positive), dtype=crow.dtype, device=crow.device)
            above[start:stop] += sum_bags(crow, own, weight[block], positive)
            if above_by_value is not None and self.value is not None:
                above_by_value += torch.mv(positive.t(), weight[block] * self.value[block])
        all_edges = torch.segment_reduce(weight, "sum", offsets=self.crow, unsafe=True)
        sums = above.mul_(1 - slope).add_(all_edges[:, None], alpha=slope)
        if above_by_value is None or self.value is None:
            return sums, None
        return sums, above_by_value.mul_(1 - slope).add_(weight.dot(self.value), alpha=slope)


def _values(adjacency: Adjacency, dtype: torch.dtype) -> Tensor:
    assert adjacency.value is not None, "edges without values add nothing"
    return adjacency.value.to(dtype)
