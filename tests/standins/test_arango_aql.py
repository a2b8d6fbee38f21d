"""The ArangoDB stand-in's AQL: what it reads, what it sends back, and what it refuses."""

from typing import Any

import pytest

from .arango import ArangoStandIn, Collection, Database, User
from .conftest import Post


def ask(post: Post, query: str, **binds: Any) -> dict[str, Any]:
    """Run a query; `c` stands for the collection bind."""
    if "c" in binds:
        binds["@c"] = binds.pop("c")
    reply: dict[str, Any] = post("cursor", {"query": query, "bindVars": binds}).json()
    return reply


FIRST = "FOR d IN @@c SORT d._key LIMIT 1, 1 RETURN"


@pytest.mark.parametrize(
    ("expression", "binds", "row"),
    [
        ("d._id", {}, "next/e1"),
        ("d.nothing", {}, None),
        ("d.nothing.deeper", {}, None),
        ("[d._key, d._from, d.w]", {}, ["e1", "candles/c1", 1]),
        ("[[d.w], d.`w`, d.@a]", {"a": "w"}, [[1], 1, 1]),
        ("d.@a", {"a": "a.b"}, None),
        ("TYPENAME(d.w)", {}, "number"),
        ("TYPENAME(d.nothing)", {}, "null"),
        ('HAS(d, "w")', {}, True),
        ("HAS(d, 'nothing')", {}, False),
        ("KEEP(d, @k)", {"k": ["w", "_key", "nothing"]}, {"_key": "e1", "w": 1}),
        ("ATTRIBUTES(d, true)", {}, ["w"]),
    ],
)
def test_expressions(post: Post, expression: str, binds: dict[str, Any], row: object) -> None:
    """Each form of RETURN gives what AQL gives."""
    assert ask(post, f"{FIRST} {expression}", c="next", **binds)["result"] == [row]


def test_bind_path(post: Post) -> None:
    """A list of names is a path into the document."""
    assert ask(post, f"{FIRST} d.@p", c="candles", p=["meta", "exchange"])["result"] == ["x"]


def test_whole_document(post: Post) -> None:
    """A document begins with the database's own attributes, in its order."""
    (row,) = ask(post, f"{FIRST} d", c="next")["result"]
    assert list(row) == ["_key", "_id", "_from", "_to", "_rev", "w"]


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


def test_resumable_paging(post: Post) -> None:
    """Ranges over the sorted key visit every document once."""
    query = "FOR d IN @@c FILTER d._key > @last SORT d._key LIMIT @n RETURN d._key"
    rows, last = [], ""
    while page := ask(post, query, c="candles", last=last, n=3)["result"]:
        rows += page
        last = page[-1]
    assert rows == [f"c{i}" for i in range(10)]


def test_length(post: Post) -> None:
    """The number of documents is one row."""
    assert ask(post, "RETURN LENGTH(@@c)", c="candles")["result"] == [10]


def test_schema_discovery(post: Post) -> None:
    """Attribute names come once each, with counts where asked."""
    post("document/candles", {"_key": "odd", "rsi": 50})
    names = "FOR d IN @@c FOR a IN ATTRIBUTES(d, true)"
    assert sorted(ask(post, f"{names} RETURN DISTINCT a", c="candles")["result"]) == [
        "close",
        "meta",
        "rsi",
        "ts",
    ]
    counted = ask(post, f"{names} COLLECT name = a WITH COUNT INTO n RETURN [name, n]", c="candles")["result"]
    assert counted == [["close", 10], ["meta", 10], ["rsi", 1], ["ts", 10]]


def test_full_count(post: Post) -> None:
    """`fullCount` is the number of rows without LIMIT."""
    query = {"query": "FOR d IN @@c LIMIT 2 RETURN d._key", "bindVars": {"@c": "candles"}}
    reply = post("cursor", query | {"options": {"fullCount": True}}).json()
    assert reply["extra"]["stats"]["fullCount"] == 10


@pytest.mark.parametrize(
    "query",
    [
        "FOR d IN candles RETURN d",
        "FOR d IN @@c RETURN d.filter",
        "FOR d IN @@c RETURN",
        "FOR d IN @@c RETURN d }",
        "FOR d IN @@c RETURN d.a + 1",
        "FOR d IN @@c RETURN {a: d.a}",
        "FOR d IN @@c RETURN UNSET(d, 'a')",
        "FOR d IN @@c RETURN ATTRIBUTES(d, false)",
        "FOR d IN @@c FILTER d.ts > 5 RETURN d",
        "FOR d IN @@c SORT d.ts RETURN d",
        "FOR d IN @@c LIMIT 1.5 RETURN d",
        "FOR d IN @@c OPTIONS { indexHint: 1 } RETURN d",
        "FOR d IN @@c REMOVE d IN @@c",
        "FOR d IN @@c RETURN d; RETURN 1",
        "FOR d IN @@c // all\n RETURN d",
        "FOR d IN @@c LIMIT 1 SORT d._key RETURN d",
        "RETURN 1",
        "  ",
    ],
)
def test_other_statements_are_syntax_errors(post: Post, query: str) -> None:
    """Whatever the grammar lacks is refused with 400/1501."""
    reply = ask(post, query, c="candles")
    assert (reply["code"], reply["errorNum"]) == (400, 1501)
    assert reply["errorMessage"].startswith("AQL: syntax error, unexpected ")
    assert reply["errorMessage"].endswith(" (while parsing)")


def test_syntax_error_names_the_position(post: Post) -> None:
    """Line and column are those of the token."""
    message = ask(post, "FOR d IN @@c\n  RETURN d }", c="candles")["errorMessage"]
    assert message == "AQL: syntax error, unexpected } near '}' at position 2:12 (while parsing)"


@pytest.mark.parametrize(
    ("query", "binds", "status", "number", "message"),
    [
        (
            "FOR d IN @@c RETURN d",
            {"c": "zz"},
            404,
            1203,
            "AQL: collection or view not found: zz (while parsing)",
        ),
        (
            "FOR d IN @@c RETURN e",
            {"c": "next"},
            404,
            1203,
            "AQL: collection or view not found: e (while parsing)",
        ),
        (
            "FOR d IN @@c RETURN d",
            {},
            400,
            1551,
            "AQL: no value specified for declared bind parameter '@c' (while parsing)",
        ),
        (
            "FOR d IN @@c RETURN d",
            {"c": "next", "x": 1},
            400,
            1552,
            "AQL: bind parameter 'x' was not declared in the query (while parsing)",
        ),
        (
            "FOR d IN @@c RETURN d.@a",
            {"c": "next", "a": 1},
            400,
            1553,
            "AQL: bind parameter 'a' has an invalid value or type (while parsing)",
        ),
        (
            "FOR d IN @@c LIMIT @n RETURN d",
            {"c": "next", "n": -1},
            400,
            1504,
            "AQL: number out of range (while parsing)",
        ),
    ],
)
def test_query_errors(post: Post, query: str, binds: dict[str, Any], status: int, number: int, message: str) -> None:
    """Wrong names and bind values are answered in the recorded words."""
    assert ask(post, query, **binds) == {
        "code": status,
        "error": True,
        "errorMessage": message,
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
    query = {
        "query": "RETURN LENGTH(@@c)",
        "bindVars": {"@c": "next"},
        "fillBlockCache": False,
        "maxRuntime": 9,
    }
    assert post("cursor", query).status_code == 201


def test_dangling_edges_are_kept() -> None:
    """An edge may point to a document and a collection that are not there."""
    edges = Collection(3, [{"_key": "e", "_from": "gone/1", "_to": "gone/2"}])
    with ArangoStandIn({"m": Database({"edges": edges})}, {"root": User("x")}) as server:
        assert server.databases["m"].collections["edges"].documents[0]["_to"] == "gone/2"
