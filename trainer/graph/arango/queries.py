"""The queries on one collection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_DEFAULT_MAX_PROJECTIONS = 5
"""With more attributes than this ArangoDB reads whole documents unless told otherwise."""


@dataclass(frozen=True)
class Query:
    """A query on one collection."""

    collection: str
    text: str
    binds: dict[str, Any]
    batch_size: int = 10_000


def sample_query(collection: str, size: int) -> Query:
    """Some whole documents."""
    return Query(collection, "FOR d IN @@c LIMIT @n RETURN d", {"@c": collection, "n": size})


def names_query(collection: str) -> Query:
    """The names of all attributes that any document has."""
    return Query(collection, "FOR d IN @@c FOR a IN ATTRIBUTES(d, true) RETURN DISTINCT a", {"@c": collection})


def rows_query(collection: str, attributes: list[str], batch_size: int) -> Query:
    """These attributes of all documents, an array for each document: names need not travel with every row."""
    binds = {f"a{index}": name for index, name in enumerate(attributes)}
    values = ", ".join(f"d.@{bind}" for bind in binds)
    many = len(attributes) > _DEFAULT_MAX_PROJECTIONS
    options = f" OPTIONS {{ maxProjections: {len(attributes)} }}" if many else ""
    return Query(collection, f"FOR d IN @@c{options} RETURN [{values}]", {"@c": collection, **binds}, batch_size)


def edges_query(collection: str, weight: str | None, batch_size: int) -> Query:
    """The ends of all edges, and the attribute `weight` if there is one to read."""
    return rows_query(collection, ["_from", "_to", *([weight] if weight else [])], batch_size)
