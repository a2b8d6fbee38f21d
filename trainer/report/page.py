"""Draw metrics.json as one HTML page to open from the bucket: no network, no script, nothing beside it."""

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

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
from trainer.report.numerals import count
from trainer.report.reading import PART_NAMES, listing, mapping, number
from trainer.report.types import graph_rows, relation_rows, type_rows
from trainer.report.verdict import judge

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


def render(metrics: Mapping[str, Any]) -> str:
    """Return the report of a run as one self-contained HTML page; any value in it may be null."""
    graph = mapping(metrics.get("graph"))
    verdict = judge(metrics)
    columns, groups = tables.comparison(metrics)
    outcome, classes = _outcome(metrics)
    features = listing(metrics.get("features"))
    return _PAGE.render(
        graph_name=facts.text(metrics.get("graph_name")),
        status=facts.text(metrics.get("status")).capitalize(),
        stop=_stop(metrics),
        lead=_lead(metrics),
        verdict=verdict,
        headline=verdict.sentence.partition(verdict.emphasis) if verdict.emphasis else ("", "", verdict.sentence),
        strips=tables.strips(metrics, verdict.part) if verdict.part else [],
        strip_part=PART_NAMES[verdict.part].lower() if verdict.part else "",
        facts=facts.overview(metrics),
        warnings=[str(item) for item in listing(graph.get("warnings"))],
        learning=_learning(metrics),
        outcome=outcome,
        per_class=classes,
        columns=columns,
        groups=groups,
        sizes=part_sizes(mapping(mapping(metrics.get("split")).get("counts"))),
        data=_data(metrics),
        split=facts.split_rows(metrics),
        vertices=tables.vertex_rows(graph),
        edges=tables.edge_rows(graph),
        schema=schema_chart(graph),
        types=type_rows(graph),
        relations=relation_rows(graph),
        graphs=graph_rows(graph),
        notes=[str(note) for note in listing(mapping(metrics.get("model")).get("notes"))],
        isolated=count(graph.get("isolated_vertices")),
        missing=tables.missing_rows(graph),
        features=tables.feature_rows(features, facts.vertices_by_type(metrics)),
        has_types=tables.have_types(features),
        num_features=len(features),
        max_rows=tables.MAX_ROWS,
        identity=facts.identity_rows(metrics),
        model=facts.model_rows(metrics),
        settings=tables.setting_rows(mapping(metrics.get("settings"))),
        environment=[(str(name), tables.plain(value)) for name, value in mapping(metrics.get("environment")).items()],
        timings=tables.timing_rows(mapping(metrics.get("timings"))),
    )


def _lead(metrics: Mapping[str, Any]) -> list[str]:
    task = str(metrics.get("task"))
    target = mapping(metrics.get("target")).get("name")
    words = [
        mapping(metrics.get("model")).get("type"),
        _TASKS.get(task),
        f"target {target}" if target else None,
    ]
    return [str(word) for word in words if word]


def _stop(metrics: Mapping[str, Any]) -> str:
    reason = metrics.get("stop_reason")
    run, planned = number(metrics.get("epochs_run")), number(metrics.get("epochs"))
    words = [_STOPS.get(str(reason), str(reason))] if reason else []
    if run is not None and planned is not None and run != planned:
        words.append(f"{count(run)} of {count(planned)} epochs")
    return ", ".join(words)


def _learning(metrics: Mapping[str, Any]) -> list[Chart]:
    history, best = listing(metrics.get("history")), metrics.get("best_epoch")
    regression = metrics.get("task") == "regression"
    width = 352.0 if regression else 480.0
    loss = [
        Line(key="loss", name="Training", colour="train"),
        Line(key="val_loss", name="Validation", colour="val"),
    ]
    title = "Loss"
    charts = [learning_chart("loss", title, history, loss, best, width=width)]
    if regression:
        errors = [Line(key="mae", name="MAE", colour="val"), Line(key="rmse", name="RMSE", colour="rmse")]
        charts.append(learning_chart("error", "Validation error", history, errors, best, width=width))
        r2 = [Line(key="r2", name="R²", colour="val")]
        charts.append(learning_chart("r2", "Validation R²", history, r2, best, width=width, floor=-1.0))
    else:
        accuracy = [Line(key="accuracy", name="Validation", colour="val")]
        charts.append(learning_chart("accuracy", "Validation accuracy", history, accuracy, best))
    return [chart for chart in charts if chart]


def _outcome(metrics: Mapping[str, Any]) -> tuple[list[Chart], list[tables.Row]]:
    """Return the charts of the predictions, and a table by class where no curve stands beside the matrix."""
    curves, parts = mapping(metrics.get("curves")), mapping(metrics.get("metrics"))
    classes = listing(metrics.get("classes"))
    found: list[Chart | None] = []
    rows: list[tables.Row] = []
    for part in ("test", "val", "train"):
        matrix = listing(mapping(parts.get(part)).get("confusion_matrix"))
        if matrix:
            found.append(confusion_matrix(matrix, classes, PART_NAMES[part]))
            rows = tables.per_class(matrix, classes)
            break
    roc = mapping(curves.get("roc"))
    part = str(roc.get("part") or "test")
    area = mapping(parts.get(part)).get("roc_auc")
    found.append(roc_curve(roc.get("fpr"), roc.get("tpr"), area, PART_NAMES.get(part, part)))
    seen = mapping(curves.get("predicted_vs_true"))
    part, target = (
        PART_NAMES.get(str(seen.get("part") or "test"), str(seen.get("part"))),
        mapping(metrics.get("target")),
    )
    found.append(predicted_against_true(seen.get("true"), seen.get("predicted"), target.get("name"), part))
    found.append(error_histogram(seen.get("true"), seen.get("predicted"), part))
    charts = [chart for chart in found if chart]
    return charts, rows if len(charts) < 2 or len(rows) > MAX_MATRIX_CLASSES else []


def _data(metrics: Mapping[str, Any]) -> list[Chart]:
    split = mapping(metrics.get("split"))
    axis = time_axis(mapping(split.get("time_axis")), split.get("time_unit"), split.get("time_field"))
    counts = mapping(split.get("class_counts"))
    balance = class_balance(counts, listing(metrics.get("classes"))) if counts else None
    return [chart for chart in (balance, axis) if chart]
