"""A run that is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from tests.conftest import Ended, RunMain


@pytest.fixture
def refused(run_main: RunMain, small_dump: Path, tmp_path: Path) -> Callable[..., Ended]:
    """Run on the small dump, later flags over earlier ones, and hold the run to what every refusal owes."""

    def run(exit_code: int, named: Sequence[str], *flags: str | Path, env: Mapping[str, str] | None = None) -> Ended:
        before = sorted(tmp_path.rglob("*"))
        base = ("--graph_name", "g", "--graph_path", small_dump, "--output_path", "out/model.pt", "--epochs", "3")
        ended = run_main(*base, *flags, env=env)
        line = ended.last_error_line
        assert ended.exit_code == exit_code, ended.stderr + ended.stdout
        assert line.startswith("gnn-trainer: ")
        assert line.endswith(".")
        assert not any(end in line for end in (". ", "! ")), f"more than one sentence: {line}"
        assert [culprit for culprit in named if culprit not in line] == [], line
        assert "Traceback" not in ended.stderr + ended.stdout
        assert sorted(tmp_path.rglob("*")) == before, "the run left something behind"
        return ended

    return run
