"""What lies in the place of an artifact and is none: a FIFO, a device, far too many bytes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runs.here import finished_here, predict_here
from trainer.artifacts.run_folder import paths_of_run
from trainer.bounds import artifacts, parsed

MIB = 2**20
Change = Callable[[Path], object]


def _long(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(5 * MIB)


IN_THE_WAY = pytest.mark.parametrize(
    ("make", "why"),
    [
        (os.mkfifo, "it is a FIFO, and no regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device, and no regular file"),
        (_long, "longer than the 4 MiB that are read of it"),
    ],
    ids=["fifo", "device", "long"],
)


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds as they are, a hundred times smaller."""
    for name in ("LONGEST_NOTE_BYTES", "LONGEST_METRICS_BYTES", "LONGEST_MODEL_BYTES", "LONGEST_CHECKPOINT_BYTES"):
        monkeypatch.setattr(artifacts, name, 4 * MIB)
    monkeypatch.setattr(artifacts, "CHECKPOINT_BYTES_A_WEIGHT", 0)


def flags(small_dump: Path) -> tuple[object, ...]:
    """Of a short run."""
    return ("--graph_path", small_dump, "--graph_name", "g", "--epochs", 1, "--hidden_channels", 4)


@IN_THE_WAY
@pytest.mark.parametrize("name", ["metrics.json", "checkpoints/last.ckpt"])
def test_a_run_warns_and_replaces_it(small_dump: Path, tmp_path: Path, name: str, make: Change, why: str) -> None:
    """It is not of an earlier run of ours, whoever put it there."""
    path = tmp_path / "out" / name
    path.parent.mkdir(parents=True)
    make(path)
    run = finished_here(tmp_path / "out", *flags(small_dump))
    assert any(why in line for line in run.warnings)
    assert run.folder == tmp_path / "out"


@IN_THE_WAY
def test_models_of_others_are_no_hindrance(small_dump: Path, tmp_path: Path, make: Change, why: str) -> None:
    """Whose the plain names are is asked of each model in the folder."""
    finished_here(tmp_path, *flags(small_dump))
    (tmp_path / "m.pt").rename(tmp_path / "renamed.pt")
    make(tmp_path / "another.pt")
    assert paths_of_run(str(tmp_path / "new.pt"))["metrics"].name == "new.metrics.json"


@IN_THE_WAY
@pytest.mark.parametrize("name", ["m.pt", "metrics.json"])
def test_a_prediction_refuses_it(small_dump: Path, tmp_path: Path, name: str, make: Change, why: str) -> None:
    """With 3, or 2 where the setting names no file."""
    finished_here(tmp_path, *flags(small_dump))
    (tmp_path / name).unlink()
    make(tmp_path / name)
    run = predict_here(tmp_path / "p", "--model", tmp_path / "m.pt", "--graph_path", small_dump, "--graph_name", "g")
    is_setting = name == "m.pt" and "longer" not in why
    assert run.exit_code == (2 if is_setting else 3)
    assert ("there is none" if is_setting else why) in run.sentence


def test_a_record_of_too_many_values_is_none(small_dump: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small objects take 34 times as much when they are parsed."""
    monkeypatch.setattr(parsed, "UNCOUNTED_BYTES", MIB)
    monkeypatch.setattr(parsed, "MOST_PARSED_BYTES", 8 * MIB)
    (tmp_path / "metrics.json").write_bytes(b"[" + b'{"":0},' * 300_000 + b"0]")
    run = finished_here(tmp_path, *flags(small_dump))
    assert any("far more than the record of a run" in line for line in run.warnings)
