"""A library that is there and cannot be imported: one sentence and exit code 2, where it would be a traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import main
from tests.conftest import ROOT, clean_environment, run_forked
from tests.registry import abacus
from trainer.errors import SettingsError
from trainer.frameworks.open import open_backend
from trainer.registry.frameworks import FRAMEWORKS

BROKEN = {
    "a library that it needs is missing": ("import rods_of_another_shop", "ModuleNotFoundError: No module named"),
    "a shared library is missing": ("raise OSError('librods.so.3: cannot open')", "OSError: librods.so.3: cannot open"),
    "a library of another version": ("import numpy; numpy.beads", "AttributeError: module 'numpy' has no attribute"),
    "what it was compiled for is another": ("raise SystemError('bad\\nmagic')", "SystemError: bad magic"),
    "it gives up": ("raise SystemExit('no backend')", "ImportError: it asked to end the program with 'no backend'"),
}
"""What a module of a framework does when it is imported, and what is said of it."""


@pytest.fixture
def breaks_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Makes a module that runs this line when it is imported; gives its name."""
    monkeypatch.syspath_prepend(tmp_path)

    def make(line: str) -> str:
        name = f"rods_{abs(hash(line))}"
        (tmp_path / f"{name}.py").write_text(line)
        return name

    return make


@pytest.mark.parametrize("kind", BROKEN)
def test_what_a_library_says_is_handed_on(
    breaks_by: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """By the framework, the module, the reason on one line, and where a whole one is to be had."""
    line, said = BROKEN[kind]
    module = breaks_by(line)
    monkeypatch.setitem(FRAMEWORKS, "abacus", replace(abacus.ROW, imports=("numpy", module)))
    with pytest.raises(SettingsError) as caught:
        open_backend("abacus")
    sentence = str(caught.value)
    assert sentence.startswith(
        f"FRAMEWORK='abacus' is installed here and cannot be used: importing {module} failed ({said}"
    )
    assert sentence.endswith("; use the image gnn-trainer:abacus.")
    assert "\n" not in sentence


def test_a_backend_that_finds_another_version_says_so(
    breaks_by: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library can be imported, and lacks what our side takes of it."""
    backend = f"{breaks_by('from numpy import rods')}:BACKEND"
    monkeypatch.setitem(FRAMEWORKS, "abacus", replace(abacus.ROW, backend=backend))
    with pytest.raises(
        SettingsError, match=r"^FRAMEWORK='abacus' is installed here and cannot be used \(cannot import"
    ):
        open_backend("abacus")


def train(module: str, flags: Sequence[str]) -> int:
    """The program with a framework that needs this module."""
    FRAMEWORKS["abacus"] = replace(abacus.ROW, imports=(module,))
    return main.main(flags)


def test_a_run_ends_with_code_2(breaks_by: Callable[[str], str], small_dump: Path, tmp_path: Path) -> None:
    """The last line on standard error and the last event say what it is; there is no traceback."""
    module = breaks_by("raise OSError('librods.so.3: cannot open')")
    flags = ("--framework", "abacus", "--graph_path", small_dump, "--target", "y", "--output_path", tmp_path / "m.pt")
    ended = run_forked(partial(train, module), tmp_path, *flags)
    assert ended.exit_code == 2, ended.stderr
    assert "importing rods_" in ended.last_error_line
    assert "librods.so.3" in ended.events[-1]["error_message"]
    assert (ended.events[-1]["status"], ended.events[-1]["error_code"]) == ("error", 2)
    assert "Traceback" not in ended.stdout + ended.stderr


def test_predictions_without_a_whole_torch_end_with_code_2(small_dump: Path, tmp_path: Path) -> None:
    """Before the model is read, which needs it."""
    (tmp_path / "torch.py").write_text("raise OSError('libtorch_cpu.so: cannot open')")
    (tmp_path / "m.pt").touch()
    flags = ["--model", tmp_path / "m.pt", "--graph_path", small_dump, "--output_path", tmp_path / "p.csv.gz"]
    command = [sys.executable, "-m", "trainer.predict", *map(str, flags)]
    environment = clean_environment() | {"PYTHONPATH": f"{tmp_path}:{ROOT}"}
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.strip().endswith(
        "importing torch failed (OSError: libtorch_cpu.so: cannot open); pip install -r requirements.txt."
    )
    assert "Traceback" not in ended.stderr
