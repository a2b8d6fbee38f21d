"""Whatever a graph looks like: a dataset whose counts add up, or a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from torch_geometric.data import HeteroData

from tests.composed import build_dataset
from tests.conftest import make_settings
from tests.dataset.any_graph import SETTINGS, Parts, parts
from tests.dataset.typed_graphs import market
from trainer.dataset.dataset import Dataset
from trainer.dataset.inputs import Inputs
from trainer.dataset.transfer.other_graph import build_inputs, differences
from trainer.errors import DataError
from trainer.graph.graph import Graph

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def dataset(graph: Graph, values: dict[str, Any]) -> Dataset | str:
    """The dataset, or the sentence that says why there is none."""
    names = ",".join(definition.name for definition in graph.definitions)
    if values["target_collection"]:  # of the one that has labels in any case
        values = values | {"target_collection": [min(graph.vertices)]}
    if values["split"] == "graph" and len(graph.definitions) == 1:  # the settings refuse that
        values = values | {"split": "auto"}
    try:
        return build_dataset(graph, make_settings(**values | {"graph_name": names}))
    except DataError as error:
        return str(error)


def facts(found: Inputs) -> dict[str, Any]:
    """Everything that inputs hold."""
    return {
        "vertices": {kind: (v.x.tobytes(), v.ids()) for kind, v in found.vertices.items()},
        "edges": {
            kind: (
                e.index.tobytes(),
                None if e.weight is None else e.weight.tobytes(),
                e.reverse_of,
                e.dropped,
                e.from_future,
            )
            for kind, e in found.edges.items()
        },
        "graph_of_row": None if found.graph_of_row is None else found.graph_of_row.tolist(),
    }


def as_pyg(found: Inputs) -> HeteroData:
    """The inputs as PyG's own class."""
    data = HeteroData()
    for kind, vertices in found.vertices.items():
        data[kind].x = torch.from_numpy(vertices.x)
    for relation, edges in found.edges.items():
        data[relation].edge_index = torch.from_numpy(edges.index)
    return data


@settings(max_examples=60, suppress_health_check=QUIET)
@given(parts(), SETTINGS)
def test_any_graph_is_a_dataset_or_a_sentence(drawn: Parts, values: dict[str, Any]) -> None:
    """No other error; every vertex and edge is accounted for; PyG finds nothing wrong."""
    graph = drawn.graph()
    found = dataset(graph, values)
    if isinstance(found, str):
        event(f"refused: {found.partition('(')[0][:60]}")
        assert found.endswith(".")
        assert len(found) < 1000
        return
    event(f"{len(found.vertices)} types, {len(found.edges)} relations")
    members = {name: kind for kind, vertices in found.vertices.items() for name in vertices.collections}
    for vertices in found.vertices.values():
        assert len(vertices) == sum(len(graph.vertices[name]) for name in vertices.collections)
        assert vertices.x.shape == (len(vertices), sum(feature.width for feature in vertices.features))
        assert np.isfinite(vertices.x).all()
    inside = sum(len(table) for table in graph.edges if {table.source, table.target} <= members.keys())
    stored = [edges for edges in found.edges.values() if edges.reverse_of is None]
    assert sum(len(edges) + edges.dropped for edges in stored) == inside
    for kind, edges in found.edges.items():
        assert (np.diff(edges.index[1] * len(found.vertices[kind[0]]) + edges.index[0]) >= 0).all()
        if edges.reverse_of is not None:
            forward = found.edges[edges.reverse_of]
            assert len(forward) + forward.dropped == len(edges) + edges.dropped
    assert len(found.y) == len(found.split.part) == len(found.x)
    assert as_pyg(found.inputs).validate(raise_on_error=True)


@settings(max_examples=40, suppress_health_check=QUIET)
@given(parts(), SETTINGS, st.randoms(use_true_random=False))
def test_order_of_documents_is_no_matter(drawn: Parts, values: dict[str, Any], random: Any) -> None:
    """Neither that of vertices nor that of edges, and not for what is said."""
    one, other = (dataset(made.graph(), values) for made in (drawn, drawn.shuffled(random)))
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    assert facts(one.inputs) == facts(other.inputs)
    assert (one.y.tobytes(), one.split.part.tobytes()) == (other.y.tobytes(), other.split.part.tobytes())
    assert one.warnings == other.warnings
    assert one.schema == other.schema


@settings(max_examples=40, suppress_health_check=QUIET)
@given(parts(), SETTINGS)
def test_training_graph_gives_its_own_inputs(drawn: Parts, values: dict[str, Any]) -> None:
    """The schema makes the same of the same graph."""
    graph = drawn.graph()
    found = dataset(graph, values)
    if not isinstance(found, str):
        assert differences(graph, found.schema) == []
        assert facts(build_inputs(graph, found.schema)) == facts(found.inputs)


def heard_by(found: Dataset, rows: np.ndarray[Any, Any], hops: int) -> dict[str, set[int]]:
    """All vertices whose inputs can reach these rows of the target type."""
    heard: dict[str, set[int]] = {kind: set() for kind in found.vertices}
    heard[found.target_type] = set(rows.tolist())
    for _ in range(hops):
        for (source, _, target), edges in found.edges.items():
            near = np.isin(edges.index[1], list(heard[target]))
            heard[source] |= set(edges.index[0][near].tolist())
    return heard


@settings(max_examples=50, suppress_health_check=QUIET)
@given(parts(), SETTINGS)
def test_causal_messages_never_bring_the_future(drawn: Parts, values: dict[str, Any]) -> None:
    """Over any number of hops, nothing that a vertex hears is later than itself, so no validation label is near training."""
    found = dataset(drawn.graph(), values | {"messages": "causal", "split": "temporal"})
    if isinstance(found, str):
        return
    time = found.time
    assert time is not None
    for row in np.flatnonzero(found.split.mask("train")):
        heard = heard_by(found, np.array([row]), hops=4)
        for kind, others in heard.items():
            axis = found.vertices[kind].time
            if axis is not None and axis.unit == time.unit and others:
                known = axis.values[sorted(others)]
                assert not (known > time.values[row]).any()
        assert not found.split.mask("val")[sorted(heard[found.target_type])].any()
        assert not found.split.mask("test")[sorted(heard[found.target_type])].any()


EIGHT = [f"{name}usdt" for name in ("btc", "eth", "bnb", "sol", "xrp", "ada", "dot", "ltc")]


@pytest.mark.parametrize("messages", ["as_stored", "causal"])
def test_market_of_eight_symbols_is_valid_for_pyg(messages: str) -> None:
    """Eight candle collections are one type, their eight edge collections one relation, and the levels answer."""
    found = build_dataset(market(EIGHT), make_settings(target="price_up", messages=messages))
    assert {kind: len(vertices.collections) for kind, vertices in found.vertices.items()} == {
        "candles_5m": 8,
        "levels_sr_5m": 1,
    }
    assert {relation: len(edges.collections) for (_, relation, _), edges in found.edges.items()} == {
        "candle_to_level": 1,
        "next_5m": 8,
        "rev_candle_to_level": 1,
    }
    assert as_pyg(found.inputs).validate(raise_on_error=True)
