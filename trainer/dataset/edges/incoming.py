"""Vertices to which no edge leads from another one: the graph tells a model nothing of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.edges.edge_set import EdgeSet
from trainer.graph.edge_type import EdgeType


def without_incoming(edges: Mapping[EdgeType, EdgeSet], vertex_type: str, num_vertices: int) -> NDArray[np.bool_]:
    """Which vertices of a type no edge of any relation leads to, self-loops not counted, shape [vertices]."""
    receives = np.zeros(num_vertices, dtype=bool)
    for (source, _, target), edge_set in edges.items():
        if target == vertex_type:
            sources, targets = edge_set.index
            receives[targets if source != target else targets[sources != targets]] = True
    return ~receives


def incoming_warnings(
    without: NDArray[np.bool_], labelled: NDArray[np.bool_] | None, vertex_type: str
) -> Iterator[str]:
    """A sentence where most labelled vertices receive nothing, so that their labels are learned without the graph.

    Args:
        without: which vertices have no incoming edge, shape [vertices].
        labelled: which vertices have a label, shape [vertices]; None where labels play no part.
        vertex_type: of these vertices.
    """
    if without.all():
        yield (
            f"No edges lead from other vertices to those of {vertex_type}: the graph adds nothing, each is judged by its "
            "own attributes."
        )
    elif labelled is not None and 2 * (count := int((without & labelled).sum())) > (num := int(labelled.sum())):
        yield (
            f"{count} of the {num} labelled vertices of {vertex_type} have no incoming edge from another vertex, so that "
            "each is judged by its own attributes; if the edges should lead to them, store reversed edges as well."
        )
