"""A shared training repeats: to the bit on as many ranks, to rounding on more or fewer, from any epoch on."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.conftest import make_settings
from tests.ranks.shared_fits import Shared, assert_same_training, share_fit
from tests.training.conftest import fitting
from tests.training.typed import dense_dataset, typed_dataset
from trainer.process.stop import STOP_COMMAND, StopToken
from trainer.training.result import EpochRecord, FitResult

ROUNDING = 2e-4
"""Of float32, after Adam has made steps of it."""


def learn(size: int, make: Any = typed_dataset, *, more: dict[str, Any] | None = None, **values: Any) -> Shared:
    """Several types, or one, by so many ranks; `more` goes to `share_fit`."""
    quick = {"num_neighbors": [3], "heads": 2, "learning_rate": 0.001}
    settings = make_settings(**fitting("multiclass", **quick | values))
    return share_fit(make("multiclass"), settings, size, **more or {})


def assert_equal(one: FitResult, other: FitResult) -> None:
    """To the bit."""
    assert one.history == other.history
    assert one.state_dict is not None
    assert other.state_dict is not None
    assert one.outputs is not None
    assert other.outputs is not None
    assert all(torch.equal(weights, other.state_dict[name]) for name, weights in one.state_dict.items())
    assert torch.equal(one.outputs, other.outputs)


@pytest.mark.parametrize("batch_size", [0, 13])
@pytest.mark.parametrize("model_type", ["GraphSAGE", "GAT"])
def test_the_same_ranks_learn_the_same_bits(model_type: str, batch_size: int) -> None:
    """Dropout and drawn neighbours too, and from a checkpoint in the middle."""
    values: dict[str, Any] = {"model_type": model_type, "batch_size": batch_size, "dropout": 0.3}
    whole = learn(3, epochs=4, **values)
    half = learn(3, epochs=2, **values)
    assert half.states[0] is not None
    rest = learn(3, epochs=4, more={"resume": half.states[0]}, **values)
    assert_equal(rest.of_rank_0, whole.of_rank_0)


@pytest.mark.parametrize("make", [dense_dataset, typed_dataset], ids=["one relation", "several types"])
@pytest.mark.parametrize("model_type", ["GraphSAGE", "GATv2"])
def test_dropout_does_not_depend_on_the_number_of_ranks(make: Any, model_type: str) -> None:
    """Masks belong to vertices and edges, whoever has them."""
    values: dict[str, Any] = {"model_type": model_type, "dropout": 0.3, "epochs": 4, "num_layers": 3}
    two, three = learn(2, make, **values).of_rank_0, learn(3, make, **values).of_rank_0
    assert_same_training(two, three, ROUNDING)


def test_dropout_drops_something_else_in_each_epoch() -> None:
    """With weights that hardly move, the loss does."""
    losses = {record.loss for record in learn(2, dropout=0.5, epochs=4, learning_rate=1e-12).of_rank_0.history}
    assert len(losses) == 4


@pytest.mark.parametrize("batch_size", [0, 13])
def test_another_number_of_ranks_goes_on(batch_size: int) -> None:
    """From the checkpoint of three, two end where three would have."""
    whole = learn(3, epochs=4, batch_size=batch_size)
    half = learn(3, epochs=2, batch_size=batch_size)
    assert half.states[0] is not None
    rest = learn(2, epochs=4, batch_size=batch_size, more={"resume": half.states[0]})
    assert_same_training(rest.of_rank_0, whole.of_rank_0, ROUNDING)


@pytest.mark.parametrize(("reason", "own", "others"), [(STOP_COMMAND, 0, 0), ("SIGTERM", 143, 5)])
@pytest.mark.parametrize("batch_size", [0, 13])
@pytest.mark.parametrize("stopped", [0, 1])
def test_a_stop_of_one_rank_is_a_stop_of_all(reason: str, own: int, others: int, batch_size: int, stopped: int) -> None:
    """All end after the same epoch, with the same weights, and know why."""
    stops = {rank: StopToken() for rank in range(3)}

    def on_epoch(rank: int, record: EpochRecord) -> None:
        if rank == stopped and record.epoch == 2:
            stops[rank].request(reason, own)

    shared = learn(3, epochs=50, batch_size=batch_size, more={"stops": stops, "on_epoch": on_epoch})
    assert {len(result.history) for result in shared.results} == {2}
    assert {result.stop_reason for result in shared.results} == {reason}
    assert [stops[rank].exit_code for rank in range(3)] == [own if rank == stopped else others for rank in range(3)]
    assert_equal(shared.of_rank_0, learn(3, epochs=2, batch_size=batch_size).of_rank_0)
