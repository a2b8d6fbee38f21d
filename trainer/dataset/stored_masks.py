"""Which attributes hold a stored split: their usual names (`train_mask`, `is_test`, `split`), and masks by their values."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.graph.columns import Column, NumberColumn, TextColumn, VectorColumn

PART_OF_WORD = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
SPLIT_NAMES = ("split", "data_split", "dataset_split", "partition", "subset", "part", "fold")
"""Names of attributes that hold one of these words, in the order in which they are looked for."""
_NO_WORDS = frozenset(("", "nan", "none", "null"))
_MASK = "mask"
_BARE = "*"
_AFFIXES = frozenset(("is", "in", _MASK, "set", "split", "flag"))
_WORD = re.compile(r"mask(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+?(?=mask(?![a-z]))|[A-Z]?[a-z]+|\d+")


def is_split_like(name: str) -> bool:
    """Whether an attribute of that name may hold a split, alone or as one mask of several."""
    return _normal(name) in SPLIT_NAMES or _mask_name(name) is not None


def mask_names(columns: Mapping[str, Column]) -> set[str]:
    """The attributes that are called masks, and those of a set such as `is_train` and `is_test` that hold truth values."""
    called_masks = {name for name in columns if (found := _mask_name(name)) is not None and found.is_called_mask}
    members = {name for parts in mask_sets(columns) for name in parts.values()}
    return called_masks | {name for name in members if as_mask(columns[name]) is not None}


def mask_sets(names: Collection[str]) -> list[dict[str, str]]:
    """The attributes that are named alike but for the part, such as `train_mask` and `test_mask`, by part.

    A set has `train` and at least one other part; those that are called masks come first.
    """
    sets: dict[tuple[bool, bool, str], dict[str, str]] = {}
    for name in sorted(names):
        found = _mask_name(name)
        if found is not None:
            order = not found.is_called_mask, found.style == _BARE, found.style
            sets.setdefault(order, {}).setdefault(found.part, name)
    return [sets[order] for order in sorted(sets) if _is_enough(order[-1], sets[order])]


def split_columns(names: Collection[str]) -> list[str]:
    """The attributes that may hold the word of a part, the most usual name first."""
    known = {_normal(name): name for name in sorted(names, reverse=True)}
    return [known[name] for name in SPLIT_NAMES if name in known]


@dataclass(frozen=True)
class _MaskName:
    part: str
    style: str
    """The name with `*` for the part."""
    is_called_mask: bool


def _mask_name(name: str) -> _MaskName | None:
    words = [word.lower() for word in _WORD.findall(name)]
    parts = [word for word in words if word in PART_OF_WORD]
    if len(parts) != 1 or not {*words} - {*parts} <= _AFFIXES:
        return None
    style = re.sub(parts[0], "*", name, flags=re.IGNORECASE)
    return _MaskName(PART_OF_WORD[parts[0]], style, _MASK in words)


def _is_enough(style: str, parts: Collection[str]) -> bool:
    """Bare `train` and `val` say too little: `val` is short for value, too."""
    return "train" in parts and ("test" in parts if style == _BARE else len(parts) > 1)


def _normal(name: str) -> str:
    """`dataSplit` as `data_split`."""
    return "_".join(word.lower() for word in _WORD.findall(name))


def as_mask(column: Column) -> NDArray[np.bool_] | None:
    """Where the column is true or 1, without a value false; None where it holds anything but truth values."""
    if isinstance(column, TextColumn):
        truths = [{"true": True, "false": False}.get(text.lower()) for text in column.categories]
        if any(
            truth is None and text.lower() not in _NO_WORDS
            for truth, text in zip(truths, column.categories, strict=True)
        ):
            return None
        return np.array([*map(bool, truths), False])[column.codes]
    if isinstance(column, VectorColumn) and column.values.shape[1] == 1:
        values = column.values[:, 0]
    elif isinstance(column, NumberColumn):
        values = column.values
    else:
        return None
    if isinstance(column, NumberColumn) and column.unreadable and not column.boolean:
        return None
    known = values[~column.missing]
    return np.where(column.missing, 0, values) == 1 if np.isin(known, (0, 1)).all() else None
