"""Standard streams that are closed, that nobody reads, or whose disk is full: the run ends as if they were not."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE, clean_environment, command
from tests.waits import LONG_S

RUN = (
    *("--graph_path", EXAMPLE, "--target", "price_up", "--epochs", "1", "--model_type", "GraphSAGE"),
    *("--output_path", "m.pt"),
)


def _shell(line: str, folder: Path, *flags: str | Path) -> subprocess.CompletedProcess[str]:
    words = command(*flags)
    return subprocess.run(
        ["bash", "-c", line, *words],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )


@pytest.mark.parametrize("streams", ["<&- >&- 2>&-", ">/dev/full", "| head -c 1 >/dev/null"])
def test_a_training_outlives_its_output(tmp_path: Path, streams: str) -> None:
    """The model is stored and the exit code is that of the training."""
    done = _shell(f'set -o pipefail; "$0" "$@" {streams}', tmp_path, *RUN)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "m.pt").stat().st_size > 1000
    assert "Traceback" not in done.stderr
    if "full" in streams:
        assert "standard output cannot be written (No space left on device)" in done.stderr


@pytest.mark.parametrize("streams", [">&-", ">/dev/full", "<&- >&-", "<&-"])
def test_a_refusal_outlives_the_output_too(tmp_path: Path, streams: str) -> None:
    """The last line on standard error and the exit code are those of every refusal."""
    done = _shell(f'"$0" "$@" {streams}', tmp_path, "--epochs", "none")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("gnn-trainer: ")
    assert "EPOCHS='none'" in done.stderr


def test_help_into_a_pipe_that_closes(tmp_path: Path) -> None:
    """Whoever reads the first line only has seen no error."""
    done = _shell('set -o pipefail; "$0" "$@" | head -n 1', tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")


def test_no_temporary_folder_is_told_before_anything_heavy(tmp_path: Path) -> None:
    """A container with a read-only root and no /tmp: code 2, and what to mount."""
    code = (
        "import sys, tempfile, main\n"
        "tempfile._candidate_tempdir_list = lambda: ['/proc/nowhere']\n"
        f"code = main.main({[str(flag) for flag in RUN]!r})\n"
        "assert 'torch' not in sys.modules\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [command()[0], "-c", code], cwd=tmp_path, env=clean_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip() == (
        "gnn-trainer: There is no writable temporary folder: mount one at /tmp, or name one in the variable TMPDIR."
    )


def test_variables_that_are_no_text_are_told(tmp_path: Path) -> None:
    """Bytes of another encoding in a variable are a wrong setting, not a defect."""
    env = {os.fsencode(name): os.fsencode(value) for name, value in clean_environment().items()}
    done = subprocess.run(
        command(*RUN),
        cwd=tmp_path,
        env=env | {b"QUEUE_ID": b"\xd0\xff-hunter2", b"SOMETHING_ELSE": b"\xff"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.strip() == "gnn-trainer: QUEUE_ID should be text in UTF-8."
