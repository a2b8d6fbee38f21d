"""Draw the record of a run as one HTML page to open from the bucket: no network, no script, nothing beside it."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from trainer.numerals import count, figure
from trainer.record import ClassMeasures, RegressionMeasures, RunRecord, label_text
from trainer.report import facts, tables
from trainer.report.charts.learning import Line, learning_chart
from trainer.report.charts.outcome import (
    MAX_MATRIX_CLASSES,
    confusion_matrix,
    error_histogram,
    predicted_against_true,
    roc_curve,
)
from trainer.report.charts.parts import class_balance, part_sizes, time_axis
from trainer.report.charts.schema import schema_chart
from trainer.report.charts.svg import Chart
from trainer.report.names import MEASURES, PARTS
from trainer.report.types import attribute_table, graph_rows, relation_rows, type_rows

_TASKS = {"binary": "Binary classification", "multiclass": "Classification", "regression": "Regression"}
_STOPS = {
    "epochs": "all epochs done",
    "patience": "stopped early, no more progress",
    "stop command": "stopped by command",
    "SIGTERM": "stopped by SIGTERM",
    "SIGINT": "stopped by SIGINT",
}
_PAGE = Environment(
    loader=PackageLoader("trainer.report", "."),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
).get_template("report.html.j2")


def render(run: RunRecord) -> str:
    """Return the report of a run as one self-contained HTML page."""
    graph, part = run.graph, run.metrics.best_part
    columns, groups = tables.comparison(run)
    outcome, classes, confused = _outcome(run)
    return _PAGE.render(
        graph_name=run.graph_name,
        status=run.status.capitalize(),
        stop=_stop(run),
        lead=_lead(run),
        tone=_tone(run),
        headline=_headline(run),
        details=run.verdict_notes,
        strips=tables.strips(run, part),
        strip_part=PARTS[part].lower(),
        facts=facts.overview(run),
        warnings=graph.warnings,
        learning=_learning(run),
        outcome=outcome,
        per_class=classes,
        num_classes=len(run.classes or []),
        confused=confused,
        baseline_notes=tables.baseline_notes(run),
        columns=columns,
        groups=groups,
        sizes=part_sizes(run.split.counts),
        data=_data(run),
        split=facts.split_rows(run),
        vertices=tables.vertex_rows(graph),
        edges=tables.edge_rows(graph),
        schema=schema_chart(graph),
        types=type_rows(graph),
        attributes=attribute_table(graph),
        num_attributes=len(graph.decisions.attributes) if graph.decisions else 0,
        relations=relation_rows(graph),
        graphs=graph_rows(graph),
        notes=run.model.notes,
        isolated=count(graph.isolated_vertices),
        without_incoming=facts.without_incoming(run),
        missing=tables.missing_rows(graph),
        features=tables.feature_rows(run.features, graph),
        has_types=tables.have_types(run.features),
        num_features=len(run.features),
        max_rows=tables.MAX_ROWS,
        identity=facts.identity_rows(run),
        model=facts.model_rows(run),
        settings=tables.setting_rows(run.settings),
        environment=facts.environment_rows(run),
        timings=tables.timing_rows(run.timings),
    )


def _lead(run: RunRecord) -> list[str]:
    positive = [] if run.positive_class is None else [f"positive class {label_text(run.positive_class)}"]
    return [run.model.type, _TASKS[run.task], f"target {run.target.name}", *positive]


def _headline(run: RunRecord) -> tuple[str, str, str]:
    """Return the verdict in three pieces, the middle one to be emphasised."""
    if run.verdict is None:
        key = "mae" if isinstance(run.metrics.headline, RegressionMeasures) else "accuracy"
        value = figure(getattr(run.metrics.headline, key))
        words = f"{PARTS[run.metrics.best_part]} {MEASURES[run.task][key]} {value}"
        return "", "", f"{words} after {count(run.epochs_run)} of {count(run.epochs)} epochs, without a verdict."
    before, gap, after = run.verdict.partition(run.comparison.gap) if run.comparison else (run.verdict, "", "")
    return before, gap, after


def _tone(run: RunRecord) -> str:
    """Return the class of the headline: good where the graph helped, even where it changed nothing, bad where it harmed."""
    if run.beats_baseline is None or run.comparison is None:
        return "none"
    if run.beats_baseline:
        return "good"
    return "even" if run.comparison.model == run.comparison.baseline_value else "bad"


def _stop(run: RunRecord) -> str:
    epochs = f", {count(run.epochs_run)} of {count(run.epochs)} epochs" if run.epochs_run != run.epochs else ""
    return _STOPS.get(run.stop_reason, run.stop_reason) + epochs


def _learning(run: RunRecord) -> list[Chart]:
    regression = run.task == "regression"
    width = 352.0 if regression else 480.0
    loss = [
        Line(key="loss", name="Training", colour="train"),
        Line(key="val_loss", name="Validation", colour="val"),
    ]
    charts = [learning_chart("loss", "Loss", run.history, loss, run.best_epoch, width=width)]
    if regression:
        errors = [Line(key="mae", name="MAE", colour="val"), Line(key="rmse", name="RMSE", colour="rmse")]
        charts.append(learning_chart("error", "Validation error", run.history, errors, run.best_epoch, width=width))
        r2 = [Line(key="r2", name="R²", colour="val")]
        charts.append(learning_chart("r2", "Validation R²", run.history, r2, run.best_epoch, width=width, floor=-1.0))
    else:
        accuracy = [Line(key="accuracy", name="Validation", colour="val")]
        charts.append(learning_chart("accuracy", "Validation accuracy", run.history, accuracy, run.best_epoch))
    return [chart for chart in charts if chart]


def _outcome(run: RunRecord) -> tuple[list[Chart], list[tables.Row], list[tables.Row]]:
    """Return the charts of the predictions, a table by class where no curve stands beside the matrix, and of mistakes."""
    roc, scatter = run.curves.roc, run.curves.predicted_vs_true
    if scatter is not None:
        drawn = [predicted_against_true(scatter, run.target.name), error_histogram(scatter)]
        return [chart for chart in drawn if chart], [], []
    measures, classes = run.metrics.headline, run.classes or []
    if not isinstance(measures, ClassMeasures):
        return [], [], []
    part = PARTS[run.metrics.best_part]
    matrix = measures.confusion_matrix and confusion_matrix(measures.confusion_matrix, classes, part)
    charts = ([matrix] if matrix else []) + ([roc_curve(roc, measures.roc_auc)] if roc else [])
    rows = tables.per_class(measures, classes)
    return charts, rows if len(charts) < 2 or len(rows) > MAX_MATRIX_CLASSES else [], tables.confused(measures)


def _data(run: RunRecord) -> list[Chart]:
    counts = run.split.class_counts
    balance = class_balance(counts, run.classes or []) if counts else None
    return [chart for chart in (balance, time_axis(run.split)) if chart]
