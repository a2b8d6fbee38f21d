"""Collections whose names begin alike and whose attributes are alike: one vertex type, or two."""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.composed import build_dataset
from tests.conftest import EVERYTHING, ROOT, make_settings
from tests.dataset.typed_graphs import Links, typed_graph
from trainer.dataset.grouping.same_word import TypeGroup
from trainer.dataset.grouping.vertex_types import find_types
from trainer.dataset.warned import Warned
from trainer.graph.dump.source import DumpSource
from trainer.graph.graph import Graph

NUM = 12


def documents(scale: float = 1.0, key: str = "k", **more: Any) -> list[dict[str, Any]]:
    """Some documents with an amount of this size, a time and whatever else is given."""
    return [{"_key": f"{key}{n:03}", "amount": scale * (1 + n % 5), "ts": n, **more} for n in range(NUM)]


def one_way(source: str, target: str, key: str = "k", target_key: str = "k") -> list[tuple[str, str]]:
    """Edges from each vertex of a collection to that of another one."""
    return [(f"{source}/{key}{n:03}", f"{target}/{target_key}{n:03}") for n in range(NUM)]


def along(name: str, key: str = "k") -> list[tuple[str, str]]:
    """Edges from each vertex of a collection to its next one."""
    return [(f"{name}/{key}{n:03}", f"{name}/{key}{n + 1:03}") for n in range(NUM - 1)]


def found(graph: Graph, *same_entity: str) -> Warned[dict[str, TypeGroup]]:
    """The types of a graph."""
    return find_types(graph, same_entity)


def types(graph: Graph, *same_entity: str) -> dict[str, list[str]]:
    """The collections of each type."""
    return {name: group.collections for name, group in found(graph, *same_entity).value.items()}


def apart(*names: str) -> dict[str, list[str]]:
    """Types of one collection each."""
    return {name: [name] for name in names}


def inputs_and_outputs(scale: float = 1e6) -> Graph:
    """The two ends of transactions: `flows` from the one to the other, the amount in two units."""
    inputs = [{**document, "y": number % 2} for number, document in enumerate(documents())]
    return typed_graph(
        {"tx_inputs": inputs, "tx_outputs": documents(scale)}, {"flows": one_way("tx_inputs", "tx_outputs")}
    )


@pytest.mark.parametrize("scale", [1e6, 1.0, 1e-6])
def test_edges_from_the_one_to_the_other_only_make_two_types(scale: float) -> None:
    """Inputs and outputs of transactions, whatever the unit of their amounts."""
    groups, warnings = found(inputs_and_outputs(scale))
    assert {name: group.collections for name, group in groups.items()} == apart("tx_inputs", "tx_outputs")
    assert warnings == ()
    assert groups["tx_inputs"].reason.startswith("apart from tx_outputs: edges run one way only between them (flows)")
    assert ("differ in scale (amount)" in groups["tx_outputs"].reason) == (scale != 1)


def test_two_types_have_their_own_scales_and_a_reverse_relation() -> None:
    """What merging took away: each amount standardised by itself, and messages back to the inputs."""
    result = build_dataset(inputs_and_outputs(), make_settings(target="y"))
    assert list(result.inputs.edges) == [
        ("tx_inputs", "flows", "tx_outputs"),
        ("tx_outputs", "rev_flows", "tx_inputs"),
    ]
    (scale,), (other_scale,) = (result.inputs.vertices[name].features[0].scale for name in ("tx_inputs", "tx_outputs"))
    assert other_scale == pytest.approx(scale * 1e6, rel=0.5)
    assert not result.inputs.without_incoming().any()


def test_both_sides_of_an_order_book_are_two_types() -> None:
    """The same attributes in the same units; `matches` runs from bids to asks."""
    graph = typed_graph(
        {"order_bids": documents(price=100), "order_asks": documents(price=101), "traders": documents(1, "t", age=3)},
        {
            "matches": one_way("order_bids", "order_asks"),
            "places": [*one_way("traders", "order_bids", "t"), *one_way("traders", "order_asks", "t")],
        },
    )
    assert types(graph) == apart("order_asks", "order_bids", "traders")


def test_the_two_sides_of_what_lies_between_are_two_types() -> None:
    """No edges between them, but senders only send transfers, and receivers only receive them."""
    transfers = [{"_key": f"t{n:03}", "fee": n} for n in range(NUM)]
    graph = typed_graph(
        {"party_senders": documents(), "party_receivers": documents(), "transfers": transfers},
        {
            "sends": one_way("party_senders", "transfers", "k", "t"),
            "arrives_at": one_way("transfers", "party_receivers", "t"),
        },
    )
    groups, _ = found(graph)
    assert {*groups} == {"party_receivers", "party_senders", "transfers"}
    assert "they have different edges (arrives_at, sends)" in groups["party_senders"].reason


def test_stages_that_follow_each_other_are_types_of_their_own() -> None:
    """The first and the last have no edges between them, and are two all the same."""
    names = ["stage_raw", "stage_clean", "stage_final"]
    graph = typed_graph(
        {name: documents() for name in names},
        {"cleaned": one_way(*names[:2]), "finished": one_way(*names[1:])},
    )
    assert types(graph) == apart(*sorted(names))


def test_two_entities_over_several_days_are_two_types() -> None:
    """The days are merged, what they hold is not."""
    names = [f"tx_{side}_2024_06_{day:02}" for side in ("inputs", "outputs") for day in (1, 2)]
    days = {f"flows_{day}": one_way(f"tx_inputs_2024_06_{day:02}", f"tx_outputs_2024_06_{day:02}") for day in (1, 2)}
    expected = [names[:2], names[2:]]
    assert sorted(types(typed_graph({name: documents() for name in names}, days)).values()) == expected
    graphs = {f"day{day}": [*names[day - 1 :: 2], f"flows_{day}"] for day in (1, 2)}
    assert sorted(types(typed_graph({name: documents() for name in names}, days, graphs)).values()) == expected


def test_vertices_without_attributes_are_told_apart_by_their_edges() -> None:
    """Embeddings are learned for each; buyers and sellers are two."""
    bare = [{"_key": f"k{n:03}"} for n in range(NUM)]
    graph = typed_graph(
        {"user_buyers": bare, "user_sellers": bare}, {"buys_from": one_way("user_buyers", "user_sellers")}
    )
    assert types(graph) == apart("user_buyers", "user_sellers")


def test_numbers_of_another_scale_are_another_thing() -> None:
    """Temperatures and pressures, both `amount`; nothing but their size says so, so that it is said."""
    near: Links = [*along("sensor_a"), *along("sensor_b")]
    vertices = {"sensor_a": documents(20), "sensor_b": documents(101_300)}
    groups, warnings = found(typed_graph(vertices))
    assert {*groups} == {"sensor_a", "sensor_b"}
    assert warnings == (
        "sensor_a and sensor_b are taken as two vertex types, because their numbers differ in scale (amount); if they are "
        "one entity, name them together in TARGET_COLLECTION.",
    )
    assert types(typed_graph(vertices, {"near": near})) == {"sensor": ["sensor_a", "sensor_b"]}


def test_one_attribute_of_the_same_scale_is_enough() -> None:
    """Prices of symbols differ a thousandfold, the index does not."""
    vertices = {"candles_foo": documents(60_000, rsi=40), "candles_bar": documents(0.1, rsi=55)}
    assert types(typed_graph(vertices)) == {"candles": ["candles_bar", "candles_foo"]}


@pytest.mark.parametrize(
    ("folder", "graphs", "expected"),
    [
        ("streamforge_5m", "streamforge_5m", ["candles_5m", "levels_sr_5m"]),
        (
            "btc_days_5m",
            "btc_graph_5m_2024_06_01,btc_graph_5m_2024_06_02,btc_graph_5m_2024_06_03",
            ["candles_btcusdt_5m_2024_06", "levels_sr_btcusdt_5m_2024_06"],
        ),
    ],
)
def test_examples_have_one_type_for_each_entity(folder: str, graphs: str, expected: list[str]) -> None:
    """`leads_5m` runs from the candles of BTC and ETH to those of SOL only; days are days."""
    source = DumpSource(ROOT / "examples" / folder)
    groups, warnings = found(source.load(graphs.split(","), EVERYTHING, lambda vertices, edges: None))
    assert ([*groups], warnings) == (expected, ())
    assert {len(group.collections) for group in groups.values()} == {3}
    assert all("names that differ only by" in group.reason for group in groups.values())


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (("candles_btcusdt_5m", "candles_ethusdt_5m"), ("k", "k")),
        (("candles_btc", "candles_sol"), ("k", "k")),
        (("candles_eurusd_1h", "candles_gbpusd_1h"), ("k", "k")),
        (("candles_aapl_1d", "candles_msft_1d"), ("AAPL-1d-", "MSFT-1d-")),
        (("candles_btcusdt_1m", "candles_btcusdt_5m"), ("k", "k")),
        (("trades_2024_06_01", "trades_2024_06_02"), ("k", "k")),
        (("blocks1", "blocks2"), ("k", "k")),
    ],
)
def test_names_that_differ_by_symbol_date_interval_or_number_are_one_type(
    names: tuple[str, str], keys: tuple[str, str]
) -> None:
    """Though edges run from the one to the other only, and the prices have nothing in common."""
    one, other = names
    graph = typed_graph(
        {one: documents(60_000, keys[0]), other: documents(1e-4, keys[1])},
        {"leads": one_way(one, other, *keys)},
    )
    assert list(types(graph).values()) == [[one, other]]


def test_keys_that_repeat_the_name_of_the_collection_make_no_symbol_of_it() -> None:
    """`tx_inputs-7` says what the name says."""
    keys = ("tx_inputs-", "tx_outputs-")
    graph = typed_graph(
        {"tx_inputs": documents(key=keys[0]), "tx_outputs": documents(key=keys[1])},
        {"flows": one_way("tx_inputs", "tx_outputs", *keys)},
    )
    assert types(graph) == apart("tx_inputs", "tx_outputs")


@pytest.mark.parametrize(
    "edges",
    [
        {"leads": one_way("users_north", "users_south"), "next": [*along("users_north"), *along("users_south")]},
        {"follows": [*one_way("users_north", "users_south"), *one_way("users_south", "users_north")]},
        {
            "follows_north_south": one_way("users_north", "users_south"),
            "follows_south_north": one_way("users_south", "users_north"),
        },
        {"follows": [*along("users_north"), *one_way("users_north", "users_south")]},
        {"visits_north": one_way("users_north", "shops"), "visits_south": one_way("users_south", "shops")},
        {"next_north": along("users_north"), "leads_south": along("users_south")},
        {},
    ],
    ids=["within both", "both ways", "a collection each way", "within one", "same role", "other edges within", "none"],
)
def test_edges_that_treat_both_alike_leave_one_type(edges: Mapping[str, Links]) -> None:
    """Edges that run within each, or both ways, or to the same others, do not tell two entities apart."""
    vertices = {"users_north": documents(), "users_south": documents(), "shops": documents(1, rent=1, size=2, staff=3)}
    assert types(typed_graph(vertices, edges))["users"] == ["users_north", "users_south"]


def test_each_edge_collection_one_way_is_two_types() -> None:
    """`flows` there and `refunds` back: the one is never what the other is."""
    edges = {"flows": one_way("tx_inputs", "tx_outputs"), "refunds": one_way("tx_outputs", "tx_inputs")}
    graph = typed_graph({"tx_inputs": documents(), "tx_outputs": documents()}, edges)
    assert types(graph) == apart("tx_inputs", "tx_outputs")


@pytest.mark.parametrize("inside", ["tx_inputs", "tx_outputs"])
def test_edges_within_one_of_them_only_are_no_argument(inside: str) -> None:
    """What one of them has and the other has not makes them no more alike."""
    edges = {"flows": one_way("tx_inputs", "tx_outputs"), "next": along(inside)}
    graph = typed_graph({"tx_inputs": documents(), "tx_outputs": documents()}, edges)
    assert types(graph) == apart("tx_inputs", "tx_outputs")


def test_empty_edge_collection_says_nothing() -> None:
    """Nothing runs between them."""
    vertices = {"users_north": documents(), "users_south": documents()}
    ends = {"flows": (["users_north"], ["users_south"])}
    assert types(typed_graph(vertices, {"flows": []}, ends=ends)) == {"users": ["users_north", "users_south"]}


def test_user_unites_what_the_edges_part() -> None:
    """TARGET_COLLECTION names both, and their attributes are alike."""
    groups, warnings = found(inputs_and_outputs(), "tx_inputs", "tx_outputs")
    assert groups == {"tx": TypeGroup(["tx_inputs", "tx_outputs"], "TARGET_COLLECTION names them together")}
    assert warnings == ()
    result = build_dataset(inputs_and_outputs(), make_settings(target="y", target_collection=["tx_*"]))
    assert list(result.inputs.vertices) == ["tx"]


def test_user_cannot_unite_what_is_unlike() -> None:
    """Half of the attributes have to be the same."""
    graph = typed_graph({"a_x": documents(), "a_y": [{"_key": "1", "p": 1, "q": 2, "r": 3}]})
    assert types(graph, "a_x", "a_y") == apart("a_x", "a_y")


def test_one_type_for_little_reason_is_said() -> None:
    """Neither names nor edges say more than that some attributes are the same."""
    vertices = {"users_admins": documents(rights=1), "users_guests": documents(stay=2)}
    groups, warnings = found(typed_graph(vertices))
    assert {*groups} == {"users"}
    assert warnings == (
        "users_admins, users_guests are taken as one vertex type, though only the beginning of their names and some of "
        "their attributes are the same.",
    )
    assert found(typed_graph({"users_admins": documents(), "users_guests": documents()})).warnings == ()


def test_third_collection_does_not_bring_two_entities_together() -> None:
    """`tx_fees` is like both, and goes to the first in order of name; the other stays apart."""
    graph = inputs_and_outputs()
    with_fees = typed_graph(
        {"tx_fees": documents(), "tx_inputs": documents(), "tx_outputs": documents()},
        {"flows": one_way("tx_inputs", "tx_outputs")},
    )
    assert len(types(graph)) == 2
    assert sorted(types(with_fees).values()) == [["tx_fees", "tx_inputs"], ["tx_outputs"]]


def test_single_collection_needs_no_reason() -> None:
    """There was nothing to choose."""
    groups, _ = found(typed_graph({"candles": documents(), "levels": documents()}))
    assert {name: group.reason for name, group in groups.items()} == {"candles": "", "levels": ""}


WORDS = st.lists(st.sampled_from(["inputs", "outputs", "fees", "rates", "owners"]), min_size=2, max_size=4, unique=True)


@given(words=WORDS, seed=st.integers(0, 99))
def test_order_of_collections_and_edges_changes_nothing(words: Sequence[str], seed: int) -> None:
    """A database lists them as it likes."""
    names = [f"tx_{word}" for word in words]
    vertices = [(name, documents(10.0**index)) for index, name in enumerate(names)]
    edges = [
        (f"e{index}", one_way(*pair)) for index, pair in enumerate(itertools.pairwise(names)) if (seed + index) % 3
    ]
    expected = found(typed_graph(dict(vertices), dict(edges)))
    draw = random.Random(seed)
    draw.shuffle(vertices)
    draw.shuffle(edges)
    assert found(typed_graph(dict(vertices), dict(edges))) == expected


def test_many_names_that_say_nothing_are_judged_soon() -> None:
    """Three hundred symbols without a usual currency are one type within seconds."""
    draw = random.Random(5)
    names = ["".join(draw.choices("abcdefghijklmnop", k=5)) for _ in range(300)]
    graph = typed_graph(
        {f"candles_{name}": documents()[:3] for name in names},
        {f"next_{name}": along(f"candles_{name}")[:2] for name in names},
    )
    assert len(types(graph)) == 1
