"""Graphs of several collections, built as a source builds them, and markets of candles and levels."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trainer.graph.building.edge_builder import Edges, EdgeTableBuilder
from trainer.graph.building.texts import Texts
from trainer.graph.building.vertex_builder import VertexTableBuilder
from trainer.graph.building.vertex_index import VertexIndex
from trainer.graph.graph import EdgeDefinition, EdgeTable, Graph, GraphDefinition

Documents = Sequence[Mapping[str, Any]]
Links = Iterable[tuple[str, str] | tuple[str, str, Any]]


def typed_graph(
    vertices: Mapping[str, Documents],
    edges: Mapping[str, Links] | None = None,
    graphs: Mapping[str, Sequence[str]] | None = None,
    ends: Mapping[str, tuple[Sequence[str], Sequence[str]]] | None = None,
) -> Graph:
    """A graph of these documents, each with its `_key`.

    Args:
        vertices: the documents of each vertex collection.
        edges: handles of source and target of each edge, and its weight where it has one, per edge collection.
        graphs: the collections, of vertices and edges, of each of several graphs; one graph `g` of all without.
        ends: the vertex collections of an edge collection; those that its edges have without.
    """
    tables = [_table(name, documents) for name, documents in sorted(vertices.items())]
    index = VertexIndex(tables)
    edge_tables: list[EdgeTable] = []
    dangling: dict[str, int] = {}
    definitions: dict[str, EdgeDefinition] = {}
    for name, result in (edges or {}).items():
        whole = [(*edge, None)[:3] for edge in result]
        builder = EdgeTableBuilder(name, index, "weight" if any(weight is not None for *_, weight in whole) else None)
        sources, targets = (Texts.of([edge[side] for edge in whole]) for side in (0, 1))
        builder.append(Edges(sources, targets, [weight for *_, weight in whole] if builder.weight else []))
        edge_tables += builder.finish()
        dangling[name] = builder.dangling
        present = [sorted({edge[side].partition("/")[0] for edge in whole} & {*vertices}) for side in (0, 1)]
        definitions[name] = EdgeDefinition(name, *map(tuple, (ends or {}).get(name, present)))
    named = graphs or {"g": [*vertices, *definitions]}
    known = tuple(
        GraphDefinition(
            graph,
            tuple(_within(definitions[name], members) for name in members if name in definitions),
            tuple(name for name in members if name in vertices),
        )
        for graph, members in named.items()
    )
    return Graph(known, {table.name: table for table in tables}, edge_tables, dangling)


def _within(edge: EdgeDefinition, members: Sequence[str]) -> EdgeDefinition:
    sources, targets = (tuple(name for name in side if name in members) for side in (edge.sources, edge.targets))
    return EdgeDefinition(edge.collection, sources, targets)


def _table(name: str, documents: Documents) -> Any:
    builder = VertexTableBuilder(name, lambda attribute: True)
    builder.append([str(document["_key"]) for document in documents], list(map(dict, documents)))
    return builder.finish()[0]


START = 1_717_200_000_000
STEP = 300_000


def candles(symbol: str, num: int, first: int = 0, **more: Any) -> list[dict[str, Any]]:
    """Candles of a symbol in the order of time, from step `first` on."""
    shift = sum(map(ord, symbol)) % 7
    return [
        {
            "_key": f"{symbol}-{START + index * STEP}",
            "ts": START + index * STEP,
            "close": float((index * 7 + shift) % 11),
            "volume": float((index * 3 + shift) % 5),
            "price_up": (index * 5 + shift) // 2 % 2,
        }
        | more
        for index in range(first, first + num)
    ]


def chain(collection: str, documents: Documents) -> list[tuple[str, str]]:
    """Links from each document to the next."""
    keys = [f"{collection}/{document['_key']}" for document in documents]
    return list(itertools.pairwise(keys))


def levels(num: int) -> list[dict[str, Any]]:
    """Price levels, without a time."""
    return [{"_key": f"L{index}", "level_price": 10.0 * index, "strength": index % 3} for index in range(num)]


def market(symbols: Sequence[str] = ("btcusdt", "ethusdt", "solusdt"), num: int = 20, **names: str) -> Graph:
    """Candles per symbol joined in time, and levels that the candles of all symbols touch."""
    vertices: dict[str, Documents] = {f"candles_{symbol}_5m": candles(symbol.upper(), num) for symbol in symbols}
    edges: dict[str, Links] = {
        f"next_{symbol}_5m": chain(f"candles_{symbol}_5m", vertices[f"candles_{symbol}_5m"]) for symbol in symbols
    }
    touches = [
        (f"{name}/{document['_key']}", f"levels_sr_5m/L{index % 4}")
        for name, documents in vertices.items()
        for index, document in enumerate(documents)
        if index % 3 == 0
    ]
    vertices["levels_sr_5m"] = levels(4)
    return typed_graph(vertices, edges | {"candle_to_level": touches})
