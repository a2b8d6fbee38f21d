"""The parts of labelled vertices: what a model learns from, is chosen by, and is judged on."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.labels.target import Target
from trainer.dataset.time.axis import TimeAxis
from trainer.errors import DataError

NO_PART, TRAIN, VAL, TEST, EMBARGO = -1, 0, 1, 2, 3
PARTS = {"train": TRAIN, "val": VAL, "test": TEST}


@dataclass(frozen=True)
class Split:
    """The part of each vertex.

    Attributes:
        method: temporal, random, graph or attribute.
        part: int8 of shape [vertices]: TRAIN, VAL, TEST, EMBARGO or NO_PART.
        boundaries: first and last time of the parts of a split in time.
        attributes: the attributes that hold a stored split.
    """

    method: str
    part: NDArray[np.int8]
    boundaries: dict[str, str | float] | None = field(default=None)
    attributes: tuple[str, ...] = ()

    def mask(self, name: str) -> NDArray[np.bool_]:
        """The vertices of the part train, val or test, shape [vertices]."""
        mask: NDArray[np.bool_] = self.part == PARTS[name]
        return mask


def boundaries(part: NDArray[np.int8], time: TimeAxis) -> dict[str, str | float]:
    """First and last time of each part that has vertices with a time."""
    first_and_last: dict[str, str | float] = {}
    for name, code in PARTS.items():
        times = time.values[(part == code) & ~time.missing]
        if len(times):
            first_and_last |= {f"{name}_start": time.show(times.min()), f"{name}_end": time.show(times.max())}
    return first_and_last


def require_learnable(split: Split, target: Target) -> None:
    """Refuse a training part that is empty or holds one class only."""
    train = split.mask("train")
    if not train.any():
        raise DataError(
            f"No vertex with a label in {target.name!r} is in the training part; check SPLIT and the labels."
        )
    if target.classes is not None and len(np.unique(target.y[train])) < 2:
        only = target.classes[int(target.y[train][0])]
        raise DataError(
            f"The training part holds one class of {target.name!r} only ({only!r}); choose another SPLIT or TARGET."
        )
