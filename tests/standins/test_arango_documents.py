"""The ArangoDB stand-in's writes: documents one by one and several at once, and new collections."""

from collections.abc import Callable
from typing import Any

import pytest
from arango.exceptions import DocumentInsertError

from .arango import ArangoStandIn, Collection
from .conftest import Post


def test_create_collection(market: Any, post: Post) -> None:
    """A new collection answers 200; a second of its name 409/1207; a bad name 400/1208."""
    assert market.create_collection("fresh").count() == 0
    assert post("collection", {"name": "other"}).status_code == 200
    assert post("collection", {"name": "fresh"}).json()["errorNum"] == 1207
    for name in ("", "_x", "1a", "a/b", " a", "e\u0301", "a" * 257):
        assert post("collection", {"name": name}).json()["errorNum"] == 1208


def test_insert_and_replace(arango: ArangoStandIn, market: Any, post: Post) -> None:
    """A replaced document reports its old revision and leaves nothing of the old one."""
    metadata = market.collection("graph_metadata")
    first = metadata.insert({"_key": "q1", "a": 1.0, "b": 2}, overwrite_mode="replace")
    second = metadata.insert({"_key": "q1", "a": 3}, overwrite_mode="replace")
    assert second["_old_rev"] == first["_rev"]
    (stored,) = arango.databases["market"].collections["graph_metadata"].documents
    assert stored == {"_key": "q1", "_id": "graph_metadata/q1", "_rev": second["_rev"], "a": 3}
    assert market.collection("graph_metadata").get("q1") == stored


def test_insert_headers(post: Post) -> None:
    """An insert answers 202 with a quoted etag and a location, 201 when synced."""
    reply = post("document/graph_metadata", {"_key": "q1"})
    assert reply.status_code == 202
    assert reply.headers["Etag"] == f'"{reply.json()["_rev"]}"'
    assert reply.headers["Location"] == "/_db/market/_api/document/graph_metadata/q1"
    assert post("document/graph_metadata?waitForSync=true", {"_key": "q2"}).status_code == 201


def test_overwrite_modes(post: Post) -> None:
    """`ignore` keeps the old document, `update` merges, no mode conflicts."""
    post("document/graph_metadata", {"_key": "k", "a": {"x": 1}})
    duplicate = post("document/graph_metadata", {"_key": "k"})
    assert (duplicate.status_code, duplicate.json()["errorNum"]) == (409, 1210)
    ignored = post("document/graph_metadata?overwriteMode=ignore&returnNew=1", {"_key": "k", "a": 2}).json()
    assert list(ignored) == ["_id", "_key", "_rev"]
    updated = post("document/graph_metadata?overwriteMode=update&returnNew=1", {"_key": "k", "a": {"y": 2}})
    assert updated.json()["new"]["a"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("collection", "body", "status", "number"),
    [
        ("graph_metadata", b'{"a": NaN}', 400, 600),
        ("graph_metadata", b'{"a": 1e400}', 400, 600),
        ("graph_metadata", b'{"_key": "a/b"}', 400, 1221),
        ("graph_metadata", b'{"_key": 5}', 400, 1221),
        ("graph_metadata", b'"text"', 400, 1227),
        ("next", b'{"_from": "candles/c0"}', 400, 1233),
        ("nothing", b"{}", 404, 1203),
    ],
)
def test_insert_errors(post: Post, collection: str, body: bytes, status: int, number: int) -> None:
    """Documents that the database would not store are refused with its numbers."""
    reply = post(f"document/{collection}", data=body)
    assert (reply.status_code, reply.json()["errorNum"]) == (status, number)


def test_insert_many(market: Any, post: Post) -> None:
    """Several documents answer 202 as a list; what failed is an item and a header."""
    reply = post("document/graph_metadata", [{"_key": "a"}, {"_key": "b/"}])
    assert reply.status_code == 202
    assert [item.get("errorNum") for item in reply.json()] == [None, 1221]
    assert reply.headers["X-Arango-Error-Codes"] == '{"1221":1}'


def test_client_insert_without_grant(connect: Callable[..., Any]) -> None:
    """A read-only user cannot write."""
    with pytest.raises(DocumentInsertError) as caught:
        connect("reader").collection("graph_metadata").insert({"_key": "a"})
    assert (caught.value.http_code, caught.value.error_code) == (403, 1004)


@pytest.mark.parametrize(
    ("kind", "documents", "words"),
    [
        (2, [{"_key": "a"}, {"_key": "a"}], "is there twice"),
        (2, [{"_key": "a b"}], "is not legal"),
        (3, [{"_key": "a", "_from": "v/1"}], "needs _from and _to"),
    ],
)
def test_impossible_documents_are_refused(kind: Any, documents: Any, words: str) -> None:
    """A test cannot set up what the database could not hold."""
    with pytest.raises(ValueError, match=words):
        Collection(kind, documents)
