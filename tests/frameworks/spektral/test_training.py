"""Spektral's training keeps what is promised of every training: a stop at any moment, a resume to the bit, equal repeats."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.composed import fit
from tests.conftest import make_settings
from tests.frameworks.spektral.carried import MODELS
from tests.frameworks.spektral.graphs import odd_dataset
from tests.training.conftest import fitting, flat
from tests.training.test_fit import assert_equal
from tests.training.test_stopping import StopAtLook
from trainer.errors import DataError
from trainer.process.stop import STOP_COMMAND, StopToken
from trainer.training.checkpoint import Checkpointer
from trainer.training.result import EpochRecord, FitResult
from trainer.training.state import TrainingState, read_state

pytestmark = pytest.mark.spektral
EPOCHS = 4


def values_of(model_type: str, **values: Any) -> dict[str, Any]:
    """A short run with all that has a state: dropout, heads, an L2 penalty."""
    usual = {"model_type": model_type, "heads": 2, "dropout": 0.4, "weight_decay": 0.001, "epochs": EPOCHS}
    return fitting("binary", framework="spektral") | usual | values


def run(
    model_type: str = "GCN", *, stop: StopToken | None = None, resume: TrainingState | None = None, **values: Any
) -> FitResult:
    """A fit of the odd dataset."""
    settings = make_settings(**values_of(model_type, **values))
    return fit(odd_dataset("binary"), settings, stop, resume=resume)


def state_after(epochs: int, model_type: str) -> TrainingState:
    """What a checkpoint after so many epochs holds, read back from its bytes."""
    kept: list[bytes] = []
    stop, checkpoints = StopToken(), Checkpointer(kept.append, 1e9, "mark")

    def on_epoch(record: EpochRecord, eta_s: float) -> None:
        if record.epoch == epochs:
            stop.request(STOP_COMMAND)

    fit(odd_dataset("binary"), make_settings(**values_of(model_type)), stop, on_epoch, checkpoints)
    state = read_state(kept[-1], "mark")
    assert state is not None
    return state


@pytest.mark.parametrize("model_type", MODELS)
def test_a_resumed_training_ends_where_the_whole_one_ends(model_type: str) -> None:
    """Bit for bit, the file for Keras too; the whole one is also what it was before."""
    whole, again = run(model_type), run(model_type)
    resumed = run(model_type, resume=state_after(2, model_type))
    for other in (again, resumed):
        assert flat(other.history) == flat(whole.history)
        assert_equal(other, whole)
        assert other.losses == whole.losses
        assert other.weights_file == whole.weights_file


def test_a_state_holds_plain_values_and_tensors() -> None:
    """Whatever reads a checkpoint needs no TensorFlow."""
    state = state_after(1, "GIN")
    assert state.random_state is None
    assert state.optimiser["steps"] == 1
    assert state.optimiser["means"].keys() == state.optimiser["squares"].keys() == state.model.keys()
    assert all(type(tensor) is torch.Tensor for tensor in (*state.model.values(), *state.best_model.values()))


@pytest.mark.parametrize("look", range(1, 3 * 2 + 1))
def test_a_stop_at_any_look_keeps_the_last_whole_epoch(look: int) -> None:
    """Three looks an epoch: before forward, before backward, before the step."""
    stopped = run(stop=StopAtLook(look), epochs=2)
    whole = (look - 1) // 3
    assert (len(stopped.history), stopped.stop_reason) == (whole, STOP_COMMAND)
    if not whole:
        assert (stopped.outputs, stopped.state_dict, stopped.weights_file) == (None, None, None)
        return
    short = run(epochs=whole)
    assert flat(stopped.history) == flat(short.history)
    assert_equal(stopped, short)


def test_patience_ends_a_training_that_gets_no_better() -> None:
    """The best epoch's weights are what is left."""
    ended = run(epochs=60, patience=3, learning_rate=0.5)
    assert ended.stop_reason == "patience"
    assert len(ended.history) == ended.best_epoch + 3
    best = run(epochs=ended.best_epoch, learning_rate=0.5)
    assert_equal(ended, best)


def test_dropout_draws_other_numbers_in_each_epoch_and_for_each_seed() -> None:
    """With a step of almost nothing, losses of the training differ by what was dropped."""
    still: dict[str, Any] = {"learning_rate": 1e-12, "weight_decay": 0.0}
    losses = [record.loss for seed in (1, 2) for record in run(seed=seed, **still).history]
    assert len(set(losses)) == 2 * EPOCHS
    without = [record.loss for record in run(dropout=0.0, **still).history]
    assert max(without) - min(without) < 1e-6


def test_attention_is_dropped_too() -> None:
    """A single layer of GAT has dropout nowhere else."""
    still: dict[str, Any] = {"learning_rate": 1e-12, "weight_decay": 0.0, "num_layers": 1}
    assert len({record.loss for record in run("GAT", **still).history}) == EPOCHS


@pytest.mark.parametrize("model_type", MODELS)
def test_fresh_weights_follow_from_the_seed(model_type: str) -> None:
    """No two matrices of a model are alike, and another seed gives others."""
    still: dict[str, Any] = {
        "learning_rate": 1e-12,
        "weight_decay": 0.0,
        "epochs": 1,
        "hidden_channels": 4,
        "num_layers": 3,
    }
    one, other = (run(model_type, seed=seed, **still).state_dict for seed in (1, 2))
    assert one is not None
    assert other is not None
    matrices = {name: weight for name, weight in one.items() if "bias" not in name}
    for name, weight in matrices.items():
        assert weight.abs().max() > 0, name
        assert not torch.allclose(weight, other[name]), name
        alike = [twin for twin, of in matrices.items() if of.shape == weight.shape and torch.allclose(of, weight)]
        assert alike == [name]


@pytest.mark.parametrize(
    "spoil", ["a weight is missing", "a weight is wider", "a moment is missing", "no steps", "torch's own"]
)
def test_a_state_of_another_model_is_refused_and_changes_nothing(spoil: str) -> None:
    """The training goes on as if it had not been offered."""
    state = state_after(1, "GCN")
    name, optimiser = next(iter(state.model)), state.optimiser
    wrong: dict[str, Any] = {
        "a weight is missing": {"model": {key: value for key, value in state.model.items() if key != name}},
        "a weight is wider": {"model": state.model | {name: torch.zeros(3, 99)}},
        "a moment is missing": {"optimiser": optimiser | {"means": {}}},
        "no steps": {"optimiser": optimiser | {"steps": None}},
        "torch's own": {"optimiser": {"state": {}, "param_groups": []}},
    }[spoil]
    with pytest.raises(ValueError, match=r"weights|shape|optimiser"):
        run(resume=replace(state, **wrong))


def test_a_loss_that_is_no_number_ends_the_training() -> None:
    """One sentence, with the setting to change."""
    with pytest.raises(DataError, match=r"The loss is (nan|inf) in epoch \d+; lower LEARNING_RATE"):
        run(learning_rate=1e30, epochs=9, weight_decay=0.0)


def test_the_model_file_holds_tensors() -> None:
    """`torch.load(weights_only=True)` reads it without TensorFlow's help."""
    buffer = io.BytesIO()
    torch.save(run(epochs=1).state_dict, buffer)
    buffer.seek(0)
    assert torch.load(buffer, weights_only=True).keys() == {
        "conv_0/kernel",
        "conv_0/bias",
        "conv_1/kernel",
        "conv_1/bias",
    }
