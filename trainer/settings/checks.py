"""Rules that concern several settings at once, and the values that follow from others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from trainer.registry.frameworks import Request, refusals
from trainer.registry.models import MODELS, weighted_models
from trainer.settings.definition import Settings
from trainer.settings.learning_settings import LOSSES_BY_TASK
from trainer.settings.problem import Problem
from trainer.settings.service_checks import SERVICE_RULES

_LATEST_SECONDS = 1e11
"""The year 5138; a larger timestamp is in milliseconds."""

_LONGEST_NAME = 200
"""Bytes of a file name; file systems allow 255, and a file is written aside under a longer name first."""


def cross_checks(settings: Settings, known_bad: set[str]) -> list[Problem]:
    """The problems between settings; rules about a setting in `known_bad` are left out."""
    return [problem for rule in _RULES for problem in rule(settings) if not known_bad & {problem.name, *problem.also}]


def with_derived(settings: Settings) -> Settings:
    """Fill in the names that follow from others."""
    queue_id = settings.queue_id or f"local-{settings.graph_name}"
    producer = settings.telemetry_producer_id or f"gnn-trainer__{queue_id.rsplit('-', 1)[-1]}"
    ordered = settings.job_timestamp
    if ordered is not None and ordered > _LATEST_SECONDS:
        ordered /= 1000
    derived = {"queue_id": queue_id, "telemetry_producer_id": producer, "job_timestamp": ordered}
    return settings.model_copy(update=derived)


def check_graph(settings: Settings) -> Iterator[Problem]:
    """Whether a graph and the place to read it from are named."""
    if not settings.graph_name:
        yield Problem("graph_name", None, "is not set: name the graph")
    if not settings.graph_path and not settings.arango_url:
        right = (
            "is not set: name the arangodump folder that holds the graph, or set ARANGO_URL to read it from ArangoDB"
        )
        yield Problem("graph_path", None, right, ("arango_url",))


def _target(settings: Settings) -> Iterator[Problem]:
    if settings.target and settings.target.lower() in (name.lower() for name in settings.features):
        yield Problem(
            "features", settings.features, f"should not hold {settings.target!r}, which is the TARGET", ("target",)
        )
    keys = [name for name in settings.features if name in ("_key", "_id", "_rev", "_from", "_to")]
    if keys:
        yield Problem(
            "features", settings.features, f"should not hold {keys[0]!r}: keys say nothing about new vertices"
        )


def _loss(settings: Settings) -> Iterator[Problem]:
    if settings.loss_fn and settings.task != "auto" and settings.loss_fn not in LOSSES_BY_TASK[settings.task]:
        fitting = ", ".join(LOSSES_BY_TASK[settings.task])
        yield Problem(
            "loss_fn", settings.loss_fn, f"does not fit TASK={settings.task}; it should be one of {fitting}", ("task",)
        )
    if settings.class_weights == "balanced" and settings.task == "regression":
        yield Problem(
            "class_weights", settings.class_weights, "needs classes; it should be none when TASK=regression", ("task",)
        )


def _heads(settings: Settings) -> Iterator[Problem]:
    attention = MODELS[settings.model_type].heads and settings.num_layers > 1
    if attention and settings.hidden_channels % settings.heads:
        yield Problem(
            "hidden_channels", settings.hidden_channels, f"should be a multiple of HEADS={settings.heads}", ("heads",)
        )


def _ratios(settings: Settings) -> Iterator[Problem]:
    if settings.val_ratio + settings.test_ratio >= 1:
        right = (
            f"and TEST_RATIO={settings.test_ratio} should leave some vertices for training: their sum should be below 1"
        )
        yield Problem("val_ratio", settings.val_ratio, right, ("test_ratio",))
    if settings.patience and not settings.val_ratio and not settings.split.startswith("attribute:"):
        yield Problem(
            "patience",
            settings.patience,
            "needs a validation part; VAL_RATIO should be above 0",
            ("val_ratio", "split"),
        )


def _edge_weight(settings: Settings) -> Iterator[Problem]:
    if settings.edge_weight and MODELS[settings.model_type].edge_weight is None:
        right = f"does not fit MODEL_TYPE={settings.model_type}, which takes no weights; use one of {', '.join(weighted_models())}"
        yield Problem("edge_weight", settings.edge_weight, right, ("model_type",))


def _framework(settings: Settings) -> Iterator[Problem]:
    request = Request(
        model_type=settings.model_type,
        edge_weight=settings.edge_weight,
        batch_size=settings.batch_size,
        device=settings.device,
    )
    for name, right in refusals(settings.framework, request):
        yield Problem("framework", settings.framework, right, (name,))


def _num_neighbors(settings: Settings) -> Iterator[Problem]:
    counts = settings.num_neighbors
    if any(count < 1 and count != -1 for count in counts):
        yield Problem("num_neighbors", counts, "should hold whole numbers above 0, or -1 for all neighbours")
    elif len(counts) not in (0, 1, settings.num_layers):
        right = f"should hold one number, or one for each of NUM_LAYERS={settings.num_layers} layers"
        yield Problem("num_neighbors", counts, right, ("num_layers",))


def _split_by_graph(settings: Settings) -> Iterator[Problem]:
    needed = 1 + bool(settings.val_ratio) + bool(settings.test_ratio)
    if settings.split == "graph" and len(settings.graph_names) < max(needed, 2):
        right = f"needs at least {max(needed, 2)} graphs in GRAPH_NAME, one for each part"
        yield Problem("split", settings.split, right, ("graph_name", "val_ratio", "test_ratio"))


def _output(settings: Settings) -> Iterator[Problem]:
    if not settings.output_path and not settings.minio_endpoint:
        right = (
            "is not set: name the model file to write, such as out/model.pt, or set MINIO_ENDPOINT to use an S3 store"
        )
        yield Problem("output_path", None, right, ("minio_endpoint",))
    elif settings.output_path and (
        not settings.output_path.endswith(".pt") or os.path.isdir(settings.output_path)  # noqa: PTH112 - no error for an endless name
    ):
        yield Problem("output_path", settings.output_path, "should be the path of a .pt file, such as out/model.pt")
    elif settings.output_path and any(
        len(os.fsencode(part)) > _LONGEST_NAME for part in Path(settings.output_path).parts
    ):
        yield Problem("output_path", settings.output_path, "should have no name of more than 200 bytes")


_RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    *SERVICE_RULES,
    check_graph,
    _target,
    _loss,
    _heads,
    _ratios,
    _edge_weight,
    _framework,
    _num_neighbors,
    _split_by_graph,
    _output,
)
