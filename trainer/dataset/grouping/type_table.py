"""The tables of several collections as the one table of their type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.dataset.grouping.judgement import Expected, judge, stronger_reason
from trainer.graph.columns import Column
from trainer.graph.graph import VertexTable
from trainer.graph.stored_column import StoredColumn, join_columns


@dataclass(frozen=True)
class JudgedTable:
    """The attributes of a type, or of some collections of it.

    Attributes:
        name: the type, or the collections.
        keys: UTF-8 bytes of shape [vertices], sorted.
        columns: what the attributes that were read hold, by name, in order of name.
        stored: the same as it is stored.
        attributes: the names of all attributes that the documents have.
        unread: attributes that were not read because they hold no numbers, and what they hold.
        nested: paths into objects that the documents have, such as `ind.rsi`, as far as they were seen.
    """

    name: str
    keys: NDArray[np.bytes_]
    columns: dict[str, Column]
    stored: dict[str, StoredColumn]
    attributes: list[str]
    unread: Mapping[str, str] = field(default_factory=dict)
    nested: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        """Number of vertices."""
        return len(self.keys)


@dataclass(frozen=True)
class TypeTable:
    """The vertices of a type before they are encoded.

    Attributes:
        table: the attributes, rows in order of key, then collection.
        members: the tables of the collections, in order of name, with their attributes as they are stored.
        collection: int32 of shape [vertices], an index into `members`.
        rows: per collection, the row of the type that each of its rows became; None where the rows are the same.
    """

    table: JudgedTable
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

    def restricted_to(self, collections: Sequence[str], attributes: Sequence[str]) -> JudgedTable:
        """The table where only these collections have a value in some attributes."""
        stored = {name: self._stored(name, collections) for name in attributes}
        columns = {name: judge(column) for name, column in stored.items()}
        return replace(self.table, columns=self.table.columns | columns, stored=self.table.stored | stored)

    def _stored(self, name: str, collections: Sequence[str]) -> StoredColumn:
        """The attribute over all rows, without a value in all but these collections."""
        columns = [member.columns.get(name) if member.name in collections else None for member in self.members]
        return self._in_order_of_rows(join_columns(columns, list(map(len, self.members))))

    def _in_order_of_rows(self, joined: StoredColumn) -> StoredColumn:
        lengths = list(map(len, self.members))
        order = self.in_order(np.split(np.arange(len(self)), np.cumsum(lengths)[:-1]))
        return joined.take(order)


def merge_tables(
    name: str, members: Sequence[VertexTable], expected: Mapping[str, Expected] | None = None
) -> TypeTable:
    """The tables of these collections, in order of name, as one with the name of their type.

    Args:
        name: the type.
        members: the tables of its collections.
        expected: how attributes are read where that is settled already, by name.
    """
    unread: dict[str, str] = {}
    for member in members:
        for attribute, reason in member.unread.items():
            unread[attribute] = stronger_reason(reason, unread.get(attribute, reason))
    nested = sorted({path for member in members for path in member.nested})
    attributes = sorted({attribute for member in members for attribute in member.attributes})
    rows: dict[str, NDArray[np.int64] | None]
    if len(members) == 1:
        (only,) = members
        keys, stored, rows = only.keys, only.columns, {only.name: None}
        collection = np.zeros(len(only), dtype=np.int32)
    else:
        lengths = list(map(len, members))
        keys = np.concatenate([member.keys for member in members])
        order = np.argsort(keys, kind="stable")
        row = np.empty(len(keys), dtype=np.int64)
        row[order] = np.arange(len(keys))
        keys = keys[order]
        starts = np.cumsum([0, *lengths])
        rows = {member.name: row[start:end] for member, start, end in zip(members, starts, starts[1:], strict=False)}
        collection = np.repeat(np.arange(len(members), dtype=np.int32), lengths)[order]
        stored = {
            attribute: join_columns([member.columns.get(attribute) for member in members], lengths).take(order)
            for attribute in sorted({attribute for member in members for attribute in member.columns})
        }
    columns = {attribute: judge(column, (expected or {}).get(attribute)) for attribute, column in stored.items()}
    unread = {attribute: reason for attribute, reason in unread.items() if attribute not in columns}
    table = JudgedTable(name, keys, columns, stored, attributes, unread, nested)
    return TypeTable(table, tuple(members), collection, rows)
