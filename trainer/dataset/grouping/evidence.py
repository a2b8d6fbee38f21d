"""Whether collections that are alike in name and attributes hold one entity or two: what their edges and numbers say.

Candles of several symbols are one entity, though `leads` may run from those of one symbol to those of another only;
`tx_inputs` and `tx_outputs` are two, though both begin with `tx` and have an amount.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.attribute_names import is_time_like
from trainer.dataset.grouping.collection_names import distinguishing_words, first_word, remaining_words
from trainer.dataset.grouping.judgement import judge
from trainer.graph.columns import NumberColumn
from trainer.graph.graph import Graph, VertexTable, join_names

MIN_SCALE = 100.0
"""An attribute whose numbers are so many times as large has another unit, or is another thing."""
_NUM_ROWS = 10_000
"""Rows that are enough to see the scale of an attribute."""


@dataclass(frozen=True)
class Verdict:
    """Whether two groups of collections may be one entity.

    Attributes:
        is_one: no more arguments are against it than for it.
        reason: the arguments that prevail, for a person.
        is_doubtful: whether only the scale of numbers is against it.
    """

    is_one: bool
    reason: str
    is_doubtful: bool


Meaning = tuple[str, ...]
"""The words of an edge collection that do not name its ends."""
Edges = dict[Meaning, str]
"""What edges mean, and an edge collection of each meaning."""


class Evidence:
    """What the edges and the numbers of a graph say about groups of its collections, by the numbers of these."""

    def __init__(self, graph: Graph, groups: Sequence[Sequence[str]]) -> None:
        """Look at the groups of collections that may be one entity with others, and at their edges."""
        group_of = {name: index for index, group in enumerate(groups) for name in group}
        alike: dict[str, list[str]] = defaultdict(list)
        for name in graph.vertices:
            alike[first_word(name)].append(name)
        words = set(chain.from_iterable(map(distinguishing_words, alike.values())))
        self._edges: dict[tuple[int, int], Edges] = defaultdict(dict)
        self._roles: dict[int, dict[tuple[bool, Meaning, str], str]] = defaultdict(dict)
        for table in graph.edges:
            if not len(table):
                continue
            meaning = remaining_words(table.name, words, keep_numbers=False)
            source, target = group_of[table.source], group_of[table.target]
            self._edges[source, target][meaning] = table.name
            if source != target:
                self._roles[source][True, meaning, first_word(table.target)] = table.name
                self._roles[target][False, meaning, first_word(table.source)] = table.name
        self._scales = [_scales([graph.vertices[name] for name in group]) for group in groups]

    def judge(self, one: int, other: int) -> Verdict | None:
        """Weigh the arguments about two of the groups; None without any."""
        none: Edges = {}
        there, back, inside, other_inside = (
            self._edges.get(ends, none) for ends in ((one, other), (other, one), (one, one), (other, other))
        )
        one_way = {
            name
            for edges, opposite in ((there, back), (back, there))
            for meaning, name in edges.items()
            if not any(meaning in others for others in (opposite, inside, other_inside))
        }
        roles = [] if there or back else self._disjoint_roles(one, other)
        scales = self._attributes_of_other_scale(one, other)
        pro = [
            *(["both have edges within themselves"] if inside.keys() & other_inside.keys() else []),
            *(["edges run both ways between them"] if there.keys() & back.keys() else []),
        ]
        contra = [
            *([f"edges run one way only between them ({join_names(one_way)})"] if one_way else []),
            *([f"they have different edges ({join_names(roles)})"] if roles else []),
            *([f"their numbers differ in scale ({join_names(scales)})"] if scales else []),
        ]
        if len(contra) > len(pro):
            return Verdict(is_one=False, reason=" and ".join(contra), is_doubtful=not one_way and not roles)
        return Verdict(is_one=True, reason=" and ".join(pro), is_doubtful=False) if pro else None

    def _disjoint_roles(self, one: int, other: int) -> list[str]:
        """The edge collections of both if in none of them both are sources, or both targets, of the same others."""
        roles, other_roles = (self._roles.get(group, {}) for group in (one, other))
        if not roles or not other_roles or roles.keys() & other_roles.keys():
            return []
        return sorted({*roles.values(), *other_roles.values()})

    def _attributes_of_other_scale(self, one: int, other: int) -> list[str]:
        """The numeric attributes in common if all of them differ in scale; times do not count."""
        scales, other_scales = self._scales[one], self._scales[other]
        common = sorted(scales.keys() & other_scales.keys())
        pairs = ((scales[name], other_scales[name]) for name in common)
        return common if all(max(pair) >= MIN_SCALE * min(pair) for pair in pairs) else []


def _scales(tables: Sequence[VertexTable]) -> dict[str, float]:
    """The median size of the numbers of each attribute, zeros left out."""
    parts: dict[str, list[NDArray[np.float64]]] = defaultdict(list)
    for table in tables:
        for name, column in table.columns.items():
            first = judge(column.take(np.arange(min(len(column), _NUM_ROWS))))
            if isinstance(first, NumberColumn) and not is_time_like(name):
                parts[name].append(np.abs(first.values[~first.missing].astype(np.float64)))
    sizes = {name: np.concatenate(arrays) for name, arrays in parts.items()}
    return {name: float(np.median(known)) for name, size in sizes.items() if len(known := size[size > 0])}
