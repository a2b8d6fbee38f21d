"""Graphs to measure on, shaped like candles: every vertex linked to its next ones, both directions."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

REACH = 10


@dataclass(frozen=True)
class Example:
    """Inputs, edges ordered by target and a binary target."""

    x: Tensor
    edge_index: Tensor
    y: Tensor


def candles(num_vertices: int, in_channels: int = 16, reach: int = REACH) -> Example:
    """`2 * reach` edges for each vertex, sources near their targets in memory too."""
    offsets = torch.tensor([offset for offset in range(-reach, reach + 1) if offset])
    target = torch.arange(num_vertices).repeat_interleave(offsets.numel())
    source = target + offsets.repeat(num_vertices)
    inside = (source >= 0) & (source < num_vertices)
    generator = torch.Generator().manual_seed(7)
    x = torch.randn(num_vertices, in_channels, generator=generator)
    y = (x[:, 0] + torch.randn(num_vertices, generator=generator) > 0).float()
    return Example(x, torch.stack([source[inside], target[inside]]), y)


def shown_count(number: int) -> str:
    """100 k, 20 M."""
    return f"{number / 1e6:g} M" if number >= 1_000_000 else f"{number / 1e3:g} k"
