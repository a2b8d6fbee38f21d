"""Modules that are imported while something else waits."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from trainer.process.background_import import BackgroundImport


@pytest.fixture
def slow_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that takes a while and counts how often it was run."""
    (tmp_path / "slow_for_tests.py").write_text("import time\ntime.sleep(0.2)\nDONE = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "slow_for_tests", raising=False)
    return "slow_for_tests"


def test_nothing_is_imported_before_the_start(slow_module: str) -> None:
    """Making the object imports nothing."""
    BackgroundImport(slow_module)
    assert slow_module not in sys.modules


def test_a_module_is_whole_after_the_wait(slow_module: str) -> None:
    """However often it was started, waiting gives the whole module."""
    ahead = BackgroundImport(slow_module)
    ahead.start()
    ahead.start()
    ahead.wait()
    assert sys.modules[slow_module].DONE


def test_waiting_alone_is_enough(slow_module: str) -> None:
    """A wait without a start imports too."""
    BackgroundImport(slow_module).wait()
    assert sys.modules[slow_module].DONE


def test_an_error_comes_up_where_the_module_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread stays silent; the import statement raises."""
    (tmp_path / "broken_for_tests.py").write_text("raise ImportError('libgomp is not there')")
    monkeypatch.syspath_prepend(tmp_path)
    BackgroundImport("broken_for_tests").wait()
    with pytest.raises(ImportError, match="libgomp"):
        __import__("broken_for_tests")
