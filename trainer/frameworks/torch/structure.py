"""One relation as the layers of a model take it: which edges, what each counts, which loops are added.

What an edge counts depends on the whole graph (GCN divides by the degrees of both ends), also where only a sample of
the edges is summed up: so it is worked out once, here, and looked up for each sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.frameworks.torch.sparse import Adjacency
from trainer.registry.models import ModelKind

Array = Tensor | NDArray[Any]


@dataclass(frozen=True)
class Structure:
    """The edges of a relation, and what a model makes of them.

    Attributes:
        kind: the model.
        index: sources and targets, int64 [2, edges], ordered by target; as stored.
        value: what each edge counts, float [edges]; None for one each.
        loop: what the edge of each target to itself counts, float [targets]; None adds no such edges.
        num_sources: vertices of the source type.
        num_targets: vertices of the target type.
        same_type: whether they are the same vertices.
    """

    kind: ModelKind
    index: Tensor
    value: Tensor | None
    loop: Tensor | None
    num_sources: int
    num_targets: int
    same_type: bool

    def adjacency(self) -> Adjacency:
        """All edges."""
        return self._adjacency(self.index, self.value, self.loop, self.num_sources, self.num_targets)

    def adjacency_of(
        self, block_index: Array, edge: Array, scale: Array | None, target_rows: Array, num_sources: int
    ) -> Adjacency:
        """Some edges of some targets.

        Args:
            block_index: sources and targets in the rows of the sample, ordered by target.
            edge: which edge of the relation each is.
            scale: for each edge how many it stands for; a sum over drawn edges expects the sum over all. Means and
                attention are over what was drawn.
            target_rows: which vertices the targets of the sample are; in a relation within one type they are its
                first sources too.
            num_sources: how many sources the sample has.
        """
        device = self.index.device
        index, edges, targets = (torch.as_tensor(array, device=device) for array in (block_index, edge, target_rows))
        value = None if self.value is None else self.value.index_select(0, edges)
        loop = None if self.loop is None else self.loop.index_select(0, targets)
        if scale is not None and self.kind.sums:
            factor = torch.as_tensor(scale, device=device)
            value = factor if value is None else value * factor
        return self._adjacency(index, value, loop, num_sources, targets.numel())

    def _adjacency(
        self, index: Tensor, value: Tensor | None, loop: Tensor | None, num_sources: int, num_targets: int
    ) -> Adjacency:
        if loop is not None and self.same_type:  # the stored loops are in `loop`
            others = index[0] != index[1]
            if not bool(others.all()):
                index, value = index[:, others], None if value is None else value[others]
        elif loop is not None:  # the targets' own vectors come before those of the sources
            index = torch.stack([index[0] + num_targets, index[1]])
            num_sources += num_targets
        return Adjacency.from_edges(index, num_sources, num_targets, value, loop)


def make_structure(
    kind: ModelKind,
    index: Tensor,
    weight: Tensor | None,
    num_sources: int,
    num_targets: int,
    same_type: bool,
    spread: Callable[[Tensor], Tensor] = lambda of_targets: of_targets,
) -> Structure:
    """What the layers of a model sum up over a relation.

    Args:
        kind: the model.
        index: sources and targets, int64 [2, edges], ordered by target.
        weight: float [edges], None without; left out where the model takes none.
        num_sources: vertices of the source type.
        num_targets: vertices of the target type.
        same_type: whether they are the same vertices. GCN, which knows one vertex set only, takes two as one graph
            over both; attention adds no loops between two.
        spread: within a type gives what is known of all sources out of what is known of the targets.
    """
    value = None if kind.edge_weight is None else weight
    loop: Tensor | None = None
    if kind.normalised:
        value, loop = _normalised(index, weight, num_targets, spread if same_type else None)
    elif kind.loops and same_type:
        loop = _mean_weight(index, weight, num_targets)
    return Structure(kind, index, value, loop, num_sources, num_targets, same_type)


def _normalised(
    index: Tensor, weight: Tensor | None, num_targets: int, spread: Callable[[Tensor], Tensor] | None
) -> tuple[Tensor, Tensor]:
    """D^-1/2 (A + I) D^-1/2 (Kipf and Welling 2017, eq. 2): its edges and its diagonal.

    As in PyG a stored loop takes the place of the one that would be added, the last one where there are several.
    """
    source, target = index
    dtype = torch.get_default_dtype() if weight is None else weight.dtype
    value = torch.ones(source.numel(), dtype=dtype, device=index.device) if weight is None else weight
    loop = value.new_ones(num_targets)
    if spread is not None and bool((stored := source == target).any()):
        loop[target[stored]] = value[stored]
        value = value.masked_fill(stored, 0)
    root = loop.scatter_add(0, target, value).pow_(-0.5)
    root.masked_fill_(root == torch.inf, 0)
    value = value * root[target]
    if spread is not None:  # the sources are of the same type
        value *= spread(root)[source]
    return value, loop * root**2


def _mean_weight(index: Tensor, weight: Tensor | None, num_targets: int) -> Tensor:
    """What attention gives an added loop: the mean of the target's edges, loops aside; zero where it has none."""
    if weight is None:
        return torch.ones(num_targets, device=index.device)
    others = index[0] != index[1]
    target, weight = index[1][others], weight[others]
    total = weight.new_zeros(num_targets).scatter_add_(0, target, weight)
    return total / torch.bincount(target, minlength=num_targets).clamp_(min=1)
