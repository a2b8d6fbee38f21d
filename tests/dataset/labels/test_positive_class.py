"""Which of two classes measures are about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dataset.labels.targets import warned_target
from trainer.errors import DataError


@pytest.mark.parametrize(
    ("labels", "positive"),
    [
        ([0, 1, 1, 1], 1),
        ([True, True, True, False], True),
        (["1", "0", "1", "1"], "1"),
        (["True", "True", "False"], "True"),
        ([-1, 1, 1, 1], 1),
        ([1, 2, 1, 1, 2], 1),
        ([2, 3, 3, 3], 3),
        (["fraud", "normal", "normal"], "fraud"),
        (["normal", "normal", "zz_fraud"], "zz_fraud"),
        (["down", "up"], "up"),
        (["down", "up", None, None, ""], "up"),
        (["fraud", "fraud", "normal", "?"], None),
        ([0, 1, 2], None),
        ([0.5, 0.25], None),
    ],
)
def test_positive_class_of_labels(labels: list[Any], positive: Any) -> None:
    """1 or true; of two texts the rarer one, at a tie the later in order; none of three, none of quantities."""
    found = warned_target(labels).value.positive_class
    assert (found, type(found)) == (positive, type(positive))


@pytest.mark.parametrize(
    ("labels", "named", "positive"),
    [
        (["fraud", "normal", "normal"], "normal", "normal"),
        ([0, 1], "0", 0),
        ([True, False], "false", False),
        (["a", "b", "nan", "nan"], "b", "b"),
        ([-1, 1], "-1", -1),
    ],
)
def test_setting_overrides(labels: list[Any], named: str, positive: Any) -> None:
    """POSITIVE_CLASS names a class as its documents spell it; the classes stay in order."""
    target = warned_target(labels, positive_class=named, target_missing=["nan"]).value
    assert target.positive_class == positive
    assert target.classes == sorted({label for label in labels if label != "nan"})


@pytest.mark.parametrize("labels", [["fraud", "normal"], [0, 1], ["a", "b", "c"]])
def test_unknown_class_is_refused_with_the_classes(labels: list[Any]) -> None:
    """A typo is exit code 3."""
    with pytest.raises(DataError, match=f"POSITIVE_CLASS='scam'; the classes are: {', '.join(map(str, labels))}"):
        warned_target(labels, positive_class="scam")


@pytest.mark.parametrize(("labels", "reason"), [([0, 1, 2], "3 classes, not two"), ([0.5, 1.5], "holds numbers")])
def test_setting_without_effect_is_said(labels: list[Any], reason: str) -> None:
    """There is no positive one among three classes, nor in quantities."""
    (warning,) = warned_target(labels, positive_class="1").warnings
    assert "POSITIVE_CLASS=1 has no effect" in warning
    assert reason in warning
