"""Graphs of several collections, and several graphs, with the services around the run."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator

import pytest

from tests.jobs.world import SECRETS, World, assert_well_told
from tests.runs.market import GRAPH, Market, draw_market, renamed
from tests.standins.arango import ArangoStandIn, Collection, Database, User

DAYS = ("market_2024_06_01", "market_2024_06_02", "market_2024_06_03")
NUM_CANDLES = 60
SHORT = {"EPOCHS": "2", "MODEL_TYPE": "GraphSAGE", "TARGET": "price_up"}


def database() -> Database:
    """One market under its own name, and three days in collections of their own."""
    markets = {GRAPH: draw_market(("btc", "eth"), NUM_CANDLES)}
    for day, name in enumerate(DAYS, start=1):
        drawn = draw_market(("btc", "eth"), NUM_CANDLES, seed=day, first=day * NUM_CANDLES)
        markets[name] = renamed(drawn, name.removeprefix("market"))
    collections: dict[str, Collection] = {}
    for market in markets.values():
        collections |= {name: Collection(2, documents) for name, documents in market.vertices.items()}
        collections |= {name: Collection(3, edges) for name, edges in market.edges.items()}
    return Database(collections, [_named(name, market) for name, market in markets.items()])


def _named(name: str, market: Market) -> dict[str, object]:
    return {"name": name, "edgeDefinitions": market.definitions(), "orphanCollections": []}


@pytest.fixture
def arango() -> Iterator[ArangoStandIn]:
    """A database with the market and its days."""
    with ArangoStandIn({"streamforge": database()}, {"root": User(SECRETS["ARANGO_PASSWORD"])}, seed=5) as server:
        yield server


def predicted(world: World) -> list[dict[str, str]]:
    """The rows of the stored predictions."""
    content = gzip.decompress(world.stored()["/predictions.csv.gz"]).decode()
    return list(csv.DictReader(io.StringIO(content)))


def test_a_market_over_all_services(world: World) -> None:
    """Several collections out of ArangoDB, events on Kafka, and four artifacts in S3."""
    ended = world.run(**SHORT, GRAPH_NAME=GRAPH, SAVE_PREDICTIONS="true")
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    assert sorted(world.stored()) == [".pt", "/metrics.json", "/predictions.csv.gz", "/report.html"]
    assert_well_told(world.events(), "finished")
    assert len(predicted(world)) == 2 * NUM_CANDLES
    read = [record.json["bindVars"]["@c"] for record in world.arango.log if record.path == "/_api/cursor"]
    assert set(read) == {
        *("candles_btcusdt_5m", "candles_ethusdt_5m", "levels_sr"),
        *("next_btcusdt_5m", "next_ethusdt_5m", "candle_to_level"),
    }


def test_three_days_in_one_job(world: World) -> None:
    """GRAPH_NAME=a,b,c: one model of all days, and every event names them."""
    ended = world.run(**SHORT, GRAPH_NAME=", ".join(DAYS), SPLIT="graph", VAL_RATIO="0.33", TEST_RATIO="0.33")
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    events = world.events()
    assert_well_told(events, "finished")
    assert {event["graph_name"] for event in events} == {",".join(DAYS)}
    counts = world.metrics()["split"]["counts"]
    labelled = 2 * (NUM_CANDLES - 1)
    assert all(abs(counts[part] - labelled) <= 2 for part in ("train", "val", "test")), counts


def test_a_day_that_is_not_there_is_named(world: World) -> None:
    """One unknown graph of three ends the run with the names that there are."""
    ended = world.run(**SHORT, GRAPH_NAME=f"{DAYS[0]},market_2024_06_31")
    assert ended.exit_code == 3, ended.stderr + ended.stdout
    assert "'market_2024_06_31'" in ended.last_error_line
    assert DAYS[1] in ended.last_error_line
    assert_well_told(world.events(), "error")


def test_stop_between_batches_keeps_what_was_learned(world: World) -> None:
    """A stop command ends sampled training like any other: the model and its predictions are stored."""
    sampled = {"BATCH_SIZE": "8", "NUM_NEIGHBORS": "4,4", "EPOCHS": "100000", "SAVE_PREDICTIONS": "true"}
    run = world.start(**SHORT | sampled, GRAPH_NAME=GRAPH)
    run.wait_for("training")
    world.send({"command": "stop", "queue_id": world.queue_id})
    ended = run.wait()
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    assert_well_told(world.events(), "interrupted")
    assert world.metrics()["stop_reason"] == "stop command"
    assert len(predicted(world)) == 2 * NUM_CANDLES
