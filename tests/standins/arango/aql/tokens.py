"""AQL text -> tokens that know where they stand."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..errors import ApiError

Kind = Literal["keyword", "identifier", "quoted", "string", "integer", "source bind", "bind", "sign", "end"]

_NAMES: dict[Kind, str] = {
    "identifier": "identifier",
    "quoted": "identifier",
    "string": "quoted string",
    "integer": "integer number",
    "source bind": "bind data source parameter",
    "bind": "bind parameter",
    "end": "end of query string",
}
# Words that name nothing unless quoted; OPTIONS, COUNT and KEEP are ordinary names outside their places.
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        "AGGREGATE ALL ALL_SHORTEST_PATHS AND ANY ASC COLLECT DESC DISTINCT FALSE FILTER FOR GRAPH IN "
        "INBOUND INSERT INTO K_PATHS K_SHORTEST_PATHS LET LIKE LIMIT NONE NOT NULL OR OUTBOUND REMOVE "
        "REPLACE RETURN SHORTEST_PATH SORT TRUE UPDATE UPSERT WINDOW WITH",
    )
)
_PATTERN = re.compile(
    r"""\s*(?:
      (?P<word>[A-Za-z_][A-Za-z0-9_]*)
    | `(?P<tick>(?:[^`\\]|\\.)+)` | \u00b4(?P<acute>(?:[^\u00b4\\]|\\.)+)\u00b4
    | "(?P<double>(?:[^"\\]|\\.)*)" | '(?P<single>(?:[^'\\]|\\.)*)'
    | (?P<integer>0|[1-9][0-9]*)(?![0-9.A-Za-z_])
    | @@(?P<source>[A-Za-z0-9_]+)
    | @(?P<bind>[A-Za-z0-9_]+)
    | (?P<sign>[.,:>=()\[\]{}])
    )""",
    re.VERBOSE,
)
_KINDS: dict[str, Kind] = {
    "tick": "quoted",
    "acute": "quoted",
    "double": "string",
    "single": "string",
    "integer": "integer",
    "source": "source bind",
    "bind": "bind",
    "sign": "sign",
}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: keywords in upper case, quotes and @ signs taken off."""

    kind: Kind
    text: str
    offset: int


def tokenize(query: str) -> Iterator[Token]:
    """Yield the tokens of a query, an `end` token last."""
    offset = 0
    stop = len(query.rstrip())
    while offset < stop:
        found = _PATTERN.match(query, offset)
        if found is None:
            offset += len(query[offset:]) - len(query[offset:].lstrip())
            raise syntax_error(query, offset, "unexpected character")
        group = str(found.lastgroup)
        text = found[group]
        start = found.end() - len(found[0].lstrip())
        if group == "word":
            is_reserved = text.upper() in _RESERVED
            yield Token("keyword" if is_reserved else "identifier", text.upper() if is_reserved else text, start)
        else:
            quoted = _KINDS[group] in ("quoted", "string")
            yield Token(_KINDS[group], re.sub(r"\\(.)", r"\1", text) if quoted else text, start)
        offset = found.end()
    yield Token("end", "", stop)


def unexpected(query: str, token: Token) -> ApiError:
    """Return the syntax error for a token that cannot stand where it stands."""
    name = f"{token.text} declaration" if token.kind == "keyword" else _NAMES.get(token.kind, token.text)
    return syntax_error(query, token.offset, f"unexpected {name}")


def syntax_error(query: str, offset: int, what: str) -> ApiError:
    """Return a syntax error in the database's words, with line and column counted from one."""
    line = query.count("\n", 0, offset) + 1
    column = offset - (query.rfind("\n", 0, offset) + 1) + 1
    near = f"near '{query[offset : offset + 32]}' " if query[offset:] else ""
    return ApiError(1501, f"AQL: syntax error, {what} {near}at position {line}:{column} (while parsing)")
