"""Which attributes of a vertex collection to read: those that the run may use, judged by a sample of documents."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from trainer.graph.arango.connection import Connection
from trainer.graph.arango.cursor import batches
from trainer.graph.arango.decoding import decode_rows
from trainer.graph.arango.queries import Query, names_query, sample_query
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.building.chunks import is_number
from trainer.graph.building.column_builder import ColumnBuilder
from trainer.graph.building.vertex_builder import SYSTEM_ATTRIBUTES
from trainer.graph.columns import TextColumn, UnusableColumn

_SAMPLE_SIZE = 200


@dataclass(frozen=True)
class Attributes:
    """The attributes of a collection.

    Attributes:
        names: of all attributes that were seen.
        to_read: those to read.
        unread: why each that might have been a feature is not read; an empty reason for texts.
    """

    names: list[str]
    to_read: list[str]
    unread: dict[str, str]

    @property
    def warnings(self) -> list[str]:
        """One sentence for each unread attribute with a reason."""
        return [f"{name!r} {reason} and is no feature." for name, reason in self.unread.items() if reason]


def choose_attributes(connection: Connection, collection: str, attribute_filter: AttributeFilter) -> Attributes:
    """Choose what to read by a sample of documents, and by the names in all documents where the sample is not enough."""
    sample = _read(connection, sample_query(collection, _SAMPLE_SIZE))
    names = {name for document in sample for name in document}
    if not attribute_filter.can_choose_from(names):
        names.update(_read(connection, names_query(collection)))
    sorted_names = sorted(names - SYSTEM_ATTRIBUTES)
    accepted = [name for name in sorted_names if attribute_filter(name)]
    only_numeric = [name for name in accepted if not attribute_filter.accepts_any_type(name)]
    reasons = {name: _why_not_numeric([document.get(name) for document in sample]) for name in only_numeric}
    unread = {name: reason for name, reason in reasons.items() if reason is not None}
    return Attributes(sorted_names, [name for name in accepted if name not in unread], unread)


def _read(connection: Connection, query: Query) -> list[Any]:
    def read() -> list[Any]:
        with closing(batches(connection, query)) as rows:
            return [row for text in rows for row in decode_rows(text, connection.server)]

    return connection.run_query(read)


def _why_not_numeric(values: Sequence[Any]) -> str | None:
    """Why no further values can make this a numeric column, an empty reason for texts; None where they can."""
    builder = ColumnBuilder()
    builder.append(list(values))
    column = builder.finish()
    if isinstance(column, UnusableColumn):
        return column.reason
    is_text = isinstance(column, TextColumn) and not all(map(is_number, column.categories))
    return "" if is_text else None
