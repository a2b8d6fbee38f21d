"""The tables of several collections as the one table of their type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.graph.columns import Column, NumberColumn, TextColumn, UnusableColumn, VectorColumn
from trainer.graph.graph import VertexTable

_HOLDS = {NumberColumn: "numbers", TextColumn: "texts", VectorColumn: "arrays"}


@dataclass(frozen=True)
class TypeTable:
    """The vertices of a type before they are encoded.

    Attributes:
        table: rows in order of key, then collection; its name is that of the type.
        members: the tables of the collections, in order of name.
        collection: int32 of shape [vertices], a place in `members`.
        rows: per collection, the row of the type that each of its rows became; None where all rows stay in place.
    """

    table: VertexTable
    members: tuple[VertexTable, ...]
    collection: NDArray[np.int32]
    rows: dict[str, NDArray[np.int64] | None]

    @property
    def name(self) -> str:
        """The type."""
        return self.table.name

    @property
    def collections(self) -> tuple[str, ...]:
        """The collections, in order of name."""
        return tuple(member.name for member in self.members)

    def __len__(self) -> int:
        """Number of vertices."""
        return len(self.table)

    def is_of(self, collections: Sequence[str]) -> NDArray[np.bool_]:
        """Which vertices are of one of these collections, shape [vertices]."""
        return np.array([name in collections for name in self.collections], dtype=bool)[self.collection]

    def in_order(self, parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """One array per member as one array in the order of the type's rows."""
        whole = np.concatenate(parts)
        placed = np.empty_like(whole)
        start = 0
        for member, part in zip(self.members, parts, strict=True):
            rows = self.rows[member.name]
            placed[slice(start, start + len(part)) if rows is None else rows] = part
            start += len(part)
        return placed

    def merged(self, name: str, only: Sequence[str]) -> Column:
        """The attribute over all rows, those of other collections than `only` without a value."""
        columns = [_column_of(member, name) if member.name in only else None for member in self.members]
        column = join_columns(columns, list(map(len, self.members)), self.collections)
        order = _order(self)
        return column if order is None else column.take(order)


def merge_tables(name: str, members: Sequence[VertexTable]) -> TypeTable:
    """The tables of these collections, in order of name, as one with the name of their type."""
    if len(members) == 1:
        (only,) = members
        table = VertexTable(name, only.keys, only.columns, only.attributes)
        return TypeTable(table, (only,), np.zeros(len(only), dtype=np.int32), {only.name: None})
    keys = np.concatenate([member.keys for member in members])
    order = np.argsort(keys, kind="stable")
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = np.arange(len(keys))
    starts = np.cumsum([0, *map(len, members)])
    rows: dict[str, NDArray[np.int64] | None] = {
        member.name: place[start:end] for member, start, end in zip(members, starts, starts[1:], strict=False)
    }
    collection = np.repeat(np.arange(len(members), dtype=np.int32), list(map(len, members)))[order]
    columns: dict[str, Column] = {}
    lengths, names = list(map(len, members)), [member.name for member in members]
    for attribute in sorted({attribute for member in members for attribute in member.columns}):
        joined = join_columns([_column_of(member, attribute) for member in members], lengths, names)
        columns[attribute] = joined.take(order)
    attributes = sorted({attribute for member in members for attribute in member.attributes})
    return TypeTable(VertexTable(name, keys[order], columns, attributes), tuple(members), collection, rows)


def _order(merged: TypeTable) -> NDArray[np.int64] | None:
    """For each row of the type, its place among the members' rows one after the other."""
    if len(merged.members) == 1:
        return None
    order = np.empty(len(merged), dtype=np.int64)
    start = 0
    for member in merged.members:
        rows = merged.rows[member.name]
        assert rows is not None
        order[rows] = np.arange(start, start + len(member))
        start += len(member)
    return order


def _column_of(member: VertexTable, attribute: str) -> Column | None:
    """The attribute of a collection; one that the source did not send keeps what the others have from being a column."""
    reason = member.unread.get(attribute)
    if reason is None:
        return member.columns.get(attribute)
    if reason:
        return UnusableColumn(reason, np.zeros(len(member), dtype=bool))
    return TextColumn(np.zeros(len(member), dtype=np.int32), [""])


def join_columns(columns: Sequence[Column | None], lengths: Sequence[int], names: Sequence[str]) -> Column:
    """The columns one after the other; None is a collection without the attribute."""
    known = [
        (column, name)
        for column, name in zip(columns, names, strict=True)
        if column is not None and not column.missing.all()
    ]
    parts = [column for column, _ in known]
    if all(isinstance(part, NumberColumn) for part in parts):
        return _numbers(columns, lengths)
    if all(isinstance(part, TextColumn) for part in parts):
        return _texts(columns, lengths)
    widths = sorted({part.values.shape[1] for part in parts if isinstance(part, VectorColumn)})
    if len(widths) == 1 and all(isinstance(part, VectorColumn) for part in parts):
        return _vectors(columns, lengths, widths[0])
    return UnusableColumn(_reason(known, widths), _missing(columns, lengths))


def _numbers(columns: Sequence[Column | None], lengths: Sequence[int]) -> NumberColumn:
    values = [
        column.values if isinstance(column, NumberColumn) else np.full(length, np.nan)
        for column, length in zip(columns, lengths, strict=True)
        if length
    ]
    flags = [c.boolean for c in columns if isinstance(c, NumberColumn) and not c.missing.all()]
    return NumberColumn(np.concatenate([np.empty(0, np.int64), *values]), bool(flags) and all(flags))


def _texts(columns: Sequence[Column | None], lengths: Sequence[int]) -> TextColumn:
    texts = [column for column in columns if isinstance(column, TextColumn)]
    categories = sorted({text for column in texts for text in column.categories})
    place = {text: number for number, text in enumerate(categories)}
    codes = []
    for column, length in zip(columns, lengths, strict=True):
        if isinstance(column, TextColumn):
            codes.append(np.array([*(place[text] for text in column.categories), -1], dtype=np.int32)[column.codes])
        else:
            codes.append(np.full(length, -1, dtype=np.int32))
    return TextColumn(np.concatenate(codes), categories)


def _vectors(columns: Sequence[Column | None], lengths: Sequence[int], width: int) -> VectorColumn:
    values = [
        column.values if isinstance(column, VectorColumn) else np.full((length, width), np.nan, dtype=np.float32)
        for column, length in zip(columns, lengths, strict=True)
    ]
    return VectorColumn(np.concatenate(values), _missing(columns, lengths))


def _missing(columns: Sequence[Column | None], lengths: Sequence[int]) -> NDArray[np.bool_]:
    return np.concatenate(
        [
            np.ones(length, dtype=bool) if column is None else column.missing
            for column, length in zip(columns, lengths, strict=True)
        ]
    )


def _reason(known: Sequence[tuple[Column, str]], widths: Sequence[int]) -> str:
    """Why the columns are none together."""
    for column, _ in known:
        if isinstance(column, UnusableColumn):
            return column.reason
    kinds = {type(column): name for column, name in reversed(known)}
    if len(kinds) == 1:
        return f"holds arrays of several lengths ({', '.join(map(str, widths))})"
    said = [f"{_HOLDS[kind]} in {name}" for kind, name in sorted(kinds.items(), key=lambda item: item[1])]
    return "holds " + " and ".join(said)
