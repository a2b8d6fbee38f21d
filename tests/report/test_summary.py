"""The table at the end of a run on a terminal."""

from __future__ import annotations

import io

from rich.console import Console

from tests.report.changes import replaced
from trainer.messaging.terminal import print_summary
from trainer.record import RunRecord


def summary_of(run: RunRecord) -> list[str]:
    """The lines of a run's summary, cells separated by blanks."""
    console = Console(file=io.StringIO(), width=120)
    print_summary(console, run, ["out/m.pt"])
    assert isinstance(console.file, io.StringIO)
    return [" ".join(line.replace("│", " ").split()) for line in console.file.getvalue().splitlines()]


def test_classes(binary: RunRecord) -> None:
    """Each measure of classes stands with its parts, and the baselines' beside it."""
    run = replaced(replaced(binary, "metrics.train.accuracy", 0.9), "metrics.val.accuracy", 0.8)
    run = replaced(replaced(run, "metrics.test.accuracy", 0.7), "baselines.linear.test.accuracy", 0.6)
    lines = summary_of(replaced(replaced(run, "baselines.majority_class.test.accuracy", 0.5), "best_epoch", 7))
    assert "GraphSAGE predicts price_up on market: 200 vertices, 303 edges, best epoch 7 of 12" in lines
    assert "accuracy 0.9 0.8 0.7 0.5 0.6" in lines
    assert [line.split()[0] for line in lines if line.startswith(("balanced", "F1", "ROC-AUC"))] == [
        "balanced",
        "F1",
        "ROC-AUC",
    ]
    assert not any(line.startswith("MAE") for line in lines)


def test_numbers(regression: RunRecord) -> None:
    """A regression has its own measures."""
    run = replaced(regression, "metrics.test", None)
    (line,) = [line for line in summary_of(run) if line.startswith("MAE")]
    assert line.split()[3] == "–"
    assert not any(line.startswith("accuracy") for line in summary_of(run))


def test_warnings_and_locations(binary: RunRecord, interrupted: RunRecord) -> None:
    """Warnings are repeated and the artifacts named, also where no baseline was measured."""
    for run in (binary, interrupted):
        lines = summary_of(run)
        assert {f"note: {warning}" for warning in run.graph.warnings} <= {*lines}
        assert lines[-1] == "out/m.pt"
