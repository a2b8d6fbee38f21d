"""Documents and labels that nothing can be learned from: exit code 3."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bad_inputs import folders
from tests.bad_inputs.owed import DATA, SETTINGS, says_error_once
from tests.conftest import Ended, write_collection

Document = dict[str, Any]
Change = Callable[[int, Document], object]
"""Alters the vertex with this number."""


def _alter(folder: Path, change: Change) -> None:
    path = folders.file_of(folder, "v_*.data.json")
    documents = [json.loads(line) for line in path.read_text().splitlines()]
    for number, document in enumerate(documents):
        change(number, document)
    write_collection(folder, "v", documents)


@pytest.mark.parametrize(
    ("change", "flags", "named"),
    [
        pytest.param(
            lambda n, d: d.update(volume=n), "--features volme", ["'volme'", "did you mean 'volume'"],
            id="absent feature",
        ),
        pytest.param(
            lambda n, d: d.update(o={"price": n}), "--features a o", ["'o' of FEATURES", "JSON objects"],
            id="feature of objects",
        ),
        pytest.param(
            lambda n, d: d.update(o=[1.0] * (1 + n % 3)), "--features a o", ["'o'", "several lengths", "1, 2, 3"],
            id="feature of ragged arrays",
        ),
        pytest.param(
            lambda n, d: d.update(o=[n, "x"]), "--features a o", ["'o'", "arrays of something else"],
            id="feature of arrays of texts",
        ),
        pytest.param(
            lambda n, d: d.update(o=[] if n == 9 else [n]), "--features o", ["'o'", "several lengths"],
            id="feature with an empty array",
        ),
        pytest.param(
            lambda n, d: d.update(o=[n] if n else 4), "--features a o", ["'o'", "single values"],
            id="feature of arrays and numbers",
        ),
        pytest.param(
            lambda n, d: d.update(o="up" if n % 2 else n), "--features a o", ["'o'", "'up'", "among numbers"],
            id="texts among numbers",
        ),
        pytest.param(
            lambda n, d: d.update(o=None), "--features a o", ["'o'", "no value in any document"],
            id="feature without values",
        ),
        pytest.param(
            lambda n, d: d.update(o=None if n < 36 else n), "--features a o", ["'o'", "training part"],
            id="feature without values in training",
        ),
        pytest.param(
            lambda n, d: d.update(a=1, b=2.5), "", ["v", "varies"], id="constant features",
        ),
        pytest.param(
            lambda n, d: (d.pop("a"), d.pop("b")), "", ["v", "no numeric attribute", "FEATURES"], id="no features",
        ),
        pytest.param(
            lambda n, d: d.update(a=n * 1e300), "--features a --scaling none", ["'a'", "float32"],
            id="numbers beyond float32",
        ),
        pytest.param(
            lambda n, d: d.update(a=n * 1e300), "--features a b", ["'a'"], id="numbers without a standard deviation",
        ),
        pytest.param(
            lambda n, d: d.update(a=[n * 1e38, 1]), "--features a", ["'a'", "float32"],
            id="arrays beyond float32",
        ),
        pytest.param(
            lambda n, d: None, "--features a Y", ["FEATURES", "'Y'", "TARGET"],
            id="the target that was found among the features",
        ),
        pytest.param(
            lambda n, d: d.update(price_up=n % 2), "--target price_upp", ["'price_upp'", "did you mean 'price_up'"],
            id="absent target",
        ),
        pytest.param(
            lambda n, d: (d.pop("y"), d.update(future_a=n, future_b=n)), "", ["TARGET", "future_a, future_b"],
            id="several possible targets",
        ),
        pytest.param(
            lambda n, d: d.pop("y"), "", ["TARGET is not set", "a, b, ts"], id="no possible target",
        ),
        pytest.param(
            lambda n, d: d.update(y=None), "--target y", ["TARGET='y'", "no value"], id="target without values",
        ),
        pytest.param(
            lambda n, d: d.update(y=[n % 2, 1]), "--target y", ["TARGET='y'", "arrays"], id="target of arrays",
        ),
        pytest.param(
            lambda n, d: d.update(y={"up": n % 2}), "--target y", ["TARGET='y'", "objects"], id="target of objects",
        ),
        pytest.param(
            lambda n, d: d.update(y="up" if n % 2 else 0), "--target y", ["TARGET='y'", "'up'", "among numbers"],
            id="target of texts and numbers",
        ),
        pytest.param(
            lambda n, d: d.update(y=int(n >= 36)), "", ["'y'", "one class", "0"], id="one class in training",
        ),
        pytest.param(
            lambda n, d: d.update(y="same"), "--split random", ["'y'", "one class", "'same'"], id="one class at all",
        ),
        pytest.param(
            lambda n, d: d.update(y=n % 2 if n < 2 else None), "", ["2 labelled", "too few"], id="too few labels",
        ),
        pytest.param(
            lambda n, d: d.update(y=n % 3), "--task binary", ["TARGET='y'", "3 distinct", "TASK=binary"],
            id="three labels for a binary task",
        ),
        pytest.param(
            lambda n, d: d.update(y="up" if n % 2 else "down"), "--task regression", ["TARGET='y'", "TASK=regression"],
            id="regression on texts",
        ),
        pytest.param(
            lambda n, d: d.update(y=2.5 if n < 36 else n), "--task regression", ["'y'", "training part", "equal"],
            id="regression on equal labels",
        ),
        pytest.param(
            lambda n, d: d.update(part="train"), "--split attribute:fold", ["'fold'", "SPLIT", "part"],
            id="absent split attribute",
        ),
        pytest.param(
            lambda n, d: d.update(part="test" if n % 2 else "val"), "--split attribute:part", ["training part", "SPLIT"],
            id="stored split without train",
        ),
        pytest.param(
            lambda n, d: d.update(part=n % 3), "--split attribute:part", ["SPLIT=attribute:part", "train, val and test"],
            id="stored split of numbers",
        ),
        pytest.param(
            lambda n, d: d.pop("ts"), "--split temporal", ["SPLIT=temporal", "TIME_FIELD"],
            id="temporal split without time",
        ),
        pytest.param(
            lambda n, d: d.update(ts=1_700_000_000), "--split temporal", ["SPLIT=temporal", "'ts'"],
            id="temporal split at one moment",
        ),
        pytest.param(
            lambda n, d: d.update(open_time=n), "--time_field opentime", ["TIME_FIELD='opentime'", "'open_time'"],
            id="absent time",
        ),
        pytest.param(
            lambda n, d: d.update(when="noon"), "--time_field when", ["TIME_FIELD='when'", "no times"],
            id="time of other texts",
        ),
        pytest.param(
            lambda n, d: d.update(ts=2**63 - 1), "", ["'ts' of v", "placeholders such as 9223372036854775807", "TIME_FIELD"],
            id="times beyond the calendar",
        ),
        pytest.param(
            lambda n, d: d.update(ts=1e308), "", ["'ts' of v", "placeholders such as 1e+308"], id="times beyond any unit",
        ),
        pytest.param(
            lambda n, d: d.update(ts="9999-12-31T23:59:59-05:00"), "", ["'ts' of v", "'9999-12-31T23:59:59-05:00'"],
            id="times of open ends",
        ),
        pytest.param(
            lambda n, d: d.update(ts=f"{n % 28 + 1:02}/05/2024"), "", ["'ts' of v", "'01/05/2024'", "TIME_FIELD", "SPLIT=random"],
            id="times that begin with the day",
        ),
        pytest.param(
            lambda n, d: d.update(ts={"at": n}), "", ["'ts' of v", "JSON objects", "TIME_FIELD", "SPLIT=random"],
            id="times of objects",
        ),
        pytest.param(
            lambda n, d: d.update(ts=202412310000 + n if n < 30 else 1_735_603_200_000), "",
            ["'ts' of v", "202412310000", "1735603200000"],
            id="calendar numbers and epochs",
        ),
        pytest.param(
            lambda n, d: None, "--embargo 1e9", ["EMBARGO=1e+09", "train"], id="embargo as long as the data",
        ),
        pytest.param(
            lambda n, d: None, "--embargo 360000", ["EMBARGO=360000", "val"], id="embargo as long as a part",
        ),
        pytest.param(
            lambda n, d: d.update(y=n * 1e300), "--task regression --target y", ["'y'"],
            id="labels beyond float32",
        ),
        pytest.param(
            lambda n, d: d.update(y=float(n)), "--task regression --learning_rate 1e30", ["loss", "LEARNING_RATE"],
            id="learning rate far too high",
        ),
    ],
)  # fmt: skip
def test_bad_documents(
    refused: Callable[..., Ended], small_dump: Path, change: Change, flags: str, named: list[str]
) -> None:
    """Documents that nothing can be learned from end the run with exit code 3 and one `error` event."""
    _alter(small_dump, change)
    says_error_once(refused(DATA, named, *flags.split()), DATA)


def test_texts_of_many_kinds(refused: Callable[..., Ended], small_dump: Path) -> None:
    """A text attribute that differs from vertex to vertex is an identifier, no feature."""
    vertices = [{"_key": f"k{n:02}", "y": n % 2, "name": f"name {n}"} for n in range(100)]
    write_collection(small_dump, "v", vertices)
    refused(DATA, ["'name' of FEATURES", "100 different texts"], "--features", "name")


@pytest.mark.parametrize(
    ("change", "flags", "named"),
    [
        pytest.param(lambda n, d: None, "--loss_fn mse", ["LOSS_FN='mse'", "binary", "'y'"], id="loss"),
        pytest.param(
            lambda n, d: d.update(y=n % 3), "--loss_fn bce", ["LOSS_FN", "multiclass", "'y'"], id="loss of two classes"
        ),
        pytest.param(
            lambda n, d: d.update(y=n / 7), "--class_weights balanced", ["CLASS_WEIGHTS", "'y'"], id="class weights"
        ),
    ],
)
def test_settings_against_the_labels(
    refused: Callable[..., Ended], small_dump: Path, change: Change, flags: str, named: list[str]
) -> None:
    """A setting that only the labels show to be wrong is still a wrong setting: exit code 2."""
    _alter(small_dump, change)
    says_error_once(refused(SETTINGS, named, *flags.split()), SETTINGS)
