"""Runs on times in any spelling: one split, from a folder and from ArangoDB, and a word where a time cannot be read."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import EXAMPLE, ROOT, write_collection, write_graph
from tests.graph.arango.served import PASSWORD, serve_stand_in
from tests.runs.here import Run, finished_here, learned, predicted_here, run_here

CANDLES = ROOT.parent / "shared" / "data" / "eth_graph_5m_2018_01"
MOSCOW = timezone(timedelta(hours=3))
Spelling = Callable[[datetime], object]
SPELLINGS: dict[str, Spelling] = {
    "Z": lambda t: f"{t:%Y-%m-%dT%H:%M:%SZ}",
    "UTC": lambda t: f"{t:%Y-%m-%d %H:%M:%S} UTC",
    "slashes": lambda t: f"{t:%Y/%m/%d %H:%M:%S}",
    "offset": lambda t: t.astimezone(MOSCOW).isoformat(timespec="milliseconds"),
    "compact": lambda t: f"{t:%Y%m%dT%H%M%SZ}",
    "calendar number": lambda t: int(f"{t:%Y%m%d%H%M}"),
    "epoch as text": lambda t: str(int(t.timestamp())),
}
MANY = pytest.mark.parametrize("spelling", SPELLINGS)


def respelled(source: Path, target: Path, spell: Spelling) -> Path:
    """A dump whose `ts` in milliseconds are spelled otherwise."""
    for path in source.glob("*.structure.json"):
        parameters = json.loads(path.read_text())["parameters"]
        (data,) = source.glob(path.name.replace(".structure.json", ".data.json*"))
        documents = [json.loads(line) for line in gzip.decompress(data.read_bytes()).splitlines() if line]
        for document in documents:
            if "ts" in document:
                document["ts"] = spell(datetime.fromtimestamp(document["ts"] / 1000, UTC))
        write_collection(target, parameters["name"], documents, edge=parameters["type"] == 3, compress=True)
    return target


def outcome(run: Run) -> dict[str, Any]:
    """What was learned and on which parts; of the split, all but the unit that times are stored in."""
    result = learned(run)
    del result["split"]["time_unit"]
    return result


def assert_same_with_texts(tmp_path: Path, source: Path, name: str, spelling: str) -> None:
    flags = ("--graph_name", name, "--target", "price_up", "--epochs", "2")
    numbers = finished_here(tmp_path / "numbers", "--graph_path", source, *flags)
    folder = respelled(source, tmp_path / "dump", SPELLINGS[spelling])
    texts = finished_here(tmp_path / "texts", "--graph_path", folder, *flags)
    assert outcome(texts) == outcome(numbers)
    assert texts.metrics["split"]["method"] == "temporal"


@MANY
def test_example_learns_the_same_in_every_spelling(tmp_path: Path, spelling: str) -> None:
    """The same split and the same measures as with numbers."""
    assert_same_with_texts(tmp_path, EXAMPLE, "market_5m", spelling)


@pytest.mark.skipif(not CANDLES.is_dir(), reason="the real candles are not beside this checkout")
@MANY
def test_real_candles_learn_the_same_in_every_spelling(tmp_path: Path, spelling: str) -> None:
    """January 2018 of ETH/BTC."""
    assert_same_with_texts(tmp_path, CANDLES, CANDLES.name, spelling)


def test_model_predicts_the_same_of_a_graph_in_another_spelling(tmp_path: Path) -> None:
    """MESSAGES=causal needs the times of the other graph, too."""
    flags = ("--graph_name", "market_5m", "--target", "price_up", "--epochs", "1", "--messages", "causal")
    finished_here(tmp_path / "model", "--graph_path", EXAMPLE, *flags)
    texts = respelled(EXAMPLE, tmp_path / "dump", SPELLINGS["UTC"])
    one, other = (
        predicted_here(tmp_path / name, "--model", tmp_path / "model" / "m.pt", "--graph_path", folder, *flags[:2])
        for name, folder in (("numbers", EXAMPLE), ("texts", texts))
    )
    assert one.predictions == other.predictions


START = datetime(2024, 6, 1, tzinfo=UTC)
MOMENTS = [START + timedelta(minutes=5 * n) for n in range(60)]
PARTS = {
    "train_start": "2024-06-01T00:00:00+00:00",
    "train_end": "2024-06-01T03:25:00+00:00",
    "val_start": "2024-06-01T03:30:00+00:00",
    "val_end": "2024-06-01T04:10:00+00:00",
    "test_start": "2024-06-01T04:15:00+00:00",
    "test_end": "2024-06-01T04:55:00+00:00",
}


def write_documents(folder: Path, attributes: Sequence[Mapping[str, Any]]) -> Path:
    """A graph `g` of vertices `v` in a row, each with a number, a label and these attributes."""
    documents = [
        {"_key": f"k{n:03}", "a": (n * 37 % 11) / 3, "price_up": n * 5 // 2 % 2, **more}
        for n, more in enumerate(attributes)
    ]
    edges = [{"_key": str(n), "_from": f"v/k{n - 1:03}", "_to": f"v/k{n:03}"} for n in range(1, len(documents))]
    write_collection(folder, "v", documents)
    write_collection(folder, "e", edges, edge=True)
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    return folder


def both_sources(tmp_path: Path, attributes: Sequence[Mapping[str, Any]], *flags: str) -> tuple[Run, Run]:
    """A run on the folder, and one on a database that was filled from it."""
    folder = write_documents(tmp_path / "dump", attributes)
    usual = ("--graph_name", "g", "--epochs", "1", *flags)
    one = run_here(tmp_path / "from_folder", "--graph_path", folder, *usual)
    with serve_stand_in(folder) as served:
        env = {"ARANGO_URL": served.url, "ARANGO_DB": served.database, "ARANGO_PASSWORD": PASSWORD}
        return one, run_here(tmp_path / "from_database", *usual, env=env)


def named(name: str, values: Sequence[object]) -> list[dict[str, object]]:
    return [{name: value} for value in values]


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


GOOD: dict[str, list[dict[str, object]]] = {
    "time zone as a word": named("ts", [f"{t:%Y-%m-%d %H:%M:%S} UTC" for t in MOMENTS]),
    "camel case": [{"openTime": ms(t), "closeTime": ms(t) + 299_999} for t in MOMENTS],
    "camel case of texts": named("eventTime", [t.isoformat() for t in MOMENTS]),
    "unit in the name": named("timestamp_ms", [ms(t) for t in MOMENTS]),
    "texts under a name with a zone": named("time_utc", [f"{t:%Y/%m/%d %H:%M}" for t in MOMENTS]),
    "created": named("createdAt", [t.isoformat() for t in MOMENTS]),
    "milliseconds, then microseconds": named(
        "open_time", [ms(t) * (1000 if n >= 20 else 1) for n, t in enumerate(MOMENTS)]
    ),
    "seconds, then nanoseconds": named(
        "ts", [ms(t) // 1000 if n < 40 else ms(t) * 10**6 for n, t in enumerate(MOMENTS)]
    ),
    "calendar numbers": named("ts", [int(f"{t:%Y%m%d%H%M}") for t in MOMENTS]),
}


@pytest.mark.parametrize("case", GOOD)
def test_times_divide_the_vertices(tmp_path: Path, case: str) -> None:
    """Past, validation and test, and no time among the features, from both sources."""
    for run in both_sources(tmp_path, GOOD[case]):
        assert run.exit_code == 0, run.stderr
        assert run.metrics["split"]["method"] == "temporal"
        assert run.metrics["split"]["boundaries"] == PARTS
        assert [feature["name"] for feature in run.metrics["features"]] == ["a"]


LOST: dict[str, object] = {
    "word": "n/a",
    "year 1": "0001-01-01T00:00:00+03:00",
    "year 9999": "9999-12-31T23:59:59-05:00",
    "1970": "1970-01-01T00:00:00Z",
    "another spelling": "June 2024",
}


@pytest.mark.parametrize("case", LOST)
def test_one_value_that_is_no_time(tmp_path: Path, case: str) -> None:
    """It is counted and named, and its vertex is in no part; the others are divided in time."""
    values = [t.isoformat() for t in MOMENTS]
    values.insert(17, str(LOST[case]))
    for run in both_sources(tmp_path, named("ts", values)):
        assert run.exit_code == 0, run.stderr
        assert run.metrics["split"]["boundaries"] == PARTS
        assert run.metrics["split"]["counts"]["unassigned"] == 1
        told = [warning for warning in run.metrics["graph"]["warnings"] if repr(LOST[case]) in warning]
        assert len(told) == 1
        assert "in v (1 of 61 vertices)" in told[0]


@pytest.mark.parametrize("value", ["31/05/2024 12:00", {"seconds": 1}, 1e308, "9999-12-31", "noon"])
def test_time_that_cannot_be_read_is_refused_unless_the_split_is_asked_for(tmp_path: Path, value: object) -> None:
    """A sentence that names it and the ways out; SPLIT=random is one of them."""
    for run in both_sources(tmp_path / "auto", named("ts", [value] * 60)):
        assert run.exit_code == 3
        assert "'ts' of v" in run.sentence
        assert "TIME_FIELD" in run.sentence
        assert "SPLIT=random" in run.sentence
    for run in both_sources(tmp_path / "random", named("ts", [value] * 60), "--split", "random"):
        assert run.exit_code == 0, run.stderr
        assert run.metrics["split"]["method"] == "random"
        assert [w for w in run.metrics["graph"]["warnings"] if w.startswith("'ts' of v")]


@pytest.mark.parametrize("name", ["lastFill", "expiry", "seen_ms", "settlement"])
def test_epochs_that_are_not_the_time_are_no_feature(tmp_path: Path, name: str) -> None:
    """They would tell the model when it is; they are named in a warning."""
    attributes = [{"ts": ms(t), name: ms(t) + 86_400_000 + n % 7} for n, t in enumerate(MOMENTS)]
    for run in both_sources(tmp_path, attributes):
        assert [feature["name"] for feature in run.metrics["features"]] == ["a"]
        assert [
            w for w in run.metrics["graph"]["warnings"] if w.startswith(f"{name!r} of v: numbers like those of times")
        ]


@pytest.mark.parametrize("factor", [1, 1000])
def test_embargo_counts_in_the_unit_that_times_are_stored_in(tmp_path: Path, factor: int) -> None:
    """Ten minutes are 600 in seconds and 600,000 in milliseconds; for texts they are 600."""
    stored = named("ts", [ms(t) // 1000 * factor for t in MOMENTS])
    folder = write_documents(tmp_path / "numbers", stored)
    texts = write_documents(tmp_path / "texts", named("ts", [f"{t:%Y-%m-%d %H:%M:%S.500}" for t in MOMENTS]))
    flags = ("--graph_name", "g", "--epochs", "1", "--embargo")
    one = finished_here(tmp_path / "one", "--graph_path", folder, *flags, 600 * factor).metrics["split"]
    other = finished_here(tmp_path / "other", "--graph_path", texts, *flags, 600).metrics["split"]
    assert one["counts"] == other["counts"]
    assert one["counts"]["embargo"] == 4
