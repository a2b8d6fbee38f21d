"""The content of `metrics.json`: all that a reader, a dashboard or the report may want to know of a run."""

from __future__ import annotations

import hashlib
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np
import orjson

import trainer
from trainer.artifacts.result import RunResult
from trainer.dataset.dataset import Dataset
from trainer.dataset.features.feature import Feature
from trainer.dataset.labels.split import EMBARGO, NO_PART, PARTS

SCHEMA_VERSION = 1
_TIME_BINS = 60
_PACKAGES = ("torch", "torch-geometric", "numpy", "scikit-learn", "pydantic", "orjson")


def describe_run(result: RunResult, model: bytes) -> dict[str, Any]:
    """The run as plain values.

    Args:
        result: the trained and judged model.
        model: the content of the model file that belongs to it.
    """
    queue, dataset, fitted, evaluation = result.queue, result.dataset, result.fitted, result.evaluation
    target = dataset.target
    weights = fitted.class_weights
    args = {name: _shortened(value) for name, value in fitted.spec.args.items()}
    return {
        "schema_version": SCHEMA_VERSION,
        "status": result.status,
        "queue_id": queue.queue_id,
        "telemetry_id": queue.telemetry_producer_id,
        "symbol": queue.symbol,
        "type": queue.type,
        "graph_name": result.settings["graph_name"],
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "model": {
            "type": fitted.spec.type,
            "class": fitted.spec.class_name,
            "args": args,
            "num_parameters": fitted.num_parameters,
            "notes": fitted.notes,
            "sha256": hashlib.sha256(model).hexdigest(),
        },
        "task": target.task,
        "loss_fn": fitted.loss_name,
        "class_weights": None if weights is None else dict(zip(map(str, target.classes or []), weights, strict=True)),
        "features": [
            _feature(feature, name) for name, kind in dataset.inputs.vertices.items() for feature in kind.features
        ],
        "target": {
            "name": target.name,
            "type": dataset.inputs.target_type,
            "labelled": int(target.labelled.sum()),
            "unlabelled": int((~target.labelled).sum()),
            "mean": dataset.target_mean if target.task == "regression" else None,
            "scale": dataset.target_scale if target.task == "regression" else None,
        },
        "classes": target.classes,
        "split": _split(dataset, result.settings["embargo"]),
        "metrics": evaluation.metrics,
        "baselines": evaluation.baselines,
        "curves": evaluation.curves,
        "history": [record.flat() for record in fitted.history],
        "best_epoch": fitted.best_epoch,
        "epochs": result.settings["epochs"],
        "epochs_run": len(fitted.history),
        "stop_reason": fitted.stop_reason,
        "graph": result.graph,
        "settings": result.settings,
        "timings": {},  # known only when the rest is done
        "environment": _environment(result),
    }


def to_json(run: dict[str, Any]) -> bytes:
    """UTF-8 JSON for people and programs; NaN and infinities become null."""
    return orjson.dumps(run, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)


def _shortened(value: Any) -> Any:
    """An argument as JSON; of embedded vertices their number, for the model file has their ids."""
    if isinstance(value, dict):
        return {name: len(ids) if isinstance(ids, list) else ids for name, ids in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


def _feature(feature: Feature, type_name: str) -> dict[str, Any]:
    single = len(feature.fill) == 1 and feature.kind in ("number", "boolean")
    return {
        "name": feature.name,
        "type": type_name,
        "kind": feature.kind,
        "columns": feature.width,
        "missing": feature.missing,
        "missing_indicator": feature.missing_indicator,
        "imputed": feature.fill[0] if single and feature.missing else None,
        "mean": feature.mean[0] if single else None,
        "scale": feature.scale[0] if single else None,
        "categories": feature.categories or None,
    }


def _split(dataset: Dataset, embargo: float) -> dict[str, Any]:
    split, time, target = dataset.split, dataset.inputs.time, dataset.target
    unassigned = (split.part == NO_PART) & target.labelled
    counts = {name: int(split.mask(name).sum()) for name in PARTS}
    counts |= {
        "embargo": int((split.part == EMBARGO).sum()),
        "unlabelled": int((~target.labelled).sum()),
        "unassigned": int(unassigned.sum()),
    }
    class_counts = None
    if target.classes is not None:
        per_part = {name: np.bincount(target.y[split.mask(name)], minlength=len(target.classes)) for name in PARTS}
        class_counts = {
            name: dict(zip(map(str, target.classes), found.tolist(), strict=True)) for name, found in per_part.items()
        }
    return {
        "method": split.method,
        "time_field": time.field if time else None,
        "time_unit": time.unit if time else None,
        "embargo": embargo,
        "counts": counts,
        "boundaries": split.boundaries,
        "class_counts": class_counts,
        "time_axis": _time_axis(dataset),
    }


def _time_axis(dataset: Dataset) -> dict[str, Any] | None:
    """How many vertices of each part fall into each of equal stretches of time."""
    time, part = dataset.inputs.time, dataset.split.part
    if time is None or dataset.split.method != "temporal":
        return None
    start = time.values[(part != NO_PART) & ~time.missing].min()
    since = time.values - start  # counted from there, because doubles do not hold nanoseconds since 1970
    since = (since.view(np.uint64) if since.dtype.kind == "i" else since).astype(np.float64)
    edges = np.linspace(0, since[(part != NO_PART) & ~time.missing].max(), _TIME_BINS + 1)
    counts = {
        name: np.histogram(since[part == code], bins=edges)[0].tolist()
        for name, code in {**PARTS, "embargo": EMBARGO}.items()
    }
    return {"edges": [time.show(start.item() + edge) for edge in edges.astype(time.values.dtype).tolist()], **counts}


def _environment(result: RunResult) -> dict[str, Any]:
    packages = {name.replace("-", "_"): version(name) for name in _PACKAGES}
    return {
        "gnn_trainer": trainer.__version__,
        "python": platform.python_version(),
        **packages,
        "platform": platform.platform(),
        "device": result.fitted.device,
        "threads": result.num_threads,
    }
