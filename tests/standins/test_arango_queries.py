"""The ArangoDB stand-in's queries: those of the program, what they send back, and what is refused."""

from typing import Any

import pytest

from .arango import Collection
from .conftest import Post

DOCUMENTS = "FOR d IN @@c RETURN d"
SAMPLE = "FOR d IN @@c LIMIT @n RETURN d"
SURVEY = (
    "FOR d IN @@c FOR a IN ATTRIBUTES(d) LET v = d[a] RETURN DISTINCT [a, !IS_STRING(v) ? TYPENAME(v) : (LTRIM(v) == '' ? 'null' : "
    "((LEFT(LTRIM(v), 1) IN @first && REGEX_TEST(v, @numeral)) || LOWER(TRIM(v)) IN ['true', 'false'] ? 'numeral' : 'text'))]"
)
BINDS = {"first": list("0123456789"), "numeral": "^[0-9]+$"}


def ask(post: Post, query: str, **binds: Any) -> dict[str, Any]:
    """Run a query; `c` stands for the collection bind."""
    if "c" in binds:
        binds["@c"] = binds.pop("c")
    reply: dict[str, Any] = post("cursor", {"query": query, "bindVars": binds}).json()
    return reply


@pytest.mark.parametrize("options", ["", " OPTIONS { maxProjections: 6 }"])
def test_rows(post: Post, options: str) -> None:
    """A row has the values of the attributes in the order of the query, null where there is none, computed ones too."""
    query = f"FOR d IN @@c{options} RETURN [d.@a0, d.@a1, d.@a2, d.@a3]"
    rows = ask(post, query, c="next", a0="_key", a1="w", a2="a.b", a3="_from")["result"]
    assert sorted(rows) == [[f"e{i}", 1, None, f"candles/c{i}"] for i in range(9)]
    assert ["next/e1"] in ask(post, "FOR d IN @@c RETURN [d.@a0]", c="next", a0="_id")["result"]


@pytest.mark.parametrize(("query", "binds", "num_rows"), [(DOCUMENTS, {}, 9), (SAMPLE, {"n": 2}, 2)])
def test_whole_documents(post: Post, query: str, binds: dict[str, Any], num_rows: int) -> None:
    """A document begins with the database's own attributes, in its order; there are at most as many as asked for."""
    rows = ask(post, query, c="next", **binds)["result"]
    assert [list(row) for row in rows] == [["_key", "_id", "_from", "_to", "_rev", "w"]] * num_rows


def test_number_forms() -> None:
    """Integral doubles come as integers, the very round ones as floats, others unchanged."""
    given = [1.0, -0.0, 1e7, 1e8, 1.5, 123456789.0, 2**64 - 1, 2**64, 1e-7, 1e300]
    collection = Collection(2, [{"_key": "n", "values": given}])
    (stored,) = collection.documents
    assert [(type(v), v) for v in stored["values"]] == [  # type: ignore[attr-defined]
        (int, 1),
        (int, 0),
        (int, 10_000_000),
        (float, 1e8),
        (float, 1.5),
        (int, 123_456_789),
        (int, 2**64 - 1),
        (float, 2.0**64),
        (float, 1e-7),
        (float, 1e300),
    ]


def test_nan_is_refused() -> None:
    """No document can hold NaN."""
    with pytest.raises(ValueError, match="nan has no JSON form"):
        Collection(2, [{"_key": "a", "x": float("nan")}])


def test_types_of_attributes(post: Post) -> None:
    """Every attribute comes once with each type of its values, rare ones too, texts by what they spell."""
    post("document/candles", {"_key": "1", "n": 50, "t": "7", "b": True, "o": {}, "a": [], "z": None})
    post("document/candles", {"_key": "2", "n": "x", "t": "FALSE", "b": "7x", "_own": 1})
    pairs = sorted(map(tuple, ask(post, SURVEY, c="candles", **BINDS)["result"]))
    own = [("_id", "text"), ("_key", "numeral"), ("_key", "text"), ("_own", "number"), ("_rev", "text")]
    types = [("a", "array"), ("b", "bool"), ("b", "text"), ("close", "number"), ("meta", "object"), ("n", "number")]
    more = [("n", "text"), ("o", "object"), ("t", "numeral"), ("ts", "number"), ("z", "null")]
    assert pairs == [*own, *types, *more]


def test_paths(post: Post) -> None:
    """A list of names is a path into objects, a text with a dot is one name."""
    post("document/candles", {"_key": "odd", "a": {"b": {"c": 5}}, "a.b": 6})
    query = "FOR d IN @@c RETURN [d.@a0, d.@a1, d.@a2]"
    rows = ask(post, query, c="candles", a0=["a", "b", "c"], a1="a.b", a2=["a", "x", "c"])["result"]
    assert sorted(rows, key=str) == [[5, 6, None], *[[None, None, None]] * 10]


@pytest.mark.parametrize(
    "query",
    [
        "FOR d IN candles RETURN d",
        "FOR d IN @@c RETURN d._key",
        "FOR d IN @@c RETURN [d._key]",
        "FOR d IN @@c RETURN []",
        "FOR d IN @@c RETURN [d.@a0,d.@a1]",
        "FOR d IN @@c RETURN [d.@a0, d.@a b]",
        "FOR d IN @@c OPTIONS { maxProjections: @n } RETURN [d.@a0]",
        "FOR d IN @@c OPTIONS { indexHint: 1 } RETURN d",
        "FOR d IN @@c LIMIT 5 RETURN d",
        "FOR d IN @@c RETURN d; RETURN 1",
        "FOR d IN @@c RETURN d\n",
        "RETURN LENGTH(@@c)",
        "  ",
    ],
)
def test_other_queries_are_syntax_errors(post: Post, query: str) -> None:
    """Whatever the program does not send is refused with 400/1501, though the database might know it."""
    reply = ask(post, query, c="candles")
    assert (reply["code"], reply["errorNum"]) == (400, 1501)
    assert reply["errorMessage"].startswith("AQL: syntax error, unexpected ")
    assert reply["errorMessage"].endswith(" at position 1:1 (while parsing)")


ROW = "FOR d IN @@c RETURN [d.@a0]"


@pytest.mark.parametrize(
    ("query", "binds", "status", "number", "message"),
    [
        (DOCUMENTS, {"c": "zz"}, 404, 1203, "collection or view not found: zz"),
        (DOCUMENTS, {}, 400, 1551, "no value specified for declared bind parameter '@c'"),
        (SAMPLE, {"c": "next"}, 400, 1551, "no value specified for declared bind parameter 'n'"),
        (ROW, {"c": "next"}, 400, 1551, "no value specified for declared bind parameter 'a0'"),
        (SURVEY, {"c": "next", "x": 1, **BINDS}, 400, 1552, "bind parameter 'x' was not declared in the query"),
        (ROW, {"c": "next", "a0": "w", "n": 1}, 400, 1552, "bind parameter 'n' was not declared in the query"),
        (ROW, {"c": "next", "a0": 1}, 400, 1553, "bind parameter 'a0' has an invalid value or type"),
        (DOCUMENTS, {"c": ["next"]}, 400, 1553, "bind parameter '@c' has an invalid value or type"),
        (SAMPLE, {"c": "next", "n": -1}, 400, 1504, "number out of range"),
        (SAMPLE, {"c": "next", "n": "2"}, 400, 1504, "number out of range"),
    ],
)
def test_query_errors(post: Post, query: str, binds: dict[str, Any], status: int, number: int, message: str) -> None:
    """Wrong names and bind values are answered in the recorded words."""
    assert ask(post, query, **binds) == {
        "code": status,
        "error": True,
        "errorMessage": f"AQL: {message} (while parsing)",
        "errorNum": number,
    }


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (b"", 1502),
        (b'{"query":""}', 1502),
        (b'{"query":7}', 1502),
        (b"[]", 600),
        (b"{}", 600),
        (b"{", 600),
        (b'{"query":"RETURN 1","bindVars":[]}', 17),
        (b'{"query":"RETURN 1","batchSize":0}', 17),
        (b'{"query":"RETURN 1","batchSize":-2}', 17),
    ],
)
def test_body_errors(post: Post, body: bytes, number: int) -> None:
    """A body that is no query is refused with 400 and its own number."""
    reply = post("cursor", data=body).json()
    assert (reply["code"], reply["errorNum"]) == (400, number)


def test_unknown_top_level_attributes_are_ignored(post: Post) -> None:
    """Clients send options twice; the second copy does not disturb."""
    query = {"query": DOCUMENTS, "bindVars": {"@c": "next"}, "fillBlockCache": False, "maxRuntime": 9}
    assert post("cursor", query).status_code == 201


def test_dangling_edges_are_kept() -> None:
    """An edge may point to a document and a collection that are not there."""
    edges = Collection(3, [{"_key": "e", "_from": "gone/1", "_to": "gone/2"}])
    assert edges.documents[0]["_to"] == "gone/2"
