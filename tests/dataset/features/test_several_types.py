"""The features of each type: those of FEATURES that it has, or its numbers; learned from rows that training may know."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.composed import build_dataset
from tests.conftest import make_settings
from tests.dataset.typed_graphs import typed_graph
from trainer.dataset.dataset import Dataset
from trainer.errors import DataError

NUM = 20
NUM_TRAIN = 14


def dataset(of_s: list[dict[str, Any]], of_c: dict[str, Any] | None = None, **values: Any) -> Dataset:
    """Vertices `c` with the label `y` and the feature `a`, and vertices `s`, each with an edge to one of them."""
    rows = [{"_key": f"{n:02}", "ts": 100 + n, "y": n % 2, "a": n % 5} | (of_c or {}) for n in range(NUM)]
    others = [{"_key": f"{n:02}"} | document for n, document in enumerate(of_s)]
    edges = [(f"s/{document['_key']}", f"c/{document['_key']}") for document in others]
    graph = typed_graph({"c": rows, "s": others}, {"touch": edges})
    return build_dataset(graph, make_settings(**{"target": "y"} | values))


def names(result: Dataset) -> dict[str, list[str]]:
    """The features of each type."""
    return {
        vertex_type: [feature.name for feature in vertices.features]
        for vertex_type, vertices in result.inputs.vertices.items()
    }


PRICES = [{"price": float(n)} for n in range(NUM)]


def test_each_type_has_its_numeric_attributes() -> None:
    """Without FEATURES, by the rules that hold for one type."""
    assert names(dataset([row | {"side": "x", "label": 1, "ts": 5} for row in PRICES])) == {"c": ["a"], "s": ["price"]}


def test_each_type_takes_the_features_that_it_has() -> None:
    """FEATURES may name attributes of any type."""
    assert names(dataset([row | {"a": 1 + n} for n, row in enumerate(PRICES)], features=["price", "a"])) == {
        "c": ["a"],
        "s": ["price", "a"],
    }


def test_type_without_features_has_no_columns() -> None:
    """It is there all the same."""
    result = dataset([{"note": "x"} for _ in range(3)])
    assert result.inputs.vertices["s"].x.shape == (3, 0)


def test_target_type_may_be_without_features() -> None:
    """It learns from what other types send."""
    result = dataset(PRICES, features=["price"])
    assert result.inputs.x.shape == (NUM, 0)
    assert result.inputs.vertices["s"].x.shape == (NUM, 1)


def test_no_feature_anywhere_is_refused() -> None:
    """A graph of nothing but labels cannot be learned from."""
    with pytest.raises(DataError, match=r"The vertex collections have no numeric attribute .*; set FEATURES"):
        dataset([{"note": "x"}], {"a": None})


def test_feature_that_no_type_has_is_refused() -> None:
    """The sentence says what may have been meant."""
    with pytest.raises(
        DataError, match="No vertex collection has the attribute 'prise' of FEATURES: did you mean 'price'"
    ):
        dataset(PRICES, features=["a", "prise"])


def test_attribute_under_the_target_s_name_is_a_feature_only_if_named() -> None:
    """Another type's `a` may reveal what is to be predicted, so FEATURES has to ask for it."""
    both = [row | {"a": 7 * n} for n, row in enumerate(PRICES)]
    chosen: dict[str, Any] = {"target": "a", "target_collection": ["c"]}
    assert names(dataset(both, **chosen)) == {"c": [], "s": ["price"]}
    result = dataset(both, **chosen, features=["price", "a"])
    assert names(result) == {"c": [], "s": ["price", "a"]}
    assert any(warning.startswith("s: 'a' looks like a label") for warning in result.inputs.warnings)


def test_unusable_attribute_of_one_type_leaves_the_others_alone() -> None:
    """A named feature that one type cannot use and another can is a warning."""
    result = dataset([row | {"a": "text" if n else 1} for n, row in enumerate(PRICES)], features=["a"])
    assert names(result) == {"c": ["a"], "s": []}
    assert any(
        warning.startswith("s: 'a' of FEATURES holds texts such as 'text'") for warning in result.inputs.warnings
    )


def test_warnings_name_the_type() -> None:
    """Where there are several types, a constant attribute is that of one."""
    result = dataset([row | {"same": 1} for row in PRICES])
    assert "s: 'same' is constant in the training part and is left out." in result.inputs.warnings


def test_collections_that_disagree_on_the_type_of_values_are_refused_when_needed() -> None:
    """Numbers here and texts there are no feature; named, they are an error."""
    rows = [{"_key": f"{n:02}", "ts": n, "y": n % 2, "a": n % 5, "b": n % 3} for n in range(NUM)]
    texts = [row | {"_key": f"t{row['_key']}", "b": "x"} for row in rows]
    graph = typed_graph({"c_1": rows, "c_2": texts}, {})
    result = build_dataset(graph, make_settings(target="y"))
    assert names(result) == {"c": ["a"]}
    assert "'b' holds texts such as 'x' among numbers and is no feature." in result.inputs.warnings
    with pytest.raises(DataError, match="'b' of FEATURES holds texts such as 'x' among numbers"):
        build_dataset(graph, make_settings(target="y", features=["b"]))


@settings(max_examples=40)
@given(
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6, width=32)), min_size=6, max_size=6), st.sampled_from([1, 1000])
)
def test_other_types_are_learned_from_the_time_of_training(future: list[float | None], factor: int) -> None:
    """Values of later rows move neither fill, mean nor scale, whatever unit the times are in."""

    def learned(values: list[Any]) -> list[dict[str, Any]]:
        base = 1_717_200_000
        rows = [{"_key": f"{n:02}", "ts": base + n, "y": n % 2, "a": n % 5} for n in range(NUM)]
        others = [{"_key": f"{n:02}", "ts": (base + n) * factor, "price": value} for n, value in enumerate(values)]
        edges = [(f"s/{n:02}", f"c/{n:02}") for n in range(NUM)]
        graph = typed_graph({"c": rows, "s": others}, {"touch": edges})
        result = build_dataset(
            graph, make_settings(target="y", features=["a", "price"], val_ratio=0.15, test_ratio=0.15)
        )
        assert int(result.split.mask("train").sum()) == NUM_TRAIN
        plain = [feature.describe() for feature in result.inputs.vertices["s"].features]
        return [{key: value for key, value in feature.items() if key != "missing"} for feature in plain]

    past = [float(n * n) for n in range(NUM_TRAIN)]
    assert learned([*past, *future]) == learned([*past, *[0.5] * 6])


def test_other_types_learn_nothing_from_the_embargo() -> None:
    """The last training time is before the embargo."""

    def mean(value: float) -> list[float]:
        others = [{"price": value if n in (12, 13) else float(n), "ts": 100 + n} for n in range(NUM)]
        (feature,) = dataset(others, embargo=2, features=["price", "a"]).inputs.vertices["s"].features
        return feature.mean

    assert mean(0) == mean(1e6)
    np.testing.assert_allclose(mean(0), np.mean(np.arange(12)))


def test_types_without_comparable_times_are_learned_from_whole() -> None:
    """Levels without a time are known throughout."""
    (feature,) = dataset(PRICES).inputs.vertices["s"].features
    np.testing.assert_allclose(feature.mean, np.mean(np.arange(NUM)))
