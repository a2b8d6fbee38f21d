"""DGL's layers one after the other, for one vertex type; its `state_dict` is that of the layers in a plain list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn import functional as F

from trainer.frameworks.dgl.convs import PLAIN, WITH_HEADS
from trainer.frameworks.torch.sparse import Adjacency
from trainer.models.spec import HomogeneousSpec


class Network(torch.nn.ModuleList):
    """A list of DGL's layers, with ReLU and dropout between them."""

    def __init__(self, spec: HomogeneousSpec) -> None:
        """Fresh weights out of torch's random state."""
        super().__init__(_layers(spec))
        self.num_layers, self.dropout = spec.num_layers, spec.dropout

    def layer(self, number: int, x: Tensor, adjacency: Adjacency) -> Tensor:
        """One layer, with the activation and the dropout between it and the next one."""
        x = self[number](x, adjacency)
        return x if number == self.num_layers - 1 else F.dropout(x.relu(), self.dropout, self.training)

    def forward(self, x: Tensor, adjacencies: Sequence[Adjacency]) -> Tensor:
        """All layers, each over its own adjacency: [sources of the first, channels] to [targets of the last, outputs]."""
        for number, adjacency in enumerate(adjacencies):
            x = self.layer(number, x, adjacency)
        return x


def _layers(spec: HomogeneousSpec) -> Iterator[torch.nn.Module]:
    widths = [spec.in_channels, *[spec.hidden_channels] * (spec.num_layers - 1), spec.out_channels]
    for number, (num_in, num_out) in enumerate(pairwise(widths), start=1):
        if spec.heads is None:
            yield PLAIN[spec.type](num_in, num_out)
        else:
            concat = number < spec.num_layers  # the last layer takes the mean of its heads, as PyG's does
            yield WITH_HEADS[spec.type](num_in, num_out, spec.heads, concat, spec.dropout)
