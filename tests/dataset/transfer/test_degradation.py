"""What another graph lacks of what the training had is counted and said, feature by feature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring
from tests.dataset.typed_graphs import candles, chain, levels, market, typed_graph
from trainer.dataset.schema import Schema
from trainer.dataset.transfer.other_graph import build_inputs
from trainer.graph.graph import Graph

SIZE = 200
FEATURES = ("a", "b", "sector", "vector")

Document = dict[str, Any]


def documents(seed: int = 0, size: int = SIZE) -> list[Document]:
    """Vertices with a number, another one that is missing in every tenth, a text and an array."""
    rng = np.random.default_rng(seed)
    return [
        {
            "a": float(rng.normal(50, 2)),
            "b": None if number % 10 == 0 else float(rng.normal()),
            "sector": ("tech", "oil", "gold")[number % 3],
            "vector": rng.normal(size=3).tolist(),
            "y": int(rng.random() < 0.5),
        }
        for number in range(size)
    ]


def schema_of(vertices: Sequence[Document], edges: Sequence[tuple[str, str]] | None = None, **values: Any) -> Schema:
    """What is known of a training with these vertices, in a ring unless edges are given."""
    graph = make_graph(vertices, ring(len(vertices)) if edges is None else edges)
    return build_dataset(graph, make_settings(**{"target": "y", "features": FEATURES} | values)).schema


LEARNED = schema_of(documents())


def said(change: Callable[[int, Document], Document], schema: Schema = LEARNED, size: int = SIZE) -> list[str]:
    """The warnings over another day whose documents were changed."""
    other = [change(number, document) for number, document in enumerate(documents(1, size))]
    return build_inputs(make_graph(other, ring(size)), schema).warnings


def test_a_graph_like_that_of_the_training_has_no_warning() -> None:
    """Another day with its own values, gaps in the same tenth of a feature."""
    assert said(lambda number, document: document) == []


def test_every_feature_null() -> None:
    """Each is named with its counts, and that nothing is left to judge by."""
    nothing = {"a": None, "b": None, "sector": None, "vector": None}
    assert said(lambda number, document: document | nothing) == [
        "'a' of v: 200 of 200 vertices have no value (in the training none was missing).",
        "'b' of v: 200 of 200 vertices have no value (in the training 20 of 200).",
        "'sector' of v: 200 of 200 vertices have no value (in the training none was missing).",
        "'vector' of v: 200 of 200 vertices have no value (in the training none was missing).",
        "Predictions rest on none of the 4 features of v: in at least half of the vertices, a, b, sector, vector have no value "
        "like those of the training.",
    ]


def test_half_of_one_feature_null() -> None:
    """One sentence with the count; three features of four still serve."""
    assert said(lambda number, document: document | ({"a": None} if number % 2 else {})) == [
        "'a' of v: 100 of 200 vertices have no value (in the training none was missing)."
    ]


@pytest.mark.parametrize(
    ("every", "size", "expected"),
    [
        (10, 200, []),  # the training's own share
        (25, 200, []),  # a little more, as it happens by chance
        (29, 1000, []),  # more than by chance, and yet little
        (4, 200, ["'b' of v: 60 of 200 vertices have no value (in the training 20 of 200)."]),
        (4, 12, []),  # too few vertices to tell
    ],
)
def test_missing_values_count_beyond_the_share_of_the_training(every: int, size: int, expected: list[str]) -> None:
    """A feature that was missing in a tenth of the vertices may be so again."""
    assert said(lambda number, document: document | ({} if number % every else {"b": None}), size=size) == expected


@pytest.mark.parametrize(
    ("value", "shown"), [("n/a?", "'n/a?'"), ("--", "'--'"), ("1,234.5", "'1,234.5'"), ({"x": 1}, "an object")]
)
def test_values_that_are_no_numbers(value: Any, shown: str) -> None:
    """They count as missing, be they most, and are named."""
    assert said(lambda number, document: document | ({"a": value} if number % 4 else {})) == [
        "'a' of v: 150 of 200 vertices have no value (in the training none was missing), "
        f"150 because they hold something else than a number, such as {shown}."
    ]


def test_categories_of_digits_alone() -> None:
    """A text that is a category is read as one, where no letters are beside it."""
    learned = schema_of([document | {"sector": "1AB2"[number % 4]} for number, document in enumerate(documents())])
    assert said(lambda number, document: document | {"sector": "12"[number % 2]}, learned) == []
    assert said(lambda number, document: document | {"sector": 1 + number % 2}, learned) == []
    (sentence,) = said(lambda number, document: document | {"sector": "34"[number % 2]}, learned)
    assert sentence.endswith("200 of 200 hold categories that the training did not have, such as '3', '4'.")


def test_all_categories_unseen() -> None:
    """Texts that the training did not have say nothing; some are named."""
    assert said(lambda number, document: document | {"sector": f"new {number % 5}"}) == [
        "'sector' of v: 200 of 200 hold categories that the training did not have, such as 'new 0', 'new 1', 'new 2'."
    ]


def test_some_categories_unseen_and_some_missing() -> None:
    """One sentence a feature, whatever is wrong with it."""
    change: dict[int, Document] = {0: {"sector": None}, 1: {"sector": "water"}}
    assert said(lambda number, document: document | change.get(number % 20, {})) == [
        "'sector' of v: 10 of 200 vertices have no value (in the training none was missing); "
        "10 of 200 hold categories that the training did not have, such as 'water'."
    ]


def test_categories_that_only_the_other_parts_had_are_no_news() -> None:
    """The graph that was learned from is not worse than itself."""
    vertices = documents()
    for number, document in enumerate(vertices):
        document |= {"ts": 1_700_000_000 + number, "sector": "late" if number > 150 else document["sector"]}
    schema = schema_of(vertices)
    assert schema.types[0].features[2].categories == ["gold", "oil", "tech"]
    assert not [
        sentence for sentence in build_inputs(make_graph(vertices, ring(SIZE)), schema).warnings if "late" in sentence
    ]


@pytest.mark.parametrize("value", [0, 1e9, -1e30, "60", True])
def test_a_constant_far_from_the_training(value: Any) -> None:
    """A column of zeros, of another unit, or a flag: numbers that the model never saw."""
    (sentence,) = said(lambda number, document: document | {"a": value})
    assert sentence.startswith("'a' of v: 200 of 200 are more than 3 standard deviations from 50.")
    assert sentence.endswith(f", the mean of the training, such as {float(value):.4g}.")


def test_a_few_numbers_out_of_all_proportion() -> None:
    """A tenth in another unit is said too, by the farther bound."""
    (sentence,) = said(lambda number, document: document | ({"a": document["a"] * 100} if number % 10 == 0 else {}))
    assert sentence.startswith("'a' of v: 20 of 200 are more than 10 standard deviations from 50.")


def test_outliers_as_in_the_training_are_no_news() -> None:
    """One in a hundred far away is what the training may have had as well."""
    assert said(lambda number, document: document | ({"a": 1e6} if number % 100 == 0 else {})) == []


def test_numbers_that_were_not_scaled_are_not_judged() -> None:
    """Without SCALING nobody knows what is usual."""
    assert said(lambda number, document: document | {"a": 1e6}, schema_of(documents(), scaling="none")) == []


def test_arrays_that_are_all_equal() -> None:
    """A service of embeddings that gives the same for everything."""
    assert said(lambda number, document: document | {"vector": [0, 0, 0]}) == [
        "'vector' of v: all 200 arrays are equal."
    ]


def test_most_features_worse_in_different_ways() -> None:
    """Those that are left are counted."""
    *_, last = said(lambda number, document: document | {"a": 0, "b": None, "sector": "water"})
    assert last == (
        "Predictions rest on 1 of the 4 features of v: in at least half of the vertices, a, b, sector have no value like those "
        "of the training."
    )


def test_every_type_has_its_own_sentences() -> None:
    """The type says whose attribute it is; relations without edges are named."""
    schema = build_dataset(market(), make_settings(target="price_up")).schema
    vertices = candles("B", 20)
    graph = typed_graph(
        {"candles_btcusdt_5m": vertices, "levels_sr_5m": [level | {"strength": None} for level in levels(4)]},
        {"next_btcusdt_5m": chain("candles_btcusdt_5m", vertices), "candle_to_level": []},
        ends={"candle_to_level": (["candles_btcusdt_5m"], ["levels_sr_5m"])},
    )
    assert build_inputs(graph, schema).warnings == [
        "'strength' of levels_sr_5m: 4 of 4 vertices have no value (in the training none was missing).",
        "1 of 20 vertices of candles_5m have no incoming edge from another vertex (in the training 0 of 60): "
        "each is judged by its own attributes.",
        "There are no edges of candle_to_level (candles_5m to levels_sr_5m); the training had 21.",
    ]


def lonely(num: int) -> Graph:
    """A ring that lacks the edges into some vertices."""
    return make_graph(documents(1), ring(SIZE)[num:])


@pytest.mark.parametrize("num", [1, 150])
def test_vertices_without_edges(num: int) -> None:
    """They are counted where the training had none."""
    assert build_inputs(lonely(num), LEARNED).warnings == [
        f"{num} of 200 vertices of v have no incoming edge from another vertex (in the training 0 of 200): "
        "each is judged by its own attributes."
    ]


def test_vertices_without_edges_as_in_the_training() -> None:
    """The first of each chain has no edge; more chains than before are no news, no chains at all are."""
    schema = schema_of(documents(), [edge for number, edge in enumerate(ring(SIZE)) if number % 20])
    assert schema.target.num_without_incoming == 10
    assert build_inputs(lonely(15), schema).warnings == []
    (sentence,) = build_inputs(lonely(30), schema).warnings
    assert sentence.startswith(
        "30 of 200 vertices of v have no incoming edge from another vertex (in the training 10 of 200)"
    )


def test_no_edges_at_all_are_said_once() -> None:
    """The sentence that the training has for it is enough; a loop is no edge from another vertex."""
    graph = make_graph(documents(1), [(f"k{number:05}", f"k{number:05}") for number in range(SIZE)])
    assert build_inputs(graph, LEARNED).warnings == [
        "No edges lead from other vertices to those of v: the graph adds nothing, each is judged by its own attributes."
    ]


def old(schema: Schema) -> Schema:
    """As models of the version before have it: without numbers of vertices and edges."""
    plain = schema.describe()
    for vertex_type in plain["types"]:
        del vertex_type["num_vertices"]
        for feature in vertex_type["features"]:
            del feature["unseen"]
    del plain["target"]["num_without_incoming"], plain["target"]["missing"]
    for relation in plain["relations"]:
        del relation["num_edges"]
    return Schema.from_plain(plain)


def test_an_older_model_says_what_it_knows() -> None:
    """A count without its share, and nothing of edges."""
    schema = old(LEARNED)
    assert said(lambda number, document: document | ({"a": None, "b": None} if number % 2 else {}), schema) == [
        "'a' of v: 100 of 200 vertices have no value (in the training none was missing).",
        "'b' of v: 120 of 200 vertices have no value (in the training 20).",
    ]
    assert not [sentence for sentence in build_inputs(lonely(150), schema).warnings if "edges" in sentence]


VALUES: dict[str, st.SearchStrategy[Any]] = {
    "a": st.sampled_from([None, 49, "50.5", 51.25]),
    "b": st.sampled_from([None, 0, -0.5]),
    "sector": st.sampled_from([None, "tech", "water"]),
    "vector": st.sampled_from([None, [0.5, 0, 1], [0.25, 1, 1]]),
}


@given(st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_counts_do_not_depend_on_the_order(rows: list[Document], random: Any) -> None:
    """Whatever is drawn, a feature has at most one sentence, its count is right, and rows in another order say the same."""
    rows = [{"_key": str(number)} | row for number, row in enumerate(rows)]
    warnings = build_inputs(make_graph(rows), LEARNED).warnings
    for name in FEATURES:
        num_missing = sum(row[name] is None for row in rows)
        sentences = [sentence for sentence in warnings if sentence.startswith(f"{name!r} of v: ")]
        assert len(sentences) <= 1
        if num_missing and name != "b":
            assert f": {num_missing} of {len(rows)} vertices have no value" in sentences[0]
    shuffled = make_graph(random.sample(rows, len(rows)))
    assert build_inputs(shuffled, LEARNED).warnings == warnings
