"""Mini-batches with sampled neighbours, over the real command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import EXAMPLE
from tests.runs.here import Run, assert_same_predictions, assert_same_weights, finished_here, predicted_here
from tests.runs.market import GRAPH, draw_market

MODELS = ("GraphSAGE", "GAT", "GCN", "GIN")
EVERYTHING = ("--batch_size", "1000000", "--num_neighbors", "-1")
HOMOGENEOUS = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--features", "price_change", "rsi")


@pytest.fixture(scope="module")
def heterogeneous(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    """The flags that name a market of several collections."""
    folder = tmp_path_factory.mktemp("market") / "dump"
    draw_market(("btc", "eth", "sol"), num_candles=90).write(folder)
    return ("--graph_path", folder, "--graph_name", GRAPH)


def train(out: Path, *flags: object) -> Run:
    always = ("--target", "price_up", "--epochs", "3", "--hidden_channels", "16", "--save_predictions", "true")
    return finished_here(out, *always, *flags)


def assert_same_losses(one: Run, other: Run) -> None:
    """Training and validation losses of every epoch agree to 1e-5."""
    for mine, theirs in zip(one.metrics["history"], other.metrics["history"], strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], abs=1e-5)
        assert mine["val_loss"] == pytest.approx(theirs["val_loss"], abs=1e-5)


@pytest.mark.parametrize("kind", ["homogeneous", "heterogeneous"])
@pytest.mark.parametrize("model", MODELS)
def test_one_batch_with_all_neighbours_is_full_batch(
    tmp_path: Path, heterogeneous: tuple[object, ...], model: str, kind: str
) -> None:
    """NUM_NEIGHBORS=-1 and a batch that holds everything: losses and predictions as in full batch, to 1e-5."""
    flags = (*(HOMOGENEOUS if kind == "homogeneous" else heterogeneous), "--model_type", model)
    full = train(tmp_path / "full", *flags)
    sampled = train(tmp_path / "sampled", *flags, *EVERYTHING)
    assert_same_losses(full, sampled)
    assert_same_predictions(full, sampled)
    # Adam makes full steps of gradients that are nothing but rounding, such as those of an attention that decides nothing.
    assert_same_weights(full, sampled, tolerance=1e-3)


def test_one_seed_draws_the_same_neighbours(tmp_path: Path, heterogeneous: tuple[object, ...]) -> None:
    """Two sampled runs with one seed leave equal weights; another seed does not."""
    flags = (*heterogeneous, "--batch_size", "50", "--num_neighbors", "2")
    one, same = (train(tmp_path / name, *flags, "--seed", "5") for name in ("one", "same"))
    other = train(tmp_path / "other", *flags, "--seed", "6")
    assert_same_weights(one, same)
    assert one.metrics["history"] != other.metrics["history"]


def test_batches_see_every_training_vertex(tmp_path: Path, heterogeneous: tuple[object, ...]) -> None:
    """With small batches an epoch takes several steps, and learns more than one step of the full batch does."""
    full = train(tmp_path / "full", *heterogeneous).metrics["history"]
    small = train(tmp_path / "small", *heterogeneous, "--batch_size", "32").metrics["history"]
    assert small[-1]["loss"] < full[-1]["loss"]


def test_evaluation_is_exact(tmp_path: Path, heterogeneous: tuple[object, ...]) -> None:
    """What a sampled run reports of its model is what `predict` finds with all neighbours: drawing ends with training."""
    run = train(tmp_path / "run", *heterogeneous, "--batch_size", "40", "--num_neighbors", "2")
    again = predicted_here(tmp_path / "again", "--model", run.folder / "m.pt", *heterogeneous)
    assert_same_predictions(run, again, tolerance=1e-6, parts=False)
