"""Edges on their way from a source into a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainer.graph.texts import Texts


@dataclass(frozen=True)
class Edges:
    """Some edges of one collection.

    Attributes:
        sources: the handles in `_from`.
        targets: the handles in `_to`.
        weights: the JSON values of the weight, none where it is not wanted.
    """

    sources: Texts
    targets: Texts
    weights: list[Any]
