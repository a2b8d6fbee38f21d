"""Sums over neighbours, forward and backward, as fast as plain torch can.

Torch's own sparse matrices rebuild the transpose at every backward and copy their indices at every product.
Here a relation keeps both orders of its edges, and a sum over neighbours is an `embedding_bag`: rows of a table
(the vertices' vectors), added up in bags (the neighbours of each target), weighted by the edges' values.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from scipy.sparse import csr_matrix
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

Vertices = Tensor | tuple[Tensor, Tensor]
"""Vectors of the sources, float [sources, channels], where the targets are the first of them; or (sources, targets)."""


class Transposed(NamedTuple):
    """The edges ordered by source: `row` is each one's target, `order` its index in the order by target."""

    crow: Tensor
    row: Tensor
    order: Tensor


class Adjacency:
    """One relation as CSR: the rows are the targets, the columns the sources of their edges.

    Where sources and targets are of one type, target `i` is source `i`.

    Attributes:
        crow: where each target's edges start, int [targets + 1].
        col: the source of each edge, int [edges]. All indices are int32 unless there are 2^31 edges or more.
        value: what each edge counts, float [edges]; None for one each.
        num_sources: how many vertices `col` may name.
        num_targets: how many rows there are.
        has_more_sources: whether there are more sources than targets.
    """

    def __init__(self, crow: Tensor, col: Tensor, num_sources: int, value: Tensor | None = None) -> None:
        """Take the arrays as they are."""
        self.crow, self.col, self.value = crow, col, value
        self.num_sources, self.num_targets = num_sources, crow.numel() - 1
        self.has_more_sources = num_sources > self.num_targets
        self._row: Tensor | None = None
        self._edge_index: Tensor | None = None
        self._transposed: Transposed | None = None
        self._weights: dict[tuple[str, bool, torch.dtype], Tensor] = {}
        self._held: Tensor | None = None
        self._kept: dict[str, Tensor] = {}

    @staticmethod
    def from_edges(
        index: Tensor, num_sources: int, num_targets: int, value: Tensor | None = None, loop: Tensor | None = None
    ) -> Adjacency:
        """From edges ordered by target.

        Args:
            index: sources and targets, int [2, edges].
            num_sources: how many sources there are.
            num_targets: how many targets there are.
            value: what each edge counts, float [edges]; None for one each.
            loop: what an edge from each target to itself counts, float [targets]; None adds no such edges.
        """
        col, row = index
        assert bool((row[1:] >= row[:-1]).all()), "edges are ordered by target"
        counts = torch.bincount(row, minlength=num_targets)
        if loop is not None:
            if value is None and bool((loop != 1).any()):
                value = loop.new_ones(col.numel())
            own = counts.cumsum(0) + torch.arange(num_targets, device=row.device)  # a target's own edge is its last
            stored = torch.arange(col.numel(), device=row.device) + row
            merged = col.new_empty(col.numel() + num_targets)
            merged[stored], merged[own] = col, torch.arange(num_targets, dtype=col.dtype, device=col.device)
            if value is not None:
                values = value.new_empty(merged.numel())
                values[stored], values[own] = value, loop.to(value.dtype)
                value = values
            col, counts = merged, counts + 1
        dtype = torch.int32 if max(col.numel(), num_sources) < 2**31 else torch.int64
        crow = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        return Adjacency(crow.to(dtype), col.to(dtype).contiguous(), num_sources, value)

    @property
    def row(self) -> Tensor:
        """The target of each edge, int [edges]."""
        if self._row is None:
            targets = torch.arange(self.num_targets, dtype=self.crow.dtype, device=self.crow.device)
            self._row = targets.repeat_interleave(self.crow.diff(), output_size=self.col.numel())
        return self._row

    @property
    def edge_index(self) -> Tensor:
        """Sources and targets as PyG takes them, int64 [2, edges]."""
        if self._edge_index is None:
            self._edge_index = torch.stack([self.col.long(), self.row.long()])
        return self._edge_index

    @property
    def transposed(self) -> Transposed:
        """The same edges ordered by source, computed once."""
        if self._transposed is None:
            self._transposed = _transpose(self)
        return self._transposed

    def ends(self, x: Vertices) -> tuple[Tensor, Tensor]:
        """Vectors of the sources and of the targets."""
        if isinstance(x, tuple):
            return x
        return x, x if x.size(0) == self.num_targets else x[: self.num_targets]

    def spread(self, x: Tensor) -> Tensor:
        """The vectors of all that `col` may name, out of those that a layer is given."""
        return x

    def matmul(self, x: Tensor) -> Tensor:
        """Sum of value times source over the edges of each target: [sources, channels] to [targets, channels]."""
        return self._aggregate("sum", x)

    def mean(self, x: Tensor) -> Tensor:
        """Mean of the sources over the edges of each target, zero where it has none; values do not count."""
        return self._aggregate("mean", x)

    def hold(self, x: Tensor) -> None:
        """Promise that `x` never changes: sums and means of exactly this tensor are computed once and kept."""
        assert not x.requires_grad, "what is learned changes"
        self._held, self._kept = x, {}

    def holds(self, x: object) -> bool:
        """Whether this very tensor is held, so that its sums cost nothing."""
        return x is self._held

    def weights(self, reduce: str, transposed: bool, dtype: torch.dtype) -> Tensor | None:
        """What each edge counts in a sum or a mean, in the order of the targets or of the sources."""
        if reduce == "sum" and self.value is None:
            return None
        key = (reduce, transposed, dtype)
        if key not in self._weights:
            if reduce == "mean":
                share = 1 / self.crow.diff().clamp_(min=1).to(dtype)
                weights = share.index_select(0, self.transposed.row if transposed else self.row)
            else:
                assert self.value is not None
                weights = self.value.to(dtype)
                weights = weights.index_select(0, self.transposed.order) if transposed else weights
            self._weights[key] = weights
        return self._weights[key]

    def _aggregate(self, reduce: str, x: Tensor) -> Tensor:
        if x is not self._held:
            return self._product(x, reduce)
        if reduce not in self._kept:
            self._kept[reduce] = self._product(x, reduce)
        return self._kept[reduce]

    def _product(self, x: Tensor, reduce: str) -> Tensor:
        product: Tensor = _Product.apply(x, self, reduce)  # type: ignore[no-untyped-call]
        return product


class _Product(torch.autograd.Function):
    """`A @ x`, whose gradient in `x` is the transpose of `A` times the gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, adjacency: Adjacency, reduce: str) -> Tensor:
        ctx.adjacency, ctx.reduce = adjacency, reduce
        return sum_bags(adjacency.crow, adjacency.col, adjacency.weights(reduce, False, x.dtype), x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        adjacency: Adjacency = ctx.adjacency
        crow, row, _ = adjacency.transposed
        return sum_bags(crow, row, adjacency.weights(ctx.reduce, True, gradient.dtype), gradient), None, None


def sum_bags(crow: Tensor, col: Tensor, weights: Tensor | None, x: Tensor) -> Tensor:
    """Per bag `crow[i]:crow[i + 1]` the sum of weight times the rows `col` of `x`."""
    if not col.numel():
        return x.new_zeros(crow.numel() - 1, x.size(1))
    # detached: for a table that wants a gradient, torch would prepare one of its own
    table = x.detach().contiguous()
    return F.embedding_bag(col, table, crow, mode="sum", per_sample_weights=weights, include_last_offset=True)


def _transpose(adjacency: Adjacency) -> Transposed:
    col, dtype = adjacency.col, adjacency.col.dtype
    if col.is_cuda:
        order = torch.sort(col, stable=True).indices
        counts = torch.bincount(col, minlength=adjacency.num_sources)
        crow = torch.cat([counts.new_zeros(1), counts.cumsum(0)])
        return Transposed(crow.to(dtype), adjacency.row[order], order.to(dtype))
    # SciPy counts where torch would sort, ten times faster
    edges = torch.arange(col.numel(), dtype=dtype).numpy()
    shape = (adjacency.num_targets, adjacency.num_sources)
    by_source = csr_matrix((edges, col.numpy(), adjacency.crow.numpy()), shape=shape).tocsc()
    crow, row, order = (torch.from_numpy(array) for array in (by_source.indptr, by_source.indices, by_source.data))
    return Transposed(crow.to(dtype), row.to(dtype), order)
