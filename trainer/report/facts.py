"""The rows of the report that are a name and a value: who the run is, what it learned from, with what, and how it was split."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from trainer.report import tables
from trainer.report.charts.parts import moment, span
from trainer.report.numerals import UNKNOWN, count, duration, figure
from trainer.report.reading import listing, mapping, number

_BOUNDARIES = {
    "train_start": "Training starts",
    "train_end": "Training ends",
    "val_start": "Validation starts",
    "val_end": "Validation ends",
    "test_start": "Test starts",
    "test_end": "Test ends",
}


def text(value: object) -> str:
    """A value, or a dash where there is none."""
    return UNKNOWN if value is None or value == "" else str(value)


def overview(metrics: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What the run was about: name, number and remark."""
    graph, timings = mapping(metrics.get("graph")), mapping(metrics.get("timings"))
    features = [mapping(item) for item in listing(metrics.get("features"))]
    columns = sum(number(item.get("columns")) or 0.0 for item in features)
    best = number(metrics.get("best_epoch"))
    epoch_median = number(timings.get("epoch_median"))
    target = mapping(metrics.get("target"))
    return [
        ("Vertices", count(graph.get("vertices")), f"{count(target.get('labelled'))} with a label"),
        ("Edges", count(graph.get("edges")), f"{count(graph.get('isolated_vertices'))} isolated vertices"),
        ("Features", count(len(features)), f"{count(columns)} columns"),
        ("Parameters", count(mapping(metrics.get("model")).get("num_parameters")), _layers(metrics)),
        ("Epochs", count(metrics.get("epochs_run")), f"best was {count(best)}" if best else "none evaluated"),
        (
            "Time",
            duration(timings.get("total")),
            f"{duration(epoch_median)} an epoch" if epoch_median else "",
        ),
    ]


def _layers(metrics: Mapping[str, Any]) -> str:
    args = mapping(mapping(metrics.get("model")).get("args"))
    layers, hidden = number(args.get("num_layers")), number(args.get("hidden_channels"))
    if layers is None or hidden is None:
        return ""
    return f"{count(layers)} layer{'' if layers == 1 else 's'} of {count(hidden)}"


def split_rows(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """How the labelled vertices were divided."""
    split, target = mapping(metrics.get("split")), mapping(metrics.get("target"))
    unit = split.get("time_unit")
    rows = [("Method", text(split.get("method")))]
    if split.get("time_field"):
        rows.append(("Time", f"{split['time_field']}" + (f" ({unit})" if unit else "")))
        rows.append(("Embargo", span(split.get("embargo"), unit)))
    boundaries = mapping(split.get("boundaries"))
    rows += [(_BOUNDARIES.get(str(k), str(k)), moment(v, unit)) for k, v in boundaries.items() if v is not None]
    rows += [("Labelled", count(target.get("labelled"))), ("Without label", count(target.get("unlabelled")))]
    if metrics.get("task") == "regression":
        rows += [("Target mean", figure(target.get("mean"))), ("Target scale", figure(target.get("scale")))]
    return rows


def vertices_by_type(metrics: Mapping[str, Any]) -> dict[str | None, float]:
    """Return how many vertices the missing values of a feature are counted among; under None those of the target."""
    target = mapping(metrics.get("target"))
    known = [number(target.get("labelled")), number(target.get("unlabelled"))]
    types = [mapping(kind) for kind in listing(mapping(metrics.get("graph")).get("types"))]
    found: dict[str | None, float] = {str(kind.get("name")): number(kind.get("vertices")) or 0.0 for kind in types}
    return found | {None: sum(value or 0.0 for value in known)}


def identity_rows(metrics: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who the run is to others."""
    names = {"queue_id": "Queue", "telemetry_id": "Telemetry", "symbol": "Symbol", "type": "Type"}
    rows = [(label, str(metrics[key])) for key, label in names.items() if metrics.get(key)]
    created = metrics.get("created_at")
    if created:
        try:
            rows.append(("Created", datetime.fromisoformat(str(created)).strftime("%Y-%m-%d %H:%M:%S %Z").strip()))
        except ValueError:
            rows.append(("Created", str(created)))
    return rows


def _is_flat(value: object) -> bool:
    """Whether an argument is no table of types and relations, which have tables of their own."""
    return not isinstance(value, Mapping) and not any(isinstance(item, list) for item in listing(value))


def model_rows(metrics: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """The model and its arguments."""
    model = mapping(metrics.get("model"))
    rows = [("class", tables.plain(model.get("class")))]
    rows += [(str(name), tables.plain(value)) for name, value in mapping(model.get("args")).items() if _is_flat(value)]
    rows.append(("loss", text(metrics.get("loss_fn"))))
    weights = mapping(metrics.get("class_weights"))
    if weights:
        written = ", ".join(f"{name}: {figure(value)}" for name, value in list(weights.items())[:12])
        rows.append(("class weights", written))
    return rows
