"""A market of ten vertex collections and nine edge collections trains with every model, in both ways, from both sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.graph.arango.served import PASSWORD, StandInGraph, serve_stand_in
from tests.runs.here import Run, assert_same_predictions, assert_same_weights, finished_here, learned
from tests.runs.market import GRAPH, SYMBOLS, Market, draw_market

MODELS = ("GraphSAGE", "GAT", "GCN", "GIN")
WAYS: dict[str, tuple[str, ...]] = {
    "full batch": (),
    "sampled": ("--batch_size", "256", "--num_neighbors", "8", "4"),
}
FLAGS = ("--graph_name", GRAPH, "--target", "price_up", "--epochs", "3", "--hidden_channels", "16", "--heads", "2")


@pytest.fixture(scope="module")
def market() -> Market:
    """The documents of the market."""
    return draw_market()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, market: Market) -> Path:
    """The market as a dump folder."""
    folder = tmp_path_factory.mktemp("market") / "dump"
    market.write(folder)
    return folder


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[StandInGraph]:
    """The market in a database."""
    with serve_stand_in(folder) as graph:
        yield graph


def from_folder(out: Path, folder: Path, *flags: str) -> Run:
    return finished_here(out, *FLAGS, "--graph_path", folder, *flags)


def from_arango(out: Path, served: StandInGraph, *flags: str) -> Run:
    env = {"ARANGO_URL": served.url, "ARANGO_DB": served.database, "ARANGO_PASSWORD": PASSWORD}
    return finished_here(out, *FLAGS, *flags, env=env)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("model", MODELS)
def test_both_sources_give_the_same_model(
    tmp_path: Path, folder: Path, served: StandInGraph, model: str, way: str
) -> None:
    """From the folder and from the database, metrics and weights are equal, byte for byte."""
    flags = ("--model_type", model, *WAYS[way])
    one = from_folder(tmp_path / "folder", folder, *flags)
    other = from_arango(tmp_path / "arango", served, *flags)
    assert learned(one) == learned(other)
    assert_same_weights(one, other)


def test_every_document_is_counted(tmp_path: Path, folder: Path, market: Market) -> None:
    """The metrics name each collection with its documents, and the totals are their sums."""
    graph = from_folder(tmp_path, folder).metrics["graph"]
    assert {name: facts["vertices"] for name, facts in graph["vertex_collections"].items()} == {
        name: len(documents) for name, documents in market.vertices.items()
    }
    assert {name: facts["edges"] for name, facts in graph["edge_collections"].items()} == {
        name: len(documents) for name, documents in market.edges.items()
    }
    assert (graph["vertices"], graph["edges"]) == (market.num_vertices, market.num_edges)


def test_every_candle_is_in_one_part(tmp_path: Path, folder: Path) -> None:
    """The candles of all symbols carry the target together: the parts and the unlabelled add up to them."""
    counts = from_folder(tmp_path, folder).metrics["split"]["counts"]
    assert sum(counts.values()) == 150 * len(SYMBOLS)
    assert counts["unlabelled"] == 3 * len(SYMBOLS)


@pytest.mark.parametrize("way", WAYS)
def test_what_only_the_levels_know_is_learned(tmp_path: Path, folder: Path, way: str) -> None:
    """The label follows from the level's strength: with the levels' messages a model is far better than without a graph."""
    run = from_folder(tmp_path, folder, *WAYS[way], "--epochs", "30").metrics
    assert run["baselines"]["linear"]["test"]["accuracy"] < 0.6
    assert run["metrics"]["test"]["accuracy"] > 0.75


def test_weights_of_the_edges_reach_the_model(tmp_path: Path, folder: Path) -> None:
    """With EDGE_WEIGHT a GCN learns something else than without."""
    runs = [
        from_folder(tmp_path / name, folder, "--model_type", "GCN", *flags).metrics["history"][-1]["loss"]
        for name, flags in (("without", ()), ("with", ("--edge_weight", "weight")))
    ]
    assert runs[0] != runs[1]


def test_predictions_are_those_of_both_sources(tmp_path: Path, folder: Path, served: StandInGraph) -> None:
    """`predictions.csv.gz` holds every candle once, labelled or not, the same from folder and database."""
    one = from_folder(tmp_path / "folder", folder, "--save_predictions", "true")
    other = from_arango(tmp_path / "arango", served, "--save_predictions", "true")
    assert len(one.predictions) == 150 * len(SYMBOLS)
    assert {_id.partition("/")[0] for _id in one.predictions} == {f"candles_{symbol}usdt_5m" for symbol in SYMBOLS}
    assert_same_predictions(one, other, tolerance=0.0)
