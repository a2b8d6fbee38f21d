"""The epochs: what is recorded, what is kept, when it ends, and what has no say in it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn import metrics as sk

from tests.composed import fit
from tests.conftest import make_settings
from tests.frameworks.stock import stock_model
from tests.training.conftest import NUM, TASKS, fitting, flat, labels, run_fit, small_dataset, with_x
from trainer.dataset.labels.split import PARTS
from trainer.errors import DataError
from trainer.process.stop import StopToken
from trainer.training import fit as fit_module
from trainer.training.baselines.measuring import measure_baselines
from trainer.training.evaluate import evaluate, predict
from trainer.training.result import FitResult


def raw_labels(task: str) -> Any:
    """The labels as they are stored, in order of vertices; NaN where there is none."""
    return np.array([np.nan if place % 9 == 8 else label for place, label in enumerate(labels(task))], dtype=float)


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("seed", [1, 2])
def test_measures_of_an_epoch_are_scikit_learns(task: str, seed: int) -> None:
    """Accuracy, MAE, RMSE and R² of validation, over the outputs of the same epoch, in the label's own unit."""
    dataset = small_dataset(task)
    fitted = run_fit(task, dataset=dataset, seed=seed)
    assert fitted.outputs is not None
    val = dataset.split.mask("val")
    outputs, true = fitted.outputs.double().numpy()[val], raw_labels(task)[val]
    if task == "regression":
        predicted = outputs[:, 0] * dataset.target_scale + dataset.target_mean
        expected = {
            "mae": sk.mean_absolute_error(true, predicted),
            "rmse": sk.root_mean_squared_error(true, predicted),
            "r2": sk.r2_score(true, predicted),
        }
    else:
        places = outputs.argmax(axis=1) if task == "multiclass" else (outputs[:, 0] > 0).astype(int)
        assert dataset.target.classes is not None
        expected = {"accuracy": sk.accuracy_score(true, np.array(dataset.target.classes)[places])}
    assert fitted.history[fitted.best_epoch - 1].measures == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("task", TASKS)
def test_measures_of_the_epoch_are_those_of_the_evaluation(task: str) -> None:
    """`history` at the best epoch and `metrics.val` say the same."""
    dataset = small_dataset(task)
    fitted = run_fit(task, dataset=dataset)
    val = evaluate(fitted, dataset).metrics["val"]
    assert val is not None
    best = fitted.history[fitted.best_epoch - 1]
    assert val["loss"] == best.val_loss
    assert best.measures == pytest.approx({name: val[name] for name in best.measures}, rel=1e-5)


@pytest.mark.parametrize("task", TASKS)
def test_epoch_with_the_lowest_validation_loss_is_kept(task: str) -> None:
    """Large steps make the loss jump, so that the best epoch is not the last one."""
    fitted = run_fit(task, epochs=15, learning_rate=0.5)
    val_losses = [record.val_loss for record in fitted.history]
    assert len(val_losses) == 15
    assert fitted.best_epoch == int(np.argmin(np.array(val_losses, dtype=float))) + 1
    assert fitted.losses["val"] == val_losses[fitted.best_epoch - 1]


def test_of_equally_good_epochs_the_first_is_kept() -> None:
    """Steps too small to change a weight leave the validation loss as it is: nothing gets better, so patience runs out."""
    fitted = run_fit(epochs=10, learning_rate=1e-30, patience=3)
    assert len({record.val_loss for record in fitted.history}) == 1
    assert (fitted.best_epoch, len(fitted.history), fitted.stop_reason) == (1, 4, "patience")


def test_kept_weights_are_those_of_the_best_epoch() -> None:
    """Training on changes nothing that was kept: a run that ends there has the same weights and outputs."""
    long = run_fit(epochs=15, learning_rate=0.5)
    assert long.best_epoch < 15
    short = run_fit(epochs=long.best_epoch, learning_rate=0.5)
    assert_equal(long, short)


def assert_equal(one: FitResult, other: FitResult) -> None:
    """Equal weights and outputs, bit by bit."""
    assert one.state_dict is not None
    assert other.state_dict is not None
    assert one.outputs is not None
    assert other.outputs is not None
    assert one.state_dict.keys() == other.state_dict.keys()
    assert all(torch.equal(tensor, other.state_dict[name]) for name, tensor in one.state_dict.items())
    assert torch.equal(one.outputs, other.outputs)


def test_kept_weights_give_the_kept_outputs() -> None:
    """PyG's own class with the kept weights says what the run said, dropout off."""
    dataset = small_dataset()
    fitted = run_fit(dataset=dataset, dropout=0.5)
    assert fitted.state_dict is not None
    assert fitted.outputs is not None
    model = stock_model(fitted.spec)
    model.load_state_dict(fitted.state_dict)
    model.eval()
    with torch.no_grad():
        again = model(torch.from_numpy(dataset.inputs.x), torch.from_numpy(dataset.inputs.edge_index))
    torch.testing.assert_close(again, fitted.outputs, rtol=1e-5, atol=1e-6)


LOSSES: dict[str, Any] = {
    "binary": F.binary_cross_entropy_with_logits,
    "multiclass": F.cross_entropy,
    "regression": F.mse_loss,
}


@pytest.mark.parametrize("task", TASKS)
def test_learning_is_the_plain_loop(task: str) -> None:
    """The weights are those of PyG's model, torch's Adam and the loop that anybody would write, dropout and all."""
    dataset = small_dataset(task, val_ratio=0)
    fitted = run_fit(task, dataset=dataset, dropout=0.3, weight_decay=0.01, learning_rate=0.02, seed=3)
    x, edges, y = (torch.from_numpy(array) for array in (dataset.inputs.x, dataset.inputs.edge_index, dataset.y))
    train = torch.from_numpy(dataset.split.mask("train"))
    torch.manual_seed(3)
    model = stock_model(fitted.spec)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.02, weight_decay=0.01)
    losses = []
    for _ in fitted.history:
        optimiser.zero_grad()
        outputs = model(x, edges)[train]
        loss = LOSSES[task](outputs if task == "multiclass" else outputs[:, 0], y[train])
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    assert [record.loss for record in fitted.history] == pytest.approx(losses, rel=1e-5)
    assert fitted.state_dict is not None
    torch.testing.assert_close(fitted.state_dict, model.state_dict(), rtol=1e-4, atol=1e-5)


def test_fit_repeats_by_seed() -> None:
    """One seed, one result, to the bit, dropout and all; another seed, another result."""
    first, again, other = (run_fit(dropout=0.3, seed=seed) for seed in (5, 5, 6))
    assert flat(first.history) == flat(again.history)
    assert_equal(first, again)
    assert flat(first.history) != flat(other.history)


def test_patience_ends_the_run() -> None:
    """The run ends when so many epochs in a row brought no lower validation loss."""
    fitted = run_fit(epochs=300, learning_rate=0.5, patience=4)
    assert fitted.stop_reason == "patience"
    assert len(fitted.history) == fitted.best_epoch + 4 < 300


def test_without_patience_all_epochs_run() -> None:
    """PATIENCE=0 never ends a run early."""
    fitted = run_fit(epochs=40, learning_rate=0.5)
    assert (len(fitted.history), fitted.stop_reason) == (40, "epochs")


@pytest.mark.parametrize("task", TASKS)
def test_without_validation_the_last_epoch_is_kept(task: str) -> None:
    """There is nothing to choose by, and nothing to measure."""
    fitted = run_fit(task, val_ratio=0)
    assert fitted.best_epoch == 6
    names = ("mae", "rmse", "r2") if task == "regression" else ("accuracy",)
    assert flat(fitted.history)[-1] | {"loss": 0} == {"epoch": 6, "loss": 0, "val_loss": None} | dict.fromkeys(names)
    assert sorted(fitted.losses) == ["test", "train"]


def test_training_lowers_the_loss() -> None:
    """The optimiser steps downhill."""
    losses = [record.loss for record in run_fit(epochs=30).history]
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("task", TASKS)
def test_vertices_in_no_part_have_no_say(task: str) -> None:
    """Whatever stands in y for unlabelled and embargoed vertices changes no loss, measure or weight."""
    dataset = small_dataset(task, embargo=2)
    outside = ~np.logical_or.reduce([dataset.split.mask(name) for name in PARTS])
    assert outside.sum() > NUM // 9
    y, places = dataset.y.copy(), dataset.target.y.copy()
    y[outside] = 1e6 if task == "regression" else 1 - y[outside].clip(0, 1)
    places[outside] = 1e6 if task == "regression" else 1 - places[outside].clip(0, 1)
    changed = replace(dataset, y=y, target=replace(dataset.target, y=places))
    weights = "none" if task == "regression" else "balanced"
    one, other = (run_fit(task, dataset=given, class_weights=weights) for given in (dataset, changed))
    assert flat(one.history) == flat(other.history)
    assert one.losses == other.losses
    assert one.class_weights == other.class_weights
    assert_equal(one, other)
    assert evaluate(one, dataset).metrics == evaluate(other, changed).metrics
    baselines = [measure_baselines(given, 0, 1, 0, StopToken()).measures for given in (dataset, changed)]
    for name in baselines[0].keys() - {"persistence"}:  # it repeats known labels, in a part or not
        assert baselines[0][name] == baselines[1][name]


def test_labels_of_validation_and_test_teach_nothing() -> None:
    """Their labels choose the epoch and judge it, but move no training loss."""
    dataset = small_dataset()
    y = dataset.y.copy()
    y[~dataset.split.mask("train")] = 1 - y[~dataset.split.mask("train")]
    one, other = run_fit(dataset=dataset), run_fit(dataset=replace(dataset, y=y))
    assert [record.loss for record in one.history] == [record.loss for record in other.history]
    assert [record.val_loss for record in one.history] != [record.val_loss for record in other.history]


def test_unlabelled_vertices_take_part_in_messages() -> None:
    """Their features reach their neighbours."""
    dataset = small_dataset()
    unlabelled = np.flatnonzero(~dataset.target.labelled)
    x = dataset.inputs.x.copy()
    x[unlabelled] += 5
    one, other = run_fit(dataset=dataset), run_fit(dataset=with_x(dataset, x))
    assert one.history[0].loss != other.history[0].loss


def test_non_finite_loss_ends_the_run() -> None:
    """A run that has gone off the rails says so, names the epoch and what to turn."""
    with pytest.raises(DataError, match=r"The loss is (nan|inf) in epoch \d+; lower LEARNING_RATE"):
        run_fit(epochs=20, learning_rate=1e30)


def test_non_finite_validation_loss_ends_the_run() -> None:
    """An extreme value that only validation has would make every later epoch look better."""
    dataset = small_dataset("regression")
    x = dataset.inputs.x.copy()
    rows = np.flatnonzero(dataset.split.mask("val"))
    x[rows[len(rows) // 2]] = 1e30  # no vertex of training is within two hops
    with pytest.raises(DataError, match=r"The loss is (nan|inf) in epoch 1; .*extreme values in the features"):
        run_fit("regression", dataset=with_x(dataset, x))


def test_class_weights_are_of_the_training_part() -> None:
    """`balanced` counts the vertices that are learned from."""
    dataset = small_dataset("multiclass")
    fitted = run_fit("multiclass", dataset=dataset, class_weights="balanced")
    assert dataset.target.classes is not None
    assert fitted.class_weights is not None
    counts = np.bincount(dataset.target.y[dataset.split.mask("train")], minlength=len(dataset.target.classes))
    np.testing.assert_allclose(fitted.class_weights, counts.sum() / (len(counts) * counts), rtol=1e-6)


def test_validation_of_one_class_that_training_lacks() -> None:
    """With balanced weights such a class weighs nothing; the run goes on without a validation loss of NaN."""
    y = [*(place % 2 for place in range(36)), *[2] * 12, *(place % 2 for place in range(12))]
    fitted = run_fit("multiclass", dataset=small_dataset("multiclass", y=y), class_weights="balanced")
    assert len(fitted.history) == 6


def test_r2_of_equal_labels_is_null() -> None:
    """R² divides by the spread of the labels; without one it is null, in the history and in the metrics."""
    y = [*(float(place) / 7 for place in range(36)), *[0.1] * 12, *(float(place) for place in range(12))]
    dataset = small_dataset("regression", y=y)
    fitted = run_fit("regression", dataset=dataset)
    assert [record.measures["r2"] for record in fitted.history] == [None] * 6
    val = evaluate(fitted, dataset).metrics["val"]
    assert val is not None
    assert val["r2"] is None


@pytest.mark.parametrize("task", TASKS)
def test_predictions_are_probabilities_or_numbers_in_the_labels_unit(task: str) -> None:
    """Probabilities sum to 1; regression is scaled back to the hundreds that its labels are in."""
    dataset = small_dataset(task)
    fitted = run_fit(task, dataset=dataset, epochs=30)
    assert fitted.outputs is not None
    scores = predict(fitted.outputs, dataset).scores
    if task == "regression":
        assert 900 < scores.mean() < 1100
    else:
        assert dataset.target.classes is not None
        assert scores.shape == (NUM, len(dataset.target.classes))
        np.testing.assert_allclose(scores.sum(axis=1), 1)


def test_eta_shrinks_to_zero() -> None:
    """The estimate is of what is left: nothing after the last epoch."""
    etas: list[float] = []
    settings = make_settings(**fitting("binary"))
    fit(small_dataset(), settings, on_epoch=lambda record, eta_s: etas.append(eta_s))
    assert len(etas) == 6
    assert etas[0] > 0
    assert etas[-1] == 0


def test_eta_is_not_misled_by_one_slow_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The median epoch times the epochs that are left."""
    seconds = [1.0, 1.0, 10.0, 2.0, 2.0, 2.0]
    now = iter([moment for place, length in enumerate(seconds) for moment in (100.0 * place, 100.0 * place + length)])
    monkeypatch.setattr(fit_module, "time", SimpleNamespace(perf_counter=lambda: next(now)))
    etas: list[float] = []
    settings = make_settings(**fitting("binary"))
    fit(small_dataset(), settings, StopToken(), lambda record, eta_s: etas.append(eta_s))
    assert etas == [5.0, 4.0, 3.0, 3.0, 2.0, 0.0]


@pytest.mark.parametrize(
    ("ratios", "part"), [((0.2, 0.2), "test"), ((0.2, 0.0), "val"), ((0.0, 0.0), "train")], ids=lambda value: str(value)
)
def test_curves_are_of_the_part_that_judges(ratios: tuple[float, float], part: str) -> None:
    """The test part, where there is none validation, where there is neither training."""
    values: dict[str, Any] = dict(zip(("val_ratio", "test_ratio"), ratios, strict=True))
    dataset = small_dataset(**values)
    fitted = run_fit(dataset=dataset, epochs=1, **values)
    curves = evaluate(fitted, dataset).curves
    assert curves["roc"]["part"] == part
