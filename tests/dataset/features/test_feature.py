"""How attributes become inputs: chosen, filled, flagged, spread over columns, scaled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.composed import build_dataset, judged
from tests.conftest import make_graph, make_settings
from trainer.dataset.dataset import Dataset
from trainer.dataset.features.feature import MAX_ONE_HOT, Feature
from trainer.errors import DataError

NUM = 20


def dataset(attributes: dict[str, list[Any]], **values: Any) -> Dataset:
    """The dataset of these attributes; `y` is the label and rows follow each other in `ts`, 14 of them in training."""
    columns = {"ts": list(range(NUM)), "y": [index % 2 for index in range(NUM)]} | attributes
    documents = [{name: column[index] for name, column in columns.items()} for index in range(NUM)]
    return build_dataset(make_graph(documents), make_settings(**{"target": "y"} | values))


def names(result: Dataset) -> list[str]:
    """The names of the features."""
    return [feature.name for feature in result.inputs.features]


COUNT = [float(index) for index in range(NUM)]


def test_number_has_standard_scores_over_the_training_part() -> None:
    """Mean 0 and deviation 1 where the model learns."""
    x = dataset({"a": COUNT}).inputs.x[:14, 0]
    np.testing.assert_allclose([x.mean(), x.std()], [0, 1], atol=1e-6)


def test_missing_in_training_adds_an_indicator() -> None:
    """The model can tell a filled value from a true one."""
    values: list[float | None] = [None if index in (2, 17) else float(index) for index in range(NUM)]
    result = dataset({"a": values})
    assert result.inputs.x.shape == (NUM, 2)
    assert result.inputs.x[:, 1].tolist() == [float(value is None) for value in values]
    assert result.inputs.features[0].missing == 2


def test_missing_outside_training_adds_no_indicator() -> None:
    """A column that is 0 wherever the model learns would stay untrained."""
    values: list[float | None] = [None if index == 17 else float(index) for index in range(NUM)]
    result = dataset({"a": values})
    assert result.inputs.x.shape == (NUM, 1)
    assert result.inputs.x[17, 0] == pytest.approx(0)  # the median of 0..13 is their mean


def test_texts_have_a_column_per_category() -> None:
    """One-hot over the sorted categories of the training part; an unseen one and a missing one have none."""
    values: list[str | None] = [("b", "a", "c")[index % 3] for index in range(NUM)]
    values[5] = None
    values[18] = "zebra"
    result = dataset({"side": values}, features=["side"])
    assert result.inputs.features[0].categories == ["a", "b", "c"]
    expected = [[float(value == category) for category in "abc"] + [float(value is None)] for value in values]
    assert result.inputs.x.tolist() == expected


def test_arrays_stay_as_they_are_by_default() -> None:
    """Embeddings come scaled; `auto` leaves them alone while it scales numbers."""
    vectors = [[float(index), index / 4] for index in range(NUM)]
    result = dataset({"emb": vectors, "n": COUNT}, features=["emb", "n"])
    assert result.inputs.x[:, :2].tolist() == vectors
    assert result.inputs.x[:14, 2].std() == pytest.approx(1)


def test_arrays_are_scaled_when_asked_for() -> None:
    """SCALING=standard gives each column of an array its own mean and deviation."""
    vectors = [[float(index), 1000.0 + index**2] for index in range(NUM)]
    x = dataset({"emb": vectors}, scaling="standard").inputs.x[:14]
    np.testing.assert_allclose([x.mean(axis=0), x.std(axis=0)], [[0, 0], [1, 1]], atol=1e-5)


def test_scaling_none_leaves_numbers_alone() -> None:
    """SCALING=none hands over the stored values."""
    assert dataset({"a": COUNT}, scaling="none").inputs.x[:, 0].tolist() == COUNT


def test_default_choice_leaves_out_what_is_no_feature() -> None:
    """Keys, times, labels, label-like names and texts are no features unless FEATURES names them."""
    attributes: dict[str, list[Any]] = {
        "rsi": COUNT,
        "emb": [[value, value + 1] for value in COUNT],
        "flag": [index % 3 == 0 for index in range(NUM)],
        "numeric_text": [str(value) for value in COUNT],
        "note": ["text"] * NUM,
        "timestamp": COUNT,
        "close_time": COUNT,
        "label": COUNT,
        "price_up": [index % 2 for index in range(NUM)],
        "future_volatility": COUNT,
        "Future_Return": COUNT,
        "target_high": COUNT,
        "_rev": COUNT,
    }
    assert sorted(names(dataset(attributes))) == ["emb", "flag", "numeric_text", "rsi"]


def test_default_choice_leaves_out_the_named_time_in_any_letter_case() -> None:
    """TIME_FIELD=WHEN means `when`, which then is time and no feature."""
    assert names(dataset({"when": COUNT, "a": COUNT}, time_field="WHEN")) == ["a"]


def test_features_match_in_any_letter_case() -> None:
    """`RSI` means `rsi`, in the order of FEATURES."""
    result = dataset({"rsi": COUNT, "Vwap": [value**2 for value in COUNT]}, features=["vWAP", "RSI"])
    assert names(result) == ["Vwap", "rsi"]


def test_exact_name_beats_one_in_another_letter_case() -> None:
    """Where `rsi` and `RSI` both exist, the exact spelling counts."""
    assert names(dataset({"rsi": COUNT, "RSI": COUNT[::-1]}, features=["RSI"])) == ["RSI"]


def test_ambiguous_letter_case_is_refused() -> None:
    """`Rsi` could be `rsi` or `RSI`."""
    with pytest.raises(DataError, match="no attribute 'Rsi'"):
        dataset({"rsi": COUNT, "RSI": COUNT}, features=["Rsi"])


def test_target_matches_in_any_letter_case() -> None:
    """`PRICE_UP` means `price_up`, which then is no feature."""
    result = dataset({"price_up": [index % 2 for index in range(NUM)], "a": COUNT}, target="PRICE_UP")
    assert result.target.name == "price_up"
    assert names(result) == ["a"]


def test_constant_feature_is_left_out_with_a_warning() -> None:
    """An attribute that is constant where the model learns carries no information, whatever it does later."""
    result = dataset({"a": COUNT, "same": [7] * 14 + [8] * 6})
    assert names(result) == ["a"]
    assert any("'same' is constant in the training part" in warning for warning in result.inputs.warnings)


def test_constant_feature_that_is_missing_at_times_stays() -> None:
    """Whether there is a value is information."""
    values = [None if index % 4 == 0 else 7.0 for index in range(NUM)]
    result = dataset({"a": COUNT, "sometimes": values})
    assert names(result) == ["a", "sometimes"]
    assert result.inputs.x[:, 2].tolist() == [float(value is None) for value in values]


def test_booleans_are_scaled_as_numbers_are() -> None:
    """A rare flag has standard scores too."""
    x = dataset({"flag": [index % 7 == 0 for index in range(NUM)]}).inputs.x[:14, 0]
    np.testing.assert_allclose([x.mean(), x.std()], [0, 1], atol=1e-6)


def texts(num_different: int) -> Dataset:
    """The dataset of a text attribute with so many different values, all of them in training."""
    num = 2 * num_different
    documents = [{"ts": index, "y": index % 2, "word": f"w{index % num_different:03}"} for index in range(num)]
    return build_dataset(make_graph(documents), make_settings(target="y", features=["word"]))


def test_text_attribute_of_too_many_values_is_refused() -> None:
    """Up to 64 texts are categories, more are identifiers."""
    assert texts(MAX_ONE_HOT).inputs.x.shape[1] == MAX_ONE_HOT == 64
    with pytest.raises(DataError, match="'word' of FEATURES holds 65 different texts; up to 64 can be a feature"):
        texts(MAX_ONE_HOT + 1)


def test_array_with_a_hole_is_filled_and_scaled() -> None:
    """A missing element has its column's median, and spoils neither mean nor scale of the others."""
    vectors: list[list[float | None]] = [[float(index), None if index == 3 else 10.0 * index] for index in range(NUM)]
    x = dataset({"emb": vectors}, scaling="standard").inputs.x
    np.testing.assert_allclose(x[:14].mean(axis=0), [0, 0], atol=1e-6)
    known = [10.0 * index for index in range(14) if index != 3]
    filled = [float(np.median(known)) if index == 3 else 10.0 * index for index in range(14)]
    np.testing.assert_allclose(x[3, 1], (filled[3] - np.mean(filled)) / np.std(filled), rtol=1e-5)


def test_constant_feature_that_was_asked_for_stays() -> None:
    """FEATURES is obeyed; the constant one becomes zeros and a warning."""
    result = dataset({"a": COUNT, "same": [7] * NUM}, features=["a", "same"])
    assert result.inputs.x[:, 1].tolist() == [0.0] * NUM
    assert any("'same' is constant" in warning for warning in result.inputs.warnings)


@pytest.mark.parametrize("value", [0.1, -0.3, 7.0])
def test_constant_feature_becomes_zeros_whatever_its_mean_is_rounded_to(value: float) -> None:
    """The sum of equal numbers is rounded, so that they seem to differ from their mean; the noise is not scaled up."""
    result = dataset({"a": COUNT, "same": [value] * NUM}, features=["a", "same"])
    np.testing.assert_allclose(result.inputs.x[:, 1], 0, atol=1e-9)


@pytest.mark.parametrize("level", [1e6, 1e10])
def test_small_differences_between_large_values_are_scaled_up(level: float) -> None:
    """An attribute that is large and changes little, such as an index of prices, counts as much as any other."""
    x = dataset({"a": [level + value for value in COUNT]}).inputs.x[:14, 0]
    np.testing.assert_allclose([x.mean(), x.std()], [0, 1], atol=1e-4)


def test_feature_without_a_value_in_training_is_refused() -> None:
    """An attribute that only the future knows cannot be learned from."""
    with pytest.raises(DataError, match="'late' has no value in the training part"):
        dataset({"a": COUNT, "late": [None] * 14 + COUNT[14:]}, features=["a", "late"])


def test_feature_that_looks_like_a_label_is_warned_of() -> None:
    """A warning says that `future_x` looks like a label."""
    result = dataset({"future_x": COUNT}, features=["future_x"])
    assert any("'future_x' looks like a label" in warning for warning in result.inputs.warnings)


@pytest.mark.parametrize("value", [1e40, -1e300])
def test_value_beyond_float32_is_refused(value: float) -> None:
    """A number that x cannot hold ends the run with a sentence, not with infinities."""
    with pytest.raises(DataError, match="'a' holds numbers too large for float32"):
        dataset({"a": [*COUNT[:-1], value]})


def test_huge_values_in_training_do_not_wipe_the_feature_out() -> None:
    """A deviation beyond float64 is refused rather than dividing every value down to zero."""
    values = [1e300 if index % 2 else -1e300 for index in range(NUM)]
    with pytest.raises(DataError, match="'a' holds numbers too large"):
        dataset({"a": values})


def test_description_encodes_again() -> None:
    """What the model file stores of a feature gives the same columns."""
    values: list[float | None] = [None if index == 2 else float(index) for index in range(NUM)]
    documents = [{"ts": index, "y": index % 2, "a": value} for index, value in enumerate(values)]
    graph = make_graph(documents)
    result = build_dataset(graph, make_settings(target="y"))
    again = Feature(**result.inputs.features[0].describe())
    assert again.encode(judged(graph).columns["a"]).tobytes() == result.inputs.x.tobytes()


def test_inputs_are_float32() -> None:
    """The model computes in float32."""
    assert dataset({"a": COUNT, "emb": [[value] for value in COUNT]}).inputs.x.dtype == np.float32
