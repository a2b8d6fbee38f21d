"""What was made of a graph reaches whoever reads the log or metrics.json."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import EXAMPLE, RunMain, write_collection, write_graph
from tests.runs.here import finished_here

FLAGS = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up", "--epochs", 1)


def test_the_log_and_the_record_hold_one_list(tmp_path: Path) -> None:
    """One record of the JSON log has a few lines for a person, and the list of metrics.json for a program."""
    run = finished_here(tmp_path, *FLAGS)
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    (logged,) = [line for line in lines if "decisions" in line]
    assert logged["level"] == "INFO"
    assert logged["decisions"] == run.metrics["graph"]["decisions"]
    first, *sentences = logged["message"].splitlines()
    assert first == "What was made of the graph:"
    assert [sentence.split(":")[0].strip() for sentence in sentences] == ["candles_5m", "Relations", "Label", "Split"]
    assert "time ts (ms); 9 features: close, ema_20, high" in sentences[0]
    assert "left out: interval, symbol (holds texts), future_volatility (named like a label)." in sentences[0]
    assert (
        sentences[2].strip() == "Label: price_up of candles_5m, binary; 4,310 vertices have one: 0 (2,106), 1 (2,204)."
    )
    assert "train 3,010 (2024-06-01T00:00:00+00:00 to 2024-06-02T01:00:00+00:00)" in sentences[3]


def test_a_log_for_people_has_the_lines_alone(run_main: RunMain) -> None:
    """No structure among them."""
    run = run_main(*map(str, FLAGS), "--log_format", "text", "--output_path", "m.pt")
    assert "  Relations: leads_5m (candles_5m to candles_5m, 6,034 edges).\n" in run.stdout
    assert "{" not in run.stdout


def test_a_record_of_the_log_stays_small(tmp_path: Path) -> None:
    """Of very many attributes it has the first, and how many there are."""
    vertices = [
        {"_key": str(n), "y": n % 2} | {f"a{number:03}": (n * number) % 7 for number in range(1, 301)}
        for n in range(20)
    ]
    write_collection(tmp_path / "dump", "v", vertices)
    write_collection(tmp_path / "dump", "e", [{"_key": "1", "_from": "v/1", "_to": "v/2"}], edge=True)
    write_graph(tmp_path / "dump", "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    run = finished_here(tmp_path / "out", "--graph_path", tmp_path / "dump", "--graph_name", "g", "--epochs", 1)
    (logged,) = [line["decisions"] for line in map(json.loads, run.stdout.splitlines()) if "decisions" in line]
    assert (len(logged["attributes"]), logged["num_attributes"]) == (200, 301)
    assert len(run.metrics["graph"]["decisions"]["attributes"]) == 301
    assert len(json.dumps(logged)) < 50_000
