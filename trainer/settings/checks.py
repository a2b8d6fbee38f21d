"""Rules that concern several settings at once, and the values that follow from others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.settings.definition import LOSSES_BY_TASK, Settings, variable

_LONGEST_NAME = 200
"""Bytes of a file name; file systems allow 255, and a file is written aside under a longer name first."""


@dataclass(frozen=True)
class Problem:
    """One setting that is not right: which, what it held (None: nothing), and what would be right.

    `also` names the other settings that the problem speaks of.
    """

    name: str
    value: Any
    right: str
    also: tuple[str, ...] = ()

    def __str__(self) -> str:
        """`EPOCHS='ten' should be a whole number of at least 1`, never with a secret."""
        shown = "" if self.value is None else f"={self.value!r}"
        name = variable(self.name) if self.name in Settings.model_fields else self.name
        return f"{name}{shown} {self.right}"


def cross_checks(settings: Settings, known_bad: set[str]) -> list[Problem]:
    """The problems between settings; rules about a setting in `known_bad` are left out."""
    return [problem for rule in _RULES for problem in rule(settings) if not known_bad & {problem.name, *problem.also}]


def with_derived(settings: Settings) -> Settings:
    """Fill in the names that follow from others."""
    queue_id = settings.queue_id or f"local-{settings.graph_name}"
    producer = settings.telemetry_producer_id or f"gnn-trainer__{queue_id.rsplit('-', 1)[-1]}"
    return settings.model_copy(update={"queue_id": queue_id, "telemetry_producer_id": producer})


def _graph(settings: Settings) -> Iterator[Problem]:
    if not settings.graph_name:
        yield Problem("graph_name", None, "is not set: name the graph to train on")
    if not settings.graph_path:
        yield Problem("graph_path", None, "is not set: name the arangodump folder that holds the graph")


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
    attention = settings.model_type in ("GAT", "GATv2") and settings.num_layers > 1
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


def _output(settings: Settings) -> Iterator[Problem]:
    if not settings.output_path:
        yield Problem("output_path", None, "is not set: name the model file to write, such as out/model.pt")
    elif not settings.output_path.endswith(".pt") or os.path.isdir(settings.output_path):  # noqa: PTH112 - no error for an endless name
        yield Problem("output_path", settings.output_path, "should be the path of a .pt file, such as out/model.pt")
    elif any(len(os.fsencode(part)) > _LONGEST_NAME for part in Path(settings.output_path).parts):
        yield Problem("output_path", settings.output_path, "should have no name of more than 200 bytes")


_RULES: tuple[Callable[[Settings], Iterator[Problem]], ...] = (_graph, _target, _loss, _heads, _ratios, _output)
