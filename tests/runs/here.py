"""A whole run in this process, through the command line's own door: its artifacts and its output."""

from __future__ import annotations

import csv
import gzip
import io
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import main
from tests.conftest import events_in, known_variables
from tests.schemas import validate_prediction_record, validate_records_below
from trainer.record import RunRecord

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Run:
    """How a run ended and where its artifacts are."""

    exit_code: int
    stdout: str
    stderr: str
    folder: Path

    @property
    def sentence(self) -> str:
        """The last line on standard error."""
        return (self.stderr.strip().splitlines() or [""])[-1]

    @property
    def metrics(self) -> dict[str, Any]:
        """The content of metrics.json."""
        content = json.loads((self.folder / "metrics.json").read_text())
        assert isinstance(content, dict)
        return content

    @property
    def measures(self) -> dict[str, Any] | None:
        """The content of predictions.metrics.json, which predictions for a graph with labels leave."""
        path = self.folder / "predictions.metrics.json"
        return json.loads(path.read_text()) if path.exists() else None

    @property
    def warnings(self) -> list[str]:
        """The warnings in the log, in order."""
        lines = (json.loads(line) for line in self.stdout.splitlines())
        return [line["message"] for line in lines if line["level"] == "WARNING"]

    @property
    def record(self) -> RunRecord:
        """The same as the program reads it."""
        return RunRecord.from_json((self.folder / "metrics.json").read_bytes())

    @property
    def saved(self) -> dict[str, Any]:
        """The content of the model file."""
        import torch

        content = torch.load(self.folder / "m.pt", weights_only=True)
        assert isinstance(content, dict)
        return content

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weights by name."""
        weights: dict[str, Tensor] = self.saved["state_dict"]
        return weights

    @property
    def predictions(self) -> dict[str, dict[str, str]]:
        """The rows of predictions.csv.gz by `_id`."""
        with gzip.open(self.folder / "predictions.csv.gz", "rt", newline="") as lines:
            rows = list(csv.DictReader(lines))
        by_id = {row.pop("_id"): row for row in rows}
        assert len(by_id) == len(rows), "an _id is predicted twice"
        return by_id


def run_here(folder: Path, *flags: object, env: Mapping[str, str] | None = None) -> Run:
    """Run the program with these flags; its artifacts go to `folder`."""
    run = _call(main.main, folder, (*flags, "--output_path", folder / "m.pt"), env)
    events_in(run.stdout)
    validate_records_below(folder)
    return run


def predict_here(folder: Path, *flags: object, env: Mapping[str, str] | None = None) -> Run:
    """Run `python -m trainer.predict` with these flags; its table goes to `folder`."""
    from trainer import predict

    folder.mkdir(parents=True, exist_ok=True)
    return _call(predict.main, folder, (*flags, "--output_path", folder / "predictions.csv.gz"), env)


def predicted_here(folder: Path, *flags: object, env: Mapping[str, str] | None = None) -> Run:
    """Run `python -m trainer.predict` with these flags and hold it to a good end; its table goes to `folder`."""
    run = predict_here(folder, *flags, env=env)
    assert run.exit_code == 0, run.stderr + run.stdout
    if run.measures is not None:
        validate_prediction_record((folder / "predictions.metrics.json").read_bytes())
    return run


def _call(
    door: Callable[[Sequence[str]], int], folder: Path, flags: Iterable[object], env: Mapping[str, str] | None
) -> Run:
    """Call a program in an environment that holds nothing of ours but `env`.

    Handlers of the log are put back, because a program writes its log to the standard output that it began with.
    """
    out, err = io.StringIO(), io.StringIO()
    root = logging.getLogger()
    before = root.handlers[:], root.level, logging.raiseExceptions
    try:
        with pytest.MonkeyPatch.context() as environment, redirect_stdout(out), redirect_stderr(err):
            for name in known_variables():
                environment.delenv(name, raising=False)
            for name, value in (env or {}).items():
                environment.setenv(name, value)
            exit_code = door([*map(str, flags), "--log_format", "json"])
    finally:
        root.handlers[:], root.level, logging.raiseExceptions = before
        logging.captureWarnings(capture=False)
    return Run(exit_code, out.getvalue(), err.getvalue(), folder)


def finished_here(folder: Path, *flags: object, env: Mapping[str, str] | None = None) -> Run:
    """Run the program as `run_here` and hold it to a good end."""
    run = run_here(folder, *flags, env=env)
    assert run.exit_code == 0, run.stderr + run.stdout
    return run


def learned(run: Run) -> dict[str, Any]:
    """What must be equal when the same was learned from the same graph in another way."""
    metrics = run.metrics
    names = ("task", "classes", "split", "metrics", "baselines", "history", "best_epoch", "stop_reason")
    return {name: metrics[name] for name in names}


def assert_same_weights(one: Run, other: Run, tolerance: float = 0.0) -> None:
    """Every weight of one model is the other's, to a tolerance."""
    assert one.weights.keys() == other.weights.keys()
    for name, weight in one.weights.items():
        assert weight.shape == other.weights[name].shape, name
        apart = float((weight - other.weights[name]).abs().max()) if weight.numel() else 0.0
        assert apart <= tolerance, f"{name} differs by {apart}"


def assert_same_predictions(one: Run, other: Run, tolerance: float = 1e-5, *, parts: bool = True) -> None:
    """Both runs say the same of the same vertices, whatever their collections are called.

    `predict` knows of no parts; without `parts` they are not compared.
    """
    mine, theirs = (
        {_id.partition("/")[2]: row for _id, row in sorted(run.predictions.items())} for run in (one, other)
    )
    assert len(mine) == len(one.predictions), "keys are not unique; compare by _id"
    assert mine.keys() == theirs.keys()
    for key, row in mine.items():
        assert row.keys() == theirs[key].keys()
        assert not parts or row["part"] == theirs[key]["part"], key
        assert row["label"] == theirs[key]["label"], key
        for column in row.keys() - {"part", "label", "prediction"}:
            assert abs(float(row[column]) - float(theirs[key][column])) <= tolerance, (key, column)
