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
    """A row for each part of the model, and the baselines' below, with the measures of classes."""
    run = replaced(replaced(binary, "metrics.train.accuracy", 0.9), "metrics.val.accuracy", 0.8)
    run = replaced(replaced(run, "metrics.test.accuracy", 0.7), "baselines.linear.test.accuracy", 0.6)
    lines = summary_of(replaced(replaced(run, "baselines.majority_class.test.accuracy", 0.5), "best_epoch", 7))
    assert "GraphSAGE predicts price_up on market: 200 vertices, 303 edges, best epoch 7 of 12" in lines
    assert "┃ ┃ accuracy ┃ balanced accuracy ┃ F1 (macro) ┃ ROC-AUC ┃" in lines
    rows = ["GraphSAGE, train 0.9", "GraphSAGE, val 0.8", "GraphSAGE, test 0.7"]
    rows += ["linear, test 0.6", "largest class, test 0.5"]
    for row in rows:
        assert any(line.startswith(f"{row} ") for line in lines), row


def test_numbers(regression: RunRecord) -> None:
    """A regression has its own measures; a part without vertices has none."""
    lines = summary_of(replaced(regression, "metrics.test", None))
    assert "┃ ┃ MAE ┃ RMSE ┃ R² ┃" in lines
    assert "GraphSAGE, test – – –" in lines


def test_the_verdict_stands_first(binary: RunRecord) -> None:
    """Below the title, with what to keep in mind; why a baseline is missing stands below the table."""
    left_out = {"gradient_boosting": "Gradient boosting, without graph: 21 classes are too many for it."}
    run = binary.model_copy(update={"verdict_notes": ["It may be chance."], "baselines_left_out": left_out})
    lines = summary_of(run)
    assert lines[2:4] == [run.verdict, "It may be chance."]
    assert left_out["gradient_boosting"] in lines


def test_warnings_and_locations(binary: RunRecord, interrupted: RunRecord) -> None:
    """Warnings are repeated and the artifacts named, also where no baseline was measured."""
    for run in (binary, interrupted):
        lines = summary_of(run)
        assert {f"note: {warning}" for warning in run.graph.warnings} <= {*lines}
        assert lines[-1] == "out/m.pt"
