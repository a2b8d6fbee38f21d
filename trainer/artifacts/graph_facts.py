"""The part `graph` of `metrics.json`: what was loaded, and what the model was made to see of it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from trainer.dataset.dataset import Dataset
from trainer.dataset.edges.edge_set import EdgeSet
from trainer.dataset.labels.split import PARTS
from trainer.dataset.vertex_set import VertexSet
from trainer.graph.edge_type import EdgeType
from trainer.graph.graph import Graph


def describe_graph(graph: Graph, dataset: Dataset, messages: str) -> dict[str, Any]:
    """Collections as they are stored, then vertex types and relations as the model sees them.

    Args:
        graph: as it was loaded.
        dataset: as the model sees it.
        messages: the setting MESSAGES.
    """
    return {
        "vertices": graph.num_vertices,
        "edges": graph.num_edges,
        "vertex_collections": {
            name: {"vertices": len(table), "attributes": table.attributes} for name, table in graph.vertices.items()
        },
        "edge_collections": _edge_collections(graph),
        "isolated_vertices": graph.isolated(),
        "missing_values": _missing_values(graph, dataset),
        "messages": messages,
        "types": [
            _type(vertices, name == dataset.inputs.target_type) for name, vertices in dataset.inputs.vertices.items()
        ],
        "relations": [_relation(edge_type, edges) for edge_type, edges in dataset.inputs.edges.items()],
        "graphs": _graphs(graph, dataset),
        "warnings": dataset.inputs.warnings,
    }


def _missing_values(graph: Graph, dataset: Dataset) -> dict[str, int]:
    """Vertices without a value by attribute; of a feature also those of collections that lack it while their type has it."""
    missing: Counter[str] = Counter()
    for table in graph.vertices.values():
        missing.update({name: int(column.missing.sum()) for name, column in table.columns.items()})
    for vertices in dataset.inputs.vertices.values():
        for feature in vertices.features:
            tables = (graph.vertices[name] for name in vertices.collections)
            missing[feature.name] += sum(len(table) for table in tables if feature.name not in table.columns)
    return {name: count for name, count in missing.items() if count}


def _edge_collections(graph: Graph) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for definition in graph.definition.edges:
        tables = [table for table in graph.edges if table.name == definition.collection]
        found[definition.collection] = {
            "from": list(definition.sources),
            "to": list(definition.targets),
            "edges": sum(map(len, tables)),
            "dangling": graph.dangling.get(definition.collection, 0),
            "self_loops": sum(table.self_loops for table in tables),
            "duplicates": sum(table.duplicates for table in tables),
        }
    return found


def _type(vertices: VertexSet, is_target: bool) -> dict[str, Any]:
    counts = np.bincount(vertices.collection, minlength=len(vertices.collections)).tolist()
    return {
        "name": vertices.name,
        "target": is_target,
        "collections": dict(zip(vertices.collections, counts, strict=True)),
        "vertices": len(vertices),
        "features": len(vertices.features),
        "columns": int(vertices.x.shape[1]),
        "time_field": vertices.time.field if vertices.time else None,
    }


def _relation(edge_type: EdgeType, edges: EdgeSet) -> dict[str, Any]:
    source, name, target = edge_type
    index = edges.index
    return {
        "source": source,
        "name": name,
        "target": target,
        "collections": list(edges.collections),
        "reverse_of": list(edges.reverse_of) if edges.reverse_of else None,
        "edges": len(edges),
        "self_loops": int((index[0] == index[1]).sum()) if source == target else 0,
        "duplicates": int((index[:, 1:] == index[:, :-1]).all(axis=0).sum()),
        "from_future": edges.from_future,
        "dropped": edges.dropped,
        "weights": _weights(edges),
    }


def _weights(edges: EdgeSet) -> dict[str, Any] | None:
    """How the weights lie, None for a relation without."""
    if edges.weight is None:
        return None
    known = edges.weight[~np.isnan(edges.weight)].astype(np.float64)
    told = {"min": known.min(), "mean": known.mean(), "max": known.max()} if len(known) else {}
    return {"missing": len(edges.weight) - len(known)} | {name: float(value) for name, value in told.items()}


def _graphs(graph: Graph, dataset: Dataset) -> list[dict[str, Any]] | None:
    """The rows of the target type in each of several graphs, and their parts; None for one graph."""
    if dataset.inputs.graph_of_row is None:
        return None
    names = [definition.name for definition in graph.definitions]
    whole = np.bincount(dataset.inputs.graph_of_row, minlength=len(names))
    parts = {
        part: np.bincount(dataset.inputs.graph_of_row[dataset.split.mask(part)], minlength=len(names)) for part in PARTS
    }
    return [
        {"name": name, "vertices": int(whole[place])} | {part: int(count[place]) for part, count in parts.items()}
        for place, name in enumerate(names)
    ]
