"""The ArangoDB stand-in's cursors: the state machine that the graph reader depends on."""

import time
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.waits import FOREVER_S, LONG_S, unhurried

from .arango import ArangoStandIn, Collection, Database, Fault, User, When
from .conftest import READ_KEYS, Post

KEYS = {f"c{i}" for i in range(10)}


def body(size: int = 4, *, stream: bool = False, retry: bool = False, **more: object) -> dict[str, Any]:
    """Return the body of a query that reads the keys of all candles."""
    return {**READ_KEYS, "batchSize": size, "options": {"stream": stream, "allowRetry": retry}, **more}


def test_one_batch_has_no_id(post: Post) -> None:
    """A result that fits one batch comes with 201 and the fields in the recorded order."""
    reply = post("cursor", body(10, count=True))
    assert reply.status_code == 201
    assert list(reply.json()) == ["result", "hasMore", "count", "cached", "extra", "error", "code"]


def test_batches_repeat_count_and_extra_without_stream(post: Post) -> None:
    """Every batch of a materialised query has count and extra; only the last lacks id and nextBatchId."""
    first = post("cursor", body(4, count=True)).json()
    assert list(first) == [
        "result",
        "hasMore",
        "id",
        "count",
        "extra",
        "cached",
        "nextBatchId",
        "error",
        "code",
    ]
    assert (first["count"], first["nextBatchId"]) == (10, "2")
    assert first["id"].isdecimal()
    middle = post(f"cursor/{first['id']}").json()
    assert list(middle) == list(first)
    last = post(f"cursor/{first['id']}").json()
    assert list(last) == ["result", "hasMore", "count", "extra", "cached", "error", "code"]


def test_stream_sends_extra_only_at_the_end(post: Post) -> None:
    """A streaming query never counts and has its statistics in the last batch alone."""
    first = post("cursor", body(8, stream=True, count=True)).json()
    assert list(first) == ["result", "hasMore", "id", "nextBatchId", "cached", "error", "code"]
    last = post(f"cursor/{first['id']}").json()
    assert list(last) == ["result", "hasMore", "cached", "extra", "error", "code"]


def test_cursor_is_gone_after_the_last_batch(post: Post, arango: ArangoStandIn) -> None:
    """Without allowRetry the server forgets the cursor with its last batch."""
    cursor_id = post("cursor", body(5)).json()["id"]
    assert post(f"cursor/{cursor_id}").status_code == 200
    assert arango.num_open_cursors == 0
    reply = post(f"cursor/{cursor_id}")
    assert reply.text == '{"code":404,"error":true,"errorMessage":"cursor not found","errorNum":1600}'


def test_put_is_the_deprecated_twin(arango: ArangoStandIn, http: requests.Session, post: Post) -> None:
    """PUT advances a cursor as POST does."""
    cursor_id = post("cursor", body(5)).json()["id"]
    reply = http.put(f"{arango.url}/_db/market/_api/cursor/{cursor_id}", timeout=LONG_S)
    assert (reply.status_code, reply.json()["hasMore"]) == (200, False)


def test_retry_returns_the_same_bytes(post: Post) -> None:
    """With allowRetry the batch last sent can be asked for again, the last one too."""
    first = post("cursor", body(5, stream=True, retry=True))
    cursor_id = first.json()["id"]
    assert post(f"cursor/{cursor_id}/1").content == first.content
    second = post(f"cursor/{cursor_id}/2")
    assert second.json()["hasMore"] is False
    assert post(f"cursor/{cursor_id}/2").content == second.content


@pytest.mark.parametrize("batch", ["0", "3", "x"])
def test_other_batch_ids_are_unknown(post: Post, batch: str) -> None:
    """Only the batch last sent and the next one exist."""
    cursor_id = post("cursor", body(3, retry=True)).json()["id"]
    reply = post(f"cursor/{cursor_id}/{batch}").json()
    assert (reply["code"], reply["errorNum"], reply["errorMessage"]) == (404, 1600, "batch id not found")


def test_no_batch_after_the_last(post: Post) -> None:
    """The batch after the last one does not exist, even while the cursor lives on."""
    cursor_id = post("cursor", body(5, retry=True)).json()["id"]
    assert post(f"cursor/{cursor_id}/2").json()["hasMore"] is False
    assert post(f"cursor/{cursor_id}/3").json()["errorNum"] == 1600


def test_retry_needs_the_option_inside_options(post: Post) -> None:
    """A top-level allowRetry is ignored; the same batch is then refused and the cursor stays."""
    cursor_id = post("cursor", body(5, allowRetry=True)).json()["id"]
    refused = post(f"cursor/{cursor_id}/1").json()
    assert (refused["code"], refused["errorMessage"]) == (400, "expecting allowRetry option to be true")
    assert post(f"cursor/{cursor_id}/2").status_code == 200


def test_delete_answers_202_once(arango: ArangoStandIn, http: requests.Session, post: Post) -> None:
    """A retriable cursor survives its last batch until it is deleted."""
    cursor_id = post("cursor", body(5, retry=True)).json()["id"]
    post(f"cursor/{cursor_id}/2")
    url = f"{arango.url}/_db/market/_api/cursor/{cursor_id}"
    reply = http.delete(url, timeout=LONG_S)
    assert (reply.status_code, reply.text) == (202, f'{{"id":"{cursor_id}","error":false,"code":202}}')
    assert http.delete(url, timeout=LONG_S).json()["errorNum"] == 1600


def test_last_batch_may_keep_its_id(http: requests.Session) -> None:
    """The documented variant shows the id in the last retriable batch."""
    database = Database({"candles": Collection(2, [{"_key": "c0"}, {"_key": "c1"}])})
    with ArangoStandIn({"market": database}, {"root": User("secret")}, last_batch_has_id=True) as server:
        url = f"{server.url}/_db/market/_api/cursor"
        reply = http.post(url, json=body(2, retry=True), timeout=LONG_S).json()
        assert reply["hasMore"] is False
        assert http.delete(f"{url}/{reply['id']}", timeout=LONG_S).status_code == 202


def test_ttl_runs_from_the_last_request(post: Post) -> None:
    """A cursor lives for its ttl after each request and not longer."""
    ttl_s = unhurried(1.5)
    cursor_id = post("cursor", body(2, ttl=ttl_s)).json()["id"]
    for _ in range(2):
        time.sleep(0.6 * ttl_s)
        assert post(f"cursor/{cursor_id}").status_code == 200
    time.sleep(1.2 * ttl_s)
    assert post(f"cursor/{cursor_id}").json()["errorNum"] == 1600


def test_second_request_finds_the_cursor_busy(arango: ArangoStandIn, post: Post) -> None:
    """While one request holds a cursor, another one gets 409/1601."""
    slow = arango.faults.add(Fault("slow", When("cursor-next"), seconds=FOREVER_S))
    cursor_id = post("cursor", body(2)).json()["id"]
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            f"{arango.url}/_db/market/_api/cursor/{cursor_id}", auth=("root", "secret"), timeout=(LONG_S, 0.1)
        )
    while not slow.num_hits:
        time.sleep(0.01)
    reply = post(f"cursor/{cursor_id}").json()
    assert (reply["code"], reply["errorNum"], reply["errorMessage"]) == (409, 1601, "cursor is busy")


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_cursor_belongs_to_its_user(arango: ArangoStandIn, post: Post, method: str) -> None:
    """Another user finds no cursor, whatever he may read."""
    cursor_id = post("cursor", body(2)).json()["id"]
    url = f"{arango.url}/_db/market/_api/cursor/{cursor_id}"
    reply = requests.request(method, url, auth=("reader", "secret"), timeout=LONG_S)
    assert (reply.status_code, reply.json()["errorNum"]) == (404, 1600)


@pytest.mark.parametrize(
    ("method", "path", "status", "number"),
    [
        ("GET", "cursor/1", 405, 405),
        ("POST", "cursor/1/2/3", 400, 400),
        ("PUT", "cursor/1/2", 400, 400),
        ("DELETE", "cursor", 400, 400),
        ("POST", "cursor/77", 404, 1600),
    ],
)
def test_wrong_cursor_paths(
    arango: ArangoStandIn, http: requests.Session, method: str, path: str, status: int, number: int
) -> None:
    """The cursor handler counts the parts of its path."""
    reply = http.request(method, f"{arango.url}/_db/market/_api/{path}", timeout=LONG_S)
    assert (reply.status_code, reply.json()["errorNum"]) == (status, number)


def test_snapshot_ignores_later_writes(post: Post) -> None:
    """A running query does not see what is written after it began."""
    first = post("cursor", body(5)).json()
    assert post("document/candles", {"_key": "late"}).status_code == 202
    rows = first["result"] + post(f"cursor/{first['id']}").json()["result"]
    assert {key for (key,) in rows} == KEYS


def test_order_is_neither_insertion_nor_stable(post: Post) -> None:
    """Two scans without SORT differ from each other and from the order of insertion."""
    scans = [post("cursor", body(10)).json()["result"] for _ in range(2)]
    assert [[key] for key in sorted(KEYS)] not in scans
    assert scans[0] != scans[1]


@settings(max_examples=40, deadline=None)
@given(
    num=st.integers(0, 60),
    size=st.integers(1, 70),
    seed=st.integers(0, 99),
    stream=st.booleans(),
    retry=st.booleans(),
    has_id=st.booleans(),
)
def test_every_row_comes_exactly_once(num: int, size: int, seed: int, stream: bool, retry: bool, has_id: bool) -> None:
    """Whatever the batch size, each row comes once and no batch is too large."""
    database = Database({"candles": Collection(2, [{"_key": str(i)} for i in range(num)])})
    users = {"root": User("secret")}
    with (
        ArangoStandIn({"market": database}, users, seed=seed, last_batch_has_id=has_id) as server,
        requests.Session() as session,
    ):
        session.auth = ("root", "secret")
        url = f"{server.url}/_db/market/_api/cursor"
        batch = session.post(url, json=body(size, stream=stream, retry=retry), timeout=LONG_S).json()
        batches = [batch["result"]]
        while batch["hasMore"]:
            step = f"/{batch['nextBatchId']}" if retry else ""
            batch = session.post(f"{url}/{batch['id']}{step}", timeout=LONG_S).json()
            batches.append(batch["result"])
    assert sorted(key for rows in batches for (key,) in rows) == sorted(map(str, range(num)))
    assert all(len(rows) == size for rows in batches[:-1])
    assert len(batches) == max(1, -(-num // size))
