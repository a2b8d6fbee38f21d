"""The queries on one collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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

    def in_smaller_batches(self) -> Query:
        """The same, for documents that are larger than most."""
        return replace(self, batch_size=max(1, self.batch_size // 32))


def sample_query(collection: str, size: int) -> Query:
    """Some whole documents."""
    return Query(collection, "FOR d IN @@c LIMIT @n RETURN d", {"@c": collection, "n": size})


_SURVEY = (
    "FOR d IN @@c FOR a IN ATTRIBUTES(d) LET v = d[a] RETURN DISTINCT [a, !IS_STRING(v) ? TYPENAME(v) : (LTRIM(v) == '' ? 'null' : "
    "((LEFT(LTRIM(v), 1) IN @first && REGEX_TEST(v, @numeral)) || LOWER(TRIM(v)) IN ['true', 'false'] ? 'numeral' : 'text'))]"
)
_FIRST_OF_NUMERALS = list("0123456789+-.")
_NUMERAL = r"^\s*[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$"


def survey_query(collection: str) -> Query:
    """The names of all attributes that any document has, each with every type of its values, see `Survey`."""
    return Query(collection, _SURVEY, {"@c": collection, "first": _FIRST_OF_NUMERALS, "numeral": _NUMERAL})


def rows_query(collection: str, attributes: Sequence[str | list[str]], batch_size: int) -> Query:
    """These attributes of all documents, an array for each document: names need not travel with every row.

    A list is a path into an object; a text is the name of one attribute, be there dots in it.
    """
    binds = {f"a{index}": name for index, name in enumerate(attributes)}
    values = ", ".join(f"d.@{bind}" for bind in binds)
    many = len(attributes) > _DEFAULT_MAX_PROJECTIONS
    options = f" OPTIONS {{ maxProjections: {len(attributes)} }}" if many else ""
    return Query(collection, f"FOR d IN @@c{options} RETURN [{values}]", {"@c": collection, **binds}, batch_size)


def edges_query(collection: str, weight: str | None, batch_size: int) -> Query:
    """The ends of all edges, and the attribute `weight` if there is one to read."""
    return rows_query(collection, ["_from", "_to", *([weight] if weight else [])], batch_size)
