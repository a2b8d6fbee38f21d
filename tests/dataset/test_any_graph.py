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
from trainer.dataset.transfer.other_graph import build_inputs
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


def facts(result: Inputs) -> dict[str, Any]:
    """Everything that inputs hold."""
    return {
        "vertices": {vertex_type: (v.x.tobytes(), v.ids()) for vertex_type, v in result.vertices.items()},
        "edges": {
            vertex_type: (
                e.index.tobytes(),
                None if e.weight is None else e.weight.tobytes(),
                e.reverse_of,
                e.dropped,
                e.from_future,
            )
            for vertex_type, e in result.edges.items()
        },
        "graph_of_row": None if result.graph_of_row is None else result.graph_of_row.tolist(),
    }


def as_pyg(result: Inputs) -> HeteroData:
    """The inputs as PyG's own class."""
    data = HeteroData()
    for vertex_type, vertices in result.vertices.items():
        data[vertex_type].x = torch.from_numpy(vertices.x)
    for relation, edges in result.edges.items():
        data[relation].edge_index = torch.from_numpy(edges.index)
    return data


@settings(max_examples=60, suppress_health_check=QUIET)
@given(parts(), SETTINGS)
def test_any_graph_is_a_dataset_or_a_sentence(drawn: Parts, values: dict[str, Any]) -> None:
    """No other error; every vertex and edge is accounted for; PyG finds nothing wrong."""
    graph = drawn.graph()
    result = dataset(graph, values)
    if isinstance(result, str):
        event(f"refused: {result.partition('(')[0][:60]}")
        assert result.endswith(".")
        assert len(result) < 1000
        return
    event(f"{len(result.inputs.vertices)} types, {len(result.inputs.edges)} relations")
    members = {
        name: vertex_type for vertex_type, vertices in result.inputs.vertices.items() for name in vertices.collections
    }
    for vertices in result.inputs.vertices.values():
        assert len(vertices) == sum(len(graph.vertices[name]) for name in vertices.collections)
        assert vertices.x.shape == (len(vertices), sum(feature.width for feature in vertices.features))
        assert np.isfinite(vertices.x).all()
    inside = sum(len(table) for table in graph.edges if {table.source, table.target} <= members.keys())
    stored = [edges for edges in result.inputs.edges.values() if edges.reverse_of is None]
    assert sum(len(edges) + edges.dropped for edges in stored) == inside
    for vertex_type, edges in result.inputs.edges.items():
        assert (np.diff(edges.index[1] * len(result.inputs.vertices[vertex_type[0]]) + edges.index[0]) >= 0).all()
        if edges.reverse_of is not None:
            forward = result.inputs.edges[edges.reverse_of]
            assert len(forward) + forward.dropped == len(edges) + edges.dropped
    assert len(result.y) == len(result.split.part) == len(result.inputs.x)
    assert as_pyg(result.inputs).validate(raise_on_error=True)


@settings(max_examples=40, suppress_health_check=QUIET)
@given(parts(), SETTINGS, st.randoms(use_true_random=False))
def test_order_of_documents_does_not_matter(drawn: Parts, values: dict[str, Any], random: Any) -> None:
    """Neither that of vertices nor that of edges, and not for warnings and refusals either."""
    one, other = (dataset(made.graph(), values) for made in (drawn, drawn.shuffled(random)))
    if isinstance(one, str) or isinstance(other, str):
        assert one == other
        return
    assert facts(one.inputs) == facts(other.inputs)
    assert (one.y.tobytes(), one.split.part.tobytes()) == (other.y.tobytes(), other.split.part.tobytes())
    assert one.inputs.warnings == other.inputs.warnings
    assert one.schema == other.schema


@settings(max_examples=40, suppress_health_check=QUIET)
@given(parts(), SETTINGS)
def test_training_graph_gives_its_own_inputs(drawn: Parts, values: dict[str, Any]) -> None:
    """The schema makes the same inputs of the same graph."""
    graph = drawn.graph()
    result = dataset(graph, values)
    if not isinstance(result, str):
        assert facts(build_inputs(graph, result.schema)) == facts(result.inputs)


def senders_to(result: Dataset, rows: np.ndarray[Any, Any], hops: int) -> dict[str, set[int]]:
    """All vertices whose inputs can reach these rows of the target type."""
    senders: dict[str, set[int]] = {vertex_type: set() for vertex_type in result.inputs.vertices}
    senders[result.inputs.target_type] = set(rows.tolist())
    for _ in range(hops):
        for (source, _, target), edges in result.inputs.edges.items():
            near = np.isin(edges.index[1], list(senders[target]))
            senders[source] |= set(edges.index[0][near].tolist())
    return senders


@settings(max_examples=50, suppress_health_check=QUIET)
@given(parts(), SETTINGS)
def test_causal_messages_never_bring_the_future(drawn: Parts, values: dict[str, Any]) -> None:
    """Over any number of hops, nothing that a vertex receives is later than itself, so no validation label is near training."""
    result = dataset(drawn.graph(), values | {"messages": "causal", "split": "temporal"})
    if isinstance(result, str):
        return
    time = result.inputs.time
    assert time is not None
    for row in np.flatnonzero(result.split.mask("train")):
        senders = senders_to(result, np.array([row]), hops=4)
        for vertex_type, others in senders.items():
            axis = result.inputs.vertices[vertex_type].time
            if axis is not None and axis.unit == time.unit and others:
                known = axis.values[sorted(others)]
                assert not (known > time.values[row]).any()
        assert not result.split.mask("val")[sorted(senders[result.inputs.target_type])].any()
        assert not result.split.mask("test")[sorted(senders[result.inputs.target_type])].any()


EIGHT = [f"{name}usdt" for name in ("btc", "eth", "bnb", "sol", "xrp", "ada", "dot", "ltc")]


@pytest.mark.parametrize("messages", ["as_stored", "causal"])
def test_market_of_eight_symbols_is_valid_for_pyg(messages: str) -> None:
    """Eight candle collections are one type, their eight edge collections one relation, and the levels have a reverse one."""
    result = build_dataset(market(EIGHT), make_settings(target="price_up", messages=messages))
    assert {vertex_type: len(vertices.collections) for vertex_type, vertices in result.inputs.vertices.items()} == {
        "candles_5m": 8,
        "levels_sr_5m": 1,
    }
    assert {relation: len(edges.collections) for (_, relation, _), edges in result.inputs.edges.items()} == {
        "candle_to_level": 1,
        "next_5m": 8,
        "rev_candle_to_level": 1,
    }
    assert as_pyg(result.inputs).validate(raise_on_error=True)
