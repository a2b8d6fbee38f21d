"""Files that the user of the process may not read: exit code 3, with the name of the file."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import main
from tests.bad_inputs import folders
from tests.bad_inputs.owed import DATA
from tests.conftest import Ended, run_forked
from trainer import predict

NOBODY = 65534
SERVICE = 4


def _as_nobody() -> None:
    if os.getuid() == 0:  # may read everything
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def run_as_nobody(flags: Sequence[str]) -> int:
    """The program for a user who owns nothing."""
    _as_nobody()
    return main.main(flags)


def predict_as_nobody(flags: Sequence[str]) -> int:
    """The same for predictions."""
    _as_nobody()
    return predict.main(flags)


@pytest.fixture
def open_folder(small_dump: Path) -> Iterator[Path]:
    """A folder that everybody may enter and write to, with the small dump in it; those of pytest are closed."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        shutil.copytree(small_dump, Path(folder) / "dump")
        yield Path(folder)


def assert_refused(ended: Ended, named: str) -> None:
    assert ended.exit_code == DATA, ended.stderr
    assert named in ended.last_error_line
    assert "Traceback" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    "pattern", ["", "v_*.structure.json", "_graphs_*.structure.json", "v_*.data.json", "_graphs_*.data.json"]
)
def test_a_dump_that_may_not_be_read(open_folder: Path, pattern: str) -> None:
    """The folder, or any file in it."""
    file = folders.file_of(open_folder / "dump", pattern) if pattern else open_folder / "dump"
    file.chmod(0)
    flags = ("--graph_path", "dump", "--graph_name", "g", "--output_path", "m.pt", "--epochs", "1")
    try:
        assert_refused(run_forked(run_as_nobody, open_folder, *flags), file.name)
    finally:
        file.chmod(0o755)


@pytest.mark.parametrize("name", ["dump.json", "ENCRYPTION"])
def test_what_says_how_a_dump_was_made_may_not_be_read(open_folder: Path, name: str) -> None:
    """Whether it is encrypted, or in VelocyPack, cannot be told."""
    (open_folder / "dump" / name).write_text("none")
    (open_folder / "dump" / name).chmod(0)
    flags = ("--graph_path", "dump", "--graph_name", "g", "--output_path", "m.pt", "--epochs", "1")
    assert_refused(run_forked(run_as_nobody, open_folder, *flags), name)


def test_a_model_that_may_not_be_read(open_folder: Path) -> None:
    """Before anything is loaded."""
    (open_folder / "m.pt").write_bytes(b"a model")
    (open_folder / "m.pt").chmod(0)
    flags = ("--model", "m.pt", "--graph_path", "dump", "--graph_name", "g", "--output_path", "p.csv.gz")
    assert_refused(run_forked(predict_as_nobody, open_folder, *flags), "MODEL='m.pt' cannot be read")


def test_an_output_below_a_closed_folder(open_folder: Path) -> None:
    """It cannot even be looked at: the artifact that would be there is named, and it is no defect."""
    (open_folder / "closed").mkdir(mode=0o700)
    (open_folder / "closed" / "out").mkdir()
    flags = ("--graph_path", "dump", "--graph_name", "g", "--epochs", "1")
    ended = run_forked(run_as_nobody, open_folder, *flags, "--output_path", open_folder / "closed" / "out" / "m.pt")
    assert ended.exit_code == SERVICE, ended.stderr
    assert "metrics.json could not be read (Permission denied)" in ended.last_error_line
