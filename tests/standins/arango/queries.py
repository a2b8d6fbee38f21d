"""The queries that the program sends, known by their exact text.

Any other query is a syntax error: it is a new one that nobody has thought about, and a test must fail.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .errors import ApiError
from .store import Collection
from .values import Document, Json

_DOCUMENTS = "FOR d IN @@c RETURN d"
_SAMPLE = "FOR d IN @@c LIMIT @n RETURN d"
_ATTRIBUTE_NAMES = "FOR d IN @@c FOR a IN ATTRIBUTES(d, true) RETURN DISTINCT a"
_ROWS = re.compile(
    r"FOR d IN @@c(?: OPTIONS \{ maxProjections: [1-9][0-9]* \})? RETURN \[(?P<values>d\.@\w+(?:, d\.@\w+)*)\]"
)
_COMPUTED = {"_id", "_rev"}


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a query on one snapshot, made slice by slice: a million edges cost nothing before they are sent."""

    collection: str
    documents: Sequence[Document]
    rows: Callable[[Sequence[Document]], list[Json]]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.documents)

    def slice(self, start: int, stop: int) -> list[Json]:
        """Return some of the rows."""
        return self.rows(self.documents[start:stop])


@dataclass(frozen=True, slots=True)
class Query:
    """A query with a value for each of its bind parameters; `attributes` are those of each row, if it has rows."""

    text: str
    collection: str
    limit: int | None = None
    attributes: tuple[str, ...] = ()

    def run(self, collection: Collection) -> Answer:
        """Answer the query on the collection that it names."""
        documents = collection.scan()
        if self.text == _ATTRIBUTE_NAMES:
            names = {name: None for document in documents for name in document if not name.startswith("_")}
            boxed: list[Document] = [{"row": name} for name in reversed(names)]  # DISTINCT promises no order
            return Answer(collection.name, boxed, lambda part: [box["row"] for box in part])
        if not self.attributes:
            return Answer(collection.name, documents[: self.limit], lambda part: list(map(collection.full, part)))
        is_computed = not _COMPUTED.isdisjoint(self.attributes)

        def rows(part: Sequence[Document]) -> list[Json]:
            whole = map(collection.full, part) if is_computed else part
            return [list(map(document.get, self.attributes)) for document in whole]

        return Answer(collection.name, documents, rows)


def parse(text: str, binds: Mapping[str, Json]) -> Query:
    """Return the query that a text and the values of its bind parameters stand for.

    Raises:
        ApiError: 1501 for any text that is not the program's, 1551 and 1552 for missing and needless bind
            parameters, 1553 and 1504 for values that do not fit their place.
    """
    rows = _ROWS.fullmatch(text)
    values = [value.removeprefix("d.@") for value in rows["values"].split(", ")] if rows else []
    if not rows and text not in (_DOCUMENTS, _SAMPLE, _ATTRIBUTE_NAMES):
        near = f"near '{text[:32]}' at position 1:1" if text.strip() else "at position 1:1"
        raise ApiError(1501, f"AQL: syntax error, unexpected query {near} (while parsing)")
    declared = {"@c", *values, *(["n"] if text == _SAMPLE else [])}
    for name in sorted(declared - binds.keys()):
        raise ApiError(1551, f"AQL: no value specified for declared bind parameter '{name}' (while parsing)")
    for name in sorted(binds.keys() - declared):
        raise ApiError(1552, f"AQL: bind parameter '{name}' was not declared in the query (while parsing)")
    collection, *attributes = (_name(bind, binds[bind]) for bind in ("@c", *values))
    limit = binds.get("n")
    if text == _SAMPLE:
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
            raise ApiError(1504, "AQL: number out of range (while parsing)")
        return Query(text, collection, limit)
    return Query(text, collection, attributes=tuple(attributes))


def _name(bind: str, value: Json) -> str:
    if not isinstance(value, str) or not value:
        raise ApiError(1553, f"AQL: bind parameter '{bind}' has an invalid value or type (while parsing)")
    return value
