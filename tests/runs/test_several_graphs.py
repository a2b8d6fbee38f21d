"""Several graphs in one run: the days of a market, learned from together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import write_collection
from tests.runs.here import Run, assert_same_predictions, assert_same_weights, finished_here, run_here
from tests.runs.market import Market, draw_market, joined, renamed

DAYS = ("market_2024_06_01", "market_2024_06_02", "market_2024_06_03")
WHOLE = "market_of_all_days"
CANDLES_A_DAY = 60
SYMBOLS = ("btc", "eth")
MEASURES = ("num", "loss", "accuracy", "f1_macro", "roc_auc")


def days() -> list[Market]:
    """Three days one after the other, each with levels of its own."""
    return [
        draw_market(SYMBOLS, CANDLES_A_DAY, seed=day, first=day * CANDLES_A_DAY) for day, _ in enumerate(DAYS, start=1)
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dump with a graph for each day, and one graph of the same documents in one set of collections."""
    folder = tmp_path_factory.mktemp("days") / "dump"
    drawn = days()
    whole = joined(drawn)
    graphs = [{"_key": WHOLE, "edgeDefinitions": whole.definitions(), "orphanCollections": []}]
    whole.write_collections(folder)
    for name, market in zip(DAYS, drawn, strict=True):
        of_the_day = renamed(market, name.removeprefix("market"))
        of_the_day.write_collections(folder)
        graphs.append({"_key": name, "edgeDefinitions": of_the_day.definitions(), "orphanCollections": []})
    write_collection(folder, "_graphs", graphs)
    return folder


def train(out: Path, folder: Path, graph_name: str, *flags: str) -> Run:
    always = ("--target", "price_up", "--epochs", "4", "--hidden_channels", "16", "--save_predictions", "true")
    return finished_here(out, "--graph_path", folder, "--graph_name", graph_name, *always, *flags)


@pytest.mark.parametrize("model", ["GraphSAGE", "GAT", "GCN", "GIN"])
def test_three_days_equal_the_one_graph_made_of_them(tmp_path: Path, folder: Path, model: str) -> None:
    """Metrics, weights and predictions do not depend on whether the days were one graph before or became one."""
    apart = train(tmp_path / "apart", folder, ",".join(DAYS), "--model_type", model)
    whole = train(tmp_path / "whole", folder, WHOLE, "--model_type", model)
    mine, theirs = apart.metrics, whole.metrics
    assert mine["split"]["counts"] == theirs["split"]["counts"]
    for part in ("train", "val", "test"):
        one, other = mine["metrics"][part], theirs["metrics"][part]
        assert one["confusion_matrix"] == other["confusion_matrix"]
        assert {name: one[name] for name in MEASURES} == pytest.approx({name: other[name] for name in MEASURES})
    assert [record["loss"] for record in mine["history"]] == pytest.approx(
        [record["loss"] for record in theirs["history"]], abs=1e-5
    )
    assert_same_predictions(apart, whole)


def test_the_order_of_the_names_changes_nothing(tmp_path: Path, folder: Path) -> None:
    """Days named backwards are the same days."""
    forwards = train(tmp_path / "forwards", folder, ",".join(DAYS))
    backwards = train(tmp_path / "backwards", folder, ",".join(reversed(DAYS)))
    assert_same_weights(forwards, backwards)
    assert_same_predictions(forwards, backwards, tolerance=0.0)


def test_the_counts_are_those_of_all_days(tmp_path: Path, folder: Path) -> None:
    """Vertices and edges of the run are the sums over its graphs."""
    drawn = days()
    graph = train(tmp_path, folder, ",".join(DAYS)).metrics["graph"]
    assert graph["vertices"] == sum(market.num_vertices for market in drawn)
    assert graph["edges"] == sum(market.num_edges for market in drawn)


def test_a_graph_named_twice_counts_once(tmp_path: Path, folder: Path) -> None:
    """GRAPH_NAME=a,a is GRAPH_NAME=a."""
    twice = train(tmp_path, folder, f"{DAYS[0]},{DAYS[0]}").metrics
    assert twice["graph_name"] == DAYS[0]
    assert twice["graph"]["vertices"] == days()[0].num_vertices


def test_two_graphs_on_the_same_collections_read_them_once(tmp_path: Path, folder: Path) -> None:
    """A graph and one of its days share no collection here, a graph and its copy share all."""
    import json

    (path,) = folder.glob("_graphs_*.data.json")
    graphs = [json.loads(line) for line in path.read_text().splitlines()]
    copy = graphs[0] | {"_key": "copy"}
    other = tmp_path / "dump"
    other.mkdir()
    for file in folder.iterdir():
        (other / file.name).write_bytes(file.read_bytes())
    write_collection(other, "_graphs", [*graphs, copy])
    once = train(tmp_path / "once", other, WHOLE)
    both = train(tmp_path / "both", other, f"{WHOLE},copy")
    assert both.metrics["graph"]["vertices"] == once.metrics["graph"]["vertices"]
    assert both.metrics["graph"]["edges"] == once.metrics["graph"]["edges"]


def test_split_by_graph_keeps_days_whole(tmp_path: Path, folder: Path) -> None:
    """SPLIT=graph: the vertices of one day are all in one part, and every part has a day."""
    run = train(tmp_path, folder, ",".join(DAYS), "--split", "graph", "--val_ratio", "0.33", "--test_ratio", "0.33")
    parts: dict[str, set[str]] = {}
    for _id, row in run.predictions.items():
        if row["part"] in ("train", "val", "test"):
            parts.setdefault(_id.partition("/")[0].split("_5m_")[1], set()).add(row["part"])
    assert sorted(parts) == ["2024_06_01", "2024_06_02", "2024_06_03"]
    assert sorted(next(iter(found)) for found in parts.values() if len(found) == 1) == ["test", "train", "val"]


def test_split_in_time_goes_over_the_whole(tmp_path: Path, folder: Path) -> None:
    """Without SPLIT the days are cut in time: the last day is tested, the first one is trained on."""
    run = train(tmp_path, folder, ",".join(DAYS))
    assert run.metrics["split"]["method"] == "temporal"
    by_part: dict[str, set[str]] = {}
    for _id, row in run.predictions.items():
        by_part.setdefault(row["part"], set()).add(_id.partition("/")[0].split("_5m_")[1])
    assert by_part["test"] == {"2024_06_03"}
    assert "2024_06_01" in by_part["train"]


@pytest.mark.parametrize("size", ["1", "2"])
def test_batches_of_whole_graphs_learn(tmp_path: Path, folder: Path, size: str) -> None:
    """BATCH_SIZE without NUM_NEIGHBORS: graphs per batch; several steps an epoch learn more than one."""
    flags = ("--split", "random")
    whole = train(tmp_path / "whole", folder, ",".join(DAYS), *flags)
    batched = train(tmp_path / "batched", folder, ",".join(DAYS), *flags, "--batch_size", size)
    assert batched.metrics["history"][-1]["loss"] < whole.metrics["history"][-1]["loss"]


def test_one_batch_of_all_graphs_is_full_batch(tmp_path: Path, folder: Path) -> None:
    """BATCH_SIZE=3 with three graphs is the whole at once."""
    whole = train(tmp_path / "whole", folder, ",".join(DAYS))
    batched = train(tmp_path / "batched", folder, ",".join(DAYS), "--batch_size", "3")
    assert_same_weights(whole, batched, tolerance=1e-5)
    assert_same_predictions(whole, batched)


def test_unknown_second_graph_is_named(tmp_path: Path, folder: Path) -> None:
    """One name that is not there ends the run with the names that are."""
    run = run_here(tmp_path, "--graph_path", folder, "--graph_name", f"{DAYS[0]},market_2024_06_31", "--target", "y")
    assert run.exit_code == 3
    assert "'market_2024_06_31'" in run.sentence
    assert DAYS[1] in run.sentence
