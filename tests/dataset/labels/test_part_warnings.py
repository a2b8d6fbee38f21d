"""Parts that are too small or one-sided to say much are warned of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring


def part_warnings(documents: list[dict[str, Any]], **values: Any) -> list[str]:
    """The warnings about parts of these documents, with the label `y`."""
    graph = make_graph(documents, ring(len(documents)))
    warnings = build_dataset(graph, make_settings(**{"target": "y"} | values)).inputs.warnings
    return [warning for warning in warnings if "part" in warning]


def timed(labels: list[Any]) -> list[dict[str, Any]]:
    """Documents with these labels, one a second."""
    return [{"y": label, "a": n % 7, "ts": 1_717_200_000 + n} for n, label in enumerate(labels)]


@pytest.mark.parametrize(
    ("labels", "part", "label"),
    [
        ([n % 2 for n in range(360)] + [1] * 40, "test", "1"),
        ([n % 2 for n in range(320)] + [0] * 40 + [n % 2 for n in range(40)], "validation", "0"),
        ([("up", "down")[n % 2] for n in range(360)] + ["up"] * 40, "test", "up"),
        ([n % 2 == 0 for n in range(360)] + [True] * 40, "test", "true"),
        ([n % 3 for n in range(360)] + [2] * 40, "test", "2"),
    ],
)
def test_part_of_one_class_is_warned_of(labels: list[Any], part: str, label: str) -> None:
    """The sentence names the part and the class."""
    assert part_warnings(timed(labels), val_ratio=0.1, test_ratio=0.1) == [
        f"The {part} part holds one class of 'y' only ({label}): its measures do not tell a good model from one that "
        "always says this; set SPLIT otherwise."
    ]


@pytest.mark.parametrize("labels", [[n % 2 for n in range(200)], [n / 7 for n in range(200)]])
@pytest.mark.parametrize(
    ("val_ratio", "test_ratio", "begin"),
    [
        (0.1, 0.2, "The validation part has 20 labels: measures of fewer than 30 are uncertain"),
        (0.2, 0.145, "The test part has 29 labels: measures"),
        (0.1, 0.1, "The validation part has 20 labels and the test part has 20 labels: measures"),
    ],
)
def test_small_part_is_warned_of(labels: list[Any], val_ratio: float, test_ratio: float, begin: str) -> None:
    """Fewer than thirty labels, of classes and of quantities."""
    (warning,) = part_warnings(timed(labels), val_ratio=val_ratio, test_ratio=test_ratio)
    assert warning.startswith(begin)


@pytest.mark.parametrize(("val_ratio", "test_ratio"), [(0.15, 0.15), (0, 0.15), (0.15, 0), (0, 0)])
@pytest.mark.parametrize("method", ["random", "temporal"])
def test_part_of_thirty_or_none_by_wish_is_not_warned_of(method: str, val_ratio: float, test_ratio: float) -> None:
    """A ratio of 0 asks for no part."""
    labels = [n % 2 for n in range(200)]
    assert not part_warnings(timed(labels), split=method, val_ratio=val_ratio, test_ratio=test_ratio)


@pytest.mark.parametrize(
    ("absent", "begin"),
    [("val", "The stored split has no validation part"), ("test", "The stored split has no test part")],
)
def test_stored_split_without_a_part_is_said(absent: str, begin: str) -> None:
    """Nobody asked for it by a ratio."""
    words = ["train", "test" if absent == "val" else "val"]
    documents = [
        document | {"split": words[n % 4 == 3]} for n, document in enumerate(timed([n // 4 % 2 for n in range(400)]))
    ]
    warnings = [warning for warning in part_warnings(documents) if "is taken" not in warning]
    assert len(warnings) == 1
    assert warnings[0].startswith(begin)
