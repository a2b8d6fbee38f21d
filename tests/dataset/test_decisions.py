"""What was made of a graph: each attribute, type and relation has one decision, with its reason."""

from __future__ import annotations

from typing import Any

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring
from tests.dataset.typed_graphs import Links, market, typed_graph
from trainer.dataset.decisions import AttributeDecision, Decisions, RelationDecision, TypeDecision
from trainer.dataset.labels.split import PARTS
from trainer.graph.graph import Graph

OBJECTS = "holds JSON objects (an attribute inside is named by its path, such as"


def decisions(graph: Graph, **values: Any) -> Decisions:
    """What is made of the graph with these settings."""
    return build_dataset(graph, make_settings(**values)).decisions


def roles(graph: Graph, **values: Any) -> dict[tuple[str, str], str]:
    """The role of each attribute, by type and name."""
    return {(row.type, row.attribute): row.role for row in decisions(graph, **values).attributes}


def forty(**more: Any) -> Graph:
    """A ring of 40 vertices with a number, a label, a time and whatever a test adds."""
    start = 1_717_200_000
    documents = [
        {"ts": start + n, "y": n % 2, "a": n % 5} | {name: f(n) for name, f in more.items()} for n in range(40)
    ]
    return make_graph(documents, ring(40))


def test_each_attribute_has_one_decision_with_its_reason() -> None:
    """Features say what they hold, the others why they are none."""
    graph = forty(
        flag=lambda n: n % 3 == 0,
        gaps=lambda n: None if n % 4 else n,
        word=lambda n: f"w{n}",
        close_time=lambda n: n,
        future_gain=lambda n: n,
        nested=lambda n: {"a": n},
        nothing=lambda n: None,
        same=lambda n: 1,
        vector=lambda n: [n, n % 3, 1],
    )
    assert decisions(graph).attributes == (
        AttributeDecision("v", "y", "label", "named as labels usually are; binary", missing=0),
        AttributeDecision("v", "ts", "time", "named as times usually are", "s", missing=0),
        AttributeDecision("v", "a", "feature", "number", missing=0),
        AttributeDecision("v", "flag", "feature", "boolean", missing=0),
        AttributeDecision("v", "gaps", "feature", "number", missing=30),
        AttributeDecision("v", "vector", "feature", "vector of 3 numbers", missing=0),
        AttributeDecision("v", "close_time", "left out", "named like a time", missing=0),
        AttributeDecision("v", "future_gain", "left out", "named like a label", missing=0),
        AttributeDecision("v", "nested", "left out", f"{OBJECTS} nested.a)"),
        AttributeDecision("v", "nothing", "left out", "has no value in any document", missing=40),
        AttributeDecision("v", "same", "left out", "is constant in the training part", missing=0),
        AttributeDecision("v", "word", "left out", "holds texts"),
    )


def test_times_are_counted_and_other_epochs_left_out() -> None:
    """What is no time is unreadable; what looks like one and is none says so."""
    graph = forty(
        ts=lambda n: "9999-12-31" if n == 7 else f"2024-06-01 00:00:{n:02} UTC", seen=lambda n: 1_717_200_000_000 + n
    )
    rows = {row.attribute: row for row in decisions(graph).attributes}
    assert rows["ts"] == AttributeDecision(
        "v", "ts", "time", "named as times usually are", "s", missing=1, unreadable=1
    )
    assert rows["seen"] == AttributeDecision("v", "seen", "left out", "holds numbers like those of times", missing=0)


def test_what_settings_name_is_said() -> None:
    """The reason is the setting, and attributes that it does not name are left out for it."""
    graph = forty(part=lambda n: ("train", "val", "test")[n % 3], word=lambda n: f"w{n % 4}", when=lambda n: n)
    rows = decisions(
        graph, features=["A", "word"], target="y", time_field="when", split="attribute:part", task="binary"
    ).attributes
    assert rows == (
        AttributeDecision("v", "y", "label", "named in TARGET; binary", missing=0),
        AttributeDecision("v", "when", "time", "named in TIME_FIELD", "ordinal", missing=0),
        AttributeDecision("v", "part", "split", "named in SPLIT", missing=0),
        AttributeDecision("v", "a", "feature", "named in FEATURES; number", missing=0),
        AttributeDecision("v", "word", "feature", "named in FEATURES; category of 4 texts", missing=0),
        AttributeDecision("v", "ts", "left out", "not named in FEATURES", missing=0),
    )


def test_a_type_without_a_feature_that_it_has_says_why() -> None:
    """FEATURES may name an attribute that only some types can use."""
    graph = typed_graph(
        {
            "cars": [{"_key": str(n), "size": n % 7, "y": n % 2} for n in range(20)],
            "owners": [{"_key": str(n), "size": {"cm": n}, "age": n} for n in range(5)],
        },
        {"owns": [(f"owners/{n % 5}", f"cars/{n}") for n in range(20)]},
    )
    rows = {(row.type, row.attribute): row for row in decisions(graph, features=["size"]).attributes}
    assert rows["cars", "size"].role == "feature"
    refused = rows["owners", "size"]
    assert (refused.role, refused.reason) == ("left out", f"FEATURES names it, but it {OBJECTS} size.cm)")
    assert rows["owners", "age"].reason == "not named in FEATURES"


def test_the_label_of_one_type_is_no_feature_of_another() -> None:
    """An attribute of that name is left out everywhere, and a label once."""
    graph = typed_graph(
        {
            "cars": [{"_key": str(n), "size": n % 7, "price": n / 3} for n in range(20)],
            "owners": [{"_key": str(n), "price": n, "age": n} for n in range(5)],
        },
        {"owns": [(f"owners/{n % 5}", f"cars/{n}") for n in range(20)]},
    )
    chosen = roles(graph, target="price", target_collection=["cars"], split="random")
    assert chosen == {
        ("cars", "price"): "label",
        ("cars", "size"): "feature",
        ("owners", "age"): "feature",
        ("owners", "price"): "left out",
    }


def test_types_say_what_was_merged_into_them_and_what_was_left_out() -> None:
    """Each vertex collection is in one type, be it one that nothing connects to the target."""
    whole = market(("btcusdt", "ethusdt"), 20)
    graph = typed_graph({"lonely": [{"_key": "1", "p": 1}]})
    graph = Graph(whole.definitions, whole.vertices | graph.vertices, whole.edges, whole.dangling)
    types = {decision.name: decision for decision in decisions(graph, target="price_up").types}
    assert types["candles_5m"] == TypeDecision(
        "candles_5m",
        ("candles_btcusdt_5m", "candles_ethusdt_5m"),
        "predicted",
        "similar attributes and names that differ only by btcusdt, ethusdt",
        40,
    )
    assert types["lonely"] == TypeDecision(
        "lonely", ("lonely",), "left out", "no edges lead from there to the target", 1
    )
    assert {name for decision in types.values() for name in decision.collections} == {*graph.vertices}


def test_relations_say_why_they_are_there() -> None:
    """Those of several collections, and reverse ones that were added."""
    relations = {decision.name: decision for decision in decisions(market(("a", "b"), 20), target="price_up").relations}
    reverses = [decision for name, decision in relations.items() if name.startswith("rev_")]
    assert reverses
    for reverse in reverses:
        stored = relations[reverse.name.removeprefix("rev_")]
        assert reverse == RelationDecision(
            stored.target,
            reverse.name,
            stored.source,
            stored.collections,
            f"reverse of {stored.name}, added because no edges lead back",
            stored.edges,
            0,
        )
    merged = [decision for decision in relations.values() if len(decision.collections) > 1 and decision not in reverses]
    assert {decision.reason for decision in merged} == {"one relation by their names and ends"}


def test_dropped_edges_and_missing_weights_are_counted() -> None:
    """EDGE_WEIGHT is said of each relation that has it, and so is what MESSAGES=causal left out."""
    documents = [{"_key": str(n), "ts": 1_717_200_000 + n, "y": n % 2, "a": n % 5} for n in range(20)]
    links: Links = [("v/0", "v/1", 0.5), ("v/5", "v/2"), ("v/3", "v/4", 2)]
    graph = typed_graph({"v": documents}, {"next": links})
    settings = {"edge_weight": "weight", "model_type": "GraphConv", "messages": "causal"}
    result = decisions(graph, **settings)
    assert result.attributes[-1] == AttributeDecision(
        "next (v to v)", "weight", "edge weight", "named in EDGE_WEIGHT", missing=1
    )
    assert [(relation.edges, relation.dropped) for relation in result.relations] == [(2, 1)]


def test_stored_masks_are_the_split_and_say_why() -> None:
    """Each of the three is one; where SPLIT divides otherwise, they are left out."""
    masks = {f"{part}_mask": lambda n, i=i: (n % 10 in (8, 9)) + (n % 10 == 9) == i for i, part in enumerate(PARTS)}
    graph = forty(**masks)
    rows = [row for row in decisions(graph, target="y").attributes if "mask" in row.attribute]
    assert [(row.attribute, row.role, row.reason) for row in rows] == [
        (name, "split", "named as stored splits usually are") for name in ("test_mask", "train_mask", "val_mask")
    ]
    rows = [row for row in decisions(graph, target="y", split="random").attributes if "mask" in row.attribute]
    assert {(row.role, row.reason) for row in rows} == {("left out", "named like a stored mask")}
    rows = [*decisions(graph, target="y", split="attribute:train_mask,,test_mask").attributes]
    assert [(row.role, row.reason) for row in rows if "mask" in row.attribute] == [
        ("split", "named in SPLIT"),
        ("split", "named in SPLIT"),
        ("left out", "named like a stored mask"),
    ]
