"""Learning in batches: with all neighbours it is learning in full batch, and it is the same again whenever it is broken off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.composed import fit
from tests.conftest import make_settings
from tests.training.conftest import NUM, fitting, flat, run_fit
from tests.training.test_fit import assert_equal
from tests.training.test_stopping import StopAtLook
from tests.training.typed import dense_dataset, typed_dataset
from trainer.dataset.dataset import Dataset
from trainer.errors import DataError
from trainer.frameworks.open import open_backend
from trainer.process.stop import STOP_COMMAND
from trainer.registry.models import MODELS
from trainer.sampling import batch_plan
from trainer.training.checkpoint import Checkpointer
from trainer.training.fingerprint import fingerprint
from trainer.training.result import FitResult
from trainer.training.state import TrainingState, read_state

Make = Callable[..., Dataset]
GRAPHS: dict[str, Make] = {"one relation": dense_dataset, "several types": typed_dataset}


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The evaluation goes in several pieces, as it does on large graphs."""
    monkeypatch.setattr(batch_plan, "MAX_PIECE", 150)


@pytest.fixture(params=list(GRAPHS.values()), ids=list(GRAPHS))
def make(request: pytest.FixtureRequest) -> Make:
    """A dataset of each form."""
    made: Make = request.param
    return made


def assert_close(one: FitResult, other: FitResult) -> None:
    """The same losses in each epoch and the same outputs, but for rounding."""
    for record, expected in zip(one.history, other.history, strict=True):
        assert record.loss == pytest.approx(expected.loss, rel=1e-5, abs=1e-6)
        assert record.val_loss == pytest.approx(expected.val_loss, rel=1e-5, abs=1e-6)
    assert one.outputs is not None
    assert other.outputs is not None
    torch.testing.assert_close(one.outputs, other.outputs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("model_type", MODELS)
def test_all_neighbours_are_the_full_batch(make: Make, model_type: str) -> None:
    """One batch of all training vertices with all neighbours learns what the full batch does, at each layer."""
    dataset = make("multiclass")
    values: dict[str, Any] = {"model_type": model_type, "dataset": dataset, "num_layers": 3, "learning_rate": 0.003}
    values |= {"epochs": 3, "class_weights": "balanced", "heads": 2}
    sampled = run_fit("multiclass", batch_size=1000, num_neighbors=[-1], **values)
    assert_close(sampled, run_fit("multiclass", **values))


@pytest.mark.parametrize("model_type", ["GCN", "GraphConv", "GAT", "GATv2"])
def test_all_neighbours_with_weights_are_the_full_batch(model_type: str) -> None:
    """Each edge of a sample is looked up with its weight."""
    dataset = typed_dataset(weighted=True)
    values: dict[str, Any] = {"model_type": model_type, "dataset": dataset, "learning_rate": 0.003, "heads": 2}
    assert_close(run_fit(batch_size=1000, num_neighbors=[-1], **values), run_fit(**values))


@pytest.mark.parametrize("class_weights", ["none", "balanced"])
def test_loss_of_an_epoch_is_the_mean_over_its_vertices(make: Make, class_weights: str) -> None:
    """With steps too small to matter, batches of different sizes and weights give the loss of the full batch."""
    dataset = make("multiclass")
    assert dataset.split.mask("train").sum() % 7, "the last batch is to be a smaller one"
    values: dict[str, Any] = {"dataset": dataset, "learning_rate": 1e-12, "epochs": 2, "class_weights": class_weights}
    batched = run_fit("multiclass", batch_size=7, num_neighbors=[-1], **values)
    assert_close(batched, run_fit("multiclass", **values))


@pytest.mark.parametrize("model_type", ["GraphSAGE", "GCN", "GAT", "GIN"])
def test_evaluation_is_exact_whatever_was_drawn(make: Make, model_type: str) -> None:
    """The outputs are those of one pass over the whole graph with the kept weights."""
    dataset = make()
    fitted = run_fit(model_type=model_type, dataset=dataset, batch_size=7, num_neighbors=[2], epochs=2, heads=2)
    assert fitted.outputs is not None
    assert fitted.state_dict is not None
    for batch in (0, 7):
        again = open_backend("pyg").outputs_of(fitted.spec, fitted.state_dict, dataset.inputs, "cpu", batch)
        torch.testing.assert_close(again, fitted.outputs, rtol=1e-5, atol=1e-5)


def test_drawn_neighbours_matter(make: Make) -> None:
    """Few neighbours are not all neighbours, and another seed draws others."""
    dataset = make()
    values: dict[str, Any] = {"dataset": dataset, "batch_size": 1000, "epochs": 1}
    losses = {
        run_fit(num_neighbors=[number], seed=seed, **values).history[0].loss
        for number, seed in ((1, 1), (-1, 1), (1, 2))
    }
    assert len(losses) == 3


def test_batches_lower_the_loss(make: Make) -> None:
    """Many small steps on few neighbours still lead downhill."""
    fitted = run_fit(dataset=make(), batch_size=16, num_neighbors=[3], epochs=10)
    assert fitted.history[-1].loss < 0.8 * fitted.history[0].loss


def test_fit_repeats_by_seed(make: Make) -> None:
    """The order, the neighbours and the dropout are the same again, to the bit."""
    values: dict[str, Any] = {"dataset": make(), "batch_size": 7, "num_neighbors": [2], "dropout": 0.3}
    one, again = run_fit(**values), run_fit(**values)
    assert flat(one.history) == flat(again.history)
    assert_equal(one, again)


def states_of(dataset: Dataset, **values: Any) -> tuple[FitResult, list[bytes]]:
    """A run, and the checkpoint after each of its epochs."""
    settings = make_settings(**fitting("binary", **values))
    kept: list[bytes] = []
    mark = fingerprint(dataset, settings.learning())

    class EveryEpoch(Checkpointer):
        def offer(self, make_state: Callable[[], TrainingState]) -> None:
            kept.append(make_state().to_bytes(mark))

    checkpoints = EveryEpoch(kept.append, 1, mark)
    return fit(dataset, settings, checkpoints=checkpoints), kept


@pytest.mark.parametrize("batch_size", [0, 7])
def test_run_that_goes_on_ends_where_the_whole_run_ends(make: Make, batch_size: int) -> None:
    """From any epoch, to the bit: weights, outputs, history."""
    dataset = make()
    values: dict[str, Any] = {"batch_size": batch_size, "num_neighbors": [2], "dropout": 0.3, "epochs": 4}
    whole, states = states_of(dataset, **values)
    settings = make_settings(**fitting("binary", **values))
    for content in states:
        state = read_state(content, fingerprint(dataset, settings.learning()))
        assert state is not None
        resumed = fit(dataset, settings, resume=state)
        assert flat(resumed.history) == flat(whole.history)
        assert_equal(resumed, whole)


STOPPABLE: dict[str, Any] = {"batch_size": 16, "num_neighbors": [2], "dropout": 0.3, "epochs": 2}


def test_stop_at_any_look_keeps_the_last_whole_epoch(make: Make) -> None:
    """A stop between two batches, or between two pieces of the evaluation, takes the started epoch back."""
    dataset = make()
    counter = StopAtLook(None)
    whole = run_fit(dataset=dataset, stop=counter, **STOPPABLE)
    num_batches = -(-int(dataset.split.mask("train").sum()) // 16)
    assert counter.looks > 2 * 3 * num_batches + 2
    one_epoch = run_fit(dataset=dataset, **STOPPABLE | {"epochs": 1})
    for look in range(1, counter.looks + 1):
        fitted = run_fit(dataset=dataset, stop=StopAtLook(look), **STOPPABLE)
        assert fitted.stop_reason == STOP_COMMAND
        assert len(fitted.history) == (look - 1) // (counter.looks // 2)
        if fitted.history:
            assert_equal(fitted, one_epoch)
    assert len(whole.history) == 2


def test_checkpoint_of_a_stopped_epoch_is_of_the_epoch_before(make: Make) -> None:
    """A run that goes on after a stop between two batches ends where the uninterrupted run ends."""
    dataset = make()
    settings = make_settings(**fitting("binary", **STOPPABLE))
    mark = fingerprint(dataset, settings.learning())
    whole = run_fit(dataset=dataset, **STOPPABLE)
    counter = StopAtLook(None)
    run_fit(dataset=dataset, stop=counter, **STOPPABLE)
    kept: list[bytes] = []
    stop = StopAtLook(counter.looks // 2 + 5)  # in the second batch of the second epoch
    fit(dataset, settings, stop, checkpoints=Checkpointer(kept.append, 1000, mark))
    state = read_state(kept[-1], mark)
    assert state is not None
    assert state.epoch == 1
    resumed = fit(dataset, settings, resume=state)
    assert_equal(resumed, whole)


def test_batches_of_graphs_learn_from_whole_graphs() -> None:
    """All graphs in one batch are the full batch; one graph a batch takes as many steps as there are graphs."""
    dataset = dense_dataset()
    graphs = (np.arange(NUM) // 20).astype(np.int32)
    (kind,) = dataset.inputs.edges
    edges = dataset.inputs.edges[kind]
    within = graphs[edges.index[0]] == graphs[edges.index[1]]
    apart = {kind: replace(edges, index=np.ascontiguousarray(edges.index[:, within]))}
    disjoint = replace(dataset, inputs=replace(dataset.inputs, edges=apart, graph_of_row=graphs))
    values: dict[str, Any] = {"dataset": disjoint, "learning_rate": 0.01}
    full = run_fit(**values)
    assert_close(run_fit(batch_size=3, **values), full)
    assert run_fit(batch_size=1, **values).history[-1].loss != pytest.approx(full.history[-1].loss, rel=1e-5)


def test_non_finite_loss_of_a_batch_ends_the_run(make: Make) -> None:
    """The sentence is that of the full batch."""
    with pytest.raises(DataError, match=r"The loss is (nan|inf) in epoch \d+; lower LEARNING_RATE"):
        run_fit(dataset=make(), batch_size=8, epochs=20, learning_rate=1e30)


@pytest.mark.parametrize("model_type", MODELS)
def test_empty_types_are_no_trouble(model_type: str) -> None:
    """A collection without vertices, and so relations without edges, in batches as in full batch."""
    dataset = typed_dataset()
    inputs = dataset.inputs
    news = inputs.vertices["news"]
    none = replace(news, keys=news.keys[:0], collection=news.collection[:0], x=news.x[:0])
    edges = {
        kind: replace(found, index=found.index[:, :0]) if "news" in kind else found
        for kind, found in inputs.edges.items()
    }
    emptied = replace(dataset, inputs=replace(inputs, vertices=inputs.vertices | {"news": none}, edges=edges))
    values: dict[str, Any] = {"model_type": model_type, "dataset": emptied, "heads": 2, "epochs": 2}
    sampled = run_fit(batch_size=1000, num_neighbors=[-1], learning_rate=0.003, **values)
    assert_close(sampled, run_fit(learning_rate=0.003, **values))
    assert len(run_fit(batch_size=8, num_neighbors=[2], **values).history) == 2


def test_result_says_how_types_were_dealt_with() -> None:
    """Metrics and report print the notes; a graph of one type has none."""
    assert any("listener" in note for note in run_fit(dataset=typed_dataset(), epochs=1).notes)
    assert run_fit(dataset=dense_dataset(), epochs=1).notes == []
