"""Rules that concern several settings at once, and the values that follow from others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from trainer.settings.addresses import is_address
from trainer.settings.definition import Settings
from trainer.settings.form_checks import check_model_file
from trainer.settings.groups.arango import ArangoSettings
from trainer.settings.groups.graph import GraphSettings
from trainer.settings.groups.training import LOSSES_BY_TASK
from trainer.settings.model_checks import check_edge_weight, check_framework, check_heads, check_installed
from trainer.settings.problem import Problem
from trainer.settings.rank_checks import check_ranks
from trainer.settings.service_checks import SERVICE_RULES


def cross_checks(settings: Settings, known_bad: set[str]) -> list[Problem]:
    """The problems between settings; rules about a setting in `known_bad` are left out."""
    return [problem for rule in _RULES for problem in rule(settings) if not known_bad & {problem.name, *problem.also}]


def with_derived(settings: Settings) -> Settings:
    """Fill in the names that follow from others."""
    queue = settings.queue
    queue_id = queue.queue_id or f"local-{settings.graph.graph_name}"
    producer = queue.telemetry_producer_id or f"gnn-trainer__{queue_id.rsplit('-', 1)[-1]}"
    derived = {"queue_id": queue_id, "telemetry_producer_id": producer}
    return settings.model_copy(update={"queue": queue.model_copy(update=derived)})


def check_graph(graph: GraphSettings, arango: ArangoSettings) -> Iterator[Problem]:
    """Whether a graph is named, which a folder need not, and a source to read it from."""
    if not graph.graph_name and not graph.graph_path:
        yield Problem("graph_name", None, "is not set: name the graph")
    if not graph.graph_path and not arango.arango_url:
        right = (
            "is not set: name the arangodump folder that holds the graph, or set ARANGO_URL to read it from ArangoDB"
        )
        yield Problem("graph_path", None, right, ("arango_url",))
    if graph.graph_path and is_address(graph.graph_path):
        yield Problem("graph_path", None, "should be a folder and holds an address; ARANGO_URL is for that of ArangoDB")


def _target(settings: Settings) -> Iterator[Problem]:
    features, target = settings.data.features, settings.data.target
    if target and target.lower() in (name.lower() for name in features):
        yield Problem("features", features, f"should not hold {target!r}, which is the TARGET", ("target",))
    keys = [name for name in features if name in ("_key", "_id", "_rev", "_from", "_to")]
    if keys:
        yield Problem("features", features, f"should not hold {keys[0]!r}: keys say nothing about new vertices")


def _loss(settings: Settings) -> Iterator[Problem]:
    loss_fn, task, class_weights = settings.training.loss_fn, settings.training.task, settings.training.class_weights
    if loss_fn and task != "auto" and loss_fn not in LOSSES_BY_TASK[task]:
        right = f"does not fit TASK={task}; it should be one of {', '.join(LOSSES_BY_TASK[task])}"
        yield Problem("loss_fn", loss_fn, right, ("task",))
    if class_weights == "balanced" and task == "regression":
        yield Problem(
            "class_weights", class_weights, "needs classes; it should be none when TASK=regression", ("task",)
        )


def _ratios(settings: Settings) -> Iterator[Problem]:
    split, patience = settings.split, settings.training.patience
    if split.val_ratio + split.test_ratio >= 1:
        right = (
            f"and TEST_RATIO={split.test_ratio} should leave some vertices for training: their sum should be below 1"
        )
        yield Problem("val_ratio", split.val_ratio, right, ("test_ratio",))
    if patience and not split.val_ratio and not split.stored_names:
        right = "needs a validation part; VAL_RATIO should be above 0"
        yield Problem("patience", patience, right, ("val_ratio", "split"))


def _num_neighbors(settings: Settings) -> Iterator[Problem]:
    counts, num_layers = settings.sampling.num_neighbors, settings.model.num_layers
    if any(count < 1 and count != -1 for count in counts):
        yield Problem("num_neighbors", counts, "should hold whole numbers above 0, or -1 for all neighbours")
    elif len(counts) not in (0, 1, num_layers):
        right = f"should hold one number, or one for each of NUM_LAYERS={num_layers} layers"
        yield Problem("num_neighbors", counts, right, ("num_layers",))


def _split_by_graph(settings: Settings) -> Iterator[Problem]:
    split = settings.split
    needed = max(1 + bool(split.val_ratio) + bool(split.test_ratio), 2)
    if split.split == "graph" and len(settings.graph.graph_names) < needed:
        right = f"needs at least {needed} graphs in GRAPH_NAME, one for each part"
        yield Problem("split", split.split, right, ("graph_name", "val_ratio", "test_ratio"))


def _output(settings: Settings) -> Iterator[Problem]:
    path = settings.local.output_path
    if not path:
        if not settings.s3.minio_endpoint and not settings.dry_run.dry_run:
            right = "is not set: name the model file to write, such as out/model.pt, or set MINIO_ENDPOINT to use an S3 store"
            yield Problem("output_path", None, right, ("minio_endpoint",))
    elif path.endswith(".pt") and os.path.isdir(path):  # noqa: PTH112 - no error for an endless name
        yield Problem("output_path", path, "should be the path of a .pt file, and is a folder")
    else:
        yield from check_model_file(path)


LEARNING_RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    _target,
    _loss,
    check_heads,
    _ratios,
    check_edge_weight,
    _num_neighbors,
    _split_by_graph,
)
"""Rules that hold on any machine."""

_RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (
    *SERVICE_RULES,
    lambda settings: check_graph(settings.graph, settings.arango),
    *LEARNING_RULES,
    check_installed,
    check_framework,
    _output,
    check_ranks,
)
