"""The losses are those of torch and of the papers; the class weights those of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils.class_weight import compute_class_weight

from trainer.training.losses import balanced_class_weights, build_loss

LOGITS = st.lists(st.floats(-20, 20, width=32), min_size=4, max_size=30)
WEIGHTS = torch.tensor([0.5, 2.0, 1.25])


def sample(logits: list[float], num_classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Scores and labels out of drawn numbers."""
    scores = torch.tensor(logits, dtype=torch.float64)
    labels = (torch.arange(len(logits)) * 7 + scores.abs().long()) % num_classes
    return torch.stack([scores * (place + 1) / 2 - place for place in range(num_classes)], dim=1), labels


@given(LOGITS, st.booleans())
def test_binary_crossentropy_is_torchs(logits: list[float], weighted: bool) -> None:
    """With class weights, torch's own weighted mean."""
    outputs, labels = torch.tensor(logits, dtype=torch.float64)[:, None], torch.arange(len(logits)) % 2
    weights = WEIGHTS[:2].double() if weighted else None
    per_vertex = None if weights is None else weights[labels]
    expected = F.binary_cross_entropy_with_logits(
        outputs[:, 0], labels.double(), weight=per_vertex, reduction="sum"
    ) / (len(logits) if per_vertex is None else per_vertex.sum())
    for name in ("binary_crossentropy", "cross_entropy"):
        torch.testing.assert_close(build_loss(name, "binary", weights)(outputs, labels.double()), expected)


@given(LOGITS, st.booleans())
def test_cross_entropy_is_torchs(logits: list[float], weighted: bool) -> None:
    """With class weights, torch's own `weight`."""
    outputs, labels = sample(logits, 3)
    weights = WEIGHTS.double() if weighted else None
    expected = F.cross_entropy(outputs, labels, weight=weights)
    torch.testing.assert_close(build_loss("cross_entropy", "multiclass", weights)(outputs, labels), expected)


@pytest.mark.parametrize(("name", "reference"), [("mse", F.mse_loss), ("mae", F.l1_loss), ("huber", F.huber_loss)])
def test_regression_loss_is_torchs(name: str, reference: Any) -> None:
    """One output column against numbers: no silent broadcasting."""
    outputs, labels = torch.linspace(-3, 3, 11)[:, None], torch.linspace(2, -1, 11)
    torch.testing.assert_close(build_loss(name, "regression", None)(outputs, labels), reference(outputs[:, 0], labels))


@given(LOGITS)
def test_focal_of_two_classes_is_the_formula(logits: list[float]) -> None:
    """(1 - p)^2 * -log p, p the probability of the true class, by numpy on doubles."""
    z, labels = np.array(logits), np.arange(len(logits)) % 2
    log_p = -np.logaddexp(0, np.where(labels == 1, -z, z))
    expected = (np.expm1(log_p) ** 2 * -log_p).mean()
    found = build_loss("focal", "binary", None)(
        torch.tensor(logits, dtype=torch.float64)[:, None], torch.tensor(labels)
    )
    assert float(found) == pytest.approx(expected, rel=1e-9, abs=1e-30)


@given(LOGITS, st.booleans())
def test_focal_of_several_classes_is_the_formula(logits: list[float], weighted: bool) -> None:
    """The same over a softmax; class weights make a weighted mean."""
    outputs, labels = sample(logits, 3)
    z = outputs.numpy()
    log_p = (z - np.logaddexp.reduce(z, axis=1, keepdims=True))[np.arange(len(z)), labels.numpy()]
    weights = WEIGHTS.double().numpy()[labels.numpy()] if weighted else np.ones(len(z))
    expected = (np.expm1(log_p) ** 2 * -log_p * weights).sum() / weights.sum()
    found = build_loss("focal", "multiclass", WEIGHTS.double() if weighted else None)(outputs, labels)
    assert float(found) == pytest.approx(expected, rel=1e-9, abs=1e-30)


@pytest.mark.parametrize("confident", [0.0, 60.0, -60.0])
def test_focal_has_finite_gradients_in_float32(confident: float) -> None:
    """Sure and right, sure and wrong, undecided: none of them ends a training."""
    outputs = torch.full((4, 1), confident, requires_grad=True)
    build_loss("focal", "binary", None)(outputs, torch.tensor([0.0, 1.0, 0.0, 1.0])).backward()  # type: ignore[no-untyped-call]
    assert outputs.grad is not None
    assert torch.isfinite(outputs.grad).all()


@given(st.lists(st.integers(0, 4), min_size=1, max_size=60))
def test_class_weights_are_scikit_learns(labels: list[int]) -> None:
    """`balanced` over the classes that are there; a class without vertices weighs as much as without weights."""
    found = balanced_class_weights(torch.tensor(labels), 5)
    expected = np.ones(5)
    present = np.unique(labels)
    expected[present] = compute_class_weight("balanced", classes=present, y=np.array(labels))
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6)
