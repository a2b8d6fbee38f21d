"""Nothing that training uses may depend on the validation and test parts: not the scaler, the imputation or the split.

Each test changes values in those parts only and looks at what the training part sees.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings
from trainer.dataset.dataset import Dataset

NUM = 24
NUM_TRAIN = 16
NUMBER = st.one_of(st.none(), st.integers(-1000, 1000), st.floats(-1e6, 1e6, width=32))
VECTOR = st.one_of(st.none(), st.lists(st.floats(-100, 100, width=32), min_size=2, max_size=2))
TEXT = st.one_of(st.none(), st.sampled_from(["up", "down", "flat"]))
ROW = st.fixed_dictionaries({"number": NUMBER, "vector": VECTOR, "text": TEXT})
WHOLE_ROW = st.fixed_dictionaries(
    {"number": st.integers(-9, 9), "vector": st.just([0.5, 2.0]), "text": st.sampled_from(["up", "down"])}
)
FUTURE_ROW = st.fixed_dictionaries(
    {"number": NUMBER, "vector": VECTOR, "text": st.one_of(TEXT, st.just("never seen before"))}
)
EVERYTHING = ("steady", "number", "vector", "text")


def dataset(rows: list[dict[str, Any]], labels: list[Any], **values: Any) -> Dataset:
    """The dataset of rows in the order of time; the last third is validation and test."""
    documents = [
        {"ts": 1_700_000_000 + index * 60, "y": label, "steady": index % 5} | row
        for index, (row, label) in enumerate(zip(rows, labels, strict=True))
    ]
    # Each attribute has a first value, so that its type is known even if all rows are drawn as null.
    documents[0] |= {"number": 1.5, "vector": [1.0, 2.0], "text": "up"}
    chosen = {"split": "temporal", "val_ratio": 1 / 6, "test_ratio": 1 / 6, "target": "y", "features": EVERYTHING}
    return build_dataset(make_graph(documents), make_settings(**chosen | values))


def learned(result: Dataset) -> list[dict[str, Any]]:
    """What was learned about each feature; how many values are missing or unseen are counts for reports."""
    return [
        {key: value for key, value in feature.describe().items() if key not in ("missing", "unseen")}
        for feature in result.inputs.features
    ]


@settings(max_examples=60)
@given(
    st.one_of(st.lists(ROW, min_size=NUM, max_size=NUM), st.lists(WHOLE_ROW, min_size=NUM, max_size=NUM)),
    st.lists(FUTURE_ROW, min_size=NUM - NUM_TRAIN, max_size=NUM - NUM_TRAIN),
    st.sampled_from(["auto", "standard", "none"]),
)
def test_features_are_learned_from_the_training_part(
    rows: list[dict[str, Any]], future: list[dict[str, Any]], scaling: str
) -> None:
    """Other values in validation and test change no fill, mean, scale, category, nor any training row of x."""
    labels = [index % 2 for index in range(NUM)]
    before = dataset(rows, labels, scaling=scaling)
    after = dataset(rows[:NUM_TRAIN] + future, labels, scaling=scaling)
    train = before.split.mask("train")
    assert train.tolist() == [index < NUM_TRAIN for index in range(NUM)]
    assert learned(before) == learned(after)
    assert before.inputs.x[train].tobytes() == after.inputs.x[train].tobytes()


@settings(max_examples=30)
@given(st.lists(st.integers(-50, 50), min_size=NUM, max_size=NUM), st.lists(NUMBER, min_size=8, max_size=8))
def test_features_by_default_are_chosen_and_learned_from_the_training_part(
    numbers: list[int], future: list[Any]
) -> None:
    """Without FEATURES the choice, too, is blind to the future."""
    labels = [index % 2 for index in range(NUM)]
    before = dataset([{"number": number} for number in numbers], labels, features=[])
    changed = [{"number": number} for number in [*numbers[:NUM_TRAIN], *future]]
    after = dataset(changed, labels, features=[])
    train = before.split.mask("train")
    assert learned(before) == learned(after)
    assert before.inputs.x[train].tobytes() == after.inputs.x[train].tobytes()


@settings(max_examples=40)
@given(
    st.lists(st.floats(-1e3, 1e3, width=32), min_size=NUM, max_size=NUM),
    st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6, width=32)), min_size=8, max_size=8),
)
def test_scale_of_regression_labels_is_learned_from_the_training_part(labels: list[float], future: list[Any]) -> None:
    """Labels of the future move neither mean nor deviation of the labels that are learned from."""
    labels[:2] = [-2000.5, 2000.5]
    rows: list[dict[str, Any]] = [{} for _ in labels]
    # At least three labels stay in the future, so that the parts keep their sizes.
    known = labels[:NUM_TRAIN] + [0.25 if label is None else label for label in future]
    before = dataset(rows, labels, task="regression", features=["steady"])
    after = dataset(rows, known, task="regression", features=["steady"])
    train = before.split.mask("train")
    assert (before.target_mean, before.target_scale) == (after.target_mean, after.target_scale)
    assert before.y[train].tobytes() == after.y[train].tobytes()


@settings(max_examples=40)
@given(st.lists(FUTURE_ROW, min_size=NUM, max_size=NUM), st.lists(st.integers(0, 1), min_size=NUM, max_size=NUM))
def test_temporal_split_looks_at_time_only(rows: list[dict[str, Any]], labels: list[int]) -> None:
    """Neither features nor labels move a vertex to another part."""
    labels[:2] = [0, 1]
    result = dataset(rows, labels)
    assert result.split.part.tolist() == [0] * 16 + [1] * 4 + [2] * 4


def test_numbers_are_those_of_the_training_part() -> None:
    """Median, mean and deviation by numpy over the training rows."""
    numbers: list[float | None] = [float(index**2) for index in range(NUM)]
    numbers[3] = None
    numbers[20] = None
    result = dataset(
        [{"number": number} for number in numbers], [index % 2 for index in range(NUM)], features=["number"]
    )
    (feature,) = result.inputs.features
    train = [1.5, 1.0, 4.0, *(float(index**2) for index in range(4, NUM_TRAIN))]
    fill = float(np.median(train))
    filled = [*train, fill]
    assert feature.fill == [fill]
    np.testing.assert_allclose(feature.mean, np.mean(filled), rtol=1e-12)
    np.testing.assert_allclose(feature.scale, np.std(filled), rtol=1e-12)
    expected = (fill - np.mean(filled)) / np.std(filled)
    np.testing.assert_allclose(result.inputs.x[[3, 20], 0], expected, rtol=1e-5)


def test_fill_is_the_training_median_when_nothing_is_missing_yet() -> None:
    """The stored schema fills another graph's gaps with the median, not with a zero."""
    rows: list[dict[str, Any]] = [{"number": 100.0 + index} for index in range(NUM)]
    (feature,) = dataset(rows, [index % 2 for index in range(NUM)], features=["number"]).inputs.features
    assert feature.fill == [float(np.median([1.5, *(100.0 + index for index in range(1, NUM_TRAIN))]))]
