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


@pytest.mark.parametrize("error", [ImportError, OSError, ValueError])
def test_an_error_comes_up_where_the_module_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    """Whatever the module raises, and as it was raised: a second import would find half a package."""
    name = f"broken_by_{error.__name__.lower()}_for_tests"
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text(f"from {name} import inner")
    (tmp_path / name / "inner.py").write_text(f"raise {error.__name__}('libgomp is not there')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(error, match="libgomp"):
        BackgroundImport(name).wait()
