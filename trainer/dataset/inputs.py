"""What a model sees of a graph, without labels: vertices of each type and edges of each relation."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.edges.incoming import without_incoming
from trainer.dataset.features.feature import Feature
from trainer.dataset.time.axis import TimeAxis
from trainer.dataset.vertex_set import VertexSet
from trainer.graph.edge_type import EdgeType


@dataclass(frozen=True)
class Inputs:
    """The inputs of a model.

    Attributes:
        vertices: per type, in order of name; relations connect every type to the target type.
        edges: per relation, in order of name; at least one, be it empty, where there is one vertex type.
        target_type: the type whose vertices are predicted.
        graph_of_row: int32, which of several graphs a vertex of the target type belongs to; None for one graph.
        warnings: what a reader of the report should know.
    """

    vertices: dict[str, VertexSet]
    edges: dict[EdgeType, EdgeSet]
    target_type: str
    graph_of_row: NDArray[np.int32] | None
    warnings: list[str]

    @property
    def is_homogeneous(self) -> bool:
        """Whether there is one vertex type and one relation."""
        return len(self.vertices) == 1 and len(self.edges) == 1

    def give_up_edges(self) -> None:
        """Let go of all edges, which others have by now; the relations stay."""
        for edge_type, edges in self.edges.items():
            self.edges[edge_type] = replace(edges, index=np.empty((2, 0), np.int64), weight=None)

    @property
    def target_vertices(self) -> VertexSet:
        """The vertices that are predicted."""
        return self.vertices[self.target_type]

    def without_incoming(self) -> NDArray[np.bool_]:
        """Which vertices of the target type no edge leads to from another vertex, shape [vertices]."""
        return without_incoming(self.edges, self.target_type, len(self.target_vertices))

    @property
    def x(self) -> NDArray[np.float32]:
        """Inputs of the target type, float32 of shape [vertices, channels]."""
        return self.target_vertices.x

    @property
    def features(self) -> list[Feature]:
        """The features of the target type."""
        return self.target_vertices.features

    @property
    def time(self) -> TimeAxis | None:
        """The times of the target type."""
        return self.target_vertices.time

    @property
    def edge_index(self) -> NDArray[np.int64]:
        """The edges of a homogeneous graph, int64 of shape [2, edges]."""
        assert self.is_homogeneous, "only a graph with one relation has one edge_index"
        return next(iter(self.edges.values())).index
