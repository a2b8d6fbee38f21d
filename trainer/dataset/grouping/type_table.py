"""The tables of several collections as the one table of their type."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.grouping.columns import join_columns
from trainer.graph.columns import Column, TextColumn, UnusableColumn
from trainer.graph.graph import VertexTable


@dataclass(frozen=True)
class TypeTable:
    """The vertices of a type before they are encoded.

    Attributes:
        table: rows in order of key, then collection; its name is that of the type.
        members: the tables of the collections, in order of name.
        collection: int32 of shape [vertices], an index into `members`.
        rows: per collection, the row of the type that each of its rows became; None where the rows are the same.
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
        ordered = np.empty_like(whole)
        start = 0
        for member, part in zip(self.members, parts, strict=True):
            rows = self.rows[member.name]
            ordered[slice(start, start + len(part)) if rows is None else rows] = part
            start += len(part)
        return ordered

    def column_of(self, name: str, collections: Sequence[str]) -> Column:
        """The attribute over all rows, without a value in all but these collections."""
        columns = [_column_of(member, name) if member.name in collections else None for member in self.members]
        lengths = list(map(len, self.members))
        order = self.in_order(np.split(np.arange(len(self)), np.cumsum(lengths)[:-1]))
        return join_columns(columns, lengths, self.collections).take(order)


def merge_tables(name: str, members: Sequence[VertexTable]) -> TypeTable:
    """The tables of these collections, in order of name, as one with the name of their type."""
    if len(members) == 1:
        (only,) = members
        table = VertexTable(name, only.keys, only.columns, only.attributes, only.unread)
        return TypeTable(table, (only,), np.zeros(len(only), dtype=np.int32), {only.name: None})
    keys = np.concatenate([member.keys for member in members])
    order = np.argsort(keys, kind="stable")
    row = np.empty(len(keys), dtype=np.int64)
    row[order] = np.arange(len(keys))
    starts = np.cumsum([0, *map(len, members)])
    rows: dict[str, NDArray[np.int64] | None] = {
        member.name: row[start:end] for member, start, end in zip(members, starts, starts[1:], strict=False)
    }
    collection = np.repeat(np.arange(len(members), dtype=np.int32), list(map(len, members)))[order]
    columns: dict[str, Column] = {}
    lengths, names = list(map(len, members)), [member.name for member in members]
    for attribute in sorted({attribute for member in members for attribute in member.columns}):
        joined = join_columns([_column_of(member, attribute) for member in members], lengths, names)
        columns[attribute] = joined.take(order)
    attributes = sorted({attribute for member in members for attribute in member.attributes})
    unread = {attribute: reason for member in members for attribute, reason in member.unread.items()}
    return TypeTable(VertexTable(name, keys[order], columns, attributes, unread), tuple(members), collection, rows)


def _column_of(member: VertexTable, attribute: str) -> Column | None:
    """The attribute of a collection; one that the source did not send is still known not to hold numbers."""
    reason = member.unread.get(attribute)
    if reason is None:
        return member.columns.get(attribute)
    if reason:
        return UnusableColumn(reason, np.zeros(len(member), dtype=bool))
    return TextColumn(np.zeros(len(member), dtype=np.int32), [""])
