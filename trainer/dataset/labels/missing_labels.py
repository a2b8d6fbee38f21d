"""Labels that stand for "no label": those of TARGET_MISSING, and those that look like it and are learned as classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import orjson

from trainer.dataset.labels.label_values import LabelValues
from trainer.dataset.warned import Warned
from trainer.graph.graph import join_names
from trainer.record import label_text

_PLACEHOLDERS = frozenset(
    (
        "nan",
        "none",
        "null",
        "nil",
        "na",
        "n/a",
        "#n/a",
        "nat",
        "unknown",
        "undefined",
        "unlabelled",
        "unlabeled",
        "missing",
    )
) | frozenset(("?", "-", "--", ".", "-1"))


def without_missing(values: LabelValues, missing: Sequence[str], name: str) -> Warned[LabelValues]:
    """The labels that TARGET_MISSING does not name; warns of those that no vertex has.

    Args:
        values: the labels.
        missing: TARGET_MISSING.
        name: TARGET.
    """
    indices = {value: [*values.indices_of(value)] for value in missing}
    absent = [value for value in missing if not indices[value]]
    warnings = (f"TARGET_MISSING names {join_names(absent)}, and no label of {name!r} is that.",) if absent else ()
    return Warned(values.without({index for found in indices.values() for index in found}), warnings)


def placeholder_warnings(values: LabelValues, name: str) -> Iterator[str]:
    """A sentence where classes look as if they stood for "no label": -1 beside 0, 1, …; or a word such as "nan"."""
    found = [index for index in range(len(values)) if _is_placeholder(values, index)]
    if found and len(values) > 1:
        texts = [label_text(values.label(index)) for index in found]
        listed = ", ".join(
            f"{count} are {text!r}" for text, count in zip(texts, values.counts[found].tolist(), strict=True)
        )
        yield (
            f"Of the labels of {name!r}, {listed}, learned as {'a class' if len(found) == 1 else 'classes'}; "
            f'if that means "no label", set TARGET_MISSING={_as_setting(texts)}.'
        )


def _is_placeholder(values: LabelValues, index: int) -> bool:
    if values.numbers is None:
        return label_text(values.label(index)).lower() in _PLACEHOLDERS
    others = np.delete(values.numbers, index)
    return bool(values.numbers[index] == -1 and values.integral and len(others) > 1 and others.min() >= 0)


def _as_setting(texts: Sequence[str]) -> str:
    if any("," in text or " " in text or text.startswith("[") for text in texts):
        return orjson.dumps(list(texts)).decode()
    return ",".join(texts)
