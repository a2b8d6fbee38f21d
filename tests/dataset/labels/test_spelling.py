"""A label is given back as its documents spell it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dataset.labels.targets import given_back, warned_target
from trainer.record import label_text

WORD = st.text("abcxyz", min_size=1, max_size=3).filter(lambda word: word not in ("nan", "inf"))
CODE = st.integers(0, 99).map("{:03}".format)
DIGITS = st.integers(-20, 20).map(str)
FORMS = (WORD, CODE, DIGITS, st.integers(-20, 20), st.booleans(), st.sampled_from(["true", "false"]))


@given(st.sampled_from(FORMS).flatmap(lambda form: st.lists(st.one_of(form, st.none()), min_size=4, max_size=30)))
def test_every_label_comes_back(labels: list[Any]) -> None:
    """Words, codes with leading zeros, digits as text, integers and truth values, with gaps: same value, same type."""
    if not any(label is not None for label in labels):
        return
    target, _ = warned_target(labels)
    assert list(map(repr, given_back(target))) == list(map(repr, labels))


def test_digits_are_in_order_of_their_numbers() -> None:
    """Numbers as texts are still ordered as numbers."""
    assert warned_target(["10", "9", "-1"]).value.classes == ["-1", "9", "10"]


@pytest.mark.parametrize(
    ("labels", "classes", "pair"),
    [
        (["1.1", "1.10", "2"], ["1.1", "2"], "'1.1' and '1.10'"),
        (["true", "True", "false"], ["false", "True"], "'True' and 'true'"),
        (["5", "5.0", "7"], ["5", "7"], "'5' and '5.0'"),
    ],
)
def test_texts_that_are_equal_are_one_class_with_a_warning(labels: list[str], classes: list[str], pair: str) -> None:
    """The shortest spelling stands for all of them."""
    target, warnings = warned_target(labels, task="multiclass")
    assert target.classes == classes
    assert warnings == (f"Labels of 'y' that spell the same are one class: {pair}.",)


def test_texts_among_numbers_become_numbers() -> None:
    """Where some documents hold numbers, all do."""
    assert warned_target([1, "2", 3]).value.classes == [1, 2, 3]


@pytest.mark.parametrize(
    ("labels", "task", "classes"),
    [(["1", "1"], "binary", ["0", "1"]), ([True], "binary", [False, True]), (["true"], "binary", ["false", "true"])],
)
def test_lone_label_of_a_pair_brings_the_other(labels: list[Any], task: str, classes: list[Any]) -> None:
    """The class that no vertex has is spelled alike."""
    target = warned_target(labels).value
    assert (target.task, target.classes) == (task, classes)


@pytest.mark.parametrize(
    ("label", "text"), [(True, "true"), (3, "3"), (-0.5, "-0.5"), ("up", "up"), ("007", "007"), (1e300, "1e+300")]
)
def test_text_of_a_label(label: Any, text: str) -> None:
    """As JSON has it, without quotes."""
    assert label_text(label) == text


def test_numbers_beyond_64_bits_are_doubles() -> None:
    """JSON of metrics.json has no larger integers, and the documents may say 1e20."""
    classes = warned_target([1e20, 3.0, -(2.0**63), 4]).value.classes
    assert list(map(label_text, classes or [])) == ["-9.223372036854776e+18", "3", "4", "1e+20"]
