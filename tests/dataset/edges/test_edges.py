"""Edges as a model gets them: ordered, weighted, with reverse relations, and kept from the future."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.composed import build_dataset
from tests.conftest import make_settings
from tests.dataset.typed_graphs import Documents, Links, market, typed_graph
from trainer.dataset.dataset import Dataset
from trainer.dataset.edges import leakage
from trainer.errors import DataError
from trainer.graph.graph import Graph

NEXT = ("c", "next", "c")
TOUCH = ("c", "touch", "s")
BACK = ("s", "rev_touch", "c")


def rows(num: int = 20) -> list[dict[str, Any]]:
    """Labelled documents in the order of time."""
    return [{"_key": f"{n:03}", "ts": 1000 + n, "a": n % 7, "y": n % 2} for n in range(num)]


def without(documents: Documents, *names: str) -> list[dict[str, Any]]:
    """The documents without some attributes."""
    return [{name: value for name, value in document.items() if name not in names} for document in documents]


def dataset(graph: Graph, **values: Any) -> Dataset:
    """The dataset with the label `y`."""
    return build_dataset(graph, make_settings(**{"target": "y"} | values))


def plain(edges: Links, **values: Any) -> Dataset:
    """Vertices `c` in the order of time, with these edges `next`."""
    return dataset(typed_graph({"c": rows()}, {"next": edges}), **values)


def two_types(touches: Links, of_s: Documents, **values: Any) -> Dataset:
    """Vertices `c` and `s`, with edges from `c` to `s`."""
    return dataset(typed_graph({"c": rows(), "s": of_s}, {"touch": touches}), **values)


def test_edges_of_a_relation_are_in_order_of_target_and_source() -> None:
    """Whatever collections they come from."""
    result = build_dataset(market(), make_settings(target="price_up"))
    for edge_type, edges in result.inputs.edges.items():
        order = np.lexsort((edges.index[0], edges.index[1]))
        assert (order == np.arange(len(edges))).all(), edge_type


def test_edges_join_the_vertices_that_they_name() -> None:
    """Rows of the type, not of the collection."""
    result = build_dataset(market(num=6), make_settings(target="price_up", val_ratio=0.2, test_ratio=0.2))
    ids = result.inputs.vertices["candles_5m"].ids()
    pairs = {(ids[s], ids[t]) for s, t in result.inputs.edges["candles_5m", "next_5m", "candles_5m"].index.T.tolist()}
    expected = {
        (str(row), str(later))
        for table in market(num=6).vertices.values()
        if table.name.startswith("candles")
        for row, later in zip(
            [f"{table.name}/{key.decode()}" for key in table.keys.tolist()],
            [f"{table.name}/{key.decode()}" for key in table.keys.tolist()][1:],
            strict=False,
        )
    }
    assert pairs == expected


def test_relation_between_types_gets_a_reverse() -> None:
    """Each edge comes back under `rev_`, with its weight."""
    touches: Links = [("c/000", "s/1", 2.0), ("c/001", "s/0", 3.0), ("c/002", "s/1", 4.0)]
    result = two_types(
        touches, [{"_key": "0", "p": 1}, {"_key": "1", "p": 2}], edge_weight="weight", model_type="GraphConv"
    )
    forward, back = result.inputs.edges[TOUCH], result.inputs.edges[BACK]
    assert forward.index.tolist() == [[1, 0, 2], [0, 1, 1]]
    assert back.index.tolist() == [[1, 0, 1], [0, 1, 2]]
    assert forward.weight is not None
    assert back.weight is not None
    assert (forward.weight.tolist(), back.weight.tolist()) == ([3, 2, 4], [2, 3, 4])
    assert (back.reverse_of, forward.reverse_of) == (TOUCH, None)


def test_stored_reverse_needs_no_other() -> None:
    """A graph that stores edges both ways gets no reverse ones."""
    graph = typed_graph(
        {"c": rows(), "s": [{"_key": "0", "p": 1}]}, {"touch": [("c/001", "s/0")], "back": [("s/0", "c/002")]}
    )
    assert set(dataset(graph).inputs.edges) == {TOUCH, ("s", "back", "c")}


def test_relation_within_a_type_gets_no_reverse() -> None:
    """Time has a direction."""
    assert set(plain([("c/000", "c/001")]).inputs.edges) == {NEXT}


def test_graph_without_edges_has_one_empty_relation() -> None:
    """A model needs a relation, and sees each vertex alone."""
    result = plain([])
    assert result.inputs.is_homogeneous
    assert result.inputs.edge_index.shape == (2, 0)


def test_missing_weight_is_one() -> None:
    """The warning counts them."""
    result = plain([("c/000", "c/001", 2.5), ("c/001", "c/002")], edge_weight="weight", model_type="GraphConv")
    weight = result.inputs.edges[NEXT].weight
    assert weight is not None
    assert weight.tolist() == [2.5, 1.0]
    assert "1 of 2 edges of next (c to c) have no weight and get 1." in result.inputs.warnings


def test_weight_that_no_edge_has_is_refused() -> None:
    """The sentence names the collections that were read."""
    with pytest.raises(DataError, match=r"No edge has the attribute EDGE_WEIGHT='weight'; .*next"):
        plain([("c/000", "c/001")], edge_weight="weight", model_type="GraphConv")


def test_negative_weight_is_refused_by_gcn_only() -> None:
    """GCN takes the root of their sums."""
    edges: Links = [("c/000", "c/001", -1.0)]
    with pytest.raises(DataError, match="negative on edges of next"):
        plain(edges, edge_weight="weight", model_type="GCN")
    assert plain(edges, edge_weight="weight", model_type="GraphConv").inputs.edges[NEXT].weight is not None


def test_edges_from_the_future_are_counted_and_kept_as_stored() -> None:
    """One warning with the numbers."""
    result = plain([("c/000", "c/001"), ("c/005", "c/002"), ("c/003", "c/003")])
    assert (
        len(result.inputs.edges[NEXT]),
        result.inputs.edges[NEXT].from_future,
        result.inputs.edges[NEXT].dropped,
    ) == (3, 1, 0)
    assert [warning for warning in result.inputs.warnings if "future" in warning] == [
        "1 of 3 edges of next (c to c) carry the future into the past, so that a model sees what it would not know; "
        "MESSAGES=causal drops them."
    ]


def test_all_edges_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many edges are looked at in portions; the count and what is dropped are those of all."""
    monkeypatch.setattr(leakage, "_CHUNK", 2)
    edges: Links = [(f"c/{source:03}", f"c/{target:03}") for source, target in ((0, 1), (5, 2), (3, 4), (9, 5), (8, 7))]
    assert plain(edges).inputs.edges[NEXT].from_future == 3
    assert plain(edges, messages="causal").inputs.edges[NEXT].index.tolist() == [[0, 3], [1, 4]]


def test_causal_messages_drop_edges_from_the_future() -> None:
    """Edges between equal times and self-loops stay, weights stay with their edges."""
    edges: Links = [("c/000", "c/001", 1.0), ("c/005", "c/002", 2.0), ("c/003", "c/003", 3.0)]
    result = plain(edges, messages="causal", edge_weight="weight", model_type="GraphConv")
    kept = result.inputs.edges[NEXT]
    assert kept.weight is not None
    assert (kept.index.tolist(), kept.weight.tolist(), kept.dropped) == ([[0, 3], [1, 3]], [1.0, 3.0], 1)
    assert any("1 of 3 edges of next (c to c) were dropped" in warning for warning in result.inputs.warnings)


def test_vertex_without_a_time_receives_nothing_from_those_with_one() -> None:
    """It counts as older than all; what it would receive might go on to an earlier vertex."""
    documents = [*rows(), {"_key": "zzz", "a": 1, "y": 0}]
    graph = typed_graph({"c": documents}, {"next": [("c/000", "c/zzz"), ("c/zzz", "c/003"), ("c/zzz", "c/zzz")]})
    assert dataset(graph, messages="causal").inputs.edges[NEXT].index.tolist() == [[20, 20], [3, 20]]


def test_type_without_a_time_sends_but_does_not_receive() -> None:
    """Levels are known to all candles, and know of none."""
    touches: Links = [("c/000", "s/0"), ("c/001", "s/0")]
    result = two_types(touches, [{"_key": "0", "p": 1}], messages="causal")
    assert (len(result.inputs.edges[TOUCH]), result.inputs.edges[TOUCH].dropped) == (0, 2)
    assert (len(result.inputs.edges[BACK]), result.inputs.edges[BACK].dropped) == (2, 0)


def test_leak_over_a_type_without_a_time_is_warned_of() -> None:
    """Two hops carry the future into the past, though no edge does."""
    result = two_types([("c/000", "s/0"), ("c/001", "s/0")], [{"_key": "0", "p": 1}])
    assert any(
        warning.startswith("s: no time, but edges from and to vertices with one") for warning in result.inputs.warnings
    )


def test_leak_over_vertices_that_lack_a_time_is_warned_of() -> None:
    """Their type has a time, they have none: the future goes through them as through a type without."""
    documents = [*rows(), {"_key": "zzz", "a": 1, "y": 0}]
    through: list[tuple[str, str]] = [("c/009", "c/zzz"), ("c/zzz", "c/003")]
    result = dataset(typed_graph({"c": documents}, {"next": through}))
    assert any(warning.startswith("1 vertices of c have no 'ts', but edges") for warning in result.inputs.warnings)
    only_receives = dataset(typed_graph({"c": documents}, {"next": through[:1]}))
    assert not any("through them" in warning for warning in only_receives.inputs.warnings)


@pytest.mark.parametrize(("factor", "kept"), [(1, [0, 1]), (1000, [0, 1])])
def test_times_in_other_units_are_compared(factor: int, kept: list[int]) -> None:
    """Seconds with milliseconds, exactly."""
    base = 1_717_200_000
    ours = [document | {"ts": base + index} for index, document in enumerate(rows())]
    theirs = [{"_key": str(n), "p": n, "ts": (base + n) * factor} for n in range(3)]
    edges: Links = [("c/000", "s/0"), ("c/001", "s/1"), ("c/003", "s/2")]
    graph = typed_graph({"c": ours, "s": theirs}, {"touch": edges})
    result = dataset(graph, messages="causal")
    assert result.inputs.edges[TOUCH].index.tolist() == [kept, kept]
    assert result.inputs.edges[BACK].index.tolist() == [[0, 1, 2], [0, 1, 3]]


def test_dates_and_running_numbers_are_not_compared() -> None:
    """Where the order is not known, causal messages do not pass."""
    theirs = [{"_key": "0", "p": 1, "ts": "2024-06-01"}]
    touches: Links = [("c/000", "s/0")]
    stored = two_types(touches, theirs)
    assert stored.inputs.edges[TOUCH].from_future == 0
    assert sum("is not known; MESSAGES=causal drops them" in warning for warning in stored.inputs.warnings) == 2
    result = two_types(touches, theirs, messages="causal")
    assert (result.inputs.edges[TOUCH].dropped, result.inputs.edges[BACK].dropped) == (1, 1)
    assert any("cannot be compared" in warning for warning in result.inputs.warnings)


def test_type_that_nothing_connects_to_the_target_is_left_out() -> None:
    """It could not change a prediction."""
    graph = typed_graph({"c": rows(), "s": [{"_key": "0", "p": 1}]}, {"next": [("c/000", "c/001")]})
    result = dataset(graph)
    assert result.inputs.is_homogeneous
    assert "s: no edges lead from there to the target, they are left out." in result.inputs.warnings


NO_INBOUND = "No edges lead from other vertices to those of c"


@pytest.mark.parametrize(
    ("edges", "values", "is_isolated"),
    [
        ([], {}, True),
        ([("c/000", "c/000"), ("c/001", "c/001")], {}, True),
        ([("c/001", "c/000")], {"messages": "causal"}, True),
        ([("c/001", "c/000")], {}, False),
        ([("c/000", "c/000"), ("c/000", "c/001")], {"messages": "causal"}, False),
    ],
)
def test_target_type_without_inbound_edges_is_warned_of(
    edges: Links, values: dict[str, Any], is_isolated: bool
) -> None:
    """No edges, self-loops alone, or none left: a reader must not take the model's merits for the graph's."""
    assert any(warning.startswith(NO_INBOUND) for warning in plain(edges, **values).inputs.warnings) == is_isolated


def test_dangling_edges_are_counted() -> None:
    """An edge to a vertex that is not there is no edge."""
    result = plain([("c/000", "c/001"), ("c/000", "c/nope")])
    assert len(result.inputs.edges[NEXT]) == 1
    assert "1 edges of next are dangling and were dropped." in result.inputs.warnings


def test_causal_messages_without_any_time_drop_nothing() -> None:
    """There is no order to keep; a warning says so."""
    graph = typed_graph({"c": without(rows(), "ts")}, {"next": [("c/005", "c/001")]})
    result = dataset(graph, messages="causal")
    assert len(result.inputs.edges[NEXT]) == 1
    assert "MESSAGES=causal drops no edge: no vertex has a time." in result.inputs.warnings
