"""Attention over the neighbours of each target, without a tensor of edges times channels.

The weights of the edges are never normalised: the sum of the neighbours is, afterwards, with one number a target.
The gradient at an edge is the product of the vectors at its ends, of which only the number is kept.
"""

from __future__ import annotations

import warnings
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional as F

from trainer.frameworks.torch.sparse import Adjacency, sum_bags

_NARROW = 30.0
"""Scores this near to each other may share one maximum: exp(-30) is far from what float32 cannot hold."""


def attend(score: Tensor, x: Tensor, adjacency: Adjacency, dropout: float = 0.0) -> Tensor:
    """The mean of each target's sources, weighted by the softmax of its edges' scores.

    Args:
        score: one number per edge, [edges].
        x: the sources' vectors, [sources, channels].
        adjacency: the edges; their values do not count here.
        dropout: the chance of an edge to be left out after the softmax; the others count more in return.

    Returns:
        One vector per target, [targets, channels]; zero where it has no edges.
    """
    keep, scale = None, 1.0
    if dropout:
        keep = torch.rand(score.shape, device=score.device) >= dropout
        scale = 1 / (1 - dropout) if dropout < 1 else 0.0
    mean: Tensor = _Attention.apply(score, x, adjacency, keep, scale)  # type: ignore[no-untyped-call]
    return mean


class _Attention(torch.autograd.Function):
    """Softmax and weighted sum in one, so that between them only one number per edge is kept."""

    @staticmethod
    def forward(ctx: Any, score: Tensor, x: Tensor, adjacency: Adjacency, keep: Tensor | None, scale: float) -> Tensor:
        power = _powers(score, adjacency)
        total = torch.segment_reduce(power, "sum", offsets=adjacency.crow, unsafe=True)
        share = total.masked_fill_(total == 0, 1).reciprocal_()
        x = x.contiguous()
        out = sum_bags(adjacency.crow, adjacency.col, _dropped(power, keep, scale), x)
        ctx.save_for_backward(x, power, keep, share)
        ctx.adjacency, ctx.scale = adjacency, scale
        return out.mul_(share[:, None])

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None, None]:
        x, power, keep, share = ctx.saved_tensors
        adjacency: Adjacency = ctx.adjacency
        gradient = gradient * share[:, None]
        score_gradient = x_gradient = None
        if ctx.needs_input_grad[0]:
            score_gradient = _dropped(edge_products(adjacency, gradient, x), keep, ctx.scale).mul_(power)
            mean = torch.segment_reduce(score_gradient, "sum", offsets=adjacency.crow, unsafe=True).mul_(share)
            score_gradient.addcmul_(mean.index_select(0, adjacency.row), power, value=-1)
        if ctx.needs_input_grad[1]:
            crow, row, order = adjacency.transposed
            weight = _dropped(power, keep, ctx.scale).index_select(0, order)
            x_gradient = sum_bags(crow, row, weight, gradient)
        return score_gradient, x_gradient, None, None, None


def edge_products(adjacency: Adjacency, targets: Tensor, sources: Tensor) -> Tensor:
    """The product of the vectors at the two ends of each edge (a sampled dense-dense product), [edges]."""
    crow, col, shape = adjacency.crow, adjacency.col, (adjacency.num_targets, adjacency.num_sources)
    if col.numel() > shape[0] * shape[1]:  # torch cuts a result with more numbers than its matrix has cells
        return (targets.index_select(0, adjacency.row) * sources.index_select(0, col)).sum(1)
    missing = -sources.size(1) % 8
    if missing and sources.size(1) > 1:  # the kernel adds what does not fill a vector register one by one
        targets, sources = F.pad(targets, (0, missing)), F.pad(sources, (0, missing))
    with warnings.catch_warnings():  # torch warns once that CSR is in beta
        warnings.simplefilter("ignore", category=UserWarning)
        edges = torch.sparse_csr_tensor(crow, col, targets.new_zeros(col.numel()), shape)
    products: Tensor = torch.sparse.sampled_addmm(edges, targets, sources.t(), beta=0.0).values()
    return products


def _powers(score: Tensor, adjacency: Adjacency) -> Tensor:
    """Powers of e in the proportions of the softmax; the largest of a target is neither 0 nor infinite."""
    if not score.numel():
        return score.clone()
    low, high = torch.aminmax(score)
    if not bool(high - low > _NARROW):
        return (score - high).exp_()
    highest = torch.segment_reduce(score, "max", offsets=adjacency.crow, unsafe=True)
    return (score - highest.index_select(0, adjacency.row)).exp_()


def _dropped(weight: Tensor, keep: Tensor | None, scale: float) -> Tensor:
    return weight if keep is None else (weight * keep).mul_(scale)
