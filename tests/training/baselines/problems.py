"""Vertices without a graph, and what baselines make of them."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trainer.dataset.time.axis import NO_TIME, TimeAxis
from trainer.process.stop import StopToken
from trainer.training.baselines.budget import Budget
from trainer.training.baselines.problem import Problem

NUM = 300


def parts_of(num: int = NUM, val: float = 1 / 6, test: float = 1 / 6) -> dict[str, NDArray[np.int64]]:
    """Training first, then validation and test."""
    ends = round(num * (1 - val - test)), round(num * (1 - test))
    train, validation, rest = np.split(np.arange(num), ends)
    return {"train": train, "val": validation, "test": rest}


def problem(x: NDArray[Any], labels: ArrayLike, **changes: Any) -> Problem:
    """A problem of these inputs and labels, numbers where the labels are floats."""
    y = np.asarray(labels)
    is_regression = y.dtype.kind == "f"
    num_classes = 0 if is_regression else int(y.max()) + 1
    task = "regression" if is_regression else "binary" if num_classes == 2 else "multiclass"
    values: dict[str, Any] = {
        "task": task,
        "x": x.astype(np.float32),
        "labels": y,
        "labelled": np.ones(len(y), dtype=bool),
        "parts": parts_of(len(y)),
        "num_classes": num_classes,
        "seed": 1,
    }
    return Problem(**values | changes)


def inputs(num: int = NUM, columns: int = 3) -> NDArray[np.float32]:
    """Random features."""
    return np.random.default_rng(0).normal(size=(num, columns)).astype(np.float32)


def patient(planned_s: float = 10.0, stop: StopToken | None = None) -> Budget:
    """A budget that plans as usual and that no clock ends."""
    return Budget(planned_s, math.inf, stop or StopToken())


def exhausted() -> Budget:
    """A budget whose time is over."""
    return Budget(10.0, time.perf_counter() - 1, StopToken())


def times(values: Sequence[int | None], unit: str = "ordinal") -> TimeAxis:
    """A time axis; None is no time."""
    missing = np.array([value is None for value in values])
    numbers = np.array([NO_TIME if value is None else value for value in values], dtype=np.int64)
    return TimeAxis("ts", frozenset({"ts"}), numbers, unit, missing)


def words(num: int, width: int, classes: int = 7, seed: int = 0) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Rows of words that a few of them hint at the class by, each row divided by its sum, and the classes."""
    random = np.random.default_rng(seed)
    y = random.choice(classes, num, p=np.arange(classes, 0, -1) / np.arange(1, classes + 1).sum())
    common = random.permutation(1 / np.arange(1, width + 1) ** 0.6)
    common /= common.sum()
    own = [random.choice(width, width // 10, replace=False) for _ in range(classes)]
    x = np.zeros((num, width), dtype=np.float32)
    for row, label in zip(x, y, strict=True):
        length = max(3, int(random.poisson(18)))
        hints = int(random.binomial(length, 0.2))
        row[random.choice(own[label], hints)] = 1
        row[random.choice(width, length - hints, p=common)] = 1
    return x / x.sum(axis=1, keepdims=True), y
