"""Which attributes of a vertex collection are to travel: those that the run uses, judged by a few documents."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from trainer.graph.arango.connection import Connection
from trainer.graph.arango.reading import Query, batches, decode_rows, names_query, sample_query
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.column_builder import ColumnBuilder
from trainer.graph.columns import TextColumn, UnusableColumn
from trainer.graph.vertices import SYSTEM_ATTRIBUTES

_SAMPLE_SIZE = 200


@dataclass(frozen=True)
class Attributes:
    """The attributes of a collection.

    Attributes:
        names: of all attributes that were seen.
        travelling: those to read.
        unread: the reason for each that might have been a feature and is not read; no words for texts.
    """

    names: list[str]
    travelling: list[str]
    unread: dict[str, str]

    @property
    def warnings(self) -> list[str]:
        """What is a surprise among the unread."""
        return [f"{name!r} {reason} and is no feature." for name, reason in self.unread.items() if reason]


def choose_attributes(connection: Connection, collection: str, wanted: AttributeFilter) -> Attributes:
    """Look at some documents, and at all names where the wish is open, and choose what to read."""
    sample = _read(connection, sample_query(collection, _SAMPLE_SIZE))
    names = {name for document in sample for name in document}
    if not wanted.is_settled_by(names):
        names.update(_read(connection, names_query(collection)))
    found = sorted(names - SYSTEM_ATTRIBUTES)
    travelling: list[str] = []
    unread: dict[str, str] = {}
    for name in found:
        if wanted.in_any_form(name):
            travelling.append(name)
        elif wanted(name):
            useless, reason = _judge([document.get(name) for document in sample])
            if useless:
                unread[name] = reason
            else:
                travelling.append(name)
    return Attributes(found, travelling, unread)


def _read(connection: Connection, query: Query) -> list[Any]:
    def read() -> list[Any]:
        with closing(batches(connection, query)) as rows:
            return [row for text in rows for row in decode_rows(connection, query, text)]

    return connection.run(read)


def _judge(values: Sequence[Any]) -> tuple[bool, str]:
    """Whether values show that no further ones can make a numeric column, and the reason where it is a surprise."""
    builder = ColumnBuilder()
    builder.append(list(values))
    column = builder.finish()
    if isinstance(column, UnusableColumn):
        return True, column.reason
    return isinstance(column, TextColumn) and not all(map(_may_be_number, column.categories)), ""


def _may_be_number(text: str) -> bool:
    """Also for `NaN`, with which indicators begin that need some history."""
    try:
        float(text)
    except ValueError:
        return False
    return True
