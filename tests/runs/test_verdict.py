"""One verdict, wherever it is read, and the same when a finished run is reported again."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from tests.conftest import events_in
from tests.runs.here import finished_here
from tests.runs.typed_dump import write_market


@pytest.mark.parametrize("target", ["price_up", "future_return"])
def test_the_verdict_is_the_same_everywhere(tmp_path: Path, target: str) -> None:
    """In metrics.json, in the last event and on the page, and in the event that reports the run once more."""
    dump = write_market(tmp_path / "dump")
    flags = ("--graph_path", dump, "--target", target, "--epochs", 2, "--hidden_channels", 4, "--queue_id", "q")
    run = finished_here(tmp_path, *flags)
    verdict, beats_baseline = run.metrics["verdict"], run.metrics["beats_baseline"]
    assert verdict
    assert isinstance(beats_baseline, bool)
    for told in (run, finished_here(tmp_path, *flags)):
        last = events_in(told.stdout)[-1]
        assert (last["status"], last["verdict"], last["beats_baseline"]) == ("finished", verdict, beats_baseline)
    (headline,) = re.findall(r"<h1[^>]*>(.*?)</h1>", (run.folder / "report.html").read_text(encoding="utf-8"))
    assert html.unescape(re.sub("<[^>]+>", "", headline)) == verdict


def test_the_best_baseline_is_the_measure(tmp_path: Path) -> None:
    """`beats_baseline` follows from the measures of the part that says most, whatever the epochs were worth."""
    dump = write_market(tmp_path / "dump")
    metrics = finished_here(tmp_path, "--graph_path", dump, "--target", "price_up", "--epochs", 1).metrics
    best = max(baseline["test"]["accuracy"] for baseline in metrics["baselines"].values())
    assert {"majority_class", "persistence", "linear", "gradient_boosting"} == metrics["baselines"].keys()
    assert metrics["beats_baseline"] == (metrics["metrics"]["test"]["accuracy"] > best)
    assert metrics["comparison"]["baseline_value"] == best
    assert metrics["timings"]["baselines"] > 0
