"""From a trained and judged model to its record, the content of `metrics.json`."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import trainer
from trainer.artifacts.dataset_facts import describe_features, describe_split, describe_target
from trainer.dataset.dataset import Dataset
from trainer.process.threads import compute_threads
from trainer.record import (
    SCHEMA_VERSION,
    Environment,
    GraphRecord,
    ModelRecord,
    RunRecord,
    label_text,
)
from trainer.registry.frameworks import FRAMEWORKS
from trainer.training.baselines.measuring import Measured
from trainer.training.evaluate import Evaluation
from trainer.training.result import FitResult
from trainer.training.verdict import judge

_PACKAGES = ("torch", "torch-geometric", "numpy", "scikit-learn", "pydantic", "orjson")


def describe_run(
    status: str,
    settings: Mapping[str, Any],
    graph: GraphRecord,
    dataset: Dataset,
    fitted: FitResult,
    evaluation: Evaluation,
    baselines: Measured | None,
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
        baselines: how good one can be without the graph; None where there was no time for it.
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
        features=describe_features(dataset),
        target=describe_target(dataset),
        classes=target.classes,
        positive_class=target.positive_class,
        split=describe_split(dataset, settings["embargo"]),
        metrics=evaluation.metrics,
        baselines=None if baselines is None else baselines.measures,
        baselines_left_out={} if baselines is None else baselines.left_out,
        **_verdict(status, target.task, evaluation, baselines),
        curves=evaluation.curves,
        history=[epoch.flat() for epoch in fitted.history],
        best_epoch=fitted.best_epoch,
        epochs=settings["epochs"],
        epochs_run=len(fitted.history),
        stop_reason=fitted.stop_reason,
        graph=graph,
        settings=settings,
        timings=timings,
        environment=_environment(fitted, compute_threads(settings["threads"])),
        artifacts={},
    )


def _verdict(status: str, task: str, evaluation: Evaluation, baselines: Measured | None) -> dict[str, Any]:
    """The fields about the verdict; an interrupted run has none."""
    if status == "interrupted":
        return {"verdict": None, "beats_baseline": None, "comparison": None}
    measured = baselines or Measured({}, {}, {})
    verdict = judge(task, evaluation.metrics, measured.measures, measured.phrases)
    return {
        "verdict": verdict.sentence,
        "beats_baseline": verdict.beats_baseline,
        "comparison": None if verdict.comparison is None else asdict(verdict.comparison),
        "verdict_notes": [
            *verdict.notes,
            *(["A stop came before the baselines were measured."] if baselines is None else []),
        ],
    }


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


def _environment(fitted: FitResult, threads: int) -> Environment:
    environment = Environment(
        gnn_trainer=trainer.__version__,
        python=platform.python_version(),
        **{name.replace("-", "_"): version(name) for name in _PACKAGES},
        platform=platform.platform(),
        device=fitted.device,
        threads=threads,
        framework=fitted.spec.framework,
    )
    own = dict(_versions(FRAMEWORKS[fitted.spec.framework].packages))
    return environment.model_copy(update={"framework_packages": own}) if own else environment


def _versions(packages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Of those that are there: a library may come as another distribution, which is no reason to lose a run."""
    for package in packages:
        for name in (names := package.split("|")):
            with suppress(PackageNotFoundError):
                yield names[0], version(name)
