"""The inputs of another graph as those of the graph that was learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pytest

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring
from tests.dataset.test_several_graphs import DAYS, daily
from tests.dataset.typed_graphs import candles, chain, levels, market, typed_graph
from trainer.dataset.dataset import Dataset
from trainer.dataset.inputs import Inputs
from trainer.dataset.schema import Schema
from trainer.dataset.transfer.other_graph import build_inputs
from trainer.errors import DataError
from trainer.graph.graph import Graph


def weighted() -> Graph:
    """Candles whose edges have weights, with a missing one."""
    documents = candles("A", 20)
    edges = [
        (source, target, None if index == 3 else index / 2)
        for index, (source, target) in enumerate(chain("c", documents))
    ]
    return typed_graph({"c": documents}, {"next": edges})


GRAPHS: dict[str, tuple[Graph, dict[str, Any]]] = {
    "homogeneous": (
        make_graph([{"ts": n, "a": None if n == 3 else n, "price_up": n % 2} for n in range(20)], ring(20)),
        {},
    ),
    "without edges": (make_graph([{"a": n, "price_up": n % 2} for n in range(20)]), {}),
    "market": (market(), {}),
    "causal": (market(), {"messages": "causal"}),
    "weighted": (weighted(), {"edge_weight": "weight", "model_type": "GAT"}),
    "daily": (daily()[0], {"graph_name": ",".join(f"g_{day}" for day in DAYS)}),
    "left out": (typed_graph({"c": candles("A", 20), "s": levels(3)}, {"next": chain("c", candles("A", 20))}), {}),
}


def learned(name: str) -> tuple[Graph, Dataset]:
    """A graph and its dataset."""
    graph, values = GRAPHS[name]
    return graph, build_dataset(graph, make_settings(**{"target": "price_up"} | values))


def facts(result: Inputs) -> dict[str, Any]:
    """Everything that inputs hold."""
    return {
        "vertices": {
            vertex_type: (
                vertices.x.tobytes(),
                vertices.ids(),
                vertices.time and (vertices.time.field, vertices.time.unit),
            )
            for vertex_type, vertices in result.vertices.items()
        },
        "edges": {
            vertex_type: (
                edges.index.tobytes(),
                None if edges.weight is None else edges.weight.tobytes(),
                edges.reverse_of,
                edges.dropped,
            )
            for vertex_type, edges in result.edges.items()
        },
        "graph_of_row": None if result.graph_of_row is None else result.graph_of_row.tolist(),
        "target_type": result.target_type,
    }


@pytest.mark.parametrize("name", GRAPHS)
def test_training_graph_gives_its_own_inputs(name: str) -> None:
    """Bit for bit, through a description that went through JSON."""
    graph, dataset = learned(name)
    schema = Schema.from_plain(orjson.loads(orjson.dumps(dataset.schema.describe())))
    assert schema == dataset.schema
    assert facts(build_inputs(graph, schema)) == facts(dataset.inputs)


def test_another_symbol_fits() -> None:
    """Its collections are of the stored types, its edges of the stored relations."""
    _, dataset = learned("market")
    result = build_inputs(market(("xrpusdt",), 8), dataset.schema)
    assert set(result.edges) == set(dataset.inputs.edges)
    assert result.vertices["candles_5m"].collections == ("candles_xrpusdt_5m",)
    assert len(result.edges["candles_5m", "next_5m", "candles_5m"]) == 7
    assert result.warnings == [warning for warning in dataset.inputs.warnings if "part has" not in warning]


def test_another_symbol_fits_a_graph_of_one_symbol() -> None:
    """A single collection's name holds its symbol; so does that of its edges."""
    dataset = build_dataset(market(("btcusdt",)), make_settings(target="price_up"))
    result = build_inputs(market(("ethusdt",)), dataset.schema)
    assert {vertex_type: len(edges) for vertex_type, edges in result.edges.items()} == {
        vertex_type: len(edges) for vertex_type, edges in dataset.inputs.edges.items()
    }


def test_imputation_and_scale_are_the_stored_ones() -> None:
    """Nothing is learned from another graph's own values."""
    dataset = learned("market")[1]
    documents = [document | {"close": 1000.0, "volume": None} for document in candles("B", 5)]
    graph = typed_graph(
        {"candles_b": documents, "levels_sr_x": levels(2)},
        {
            "next_b": chain("candles_b", documents),
            "candle_to_level": [(f"candles_b/{documents[0]['_key']}", "levels_sr_x/L0")],
        },
    )
    close, volume = dataset.inputs.features
    expected = [(1000 - close.mean[0]) / close.scale[0], (volume.fill[0] - volume.mean[0]) / volume.scale[0]]
    np.testing.assert_allclose(build_inputs(graph, dataset.schema).x, [expected] * 5, rtol=1e-6)


def changed(
    candle: dict[str, Any], *, without: str | None = None, touch: bool = True, with_levels: bool = True
) -> Graph:
    """A market of one symbol that differs from the one that was learned from."""
    documents = [
        {name: value for name, value in (document | candle).items() if name != without} for document in candles("B", 5)
    ]
    vertices: dict[str, Any] = {"candles_btcusdt_5m": documents}
    edges: dict[str, Any] = {"next_btcusdt_5m": chain("candles_btcusdt_5m", documents)}
    if with_levels:
        vertices["levels_sr_5m"] = levels(2)
    if touch and with_levels:
        edges["candle_to_level"] = [(f"candles_btcusdt_5m/{documents[0]['_key']}", "levels_sr_5m/L0")]
    return typed_graph(vertices, edges)


def differences(graph: Graph, schema: Schema) -> str:
    """What the refusal of a graph that does not fit lists."""
    with pytest.raises(DataError) as refused:
        build_inputs(graph, schema)
    start, _, listed = str(refused.value).partition(" does not fit the model: ")
    assert start == "The graph 'g'"
    return listed


MEMBERS = "candles_btcusdt_5m, candles_ethusdt_5m, candles_solusdt_5m"


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (changed({}, without="close"), f"no attribute 'close' in {MEMBERS}"),
        (changed({"close": "high"}), "'close' of candles_5m holds texts instead of numbers"),
        (changed({"close": [1, 2]}), "'close' of candles_5m holds arrays of 2 numbers instead of numbers"),
        (changed({"close": {"a": 1}}), "'close' of candles_5m holds JSON objects instead of numbers"),
        (changed({}, with_levels=False), "no vertex collection like levels_sr_5m"),
        (changed({}, touch=False), "no edge collection like candle_to_level from candles_5m to levels_sr_5m"),
    ],
)
def test_graph_that_does_not_fit_is_refused(graph: Graph, expected: str) -> None:
    """A phrase says what is missing or of another type."""
    assert differences(graph, learned("market")[1].schema) == f"{expected}."


@pytest.mark.parametrize("more", [{}, {"more": 1}])
def test_more_attributes_do_no_harm(more: dict[str, Any]) -> None:
    """The model sees those that it knows."""
    result = build_inputs(changed(more), learned("market")[1].schema)
    assert [feature.name for feature in result.features] == ["close", "volume"]


def test_refusal_lists_all_differences() -> None:
    """One sentence for the user."""
    assert differences(changed({}, without="close", touch=False), learned("market")[1].schema) == (
        f"no attribute 'close' in {MEMBERS}; no edge collection like candle_to_level from candles_5m to levels_sr_5m."
    )


def test_edges_without_the_weight_do_not_fit() -> None:
    """A model that learned with weights needs them."""
    documents = candles("A", 5)
    graph = typed_graph({"c": documents}, {"next": chain("c", documents)})
    assert differences(graph, learned("weighted")[1].schema) == "no 'weight' on the edges of next (c to c)."


def test_causal_model_needs_times() -> None:
    """Without them nothing could keep the future from the past."""
    with pytest.raises(DataError, match=f"no time 'ts' in {MEMBERS}"):
        build_inputs(changed({}, without="ts"), learned("causal")[1].schema)
    assert build_inputs(changed({}, without="ts"), learned("market")[1].schema).time is None


def test_unknown_collection_is_left_out_with_a_warning() -> None:
    """More than was learned from does no harm."""
    documents = candles("A", 5)
    graph = typed_graph(
        {"c": documents, "news": [{"_key": "1", "words": 5}]},
        {"next": chain("c", documents), "mention": [("news/1", f"c/{documents[0]['_key']}")]},
    )
    schema = build_dataset(
        typed_graph({"c": candles("A", 20)}, {"next": chain("c", candles("A", 20))}), make_settings(target="price_up")
    ).schema
    result = build_inputs(graph, schema)
    assert result.is_homogeneous
    assert "news: the model knows nothing like it, it is left out." in result.warnings


def of_two_names() -> Dataset:
    """Candles named by their symbol first, the ETH ones without a volume."""
    eth = [{name: value for name, value in one.items() if name != "volume"} for one in candles("E", 20)]
    graph = typed_graph(
        {"btc_candles": candles("B", 20), "eth_candles": eth},
        {"btc_next": chain("btc_candles", candles("B", 20)), "eth_next": chain("eth_candles", eth)},
    )
    return build_dataset(graph, make_settings(target="price_up", target_collection=["*_candles"]))


def test_another_symbol_fits_collections_that_were_named_together() -> None:
    """Its name has a word of theirs and its attributes are like theirs, be it without labels."""
    documents = [{name: value for name, value in one.items() if name != "price_up"} for one in candles("S", 6)]
    graph = typed_graph({"sol_candles": documents}, {"sol_next": chain("sol_candles", documents)})
    result = build_inputs(graph, of_two_names().schema)
    assert (len(result.target_vertices), len(result.edges["candles", "next", "candles"])) == (6, 5)


def test_attribute_that_a_collection_lacked_in_training_may_be_lacking() -> None:
    """The model learned to do without it; the log says that it is filled. One that all had is still needed."""
    documents = [{name: value for name, value in one.items() if name != "volume"} for one in candles("E", 6)]
    graph = typed_graph({"eth_candles": documents}, {"eth_next": chain("eth_candles", documents)})
    result = build_inputs(graph, of_two_names().schema)
    assert "eth_candles: no attribute 'volume', it is filled as in the training." in result.warnings
    without_close = [{name: value for name, value in one.items() if name != "close"} for one in documents]
    other = typed_graph({"eth_candles": without_close}, {"eth_next": chain("eth_candles", documents)})
    assert differences(other, of_two_names().schema) == "no attribute 'close' in btc_candles, eth_candles."


def test_attribute_filter_names_what_the_inputs_need() -> None:
    """Features and times of all types, the weight, and the label to measure by."""
    is_needed = learned("weighted")[1].schema.attribute_filter()
    assert [name for name in ("close", "volume", "ts", "price_up", "other") if is_needed(name)] == [
        "close",
        "volume",
        "ts",
        "price_up",
    ]
    assert is_needed.edge_weight == "weight"


def test_two_entities_with_similar_names_are_found_again() -> None:
    """The inputs and outputs of another day, though both are like both of those that were learned from."""

    def day(number: int) -> Graph:
        names = [f"tx_{side}_{number}" for side in ("inputs", "outputs")]
        vertices = {
            name: [{"_key": f"k{n:02}", "amount": scale * (n % 7 + 1), "y": n % 2} for n in range(30)]
            for name, scale in zip(names, (1.0, 1e6), strict=True)
        }
        flows = [(f"{names[0]}/k{n:02}", f"{names[1]}/k{n:02}") for n in range(30)]
        return typed_graph(vertices, {f"flows_{number}": flows})

    settings = make_settings(target="y", target_collection=["tx_inputs_1"])
    result = build_inputs(day(2), build_dataset(day(1), settings).schema)
    assert {name: each.collections for name, each in result.vertices.items()} == {
        "tx_inputs_1": ("tx_inputs_2",),
        "tx_outputs_1": ("tx_outputs_2",),
    }
    assert sorted(len(edges) for edges in result.edges.values()) == [30, 30]
