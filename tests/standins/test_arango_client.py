"""The ArangoDB stand-in as python-arango sees it: what that client loses, repeats and reports."""

from typing import Any

import pytest
from arango.exceptions import AQLQueryExecuteError, CursorCloseError, CursorNextError

from .arango import ArangoStandIn, Fault, When
from .conftest import READ_KEYS

QUERY, BINDS = READ_KEYS["query"], READ_KEYS["bindVars"]
KEYS = {f"c{i}" for i in range(10)}


def test_python_arango_reads_everything(market: Any) -> None:
    """The client's own loop over a streaming, retriable cursor gets every row."""
    cursor = market.aql.execute(QUERY, bind_vars=BINDS, batch_size=3, stream=True, allow_retry=True, ttl=60)
    assert {key for (key,) in cursor} == KEYS
    assert cursor.close(ignore_missing=True) is True


def test_python_arango_close_after_the_end(market: Any) -> None:
    """Closing a cursor that the server has already removed is an error, as with the real server."""
    cursor = market.aql.execute(QUERY, bind_vars=BINDS, batch_size=5)
    assert len(list(cursor)) == 10
    with pytest.raises(CursorCloseError):
        cursor.close()


def test_lost_reply_loses_rows_without_allow_retry(arango: ArangoStandIn, market: Any) -> None:
    """The client repeats the lost request by itself, the server has moved on: rows are missing, silently."""
    lost = arango.faults.add(Fault("drop-after", When("cursor-next")))
    cursor = market.aql.execute(QUERY, bind_vars=BINDS, batch_size=2)
    rows = [key for (key,) in cursor]
    assert lost.num_hits == 1
    assert len(rows) == len(set(rows)) == 8


@pytest.mark.parametrize("kind", ["drop-before", "drop-after"])
def test_lost_reply_loses_nothing_with_allow_retry(arango: ArangoStandIn, market: Any, kind: Any) -> None:
    """With allowRetry the repeat gets the batch that was lost."""
    lost = arango.faults.add(Fault(kind, When("cursor-next", batch=3)))
    cursor = market.aql.execute(QUERY, bind_vars=BINDS, batch_size=2, allow_retry=True)
    rows = [key for (key,) in cursor]
    assert lost.num_hits == 1
    assert len(rows) == 10
    assert set(rows) == KEYS


def test_lost_create_leaves_an_orphan(arango: ArangoStandIn, market: Any) -> None:
    """A cursor whose first batch was lost stays open, unknown to the client."""
    arango.faults.add(Fault("drop-after", When("cursor-create")))
    cursor = market.aql.execute(QUERY, bind_vars=BINDS, batch_size=5)
    assert len(list(cursor)) == 10
    assert arango.num_open_cursors == 1


def test_expired_cursor(arango: ArangoStandIn, market: Any) -> None:
    """An expired cursor ends the client's loop with 404/1600."""
    arango.faults.add(Fault("expire", When("cursor-next", nth=2)))
    cursor = market.aql.execute(QUERY, bind_vars=BINDS, batch_size=2)
    with pytest.raises(CursorNextError) as caught:
        list(cursor)
    assert (caught.value.http_code, caught.value.error_code) == (404, 1600)


def test_memory_limit_hits_only_materialised_queries(market: Any) -> None:
    """A query that does not stream needs memory for its whole result."""
    with pytest.raises(AQLQueryExecuteError) as caught:
        market.aql.execute(QUERY, bind_vars=BINDS, memory_limit=20)
    assert (caught.value.http_code, caught.value.error_code) == (500, 32)
    assert len(list(market.aql.execute(QUERY, bind_vars=BINDS, memory_limit=20, stream=True))) == 10
