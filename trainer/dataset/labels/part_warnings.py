"""What the parts of a split are too small or too one-sided for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trainer.dataset.labels.split import PARTS, Split
from trainer.dataset.labels.target import Target
from trainer.graph.graph import join_names
from trainer.record import label_text

FEW_LABELS = 30
"""With fewer, one vertex more or less changes an accuracy by over three percent."""
_NAMES = {"val": "validation", "test": "test"}
_WITHOUT = {"val": "the last epoch is kept, whatever it is worth", "test": "no measure is of unseen vertices"}


def part_warnings(split: Split, target: Target) -> Iterator[str]:
    """A sentence for classes that cannot be learned, for parts of one class, and for small ones; none for empty parts.

    Only a stored split without a validation or test part is told of that: ratios of 0 ask for it.
    """
    sizes = {part: int(split.mask(part).sum()) for part in PARTS}
    yield from _absent_classes(split, target)
    for part, name in _NAMES.items():
        present = np.unique(target.y[split.mask(part)])
        if not sizes[part] and split.method == "attribute":
            yield f"The stored split has no {name} part: {_WITHOUT[part]}."
        elif target.classes is not None and len(target.classes) > 1 and len(present) == 1:
            yield (
                f"The {name} part holds one class of {target.name!r} only ({label_text(target.classes[present[0]])}): "
                "its measures do not tell a good model from one that always says this; set SPLIT otherwise."
            )
    small = [
        f"the {name} part has {sizes[part]} labels" for part, name in _NAMES.items() if 0 < sizes[part] < FEW_LABELS
    ]
    if small:
        yield (
            f"{' and '.join(small).capitalize()}: measures of fewer than {FEW_LABELS} are uncertain; "
            "label more vertices, or set VAL_RATIO, TEST_RATIO or SPLIT otherwise."
        )


def _absent_classes(split: Split, target: Target) -> Iterator[str]:
    present = {*np.unique(target.y[split.mask("train")]).tolist()}
    absent = [label_text(label) for index, label in enumerate(target.classes or []) if index not in present]
    if absent:
        yield f"The training part has no vertex of class {join_names(absent)}; it cannot be learned."
