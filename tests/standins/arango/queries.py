"""The queries that the program sends, known by their exact text.

Any other query is a syntax error: it is a new one that nobody has thought about, and a test must fail.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from .errors import ApiError
from .store import Collection
from .values import Document, Json

_DOCUMENTS = "FOR d IN @@c RETURN d"
_SAMPLE = "FOR d IN @@c LIMIT @n RETURN d"
_SURVEY = (
    "FOR d IN @@c FOR a IN ATTRIBUTES(d) LET v = d[a] RETURN DISTINCT [a, !IS_STRING(v) ? TYPENAME(v) : (LTRIM(v) == '' ? 'null' : "
    "((LEFT(LTRIM(v), 1) IN @first && REGEX_TEST(v, @numeral)) || LOWER(TRIM(v)) IN ['true', 'false'] ? 'numeral' : 'text'))]"
)
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
class Survey:
    """The query for the types of all attributes, with its bind parameters."""

    first: frozenset[str]
    numeral: re.Pattern[str]

    def pairs(self, documents: Iterable[Document]) -> list[tuple[str, str]]:
        """Return each attribute with each type of its values."""
        pairs: dict[tuple[str, str], None] = {(name, "text"): None for name in ("_id", "_key", "_rev")}
        types: dict[str, set[type]] = {}
        for document in documents:
            for name, value in document.items():
                of_name = types.setdefault(name, set())
                if type(value) in of_name:
                    continue
                if isinstance(value, str):
                    pairs[name, self._type_of_text(value)] = None
                    if {(name, each) for each in ("null", "numeral", "text")} <= pairs.keys():
                        of_name.add(str)
                else:
                    of_name.add(type(value))
                    pairs[name, _TYPE_NAMES[type(value)]] = None
        return list(pairs)

    def _type_of_text(self, text: str) -> str:
        if not text.strip():
            return "null"
        is_number = text.lstrip()[:1] in self.first and self.numeral.search(text)
        return "numeral" if is_number or text.strip().lower() in ("true", "false") else "text"


_TYPE_NAMES = {type(None): "null", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}


@dataclass(frozen=True, slots=True)
class Query:
    """A query with a value for each of its bind parameters; `attributes` are those of each row, names or paths, if it has rows."""

    text: str
    collection: str
    limit: int | None = None
    attributes: tuple[str | tuple[str, ...], ...] = ()
    survey: "Survey | None" = None

    def run(self, collection: Collection) -> Answer:
        """Answer the query on the collection that it names."""
        documents = collection.scan()
        if self.survey is not None:
            pairs = self.survey.pairs(documents)
            boxed: list[Document] = [{"row": list(pair)} for pair in reversed(pairs)]  # DISTINCT promises no order
            return Answer(collection.name, boxed, lambda part: [box["row"] for box in part])
        if not self.attributes:
            return Answer(collection.name, documents[: self.limit], lambda part: list(map(collection.full, part)))
        is_computed = not _COMPUTED.isdisjoint(self.attributes)

        def rows(part: Sequence[Document]) -> list[Json]:
            whole = map(collection.full, part) if is_computed else part
            names = [attribute for attribute in self.attributes if isinstance(attribute, str)]
            if len(names) < len(self.attributes):
                return [[_value(document, attribute) for attribute in self.attributes] for document in whole]
            return [list(map(document.get, names)) for document in whole]

        return Answer(collection.name, documents, rows)


def parse(text: str, binds: Mapping[str, Json]) -> Query:
    """Return the query that a text and the values of its bind parameters stand for.

    Raises:
        ApiError: 1501 for any text that is not the program's, 1551 and 1552 for missing and needless bind
            parameters, 1553 and 1504 for values that do not fit their place.
    """
    rows = _ROWS.fullmatch(text)
    values = [value.removeprefix("d.@") for value in rows["values"].split(", ")] if rows else []
    if not rows and text not in (_DOCUMENTS, _SAMPLE, _SURVEY):
        near = f"near '{text[:32]}' at position 1:1" if text.strip() else "at position 1:1"
        raise ApiError(1501, f"AQL: syntax error, unexpected query {near} (while parsing)")
    declared = {"@c", *values, *{_SAMPLE: ["n"], _SURVEY: ["first", "numeral"]}.get(text, [])}
    for name in sorted(declared - binds.keys()):
        raise ApiError(1551, f"AQL: no value specified for declared bind parameter '{name}' (while parsing)")
    for name in sorted(binds.keys() - declared):
        raise ApiError(1552, f"AQL: bind parameter '{name}' was not declared in the query (while parsing)")
    collection = _name("@c", binds["@c"])
    attributes = tuple(_path(bind, binds[bind]) for bind in values)
    if text == _SURVEY:
        first, numeral = binds["first"], binds["numeral"]
        if not isinstance(first, list) or not isinstance(numeral, str):
            raise ApiError(1542, "AQL: invalid argument type in call to function 'REGEX_TEST()' (while executing)")
        return Query(text, collection, survey=Survey(frozenset(map(str, first)), re.compile(numeral)))
    limit = binds.get("n")
    if text == _SAMPLE:
        if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
            raise ApiError(1504, "AQL: number out of range (while parsing)")
        return Query(text, collection, limit)
    return Query(text, collection, attributes=attributes)


def _value(document: Document, attribute: str | tuple[str, ...]) -> Json:
    """Return the value of an attribute, or at a path; null where there is no object on the way."""
    if isinstance(attribute, str):
        return document.get(attribute)
    value: Json = document
    for name in attribute:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _path(bind: str, value: Json) -> str | tuple[str, ...]:
    """Return an attribute name, or a path: a text is one name, be there dots in it, a list is the names of a path."""
    if isinstance(value, list) and value:
        return tuple(_name(bind, name) for name in value)
    return _name(bind, value)


def _name(bind: str, value: Json) -> str:
    if not isinstance(value, str) or not value:
        raise ApiError(1553, f"AQL: bind parameter '{bind}' has an invalid value or type (while parsing)")
    return value
