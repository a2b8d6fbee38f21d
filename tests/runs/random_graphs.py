"""Small heterogeneous graphs as hypothesis draws them: uneven documents, empty collections, edges that lead nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from tests.conftest import write_collection, write_graph

Document = dict[str, Any]
TARGETS = "candles"
OTHERS = ("levels", "news", "heatmap")
ATTRIBUTES = ("open", "rsi", "volume")


@dataclass(frozen=True)
class RandomGraph:
    """Vertices and edges by collection, and the orphans."""

    vertices: dict[str, list[Document]]
    edges: dict[str, list[Document]]
    definitions: list[dict[str, Any]]
    orphans: list[str]

    def write(self, folder: Path, order: Sequence[int] | None = None) -> None:
        """Write the graph `g`; `order` numbers stand for another order of the documents."""
        for collections, edge in ((self.vertices, False), (self.edges, True)):
            for name, documents in collections.items():
                ranks = {} if order is None else {n: order[n % len(order)] for n in range(len(documents))}
                rows = sorted(range(len(documents)), key=lambda n: (ranks.get(n, n), -n if ranks else n))
                write_collection(folder, name, [documents[n] for n in rows], edge=edge)
        write_graph(folder, "g", self.definitions, self.orphans)

    def dangling(self, collection: str) -> int:
        """Number of edges of which an end does not exist or has no place in the definition."""
        (definition,) = (one for one in self.definitions if one["collection"] == collection)
        there = {f"{name}/{document['_key']}" for name, documents in self.vertices.items() for document in documents}
        return sum(
            edge["_from"] not in there or edge["_to"] not in there or not _fits(edge, definition)
            for edge in self.edges[collection]
        )


def _fits(edge: Document, definition: dict[str, Any]) -> bool:
    return edge["_from"].partition("/")[0] in definition["from"] and edge["_to"].partition("/")[0] in definition["to"]


@st.composite
def random_graphs(draw: st.DrawFn) -> RandomGraph:
    """A graph whose candles have labels, times and a few attributes; all else is as it happens to be."""
    # The same keys in every collection: an _id is unique, a _key is not.
    vertices = {TARGETS: [_candle(draw, n) for n in range(draw(st.integers(24, 40)))]}
    for name in OTHERS:
        attributes = draw(st.sets(st.sampled_from(ATTRIBUTES)))
        vertices[name] = [
            {"_key": f"k{n:03}"} | {attribute: draw(_number()) for attribute in sorted(attributes)}
            for n in range(draw(st.integers(0, 6)))
        ]
    pairs = draw(st.lists(st.tuples(_collection(), _collection()), min_size=1, max_size=5, unique=True))
    definitions, edges = [], {}
    for number, (source, target) in enumerate(pairs):
        name = f"e{number}"
        both_ways = draw(st.booleans()) and source != target
        sources, targets = ({source, target},) * 2 if both_ways else ({source}, {target})
        definitions.append({"collection": name, "from": sorted(sources), "to": sorted(targets)})
        edges[name] = [
            {"_key": str(n)} | _ends(draw, sorted(sources), sorted(targets), vertices)
            for n in range(draw(st.integers(0, 12)))
        ]
    used = {name for definition in definitions for name in (*definition["from"], *definition["to"])}
    return RandomGraph(vertices, edges, definitions, sorted(vertices.keys() - used))


def _collection() -> st.SearchStrategy[str]:
    return st.sampled_from((TARGETS, *OTHERS))


def _number() -> st.SearchStrategy[Any]:
    plain = st.floats(-100, 100, width=32)
    return st.one_of(plain, st.none(), plain.map(lambda value: f"{value:.3f}"))


def _candle(draw: st.DrawFn, number: int) -> Document:
    document = {"_key": f"k{number:03}", "ts": 1_717_200_000 + number * 60, "y": number % 2, "open": number % 5}
    if draw(st.booleans()):
        document["rsi"] = draw(_number())
    if number % 6 == 5 and draw(st.booleans()):
        document["y"] = None
    return document


def _ends(
    draw: st.DrawFn, sources: Sequence[str], targets: Sequence[str], vertices: dict[str, list[Document]]
) -> Document:
    """The ends of an edge, a tenth of which lead nowhere."""
    ends = []
    for collections in (sources, targets):
        collection = draw(st.sampled_from(collections))
        documents = vertices[collection]
        number = draw(st.integers(0, max(len(documents), 1) + len(documents) // 9))
        key = documents[number]["_key"] if number < len(documents) else "nobody"
        ends.append(f"{collection}/{key}")
    return {"_from": ends[0], "_to": ends[1]}
