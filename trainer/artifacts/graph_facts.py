"""The part `graph` of `metrics.json`: what was loaded, and what the model was made to see of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

import numpy as np

from trainer.dataset.dataset import Dataset
from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.labels.split import PARTS
from trainer.dataset.vertex_set import VertexSet
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import Graph
from trainer.record import (
    Decisions,
    EdgeCollection,
    GraphParts,
    GraphRecord,
    Relation,
    VertexCollection,
    VertexType,
    Weights,
    WithoutIncoming,
)


def describe_graph(graph: Graph, dataset: Dataset, messages: str) -> GraphRecord:
    """Collections as they are stored, then vertex types and relations as the model sees them.

    Args:
        graph: as it was loaded.
        dataset: as the model sees it.
        messages: the setting MESSAGES.
    """
    inputs = dataset.inputs
    return GraphRecord(
        vertices=graph.num_vertices,
        edges=graph.num_edges,
        vertex_collections={
            name: VertexCollection(vertices=len(table), attributes=table.attributes)
            for name, table in graph.vertices.items()
        },
        edge_collections=_edge_collections(graph),
        isolated_vertices=graph.isolated(),
        missing_values=_missing_values(graph, dataset),
        messages=messages,
        types=[_vertex_type(vertices, name == inputs.target_type) for name, vertices in inputs.vertices.items()],
        relations=[_relation(edge_type, edges) for edge_type, edges in inputs.edges.items()],
        graphs=_graphs(graph, dataset),
        without_incoming=_without_incoming(dataset),
        warnings=inputs.warnings,
        decisions=Decisions.model_validate(asdict(dataset.decisions)),
    )


def _missing_values(graph: Graph, dataset: Dataset) -> dict[str, int]:
    """Vertices without a value by attribute; of a feature also those that lack it or hold something else."""
    missing: Counter[str] = Counter()
    features = {
        (name, feature.name)
        for vertices in dataset.inputs.vertices.values()
        for name in vertices.collections
        for feature in vertices.features
    }
    for table in graph.vertices.values():
        missing.update(
            {
                name: int(column.missing.sum())
                for name, column in table.columns.items()
                if (table.name, name) not in features
            }
        )
    for vertices in dataset.inputs.vertices.values():
        missing.update({feature.name: feature.missing for feature in vertices.features})
    return {name: count for name, count in missing.items() if count}


def _edge_collections(graph: Graph) -> dict[str, EdgeCollection]:
    collections = {}
    for definition in graph.definition.edges:
        tables = [table for table in graph.edges if table.name == definition.collection]
        collections[definition.collection] = EdgeCollection(
            sources=list(definition.sources),
            targets=list(definition.targets),
            edges=sum(map(len, tables)),
            dangling=graph.dangling.get(definition.collection, 0),
            self_loops=sum(table.self_loops for table in tables),
            duplicates=sum(table.duplicates for table in tables),
        )
    return collections


def _vertex_type(vertices: VertexSet, is_target: bool) -> VertexType:
    counts = np.bincount(vertices.collection, minlength=len(vertices.collections)).tolist()
    return VertexType(
        name=vertices.name,
        target=is_target,
        collections=dict(zip(vertices.collections, counts, strict=True)),
        vertices=len(vertices),
        features=len(vertices.features),
        columns=int(vertices.x.shape[1]),
        time_field=vertices.time.field if vertices.time else None,
    )


def _relation(edge_type: EdgeType, edges: EdgeSet) -> Relation:
    source, name, target = edge_type
    index = edges.index
    return Relation(
        source=source,
        name=name,
        target=target,
        collections=list(edges.collections),
        reverse_of=list(edges.reverse_of) if edges.reverse_of else None,
        edges=len(edges),
        self_loops=int((index[0] == index[1]).sum()) if source == target else 0,
        duplicates=int((index[:, 1:] == index[:, :-1]).all(axis=0).sum()),
        from_future=edges.from_future,
        dropped=edges.dropped,
        weights=_weights(edges),
    )


def _weights(edges: EdgeSet) -> Weights | None:
    """How the weights are distributed, None for a relation without."""
    if edges.weight is None:
        return None
    known = edges.weight[~np.isnan(edges.weight)].astype(np.float64)
    missing = len(edges.weight) - len(known)
    if not len(known):
        return Weights(missing=missing)
    return Weights(missing=missing, min=known.min(), mean=known.mean(), max=known.max())


def _without_incoming(dataset: Dataset) -> WithoutIncoming:
    without = dataset.inputs.without_incoming()
    labelled, train = dataset.target.labelled, dataset.split.mask("train")
    return WithoutIncoming(labelled=int((without & labelled).sum()), train=int((without & train).sum()))


def _graphs(graph: Graph, dataset: Dataset) -> list[GraphParts] | None:
    """The rows of the target type in each of several graphs, and their parts; None for one graph."""
    row_graphs = dataset.inputs.graph_of_row
    if row_graphs is None:
        return None
    names = [definition.name for definition in graph.definitions]
    sizes = np.bincount(row_graphs, minlength=len(names))
    parts = {part: np.bincount(row_graphs[dataset.split.mask(part)], minlength=len(names)) for part in PARTS}
    return [
        GraphParts(name=name, vertices=sizes[number], **{part: count[number] for part, count in parts.items()})
        for number, name in enumerate(names)
    ]
