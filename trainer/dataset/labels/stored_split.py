"""A split that the documents hold: the word of a part in one attribute, or a mask of true and false for each part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.attribute_names import find_name
from trainer.dataset.grouping.type_table import JudgedTable
from trainer.dataset.labels.split import NO_PART, PARTS, Split
from trainer.dataset.labels.target import Target
from trainer.dataset.name_hints import did_you_mean
from trainer.dataset.stored_masks import PART_OF_WORD, as_mask, mask_names, mask_sets, split_columns
from trainer.dataset.warned import Warned
from trainer.errors import DataError
from trainer.graph.columns import TextColumn
from trainer.graph.graph import join_names


def named_split(names: Sequence[str], table: JudgedTable, target: Target) -> Warned[Split]:
    """The split that SPLIT=attribute:… names.

    Args:
        names: one attribute, or the masks of train, val and test; empty for a part that is not there.
        table: the vertices.
        target: their labels.

    Raises:
        DataError: an attribute is absent or holds something else, or a vertex is in two masks.
    """
    columns = [_find(name, table) if name else "" for name in names]
    if len(columns) == 1:
        return _by_words(columns[0], table, target)
    masks = {}
    for part, name in zip(PARTS, columns, strict=True):
        if name:
            mask = as_mask(table.columns[name])
            if mask is None:
                raise DataError(
                    f"SPLIT names the mask {name!r} of {table.name}, which does not hold true and false (or 1 and 0) alone."
                )
            masks[part] = name, mask
    return _by_masks(masks, table, target)


def usual_split(table: JudgedTable, target: Target) -> Warned[Split | None]:
    """The split of masks such as `train_mask`, else of the words in an attribute such as `split`; said in a warning.

    Raises:
        DataError: a vertex is in two masks.
    """
    columns = table.columns
    for names in mask_sets(columns):
        masks = {
            part: (names[part], mask)
            for part in PARTS
            if part in names and (mask := as_mask(columns[names[part]])) is not None
        }
        if len(masks) == len(names):
            return _said(_by_masks(masks, table, target))
    for name in split_columns(columns):
        column = columns[name]
        words = column.categories if isinstance(column, TextColumn) else []
        parts = {PART_OF_WORD.get(word.lower()) for word in words} - {None}
        if "train" in parts and len(parts) > 1:
            return _said(_by_words(name, table, target))
    return Warned(None, tuple(_unused_masks(table)))


def _unused_masks(table: JudgedTable) -> Iterator[str]:
    """A sentence where attributes are called masks and are none, such as those of several splits at once."""
    names = [name for name in mask_names(table.columns) if as_mask(table.columns[name]) is None]
    if names:
        yield (
            f"{join_names(map(repr, names))} of {table.name} should be a stored mask by name, but holds something else than "
            "true and false; the vertices are divided without it."
        )


def _find(attribute: str, table: JudgedTable) -> str:
    name = find_name(attribute, table.columns)
    if name is None:
        hint = did_you_mean(attribute, table.attributes, paths=table.nested)
        raise DataError(f"{table.name} has no attribute {attribute!r} that SPLIT names: {hint}.")
    return name


def _said(found: Warned[Split]) -> Warned[Split | None]:
    split, warnings = found
    listed = ", ".join(map(repr, split.attributes))
    return Warned(
        split, (f"The stored split in {listed} is taken; set SPLIT to divide the vertices otherwise.", *warnings)
    )


def _by_masks(masks: Mapping[str, tuple[str, NDArray[np.bool_]]], table: JudgedTable, target: Target) -> Warned[Split]:
    names = tuple(name for name, _ in masks.values())
    listed = ", ".join(map(repr, names))
    part = np.full(len(target.labelled), NO_PART, dtype=np.int8)
    num_masks = np.zeros(len(part), dtype=np.int8)
    for word, (_, mask) in masks.items():
        part[mask & target.labelled] = PARTS[word]
        num_masks += mask & target.labelled
    num_twice = int((num_masks > 1).sum())
    if num_twice:
        raise DataError(
            f"{num_twice} labelled vertices of {table.name} are in more than one of the masks {listed}; "
            "correct them, or set SPLIT to divide the vertices otherwise."
        )
    num_without = int((target.labelled & (num_masks == 0)).sum())
    warning = f"{num_without} labelled vertices are in none of the masks {listed} and so in no part."
    return Warned(Split("attribute", part, None, names), (warning,) if num_without else ())


def _by_words(name: str, table: JudgedTable, target: Target) -> Warned[Split]:
    column = table.columns[name]
    if not isinstance(column, TextColumn):
        masks = " or name three masks: SPLIT=attribute:<train>,<val>,<test>" if as_mask(column) is not None else ""
        raise DataError(
            f"SPLIT=attribute:{name} needs texts train, val and test in {table.name}, which holds something else there{masks}."
        )
    words = [PART_OF_WORD.get(text.lower()) for text in column.categories]
    code_of = np.array([*(NO_PART if word is None else PARTS[word] for word in words), NO_PART], dtype=np.int8)
    part = np.where(target.labelled, code_of[column.codes], NO_PART).astype(np.int8)
    split = Split("attribute", part, None, (name,))
    num_without = int((target.labelled & (part == NO_PART)).sum())
    if not num_without:
        return Warned(split)
    others = [text for text, word in zip(column.categories, words, strict=True) if word is None]
    instead = f" but {', '.join(map(repr, others[:3]))}{', …' if len(others) > 3 else ''}" if others else ""
    warning = (
        f"{num_without} labelled vertices have none of train, val and test in {name!r}{instead} and are in no part."
    )
    return Warned(split, (warning,))
