"""Events as a person at a terminal sees them: a progress bar during the run, a table at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn
from rich.table import Table

from trainer.events import Event, Failed, Finished, Interrupted, Loading, Training

if TYPE_CHECKING:
    from trainer.record import Measures, RunRecord

_CLASS_MEASURES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1_macro": "F1 (macro)",
    "roc_auc": "ROC-AUC",
}
_REGRESSION_MEASURES = {"mae": "MAE", "rmse": "RMSE", "r2": "R²"}
_STYLES: dict[type[Event], str] = {Failed: "red", Interrupted: "yellow"}


class TerminalBus:
    """Draws loading and training as progress, everything else as a line."""

    def __init__(self, console: Console) -> None:
        """Draw on `console`."""
        self._console = console
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def publish(self, event: Event) -> None:
        """See `Bus.publish`."""
        if isinstance(event, Loading):
            self._show("loading", f"{event.vertices_loaded:,} vertices, {event.edges_loaded:,} edges", None, 0)
        elif isinstance(event, Training):
            self._show("training", _epoch_text(event), event.epochs, event.epoch)
        else:
            self.close()
            self._console.print(event.message, style=_style(event), markup=False, highlight=False)

    def close(self) -> None:
        """See `Bus.close`."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = self._task = None

    def _show(self, phase: str, text: str, total: int | None, completed: int) -> None:
        if self._progress is None:
            columns = (
                SpinnerColumn(finished_text="✓"),
                TextColumn("{task.description:8}", markup=False),
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.fields[text]}", markup=False),
            )
            self._progress = Progress(*columns, console=self._console)
            self._progress.start()
        if self._task is None or self._progress.tasks[-1].description != phase:
            if self._task is not None:
                self._progress.update(self._task, total=1, completed=1)
            self._task = self._progress.add_task(phase, total=total, text=text)
        self._progress.update(self._task, total=total, completed=completed, text=text)


class LineBus:
    """Writes the message of each event as a line, for text that goes to a file or a pipe."""

    def __init__(self, console: Console) -> None:
        """Write to `console`."""
        self._console = console

    def publish(self, event: Event) -> None:
        """See `Bus.publish`."""
        self._console.print(event.message, markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """See `Bus.close`."""


def print_summary(console: Console, run: RunRecord, locations: list[str]) -> None:
    """The end of a run: the verdict, and the measures as a table, the model's of each part above the baselines'.

    Args:
        console: where to print.
        run: the record of the run.
        locations: where the artifacts are.
    """
    graph = run.graph
    size = f"{graph.vertices:,} vertices, {graph.edges:,} edges"
    epochs = f"best epoch {run.best_epoch} of {run.epochs_run}"
    console.line()
    title = f"{run.model.type} predicts {run.target.name} on {run.graph_name}: {size}, {epochs}"
    console.print(title, markup=False, highlight=False, soft_wrap=True)
    if run.verdict is not None:
        console.print(
            run.verdict, style=_verdict_style(run.beats_baseline), markup=False, highlight=False, soft_wrap=True
        )
    for note in run.verdict_notes:
        console.print(note, markup=False, highlight=False, soft_wrap=True)
    console.print(_measures(run))
    for reason in run.baselines_left_out.values():
        console.print(reason, style="dim", markup=False, highlight=False, soft_wrap=True)
    for warning in graph.warnings:
        console.print(f"note: {warning}", style="yellow", markup=False, highlight=False, soft_wrap=True)
    for location in locations:
        console.print(location, markup=False, highlight=False, soft_wrap=True)


def _measures(run: RunRecord) -> Table:
    """A row for each part of the model, and one for each baseline, on the part that says most about unseen vertices."""
    names = _REGRESSION_MEASURES if run.task == "regression" else _CLASS_MEASURES
    table = Table()
    table.add_column("")
    for title in names.values():
        table.add_column(title, justify="right")
    part, metrics = run.metrics.best_part, run.metrics
    rows = {f"{run.model.type}, {name}": metrics.of(name) for name in ("train", "val", "test")}
    styles = dict.fromkeys(rows, "")
    for name, baseline in (run.baselines or {}).items():
        row = f"{(baseline.title or name).partition(',')[0].lower()}, {part}"
        rows[row], styles[row] = baseline.of(part), "dim"
    for row, measures in rows.items():
        table.add_row(row, *(_number(measures, name) for name in names), style=styles[row])
    return table


def _style(event: Event) -> str:
    return _verdict_style(event.beats_baseline) if isinstance(event, Finished) else _STYLES.get(type(event), "")


def _verdict_style(beats_baseline: bool | None) -> str:
    """Green is for a model that is better than one without the graph."""
    return {True: "green", False: "yellow", None: ""}[beats_baseline]


def _epoch_text(event: Training) -> str:
    measure = "" if event.mae is None else f"MAE {event.mae:.4g}"
    if event.accuracy is not None:
        measure = f"accuracy {event.accuracy:.3f}"
    return f"loss {event.loss:.4f}  {measure}  ETA {_duration(event.eta_s)}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _number(measures: Measures | None, name: str) -> str:
    value = None if measures is None else getattr(measures, name)
    return "–" if value is None else f"{value:.4g}"
