"""Random small graphs of several types: missing attributes, empty collections, isolated types, dangling edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.dataset.typed_graphs import typed_graph
from trainer.graph.graph import Graph

COLLECTIONS = ("candles_a", "candles_b", "levels_sr", "heatmap_x", "heatmap_y", "news")
EDGE_COLLECTIONS = ("next_a", "next_b", "touch", "mention", "mention_1")
KEYS = [f"k{n}" for n in range(8)]
NUMBER = st.one_of(st.none(), st.integers(-5, 5), st.floats(-1e3, 1e3, width=32))
ATTRIBUTES: dict[str, st.SearchStrategy[Any]] = {
    "p": NUMBER,
    "q": NUMBER,
    "text": st.one_of(st.none(), st.sampled_from(["up", "down"])),
    "vector": st.one_of(st.none(), st.lists(st.floats(-9, 9, width=32), min_size=2, max_size=2)),
    "mixed": st.one_of(NUMBER, st.sampled_from(["x", "7"])),
    "ts": st.one_of(st.none(), st.integers(0, 9)),
    "y": st.one_of(st.none(), st.integers(0, 1)),
}
LATER = st.fixed_dictionaries({}, optional={name: ATTRIBUTES[name] for name in ("q", "text", "vector", "ts")})
FEATURES = st.lists(st.sampled_from(["p", "q", "text", "vector", "mixed"]), unique=True, max_size=3)


@dataclass(frozen=True)
class Parts:
    """What a graph is made of, in an order that can be changed."""

    vertices: dict[str, list[dict[str, Any]]]
    edges: dict[str, list[tuple[str, str, float | None]]]
    several: bool

    def graph(self) -> Graph:
        """The graph, or two graphs that share the news."""
        if not self.several:
            return typed_graph(self.vertices, self.edges, ends=self._ends())
        names = [*self.vertices, *self.edges]
        first = [name for name in names if name.endswith(("_a", "_x", "_sr", "news", "touch"))]
        second = [name for name in names if name not in first or name == "news"]
        first += [name for name in names if name.startswith("mention")]
        return typed_graph(self.vertices, self.edges, {"g": first, "h": second}, self._ends())

    def _ends(self) -> dict[str, tuple[list[str], list[str]]]:
        return {name: (list(self.vertices), list(self.vertices)) for name in self.edges}

    def shuffled(self, random: Any) -> Parts:
        """The same documents in another order."""
        vertices = {name: random.sample(rows, len(rows)) for name, rows in self.vertices.items()}
        edges = {name: random.sample(rows, len(rows)) for name, rows in self.edges.items()}
        return Parts(vertices, edges, self.several)


@st.composite
def parts(draw: DrawFn) -> Parts:
    """Collections with attributes of their own, documents that lack some, and edges between any of them."""
    names = draw(st.lists(st.sampled_from(COLLECTIONS), min_size=1, max_size=5, unique=True))
    names = sorted(names)
    vertices = {}
    for name in names:
        has = draw(st.lists(st.sampled_from(sorted(ATTRIBUTES)), unique=True, min_size=1))
        row = st.fixed_dictionaries({}, optional={attribute: ATTRIBUTES[attribute] for attribute in has})
        keys = draw(st.lists(st.sampled_from(KEYS), unique=True))
        vertices[name] = [{"_key": key} | draw(row) for key in keys]
    vertices[names[0]] = [
        {"_key": key, "y": index % 2, "p": float(index % 5), "ts": index}
        | draw(st.fixed_dictionaries({}, optional=ATTRIBUTES))
        for index, key in enumerate(KEYS)
    ]
    there = [f"{name}/{document['_key']}" for name, documents in vertices.items() for document in documents]
    handle = st.sampled_from([*there, f"{names[0]}/nowhere", "nowhere/k0"])
    weight = st.one_of(st.none(), st.floats(0, 4, width=32))
    chosen = draw(st.lists(st.sampled_from(EDGE_COLLECTIONS), min_size=1, max_size=4, unique=True))
    edges = {name: draw(st.lists(st.tuples(handle, handle, weight), max_size=15)) for name in chosen}
    return Parts(vertices, edges, several=draw(st.booleans()))


SETTINGS = st.fixed_dictionaries(
    {
        "target": st.just("y"),
        "target_collection": st.sampled_from([[], ["first"], ["first"]]),
        "features": FEATURES,
        "split": st.sampled_from(["auto", "random", "temporal", "graph"]),
        "messages": st.sampled_from(["as_stored", "causal"]),
        "edge_weight": st.sampled_from([None, "weight"]),
        "model_type": st.sampled_from(["GCN", "GraphConv"]),
        "embargo": st.sampled_from([0, 0, 0, 1]),
        "val_ratio": st.sampled_from([0, 0.2]),
        "test_ratio": st.sampled_from([0, 0.2]),
    }
)
