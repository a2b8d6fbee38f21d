"""The rows of the report that are a name and a value: who the run is, what it learned from, with what, and how it was split."""

from collections.abc import Mapping
from datetime import datetime

from trainer.numerals import count, duration, figure
from trainer.record import ModelRecord, RunRecord
from trainer.report import tables
from trainer.report.charts.parts import moment, span

_BOUNDARIES = {
    "train_start": "Training starts",
    "train_end": "Training ends",
    "val_start": "Validation starts",
    "val_end": "Validation ends",
    "test_start": "Test starts",
    "test_end": "Test ends",
}
_IDENTITY = {"queue_id": "Queue", "telemetry_id": "Telemetry", "symbol": "Symbol", "type": "Type"}


def overview(run: RunRecord) -> list[tuple[str, str, str]]:
    """What the run was about: name, number and remark."""
    graph, median = run.graph, run.timings.epoch_median
    columns = sum(feature.columns for feature in run.features)
    return [
        ("Vertices", count(graph.vertices), f"{count(run.target.labelled)} with a label"),
        ("Edges", count(graph.edges), f"{count(graph.isolated_vertices)} isolated vertices"),
        ("Features", count(len(run.features)), f"{count(columns)} columns"),
        ("Parameters", count(run.model.num_parameters), _layers(run.model)),
        ("Epochs", count(run.epochs_run), f"best was {count(run.best_epoch)}"),
        ("Time", duration(run.timings.total), f"{duration(median)} an epoch" if median else ""),
    ]


def without_incoming(run: RunRecord) -> str:
    """How many labelled vertices receive nothing; blank where the record does not say it."""
    counts = run.graph.without_incoming
    if counts is None:
        return ""
    return (
        f"Labelled vertices without an incoming edge from another vertex: {count(counts.labelled)} of "
        f"{count(run.target.labelled)}, {count(counts.train)} of them in training."
    )


def _layers(model: ModelRecord) -> str:
    layers = model.args["num_layers"]
    return f"{count(layers)} layer{'' if layers == 1 else 's'} of {count(model.args['hidden_channels'])}"


def split_rows(run: RunRecord) -> list[tuple[str, str]]:
    """How the labelled vertices were divided."""
    split, target = run.split, run.target
    unit = split.time_unit
    rows = [("Method", split.method)]
    if unit:
        rows += [("Time", f"{split.time_field} ({unit})"), ("Embargo", span(split.embargo, unit))]
        rows += [(_BOUNDARIES[name], moment(value)) for name, value in (split.boundaries or {}).items()]
    rows += [("Labelled", count(target.labelled)), ("Without label", count(target.unlabelled))]
    if run.task == "regression":
        rows += [("Target mean", figure(target.mean)), ("Target scale", figure(target.scale))]
    return rows


def identity_rows(run: RunRecord) -> list[tuple[str, str]]:
    """Who the run is to others."""
    rows = [(label, value) for name, label in _IDENTITY.items() if (value := getattr(run, name))]
    created = datetime.fromisoformat(run.created_at).strftime("%Y-%m-%d %H:%M:%S %Z")
    return [*rows, ("Created", created)]


def environment_rows(run: RunRecord) -> list[tuple[str, str]]:
    """Versions and the machine; each library that the framework adds has a row of its own."""
    rows = {
        name: tables.plain(value) for name, value in run.environment.plain().items() if name != "framework_packages"
    }
    return [*(rows | run.environment.framework_packages).items()]


def model_rows(run: RunRecord) -> list[tuple[str, str]]:
    """The framework, the model and its arguments."""
    rows = [("framework", run.environment.framework), ("class", run.model.class_name)]
    rows += [(name, tables.plain(value)) for name, value in run.model.args.items() if _is_flat(value)]
    rows.append(("loss", run.loss_fn))
    if run.class_weights:
        weights = list(run.class_weights.items())[:12]
        rows.append(("class weights", ", ".join(f"{name}: {figure(value)}" for name, value in weights)))
    return rows


def _is_flat(value: object) -> bool:
    """Whether an argument is no table of types and relations, which have tables of their own."""
    return not isinstance(value, Mapping) and not (
        isinstance(value, list | tuple) and any(isinstance(item, list) for item in value)
    )
