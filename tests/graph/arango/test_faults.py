"""Failures of ArangoDB while a graph loads: which a run survives, and the sentence when it does not."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from tests.standins.arango import Fault, When
from tests.standins.arango.faults import Endpoint, Kind
from tests.waits import FOREVER_S, LONG_S, retries, unhurried
from trainer.errors import DataError, ServiceError
from trainer.graph.arango import patience
from trainer.graph.dump.source import DumpSource
from trainer.graph.graph import Graph
from trainer.process.stop import StopRequested

from .conftest import NUM_CANDLES
from .same_graph import assert_same_graph
from .served import EVERYTHING, StandInGraph, serve_stand_in

ALWAYS = 10_000
LAST_BATCH = 5


def _expected(folder: Path) -> Graph:
    return DumpSource(folder).load(["g"], EVERYTHING, lambda vertices, edges: None)


@pytest.mark.parametrize("collection", ["candles", "next"])
@pytest.mark.parametrize(
    ("kind", "endpoint", "batch", "times"),
    [
        ("drop-before", "cursor-create", 1, 1),
        ("drop-after", "cursor-create", 1, 1),
        ("drop-before", "cursor-next", 3, 2),
        ("drop-after", "cursor-next", 3, 1),
        ("drop-after", "cursor-next", 3, 3),
        ("drop-after", "cursor-next", LAST_BATCH, 1),
        ("truncate", "cursor-create", 1, 1),
        ("truncate", "cursor-next", 2, 1),
        ("unavailable", "cursor-create", 1, 3),
        ("unavailable", "cursor-next", 4, 3),
        ("queue-full", "cursor-next", 2, 3),
        ("bad-gateway", "cursor-create", 1, 1),
        ("bad-gateway", "cursor-next", 2, 2),
        ("slow", "cursor-create", 1, 1),
        ("slow", "cursor-next", 3, 1),
        ("expire", "cursor-next", 3, 1),
        ("killed", "cursor-next", LAST_BATCH, 1),
        ("killed", "cursor-create", 1, 2),
        ("empty-batch", "cursor-next", 3, 1),
        ("gzip", "cursor-next", None, ALWAYS),
    ],
)
def test_no_row_is_lost_or_doubled(
    spoiled_market: StandInGraph,
    kind: Kind,
    endpoint: Endpoint,
    batch: int | None,
    times: int,
    collection: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After a fault that passes the graph is exactly what it would be without."""
    patience_s = unhurried(0.6)
    fault = Fault(kind, When(endpoint, collection, batch, times=times), seconds=1.5 * patience_s)
    spoiled_market.server.faults.add(fault)
    if kind == "slow":
        monkeypatch.setattr(patience, "READ_TIMEOUT_S", patience_s)
        monkeypatch.setattr(patience, "FIRST_WAIT_S", patience_s / 6)
    assert_same_graph(spoiled_market.load(EVERYTHING), _expected(spoiled_market.folder))
    assert fault.num_hits >= min(times, 3)


@pytest.mark.parametrize("last_batch_has_id", [True, False])
def test_cursors_are_closed(market_dump: Path, last_batch_has_id: bool) -> None:
    """In whichever form the last batch comes, the graph is whole and no cursor stays open."""
    with serve_stand_in(market_dump, last_batch_has_id=last_batch_has_id) as served:
        assert_same_graph(served.load(EVERYTHING), _expected(market_dump))
        assert served.server.num_open_cursors == 0


def test_an_absence_is_survived(
    spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A server that goes away in the middle and comes back costs nothing but time."""
    away, over = threading.Event(), threading.Event()
    slow = spoiled_market.server.faults.add(Fault("slow", When("cursor-next", "candles", 3), seconds=unhurried(0.3)))

    def go_away() -> None:
        while not slow.num_hits and not over.wait(0.01):
            pass
        with spoiled_market.server.offline():
            away.set()
            while len(retries(caplog)) < 3 and not over.wait(0.01):
                pass

    monkeypatch.setattr(patience, "FIRST_WAIT_S", 0.3)
    monkeypatch.setattr(patience, "ATTEMPTS", ALWAYS)
    thread = threading.Thread(target=go_away)
    thread.start()
    try:
        graph = spoiled_market.load(EVERYTHING)
    finally:
        over.set()
        thread.join()
    assert away.is_set()
    assert_same_graph(graph, _expected(spoiled_market.folder))


@pytest.mark.parametrize(
    ("kind", "endpoint", "sentence", "hits"),
    [
        ("drop-before", "cursor-next", r"cannot be reached \(no connection\), 6 times in a row; check ARANGO_URL", 6),
        ("unavailable", "cursor-next", r"is not available \(service unavailable\), 6 times in a row; see its log", 6),
        ("unavailable", "gharial", r"is not available \(service unavailable\), 6 times in a row; see its log", 6),
        ("queue-full", "cursor-create", r"is not available \(HTTP 503: queue is full\), 6 times", 6),
        ("bad-gateway", "cursor-next", r"is not available \(HTTP 502: Bad Gateway\), 6 times", 6),
        ("truncate", "cursor-next", r"broke off while we tried to read candles, 6 times", 6),
        ("killed", "cursor-next", r"A query to read candles was killed in .*, 3 times in a row; see who or which", 3),
        ("expire", "cursor-next", r"lost the cursor of a query to read candles, 3 times in a row", 3),
        ("memory", "cursor-next", r"had to read candles and reached its limit of memory .*; raise --query", 1),
    ],
)
def test_lasting_fault_ends_the_load(
    spoiled_market: StandInGraph, kind: Kind, endpoint: Endpoint, sentence: str, hits: int
) -> None:
    """A fault that stays is given up after a bounded number of attempts, in a sentence that says what to do."""
    collection = None if endpoint == "gharial" else "candles"
    fault = spoiled_market.server.faults.add(Fault(kind, When(endpoint, collection, times=ALWAYS)))
    with pytest.raises(ServiceError, match=sentence) as raised:
        spoiled_market.load(EVERYTHING)
    assert raised.value.exit_code == 4
    assert fault.num_hits == hits


def test_slow_server_is_given_up(spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """A response that never comes is given up."""
    spoiled_market.server.faults.add(Fault("slow", When("gharial", times=ALWAYS), seconds=FOREVER_S))
    monkeypatch.setattr(patience, "READ_TIMEOUT_S", 0.1)
    monkeypatch.setattr(patience, "ATTEMPTS", 2)
    with pytest.raises(ServiceError, match="did not answer in time to look up the graph, 2 times in a row"):
        spoiled_market.load()


def test_refused_connection_is_named(spoiled_market: StandInGraph) -> None:
    """A server that is not there is named with its address."""
    with (
        spoiled_market.server.offline(),
        pytest.raises(ServiceError, match=r"http://127\.0\.0\.1:\d+ cannot be reached \(connection refused\), 6 times"),
    ):
        spoiled_market.load()


def test_retries_end_in_time(spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many attempts are left, after the time limit there is no other one."""
    spoiled_market.server.faults.add(Fault("unavailable", When("gharial", times=ALWAYS)))
    monkeypatch.setattr(patience, "ATTEMPTS", 1_000_000)
    monkeypatch.setattr(patience, "TOTAL_S", 0.5)
    with pytest.raises(ServiceError, match="not available"):
        spoiled_market.load()


def test_stop_ends_the_load_at_once(spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `progress` raises comes out while the server is still thinking, and open cursors are closed."""

    def stop(vertices: int, edges: int) -> None:
        if vertices > NUM_CANDLES // 2:
            raise StopRequested

    spoiled_market.server.faults.add(Fault("slow", When("cursor-next", "candles", 4), seconds=0.5))
    monkeypatch.setattr(patience, "READ_TIMEOUT_S", FOREVER_S)
    with pytest.raises(StopRequested):
        spoiled_market.load(progress=stop)
    deadline = time.monotonic() + LONG_S
    while spoiled_market.server.num_open_cursors and time.monotonic() < deadline:
        time.sleep(0.02)
    assert spoiled_market.server.num_open_cursors == 0


def test_stop_ends_a_load_that_waits_for_the_server(
    spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop does not wait for a server that does not answer."""

    def stop(vertices: int, edges: int) -> None:
        raise StopRequested

    spoiled_market.server.faults.add(Fault("slow", When("gharial"), seconds=FOREVER_S))
    monkeypatch.setattr(patience, "READ_TIMEOUT_S", FOREVER_S)
    with pytest.raises(StopRequested):
        spoiled_market.load(progress=stop)


def test_one_failed_collection_ends_all(spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection that cannot be read ends the load although another one is still on its way."""
    spoiled_market.server.faults.add(Fault("slow", When("cursor-create", "candles", times=ALWAYS), seconds=FOREVER_S))
    spoiled_market.server.faults.add(Fault("memory", When("cursor-create", "pairs")))
    monkeypatch.setattr(patience, "READ_TIMEOUT_S", FOREVER_S)
    with pytest.raises(ServiceError, match="read pairs"):
        spoiled_market.load()


def test_dropped_collection_is_data(spoiled_market: StandInGraph) -> None:
    """A collection that the graph names and the database lacks is an error in the data."""
    del spoiled_market.server.databases["market"].collections["of"]
    with pytest.raises(DataError, match=r"cannot read of: the database 'market' has no such collection") as raised:
        spoiled_market.load()
    assert raised.value.exit_code == 3
