"""From a trained and judged model to its record, the content of `metrics.json`."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

import numpy as np

import trainer
from trainer.dataset.dataset import Dataset
from trainer.dataset.features.feature import Feature
from trainer.dataset.labels.split import EMBARGO, NO_PART, PARTS
from trainer.process.threads import available_cpus
from trainer.record import (
    SCHEMA_VERSION,
    Environment,
    FeatureRecord,
    GraphRecord,
    ModelRecord,
    PartCounts,
    RunRecord,
    SplitRecord,
    TargetRecord,
    TimeBins,
    label_text,
)
from trainer.registry.frameworks import FRAMEWORKS
from trainer.training.evaluate import Evaluation
from trainer.training.result import FitResult

_TIME_BINS = 60
_PACKAGES = ("torch", "torch-geometric", "numpy", "scikit-learn", "pydantic", "orjson")


def describe_run(
    status: str,
    settings: Mapping[str, Any],
    graph: GraphRecord,
    dataset: Dataset,
    fitted: FitResult,
    evaluation: Evaluation,
    model: bytes,
    timings: Mapping[str, float | None],
) -> RunRecord:
    """The record of a run, without the hashes of its files.

    Args:
        status: finished or interrupted.
        settings: each by its name, as the record has them.
        graph: as `describe_graph` has it.
        dataset: what was learned from.
        fitted: what was learned.
        evaluation: how good that is.
        model: the content of the model file.
        timings: seconds by phase.
    """
    target, weights = dataset.target, fitted.class_weights
    return RunRecord(
        schema_version=SCHEMA_VERSION,
        status=status,
        queue_id=settings["queue_id"],
        telemetry_id=settings["telemetry_producer_id"],
        symbol=settings["symbol"],
        type=settings["type"],
        graph_name=settings["graph_name"],
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        model=_model(fitted, model),
        task=target.task,
        loss_fn=fitted.loss_name,
        class_weights=None
        if weights is None
        else dict(zip(map(label_text, target.classes or []), weights, strict=True)),
        features=[
            _feature(feature, name)
            for name, vertices in dataset.inputs.vertices.items()
            for feature in vertices.features
        ],
        target=_target(dataset),
        classes=target.classes,
        positive_class=target.positive_class,
        split=_split(dataset, settings["embargo"]),
        metrics=evaluation.metrics,
        baselines=evaluation.baselines,
        curves=evaluation.curves,
        history=[epoch.flat() for epoch in fitted.history],
        best_epoch=fitted.best_epoch,
        epochs=settings["epochs"],
        epochs_run=len(fitted.history),
        stop_reason=fitted.stop_reason,
        graph=graph,
        settings=settings,
        timings=timings,
        environment=_environment(fitted),
        artifacts={},
    )


def _model(fitted: FitResult, content: bytes) -> ModelRecord:
    return ModelRecord(
        type=fitted.spec.type,
        class_name=fitted.spec.class_name,
        args={name: _shortened(value) for name, value in fitted.spec.args.items()},
        num_parameters=fitted.num_parameters,
        notes=fitted.notes,
        sha256=hashlib.sha256(content).hexdigest(),
    )


def _shortened(value: Any) -> Any:
    """An argument as JSON; of embedded vertices their number, for the model file has their ids."""
    if isinstance(value, dict):
        return {name: len(ids) if isinstance(ids, list) else ids for name, ids in value.items()}
    return value.tolist() if hasattr(value, "tolist") else value


def _feature(feature: Feature, type_name: str) -> FeatureRecord:
    single = len(feature.fill) == 1 and feature.kind in ("number", "boolean")
    return FeatureRecord(
        name=feature.name,
        type=type_name,
        kind=feature.kind,
        columns=feature.width,
        missing=feature.missing,
        missing_indicator=feature.missing_indicator,
        imputed=feature.fill[0] if single and feature.missing else None,
        mean=feature.mean[0] if single else None,
        scale=feature.scale[0] if single else None,
        categories=feature.categories or None,
    )


def _target(dataset: Dataset) -> TargetRecord:
    labelled, is_regression = dataset.target.labelled, dataset.target.task == "regression"
    return TargetRecord(
        name=dataset.target.name,
        type=dataset.inputs.target_type,
        labelled=int(labelled.sum()),
        unlabelled=int((~labelled).sum()),
        mean=dataset.target_mean if is_regression else None,
        scale=dataset.target_scale if is_regression else None,
    )


def _split(dataset: Dataset, embargo: float) -> SplitRecord:
    split, time, labelled = dataset.split, dataset.inputs.time, dataset.target.labelled
    return SplitRecord(
        method=split.method,
        attributes=list(split.attributes),
        time_field=time.field if time else None,
        time_unit=time.unit if time else None,
        embargo=embargo,
        counts=PartCounts(
            **{part: int(split.mask(part).sum()) for part in PARTS},
            embargo=int((split.part == EMBARGO).sum()),
            unlabelled=int((~labelled).sum()),
            unassigned=int(((split.part == NO_PART) & labelled).sum()),
        ),
        boundaries=split.boundaries,
        class_counts=_class_counts(dataset),
        time_axis=_time_bins(dataset),
    )


def _class_counts(dataset: Dataset) -> dict[str, dict[str, int]] | None:
    """Vertices of each class by part."""
    target = dataset.target
    if target.classes is None:
        return None
    counts = {part: np.bincount(target.y[dataset.split.mask(part)], minlength=len(target.classes)) for part in PARTS}
    return {
        part: dict(zip(map(label_text, target.classes), count.tolist(), strict=True)) for part, count in counts.items()
    }


def _time_bins(dataset: Dataset) -> TimeBins | None:
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
    places = edges.tolist() if time.unit == "ordinal" else map(round, edges.tolist())
    return TimeBins(edges=[time.show(start.item() + place) for place in places], **counts)


def _environment(fitted: FitResult) -> Environment:
    environment = Environment(
        gnn_trainer=trainer.__version__,
        python=platform.python_version(),
        **{name.replace("-", "_"): version(name) for name in _PACKAGES},
        platform=platform.platform(),
        device=fitted.device,
        threads=available_cpus(),
        framework=fitted.spec.framework,
    )
    own = {name: version(name) for name in FRAMEWORKS[fitted.spec.framework].packages}
    return environment.model_copy(update={"framework_packages": own}) if own else environment
