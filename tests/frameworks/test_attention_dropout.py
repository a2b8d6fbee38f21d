"""Dropout of edges in our GAT and GATv2: what PyG's may leave out, as often, and only in training."""

from __future__ import annotations

import torch
from torch import Tensor

from tests.frameworks.test_attention import IN, PLAIN, build, layers


def dropped(layer: str, rounds: int) -> tuple[Tensor, Tensor]:
    """Outputs of both layers in training with a quarter of the edges dropped, [rounds, targets, channels] each."""
    ours, stock = build(layer, PLAIN, torch.float64, dropout=0.25, bias=False)
    x, adjacency = PLAIN.random(5, IN), PLAIN.adjacency(None)
    with torch.no_grad():
        found = torch.stack([ours(x, adjacency) for _ in range(rounds)])
        return found, torch.stack([stock(x, PLAIN.index) for _ in range(rounds)])


@layers
def test_dropout_leaves_out_what_pyg_may_leave_out(layer: str) -> None:
    """A target's output is one of the sums that PyG gives for some choice of its edges, about as often."""
    found, expected = (outputs.mul(1e6).round() for outputs in dropped(layer, 600))
    for target in range(5):
        ours, how_often = torch.unique(found[:, target], dim=0, return_counts=True)
        stock, expected_often = torch.unique(expected[:, target], dim=0, return_counts=True)
        torch.testing.assert_close(ours, stock, rtol=0, atol=1.0)
        torch.testing.assert_close(how_often / 600, expected_often / 600, rtol=0, atol=0.08)


@layers
def test_dropout_is_off_in_evaluation(layer: str) -> None:
    """Evaluation takes all edges."""
    ours, stock = build(layer, PLAIN, torch.float64, dropout=0.5)
    x = PLAIN.random(5, IN)
    torch.testing.assert_close(ours.eval()(x, PLAIN.adjacency(None)), stock.eval()(x, PLAIN.index))


@layers
def test_gradients_follow_dropped_edges(layer: str) -> None:
    """With the same edges dropped, the gradient is what a small step shows."""
    ours, _ = build(layer, PLAIN, torch.float64, dropout=0.5, heads=2)
    adjacency = PLAIN.adjacency(None)

    def run(x: Tensor) -> Tensor:
        torch.manual_seed(3)
        out: Tensor = ours(x, adjacency)
        return out

    assert torch.autograd.gradcheck(run, PLAIN.random(5, IN).requires_grad_())


@layers
def test_everything_may_be_dropped(layer: str) -> None:
    """A dropout of one leaves the bias, as in PyG."""
    ours, _ = build(layer, PLAIN, torch.float64, dropout=1.0)
    out = ours(PLAIN.random(5, IN), PLAIN.adjacency(None))
    torch.testing.assert_close(out, ours.get_parameter("bias").expand_as(out))
