"""Labelled vertices to which no edge leads are counted, and warned of once where they are most."""

from __future__ import annotations

from typing import Any

import pytest

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings
from tests.dataset.typed_graphs import Documents, Links, typed_graph
from trainer.artifacts.graph_facts import describe_graph
from trainer.dataset.dataset import Dataset
from trainer.graph.graph import Graph

NUM = 200
SENTENCE = "labelled vertices of {} have no incoming edge from another vertex"


def vertices(labelled: range) -> list[dict[str, Any]]:
    """So many vertices, some of them labelled."""
    return [{"a": n % 7, "b": n % 11, "ts": n} | ({"y": n % 2} if n in labelled else {}) for n in range(NUM)]


def edges(sources: range, targets: range) -> list[tuple[str, str]]:
    """Edges between vertices that `make_graph` numbers."""
    return [(f"k{s:05}", f"k{t:05}") for s, t in zip(sources, targets, strict=True)]


def dataset(graph: Graph, **values: Any) -> Dataset:
    """The dataset with the label `y`."""
    return build_dataset(graph, make_settings(**{"target": "y"} | values))


def counts(graph: Graph, result: Dataset) -> tuple[int, int]:
    """What the record says: of all labelled vertices, and of those in training."""
    without = describe_graph(graph, result, "as_stored").without_incoming
    assert without is not None
    return without.labelled, without.train


def warnings(result: Dataset) -> list[str]:
    """What is said about incoming edges."""
    return [text for text in result.inputs.warnings if "incoming" in text or "No edges lead" in text]


def test_edges_that_lead_away_from_all_labelled_vertices() -> None:
    """The first half is labelled and sends, the second half receives."""
    graph = make_graph(vertices(range(100)), edges(range(100), range(100, 200)))
    result = dataset(graph, split="random")
    assert counts(graph, result) == (100, 70)
    assert warnings(result) == [
        "100 of the 100 labelled vertices of v have no incoming edge from another vertex, so that each is judged by its "
        "own attributes; if the edges should lead to them, store reversed edges as well."
    ]


@pytest.mark.parametrize(("receivers", "is_said"), [(0, True), (49, True), (50, False), (51, False), (100, False)])
def test_half_that_receives_is_enough(receivers: int, is_said: bool) -> None:
    """More than half without is a warning; the number is in the record in any case."""
    ends = edges(range(100, 200), range(100, 200))[:1] + edges(range(100, 100 + receivers), range(receivers))
    graph = make_graph(vertices(range(100)), [*ends, ("k00198", "k00199")])
    result = dataset(graph)
    assert counts(graph, result)[0] == 100 - receivers
    assert [SENTENCE.format("v") in text for text in warnings(result)] == [True] * is_said


def test_self_loops_bring_nothing() -> None:
    """What a vertex sends to itself it knows."""
    loops = edges(range(100), range(100))
    graph = make_graph(vertices(range(100)), [*loops, ("k00150", "k00151")])
    assert counts(graph, dataset(graph))[0] == 100


def test_edges_that_causal_messages_drop_do_not_count() -> None:
    """Later vertices lead to the labelled ones; without the future nothing does."""
    graph = make_graph(vertices(range(100)), [*edges(range(100, 200), range(100)), ("k00100", "k00101")])
    stored, causal = dataset(graph), dataset(graph, messages="causal")
    assert (counts(graph, stored)[0], warnings(stored)) == (0, [])
    assert counts(graph, causal)[0] == 100
    assert [SENTENCE.format("v") in text for text in warnings(causal)] == [True]


def test_every_relation_counts() -> None:
    """A third of the candles have one before them, all touch a level, whose edges come back under `rev_`."""
    candles = [{"_key": f"{n:03}", "ts": n, "a": n % 7, "y": n % 2} for n in range(60)]
    levels: Documents = [{"_key": str(n), "price": n} for n in range(6)]
    following: Links = [(f"candles/{n:03}", f"candles/{n + 1:03}") for n in range(0, 60, 3)]
    touching: Links = [(f"candles/{n:03}", f"levels/{n % 6}") for n in range(60)]
    alone = typed_graph({"candles": candles}, {"next": following})
    both = typed_graph({"candles": candles, "levels": levels}, {"next": following, "touch": touching})
    results = [dataset(graph) for graph in (alone, both)]
    assert [counts(graph, result)[0] for graph, result in zip((alone, both), results, strict=True)] == [40, 0]
    assert [len(warnings(result)) for result in results] == [1, 0]


def test_graph_whose_edges_reach_no_vertex_to_predict_says_it_once() -> None:
    """The sentence on the whole type says more than that on its labelled vertices."""
    graph = make_graph(vertices(range(100)))
    result = dataset(graph)
    assert counts(graph, result)[0] == 100
    assert ["No edges lead" in text for text in warnings(result)] == [True]
