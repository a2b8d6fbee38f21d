"""A step of Spektral's training is the step that torch takes: every loss and its gradient, class weights, L2 penalty, Adam."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.conftest import make_settings
from tests.frameworks.spektral.carried import carried
from tests.frameworks.spektral.graphs import describe, odd_dataset
from tests.training.conftest import fitting
from trainer.dataset.dataset import Dataset
from trainer.frameworks.open import open_backend
from trainer.models.spec import HomogeneousSpec
from trainer.process.stop import StopToken
from trainer.settings.definition import Settings
from trainer.training.fit import Training
from trainer.training.result import EpochRecord
from trainer.training.state import TrainingState

pytestmark = pytest.mark.spektral

LOSSES = [
    *(("binary", name, weights) for name in ("binary_crossentropy", "focal") for weights in ("none", "balanced")),
    *(("multiclass", name, weights) for name in ("cross_entropy", "focal") for weights in ("none", "balanced")),
    *(("regression", name, "none") for name in ("mse", "mae", "huber")),
]


def pair(model_type: str, dataset: Dataset, settings: Settings) -> tuple[Training, Training, HomogeneousSpec]:
    """PyG's training after an epoch, and Spektral's that goes on from the same weights and moments."""
    spec = describe(
        dataset.inputs,
        model_type,
        dataset.target.num_outputs,
        hidden_channels=settings.model.hidden_channels,
        heads=settings.model.heads,
    )
    theirs, ours = (
        open_backend(name).make_training(
            replace(spec, framework=name), dataset, settings.training, settings.sampling, StopToken()
        )
        for name in ("pyg", "spektral")
    )
    assert theirs.run_epoch() is not None
    ours.restore(_as_spektral(spec, theirs.state()))
    return theirs, ours, spec


def _as_spektral(spec: HomogeneousSpec, state: TrainingState) -> TrainingState:
    names = [name for name in state.model if not name.endswith(".eps")]
    moments = state.optimiser["state"]

    def of(moment: str) -> dict[str, Tensor]:
        return carried(spec, {name: moments[number][moment] for number, name in enumerate(names)})

    optimiser = {"steps": int(moments[0]["step"]), "means": of("exp_avg"), "squares": of("exp_avg_sq")}
    model, best_model = carried(spec, state.model), carried(spec, state.best_model)
    return replace(state, model=model, best_model=best_model, optimiser=optimiser, random_state=None)


def flat(record: EpochRecord | None) -> dict[str, Any]:
    """The numbers of an epoch."""
    assert record is not None
    return record.flat()


def assert_learn_the_same(model_type: str, task: str, **values: Any) -> None:
    """Four epochs from one state."""
    settings = make_settings(**fitting(task, model_type=model_type, heads=2, **values))
    theirs, ours, spec = pair(model_type, odd_dataset(task, **values), settings)
    for _ in range(4):
        assert flat(ours.run_epoch()) == pytest.approx(flat(theirs.run_epoch()), rel=1e-4, abs=1e-5)
    expected = carried(spec, theirs.state().model)
    for name, weight in ours.state().model.items():
        torch.testing.assert_close(weight, expected[name], rtol=0, atol=1e-5, msg=f"{name} differs")


@pytest.mark.parametrize(("task", "loss_fn", "class_weights"), LOSSES)
def test_every_loss_is_learned_as_in_torch(task: str, loss_fn: str, class_weights: str) -> None:
    """Value and gradient: after four steps of Adam the weights are the same."""
    assert_learn_the_same("GCN", task, loss_fn=loss_fn, class_weights=class_weights, weight_decay=0.01)


@pytest.mark.parametrize("model_type", ["GAT", "GIN"])
def test_gradients_of_other_models_are_those_of_torch(model_type: str) -> None:
    """Through attention and through networks."""
    assert_learn_the_same(model_type, "multiclass")
