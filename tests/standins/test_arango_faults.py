"""The ArangoDB stand-in's failures: each one as the client meets it."""

import gc
import socket
import time
from typing import Any

import pytest
import requests
from arango.exceptions import AQLQueryExecuteError, CursorEmptyError, CursorNextError, DocumentInsertError

from tests.waits import LONG_S

from .arango import ArangoStandIn, Collection, Database, Fault, User, When
from .conftest import READ_KEYS, Post

QUERY: dict[str, Any] = {**READ_KEYS, "batchSize": 4}
BINDS = READ_KEYS["bindVars"]


@pytest.mark.parametrize(
    ("kind", "status", "number"),
    [("queue-full", 503, 21003), ("memory", 500, 32), ("killed", 410, 1500)],
)
def test_query_fails_at_once(arango: ArangoStandIn, market: Any, kind: Any, status: int, number: int) -> None:
    """These errors reach the caller after a single request."""
    arango.faults.add(Fault(kind, When("cursor-create")))
    with pytest.raises(AQLQueryExecuteError) as caught:
        market.aql.execute(QUERY["query"], bind_vars=BINDS)
    assert (caught.value.http_code, caught.value.error_code) == (status, number)
    assert len(arango.log) == 1


def test_unavailable_is_repeated_by_the_client(arango: ArangoStandIn, market: Any) -> None:
    """503/503 is tried again, and only by its number."""
    fault = arango.faults.add(Fault("unavailable"))
    assert len(list(market.aql.execute(QUERY["query"], bind_vars=BINDS))) == 10
    assert fault.num_hits == 1
    assert [r.status for r in arango.log] == [503, 201]


@pytest.mark.parametrize(("kind", "number"), [("killed", 1500), ("memory", 32)])
def test_failing_batch_ends_the_cursor(arango: ArangoStandIn, market: Any, kind: Any, number: int) -> None:
    """A query that dies in batch 3 takes its cursor with it."""
    arango.faults.add(Fault(kind, When(collection="candles", batch=3)))
    cursor = market.aql.execute(QUERY["query"], bind_vars=BINDS, batch_size=3, stream=True)
    rows = []
    with pytest.raises(CursorNextError) as caught:
        rows += [cursor.next() for _ in range(7)]
    assert caught.value.error_code == number
    assert len(arango.log) == 3
    assert arango.num_open_cursors == 0


def test_bad_gateway(arango: ArangoStandIn, post: Post) -> None:
    """A proxy's page has neither JSON nor the database's headers."""
    arango.faults.add(Fault("bad-gateway"))
    reply = post("cursor", QUERY)
    assert (reply.status_code, reply.headers["Content-Type"]) == (502, "text/html")
    assert "X-Arango-Queue-Time-Seconds" not in reply.headers
    assert reply.text.startswith("<html>")


def test_truncated_body(arango: ArangoStandIn, market: Any) -> None:
    """A body that ends early is not repeated by the client."""
    arango.faults.add(Fault("truncate", When("cursor-create")))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        market.aql.execute(QUERY["query"], bind_vars=BINDS)
    assert len(arango.log) == 1


def test_dropped_connection_without_repeat(arango: ArangoStandIn, post: Post) -> None:
    """A raw client sees the connection close without a reply; the log shows no status."""
    arango.faults.add(Fault("drop-before"))
    with pytest.raises(requests.ConnectionError):
        post("cursor", QUERY)
    assert [r.status for r in arango.log] == [None]
    assert arango.num_open_cursors == 0


def test_slow_reply(arango: ArangoStandIn, post: Post) -> None:
    """A slow reply takes its time once."""
    arango.faults.add(Fault("slow", When("collection"), seconds=0.3))
    started = time.monotonic()
    post("collection", {"name": "late"})
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize("retry", [True, False])
def test_empty_batch(arango: ArangoStandIn, market: Any, retry: bool) -> None:
    """An empty batch with hasMore breaks the client's iteration, but not a reader of batches."""
    arango.faults.add(Fault("empty-batch", When("cursor-next", times=2)))
    cursor = market.aql.execute(QUERY["query"], bind_vars=BINDS, batch_size=5, stream=True, allow_retry=retry)
    rows = list(cursor.batch() or ())
    while cursor.has_more():
        rows += cursor.fetch()["batch"]
    assert len({key for (key,) in rows}) == len(rows) == 10
    arango.faults.add(Fault("empty-batch", When("cursor-next")))
    with pytest.raises(CursorEmptyError):
        list(market.aql.execute(QUERY["query"], bind_vars=BINDS, batch_size=5))


def test_empty_batch_at_the_end(arango: ArangoStandIn, post: Post) -> None:
    """After a false hasMore comes an empty last batch."""
    arango.faults.add(Fault("empty-batch", When("cursor-next", nth=3)))
    cursor_id = post("cursor", {**QUERY, "options": {"allowRetry": True}}).json()["id"]
    sizes = [len(post(f"cursor/{cursor_id}/{batch}").json()["result"]) for batch in (2, 3)]
    assert sizes == [4, 2]
    arango.faults.clear()
    arango.faults.add(Fault("empty-batch", When("cursor-next", nth=1)))
    cursor_id = post("cursor", {**QUERY, "batchSize": 9, "options": {"allowRetry": True}}).json()["id"]
    replies = [post(f"cursor/{cursor_id}/{batch}").json() for batch in (2, 3)]
    assert [(len(r["result"]), r["hasMore"]) for r in replies] == [(0, True), (1, False)]


def test_gzip_body(arango: ArangoStandIn, post: Post) -> None:
    """A compressed reply is what the client asked for; without the request header there is none."""
    arango.faults.add(Fault("gzip", When(times=2)))
    reply = post("cursor", {**QUERY, "batchSize": 10})
    assert reply.headers["Content-Encoding"] == "gzip"
    assert len(reply.json()["result"]) == 10
    assert "Content-Encoding" not in post("cursor", QUERY, headers={"Accept-Encoding": "identity"}).headers


@pytest.mark.parametrize(("kind", "status", "number"), [("read-only", 403, 1004), ("conflict", 409, 1200)])
def test_insert_fails(arango: ArangoStandIn, market: Any, kind: Any, status: int, number: int) -> None:
    """A refused insert stores nothing."""
    arango.faults.add(Fault(kind, When("document", collection="graph_metadata")))
    with pytest.raises(DocumentInsertError) as caught:
        market.collection("graph_metadata").insert({"_key": "a"})
    assert (caught.value.http_code, caught.value.error_code) == (status, number)
    assert arango.databases["market"].collections["graph_metadata"].documents == []


def test_lost_insert_is_stored(arango: ArangoStandIn, market: Any) -> None:
    """An insert whose reply was lost is sent again, so it must be one that may be repeated."""
    arango.faults.add(Fault("drop-after", When("document", times=1)))
    market.collection("graph_metadata").insert({"_key": "a"}, overwrite_mode="replace")
    arango.faults.add(Fault("drop-after", When("document", times=1)))
    with pytest.raises(DocumentInsertError, match="unique constraint violated"):
        market.collection("graph_metadata").insert({"_key": "b"})
    assert len(arango.databases["market"].collections["graph_metadata"].documents) == 2


def test_nth_and_times(arango: ArangoStandIn, post: Post) -> None:
    """A fault hits as many requests as it says, counted among those that fit."""
    fault = arango.faults.add(Fault("killed", When("cursor-create", "candles", nth=2, times=2)))
    other = {**QUERY, "bindVars": {**BINDS, "@c": "next"}}
    codes = [post("cursor", body).status_code for body in (QUERY, other, QUERY, QUERY, QUERY)]
    assert codes == [201, 201, 410, 410, 201]
    assert (fault.num_hits, fault.num_seen) == (2, 4)


def test_offline_refuses_and_comes_back(arango: ArangoStandIn, http: requests.Session, post: Post) -> None:
    """While offline nobody listens and open connections are cut; afterwards the port is the same."""
    url, cursor_id = arango.url, post("cursor", QUERY).json()["id"]
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port)) as open_one:
        open_one.sendall(b"GET /_admin/server/availability HTTP/1.1\r\n\r\n")
        assert open_one.recv(4096).startswith(b"HTTP/1.1 200 OK")
        with arango.offline():
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))
            assert open_one.recv(1) == b""
    assert arango.url == url
    assert post(f"cursor/{cursor_id}").status_code == 200


def test_defect_of_the_stand_in_fails_the_test(http: requests.Session) -> None:
    """What the stand-in fails to answer is raised when it is left, not taken for a database error."""
    database = Database({"c": Collection()})
    server = ArangoStandIn({"m": database}, {"root": User("secret")})
    server.__enter__()
    database.collections["c"].put({"_key": "x", "y": object()})
    reply = http.get(f"{server.url}/_db/m/_api/document/c/x", timeout=LONG_S)
    assert (reply.status_code, reply.json()["errorNum"]) == (500, 4)
    with pytest.raises(AssertionError, match="defect"):
        server.__exit__(None, None, None)


def test_large_collections_are_kept_from_the_garbage_collector() -> None:
    """A hundred thousand documents are not walked by each collection while they are served."""
    database = Database({"c": Collection(2, ({"_key": str(i)} for i in range(100_001)))})
    with ArangoStandIn({"m": database}, {"root": User("secret")}):
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
