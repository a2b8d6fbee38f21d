"""The content of `predictions.csv.gz`: the model's prediction for each vertex.

A line is `_id,part,label,prediction`, and with classes a probability for each of them. Two million vertices are
usual, so lines are made in blocks and go straight into the compressor.
"""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from trainer.dataset.dataset import Dataset
from trainer.dataset.labels.split import EMBARGO, NO_PART, PARTS
from trainer.dataset.vertex_set import VertexSet
from trainer.record import label_text

_UNLABELLED = 99
_BLOCK = 1 << 16
_LEVEL = 4
"""Within a few percent of the smallest file, in half its time."""
_UNSAFE = re.compile('[",\r\n]')
_LIKE_A_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠']|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")


def predictions_csv(
    vertices: VertexSet,
    part: Sequence[str],
    label: Sequence[str],
    scores: NDArray[np.float64],
    classes: Sequence[Any] | None,
    *,
    spreadsheet_safe: bool = False,
) -> bytes:
    """The compressed table; equal predictions give equal bytes.

    Args:
        vertices: the vertices that predictions are about; the lines stand in their order.
        part: of each vertex.
        label: of each vertex, as its document spells it; empty where it has none.
        scores: probabilities [vertices, classes], or numbers in the label's own unit [vertices].
        classes: the labels that the columns of `scores` belong to; None for numbers.
        spreadsheet_safe: whether texts that a spreadsheet would take for a formula begin with an apostrophe.
    """
    cell = _safe_cell if spreadsheet_safe else _quoted
    names = [label_text(label) for label in classes or ()]
    header = ["_id", "part", "label", "prediction", *(f"probability_{name}" for name in names)]
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, compresslevel=_LEVEL, mtime=0) as file:
        file.write((",".join(map(cell, header)) + "\n").encode())
        quoted = [cell(name) for name in names]
        for start in range(0, len(scores), _BLOCK):
            rows = slice(start, start + _BLOCK)
            texts = (map(cell, column[rows]) for column in (part, label))
            columns = [map(cell, _ids(vertices, rows)), *texts, *_prediction_columns(scores[rows], quoted)]
            file.write(("\n".join(map(",".join, zip(*columns, strict=True))) + "\n").encode())
    return buffer.getvalue()


def parts_of(dataset: Dataset) -> list[str]:
    """The part of each vertex of the target type, `embargo`, `unlabelled`, or `none` of these."""
    names = {code: name for name, code in {**PARTS, "embargo": EMBARGO, "none": NO_PART}.items()}
    names[_UNLABELLED] = "unlabelled"
    codes = np.where(dataset.target.labelled, dataset.split.part, _UNLABELLED)
    return [names[code] for code in codes.tolist()]


def label_texts(classes: Sequence[Any] | None, y: NDArray[Any], labelled: NDArray[np.bool_]) -> list[str]:
    """The label of each vertex as its document spells it, empty where it has none.

    Args:
        classes: the labels that `y` is an index into; None for numbers.
        y: int64 or float64 of shape [vertices].
        labelled: bool of shape [vertices].
    """
    if classes is not None:
        names = [*map(label_text, classes), ""]
        return [names[code] for code in np.where(labelled, y, -1).tolist()]
    texts = [text.removesuffix(".0") for text in _numbers(y)]
    return [text if known else "" for text, known in zip(texts, labelled.tolist(), strict=True)]


def _ids(vertices: VertexSet, rows: slice) -> Iterator[str]:
    collections = [f"{name}/" for name in vertices.collections]
    for collection, key in zip(vertices.collection[rows].tolist(), vertices.keys[rows].tolist(), strict=True):
        yield collections[collection] + key.decode()


def _prediction_columns(scores: NDArray[np.float64], names: Sequence[str]) -> list[Sequence[str]]:
    """The columns from `prediction` on; probabilities with the digits that a float32 has."""
    if not names:
        return [_numbers(scores)]
    likeliest = [names[column] for column in scores.argmax(axis=1).tolist()]
    return [likeliest, *(_numbers(np.ascontiguousarray(column)) for column in scores.T.astype(np.float32))]


def _numbers(values: NDArray[Any]) -> list[str]:
    """The shortest text that reads back as the same number."""
    if len(values) == 0:
        return []
    return orjson.dumps(values, option=orjson.OPT_SERIALIZE_NUMPY)[1:-1].decode().split(",")


def _quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"' if _UNSAFE.search(field) else field


def _safe_cell(field: str) -> str:
    """As `_quoted`; a text that begins like a formula, or with an apostrophe, has an apostrophe more, which may be cut off again."""
    is_formula = _LIKE_A_FORMULA.match(field) is not None and not _NUMBER.fullmatch(field)
    return _quoted(f"'{field}" if is_formula else field)
