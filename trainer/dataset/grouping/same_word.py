"""The collections of a graph in groups whose names begin alike, as far as attributes, edges and numbers agree to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product

import numpy as np

from trainer.dataset.grouping.collection_names import (
    distinguishing_words,
    entity_words,
    split_words,
    without_number,
)
from trainer.dataset.grouping.evidence import Evidence, Verdict
from trainer.dataset.grouping.similarity import are_similar, without_time_names
from trainer.dataset.warned import Warned
from trainer.graph.graph import Graph, VertexTable, join_names

_NUM_KEYS = 16
"""Keys that are looked at for the words that all keys of a collection have."""
_MOST_DOUBTS = 3

Verdicts = Mapping[frozenset[int], Verdict]
"""By the numbers of two units, where there is any argument."""


@dataclass(frozen=True)
class TypeGroup:
    """The collections of a vertex type, sorted by name, and why they are one and others are not of it; blank for one."""

    collections: list[str]
    reason: str = ""


@dataclass(frozen=True)
class _Unit:
    """Collections with the same attributes whose names differ only by numbers, symbols and the like."""

    number: int
    words: tuple[str, ...]
    attributes: frozenset[str]
    members: list[str] = field(default_factory=list)

    def is_like(self, other: _Unit) -> bool:
        """Whether the attributes may be of one entity."""
        return are_similar(self.attributes, other.attributes) or not (self.attributes or other.attributes)


@dataclass
class _Group:
    """Units that are one type as far as is known, the numbers of those that are not, and the reasons."""

    units: list[_Unit]
    foes: set[int]
    reasons: list[str] = field(default_factory=list)
    is_doubtful: bool = False

    @property
    def members(self) -> list[str]:
        """The collections, in order of name."""
        return sorted(name for unit in self.units for name in unit.members)

    def admits(self, other: _Group) -> bool:
        """Whether nothing keeps the other group away."""
        return self.foes.isdisjoint(unit.number for unit in other.units)

    def add(self, other: _Group, reason: str) -> None:
        """Take the units of another group."""
        self.units += other.units
        self.foes |= other.foes
        self.reasons += [*other.reasons, reason]
        self.is_doubtful = self.is_doubtful or other.is_doubtful

    def why(self) -> list[str]:
        """What speaks for the group, each reason once."""
        members = self.members
        if len(members) == 1:
            return []
        if len({unit.words for unit in self.units}) == 1:
            names = f"names that differ only by {join_names(distinguishing_words(members))}"
        else:
            names = f"names that begin with {self.units[0].words[0]!r}"
        return list(dict.fromkeys([f"similar attributes and {names}", *filter(None, self.reasons)]))


def group_by_first_word(graph: Graph) -> Warned[list[TypeGroup]]:
    """The groups; warns where little speaks for one, or against it."""
    units = _units(graph.vertices.values())
    evidence = Evidence(graph, [unit.members for unit in units])
    by_word: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        by_word[unit.words[0]].append(unit)
    groups: list[TypeGroup] = []
    warnings: list[str] = []
    for same_word in by_word.values():
        verdicts = {
            _key(one, other): verdict
            for one, other in combinations(same_word, 2)
            if one.words != other.words and (verdict := evidence.judge(one.number, other.number)) is not None
        }
        joined = _join(same_word, verdicts)
        groups += [
            TypeGroup(group.members, "; ".join([*group.why(), *_apart(group, joined, verdicts)])) for group in joined
        ]
        warnings += _warnings(joined, verdicts)
    return Warned(groups, tuple(warnings))


def _join(units: Sequence[_Unit], verdicts: Verdicts) -> list[_Group]:
    """The units of one first word as groups, in which no two are more likely two entities than one."""
    foes: dict[int, set[int]] = defaultdict(set)
    for pair, verdict in verdicts.items():
        if not verdict.is_one:
            one, other = pair
            foes[one].add(other)
            foes[other].add(one)
    attributed = [unit for unit in units if unit.attributes] or units
    group_of = {unit.number: _Group([unit], foes[unit.number]) for unit in units}
    likely = [pair for pair in combinations(attributed, 2) if pair[0].is_like(pair[1])]
    for first, second in sorted(likely, key=lambda pair: _doubts(pair[0], pair[1], verdicts)):
        group, other_group = group_of[first.number], group_of[second.number]
        if group is other_group or not group.admits(other_group):
            continue
        reason = verdicts[_key(first, second)].reason if _key(first, second) in verdicts else ""
        group.add(other_group, reason)
        group.is_doubtful |= _doubts(first, second, verdicts) == _MOST_DOUBTS
        group_of |= dict.fromkeys((unit.number for unit in other_group.units), group)
    groups = list({id(group): group for group in (group_of[unit.number] for unit in attributed)}.values())
    for unit in units:
        if unit not in attributed:
            alone = group_of[unit.number]
            nearest = _nearest(unit.members[0], groups) if len(groups) > 1 else groups[0]
            if nearest is None or not nearest.admits(alone):
                groups.append(alone)
            else:
                nearest.add(alone, f"no attributes in {join_names(unit.members)}, but the nearest name")
    return groups


def _doubts(one: _Unit, other: _Unit, verdicts: Verdicts) -> int:
    """How little says that two units are one entity, from 0 to `_MOST_DOUBTS`."""
    if one.words == other.words:
        return 0
    return 1 if _key(one, other) in verdicts else 2 + (one.attributes != other.attributes)


def _contradictions(one: _Group, other: _Group, verdicts: Verdicts) -> list[Verdict]:
    """The verdicts that keep two groups apart."""
    found = (verdicts.get(_key(*pair)) for pair in product(one.units, other.units))
    return [verdict for verdict in found if verdict is not None and not verdict.is_one]


def _apart(group: _Group, groups: Sequence[_Group], verdicts: Verdicts) -> Iterator[str]:
    """What keeps others away that are like the group."""
    for other in groups:
        against = _contradictions(group, other, verdicts) if other is not group else []
        if against and _are_like(group, other):
            for reason in dict.fromkeys(verdict.reason for verdict in against):
                yield f"apart from {join_names(other.members)}: {reason}"


def _warnings(groups: Sequence[_Group], verdicts: Verdicts) -> Iterator[str]:
    for group in groups:
        if group.is_doubtful:
            yield (
                f"{join_names(group.members)} are taken as one vertex type, though only the beginning of their names and "
                "some of their attributes are the same."
            )
    for one, other in combinations(groups, 2):
        against = _contradictions(one, other, verdicts)
        if against and all(verdict.is_doubtful for verdict in against) and _are_like(one, other):
            yield (
                f"{join_names(one.members)} and {join_names(other.members)} are taken as two vertex types, because "
                f"{against[0].reason}; if they are one entity, name them together in TARGET_COLLECTION."
            )


def _are_like(one: _Group, other: _Group) -> bool:
    return any(first.is_like(second) for first, second in product(one.units, other.units))


def _nearest(name: str, groups: Sequence[_Group]) -> _Group | None:
    """The only group whose names share most words with `name`."""
    words = {without_number(word) for word in split_words(name)}
    shares = [
        max(len(words & {without_number(word) for word in split_words(member)}) for member in group.members)
        for group in groups
    ]
    return groups[shares.index(max(shares))] if shares.count(max(shares)) == 1 else None


def _key(one: _Unit, other: _Unit) -> frozenset[int]:
    return frozenset((one.number, other.number))


def _units(tables: Iterable[VertexTable]) -> list[_Unit]:
    members: dict[tuple[tuple[str, ...], frozenset[str]], list[str]] = defaultdict(list)
    for table in tables:
        words = entity_words(table.name, _words_of_all_keys(table))
        members[words, without_time_names(table.attributes)].append(table.name)
    keys = sorted(members, key=lambda key: (key[0], sorted(key[1])))
    return [_Unit(number, *key, sorted(members[key])) for number, key in enumerate(keys)]


def _words_of_all_keys(table: VertexTable) -> set[str]:
    """The words that all keys have, in lower case and without numbers at their ends."""
    if not len(table):
        return set()
    sample = table.keys[np.linspace(0, len(table) - 1, _NUM_KEYS).astype(np.int64)].tolist()
    return set.intersection(*({*map(without_number, split_words(key.decode().lower()))} for key in sample))
