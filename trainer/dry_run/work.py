"""How many vertices and edges the layers of a model compute on, of the whole graph or of a batch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from trainer.dataset.inputs import Inputs
from trainer.graph.edge_type import EdgeType
from trainer.models.reach import Reach, reach_of
from trainer.models.spec import HomogeneousSpec, ModelSpec
from trainer.registry.models import MODELS
from trainer.sampling.batch_plan import ALL_NEIGHBORS, BatchPlan


@dataclass(frozen=True)
class LayerWork:
    """One layer.

    Attributes:
        rows: by relation the vertices that it computes vectors for.
        edges: by relation the edges that it sends messages over.
    """

    rows: Mapping[EdgeType, int]
    edges: Mapping[EdgeType, int]

    @property
    def num_rows(self) -> int:
        """Of all relations together."""
        return sum(self.rows.values())

    @property
    def num_edges(self) -> int:
        """Of all relations together."""
        return sum(self.edges.values())


@dataclass(frozen=True)
class Work:
    """What a step of the training computes on.

    Attributes:
        rows: by type the vertices whose inputs it takes.
        layers: first layer first.
    """

    rows: Mapping[str, int]
    layers: Sequence[LayerWork]

    @property
    def num_edges(self) -> int:
        """Of all layers together."""
        return sum(layer.num_edges for layer in self.layers)


class Sizes:
    """The sizes of what reaches the target."""

    def __init__(self, inputs: Inputs, spec: ModelSpec) -> None:
        """Of a dataset's inputs, for a model."""
        self._target, self._one_vertex_set = inputs.target_type, MODELS[spec.type].one_vertex_set
        self._relations = _reach(inputs, spec).relations
        reaching = _reach(inputs, spec).inputs
        self.edges = {each: len(edges) for each, edges in inputs.edges.items() if each in self._relations[0]}
        self.rows = {name: len(vertices) for name, vertices in inputs.vertices.items() if name in reaching}

    def whole_graph(self) -> Work:
        """Everything at once."""
        layers = [self._layer(relations, self.rows, self.edges) for relations in self._relations]
        return Work(self.rows, layers)

    def average_batch(self, plan: BatchPlan) -> Work:
        """A batch whose neighbours are all different, as far as there are so many."""
        per_group = sum(map(len, plan.groups)) / len(plan.groups) if isinstance(plan.groups, list) else 1
        rows = {self._target: min(math.ceil(plan.size * per_group), self.rows[self._target])}
        layers: list[LayerWork] = []
        for relations, count in zip(reversed(self._relations), plan.num_neighbors, strict=True):
            leading = [each for each in relations if each[2] in rows]
            drawn = {each: self._drawn(each, rows[each[2]], count) for each in leading}
            reached = dict(rows)
            for each, num in drawn.items():
                reached[each[0]] = min(reached.get(each[0], 0) + num, self.rows[each[0]])
            layers.insert(0, self._layer(leading, reached | rows, drawn))
            rows = reached
        return Work(rows, layers)

    def _layer(
        self, relations: Iterable[EdgeType], rows: Mapping[str, int], edges: Mapping[EdgeType, int]
    ) -> LayerWork:
        """The targets of each relation, and its sources too where the model makes one vertex set of both."""
        computed, passed = {}, {}
        for each in relations:
            source, _, target = each
            computed[each] = rows[target] + (rows[source] if self._one_vertex_set and source != target else 0)
            passed[each] = edges[each]
        return LayerWork(computed, passed)

    def _drawn(self, edge_type: EdgeType, num_targets: int, count: int) -> int:
        num_edges, all_targets = self.edges[edge_type], max(self.rows[edge_type[2]], 1)
        wanted = math.ceil(num_edges * num_targets / all_targets) if count == ALL_NEIGHBORS else num_targets * count
        return min(wanted, num_edges)


def _reach(inputs: Inputs, spec: ModelSpec) -> Reach:
    if isinstance(spec, HomogeneousSpec):
        return reach_of(inputs.target_type, list(inputs.edges), spec.num_layers)
    return spec.reach
