"""Small graphs of every odd shape, and what it means that two models learn the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import torch
from hypothesis import strategies as st
from torch import Tensor

TOLERANCE = {torch.float32: 1e-5, torch.float64: 1e-10}
"""How far results may be apart, beside the largest of them."""

both_precisions = pytest.mark.parametrize("dtype", TOLERANCE, ids=["float32", "float64"])


@dataclass(frozen=True)
class Case:
    """Edges from sources to targets; `same_type` where both are the same vertices."""

    num_sources: int
    num_targets: int
    edges: list[tuple[int, int]]
    seed: int = 1
    same_type: bool = True

    @property
    def index(self) -> Tensor:
        """The edges by target and source, int64 [2, edges]."""
        ordered = sorted(self.edges, key=lambda edge: (edge[1], edge[0]))
        return torch.tensor(ordered, dtype=torch.int64).reshape(-1, 2).t().contiguous()

    @property
    def weight(self) -> Tensor:
        """Weights of the edges, none of them zero."""
        return torch.rand(len(self.edges), generator=self._generator()) + 0.1

    def x(self, channels: int) -> Tensor:
        """Random vectors of the sources."""
        return torch.randn(self.num_sources, channels, generator=self._generator())

    def x_target(self, channels: int) -> Tensor:
        """Random vectors of the targets, of one type with the sources or not."""
        if self.same_type:
            return self.x(channels)[: self.num_targets]
        return torch.randn(self.num_targets, channels, generator=self._generator())

    def _generator(self) -> torch.Generator:
        return torch.Generator().manual_seed(self.seed)


@st.composite
def squares(draw: st.DrawFn) -> Case:
    """Graphs over one vertex type; free edges give isolated vertices, self-loops and duplicates."""
    num = draw(st.integers(1, 8))
    vertex = st.integers(0, num - 1)
    return Case(num, num, draw(st.lists(st.tuples(vertex, vertex), max_size=20)), draw(st.integers(0, 1000)))


@st.composite
def bipartites(draw: st.DrawFn) -> Case:
    """Graphs from one vertex type to another."""
    num_sources, num_targets = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    edge = st.tuples(st.integers(0, num_sources - 1), st.integers(0, num_targets - 1))
    edges = draw(st.lists(edge, max_size=15))
    return Case(num_sources, num_targets, edges, draw(st.integers(0, 1000)), same_type=False)


ODD = {
    "one vertex": Case(1, 1, []),
    "one vertex with a self-loop": Case(1, 1, [(0, 0)]),
    "no edges": Case(5, 5, []),
    "isolated vertices": Case(6, 6, [(0, 1), (1, 2)]),
    "duplicate edges": Case(4, 4, [(0, 1), (0, 1), (0, 1), (2, 1), (1, 0)]),
    "self-loops": Case(4, 4, [(0, 0), (1, 1), (1, 1), (0, 1), (2, 3)]),
    "one way only": Case(5, 5, [(0, 4), (1, 4), (2, 4), (3, 4)]),
    "every kind": Case(7, 7, [(0, 1), (1, 0), (0, 1), (2, 2), (3, 1), (4, 0), (3, 4), (4, 4), (4, 3)]),
}
ODD_BIPARTITE = {
    "two vertices": Case(1, 1, [(0, 0)], same_type=False),
    "no edges between": Case(3, 4, [], same_type=False),
    "more sources": Case(6, 2, [(0, 0), (5, 0), (5, 0), (3, 1)], same_type=False),
    "more targets": Case(2, 6, [(0, 0), (1, 3), (0, 3), (1, 5)], same_type=False),
}
odd_graphs = pytest.mark.parametrize("case", ODD.values(), ids=ODD)
odd_bipartites = pytest.mark.parametrize("case", ODD_BIPARTITE.values(), ids=ODD_BIPARTITE)


@contextmanager
def computing_in(dtype: torch.dtype) -> Iterator[None]:
    """Everything that is made inside has this precision."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def learned(
    module: torch.nn.Module | None, forward: Callable[..., Tensor], *inputs: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """Outputs, and gradients in parameters and inputs of a loss that weighs each output differently."""
    inputs = tuple(x.clone().requires_grad_() for x in inputs)
    outputs = forward(*inputs)
    parameters = {} if module is None else dict(module.named_parameters())
    for parameter in parameters.values():
        parameter.grad = None
    weights = torch.linspace(-1, 1, outputs.numel()).reshape(outputs.shape)
    (outputs * weights + outputs**2).sum().backward()  # type: ignore[no-untyped-call]
    named = parameters | {f"input {place}": x for place, x in enumerate(inputs)}
    return outputs.detach(), {name: tensor.grad for name, tensor in named.items() if tensor.grad is not None}


def assert_close(found: Tensor, expected: Tensor) -> None:
    """Differences are small beside the largest value."""
    assert found.dtype == expected.dtype
    largest = max(1.0, float(expected.abs().max())) if expected.numel() else 1.0
    torch.testing.assert_close(found, expected, rtol=0, atol=TOLERANCE[expected.dtype] * largest)


def assert_learn_the_same(ours: tuple[Tensor, dict[str, Tensor]], expected: tuple[Tensor, dict[str, Tensor]]) -> None:
    """Outputs and gradients are equal; a gradient that one side does not have is zero."""
    assert torch.isfinite(expected[0]).all(), "PyG's own gives no numbers here"
    assert_close(ours[0], expected[0])
    for name in ours[1].keys() | expected[1].keys():
        known = expected[1].get(name, ours[1].get(name))
        assert known is not None
        assert_close(ours[1].get(name, torch.zeros_like(known)), expected[1].get(name, torch.zeros_like(known)))
