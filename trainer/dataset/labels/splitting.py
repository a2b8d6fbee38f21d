"""Dividing labelled vertices as SPLIT says: by a stored split, in time, or at random."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.grouping.type_table import JudgedTable
from trainer.dataset.labels.split import EMBARGO, NO_PART, PARTS, TEST, TRAIN, VAL, Split, boundaries, require_learnable
from trainer.dataset.labels.stored_split import named_split, usual_split
from trainer.dataset.labels.target import Target
from trainer.dataset.time.axis import TimeAxis
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.settings.groups.split import SplitSettings


def find_stored_split(settings: SplitSettings, table: JudgedTable, target: Target) -> Warned[Split | None]:
    """The stored split that SPLIT names, or with SPLIT=auto the one that there is.

    Raises:
        DataError: SPLIT names an attribute that is absent or holds no split, or a vertex is in two masks.
    """
    names = settings.stored_names
    if names:
        return Warned(*named_split(names, table, target))
    return usual_split(table, target) if settings.split == "auto" else Warned(None)


def make_split(
    settings: SplitSettings,
    seed: int,
    table: JudgedTable,
    target: Target,
    time: TimeAxis | None,
    stored: Split | None,
) -> Warned[Split]:
    """Divide the labelled vertices of `table` as SPLIT says: as `stored` does if there is one, in time, or at random.

    Raises:
        DataError: the training part would be empty or hold one class only, or what SPLIT needs is not there.
    """
    warnings: tuple[str, ...] = ()
    split = stored
    if split is None:
        axis, warnings = _axis_to_split_by(settings.split, table, target, time)
        split, more = _random(settings, seed, target) if axis is None else _temporal(settings, target, axis)
        warnings += more
    require_learnable(split, target)
    return Warned(split, warnings)


def _axis_to_split_by(split: str, table: JudgedTable, target: Target, time: TimeAxis | None) -> Warned[TimeAxis | None]:
    """The times if the split is one in time."""
    if split == "random":
        return Warned(None)
    if time is None:
        if split == "temporal":
            raise DataError(
                f"SPLIT=temporal needs a time, and {table.name} has no attribute that looks like one; "
                "set TIME_FIELD, or SPLIT=random."
            )
        return Warned(None)
    times = time.values[target.labelled & ~time.missing]
    if len(times) == 0:
        raise DataError(
            f"No labelled vertex of {table.name} has a time in {time.field!r}, which others have; correct it, set TIME_FIELD "
            "to another attribute, or SPLIT=random."
        )
    if times.min() == times.max():
        if split == "temporal":
            raise DataError(
                f"SPLIT=temporal needs several times, and {time.field!r} of {table.name} has one; set SPLIT=random."
            )
        return Warned(None, (f"All labelled vertices have the same {time.field!r}; they are split at random.",))
    return Warned(time)


def _temporal(settings: SplitSettings, target: Target, time: TimeAxis) -> Warned[Split]:
    usable = target.labelled & ~time.missing
    num_without = int((target.labelled & time.missing).sum())
    warning = f"{num_without} labelled vertices have no {time.field!r} and are in no part."
    ordered = np.sort(time.values[usable])
    num_val, num_test = _sizes(settings, len(ordered))
    part = np.full(len(usable), TRAIN, dtype=np.int8)
    for code, size in ((VAL, num_val + num_test), (TEST, num_test)):
        if size:
            start = ordered[len(ordered) - size]
            part[time.values >= time.before(start, settings.embargo)] = EMBARGO
            part[time.values >= start] = code
    part[~usable] = NO_PART
    for name, size in (("train", 1), ("val", num_val), ("test", num_test)):
        if size and not (part == PARTS[name]).any():
            cause = f"EMBARGO={settings.embargo:g} leaves" if settings.embargo else "Equal times leave"
            raise DataError(
                f"{cause} no vertex for the {name} part of the temporal split by {time.field!r}; set SPLIT or EMBARGO otherwise."
            )
    return Warned(Split("temporal", part, boundaries(part, time)), (warning,) if num_without else ())


def _sizes(settings: SplitSettings, num_labelled: int) -> tuple[int, int]:
    """Numbers of validation and test vertices; a ratio above 0 asks for one at least."""
    num_val = max(round(num_labelled * settings.val_ratio), 1 if settings.val_ratio else 0)
    num_test = max(round(num_labelled * settings.test_ratio), 1 if settings.test_ratio else 0)
    if num_val + num_test >= num_labelled:
        raise DataError(
            f"{num_labelled} labelled vertices are too few to divide into train, val and test; label more of them."
        )
    return num_val, num_test


def _random(settings: SplitSettings, seed: int, target: Target) -> Warned[Split]:
    from sklearn.model_selection import train_test_split

    warnings = []
    part = np.full(len(target.labelled), NO_PART, dtype=np.int8)
    rest = np.flatnonzero(target.labelled)
    num_val, num_test = _sizes(settings, len(rest))
    for code, size in ((TEST, num_test), (VAL, num_val)):
        if size:
            strata = target.y[rest] if _can_stratify(target, rest, size) else None
            if strata is None and target.classes is not None:
                warnings.append(
                    f"Some classes are too rare to be spread evenly over the {'test' if code == TEST else 'val'} part."
                )
            rest, drawn = train_test_split(rest, test_size=size, random_state=seed, stratify=strata)
            part[drawn] = code
    part[rest] = TRAIN
    return Warned(Split("random", part), tuple(warnings))


def _can_stratify(target: Target, rows: NDArray[Any], size: int) -> bool:
    if target.classes is None:
        return False
    counts = np.bincount(target.y[rows])
    present = counts[counts > 0]
    return bool(present.min() >= 2 and size >= len(present) and len(rows) - size >= len(present))
