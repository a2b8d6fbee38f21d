"""The model of a graph with several types: an encoder per type, a convolution per relation and layer, one head.

Its `state_dict` is that of the framework's parts put together in the plain way: `encoders` and `lin` are torch's own,
`convs` is a list of the framework's own containers of convolutions by relation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F
from torch_geometric.nn.module_dict import ModuleDict

from trainer.frameworks.torch.layers import LayerEdges, Vectors
from trainer.graph.edge_type import EdgeType
from trainer.models.reach import Reach
from trainer.models.spec import HeteroSpec

MakeConv = Callable[[HeteroSpec, EdgeType], torch.nn.Module]
"""A framework's convolution for a relation, hidden width to hidden width, to be called with an `Adjacency`."""
MakeLayer = Callable[[Mapping[EdgeType, torch.nn.Module]], torch.nn.Module]
"""A framework's container of the convolutions of a layer; it gives them their names, and is not called."""


class HeteroNetwork(torch.nn.Module):
    """Encoders, then layers of one convolution per relation, their results summed, then a linear head.

    A type that no relation of a layer leads to keeps its vectors.
    """

    def __init__(self, spec: HeteroSpec, make_conv: MakeConv, make_layer: MakeLayer) -> None:
        """Fresh weights."""
        super().__init__()
        width = spec.hidden_channels
        self.reach: Reach = spec.reach
        self.dropout = spec.dropout
        self.encoders = ModuleDict(
            {
                name: torch.nn.Embedding(max(len(spec.embedded[name]), 1), width)
                if name in spec.embedded
                else torch.nn.Linear(max(channels, 1), width)
                for name, channels in spec.channels.items()
            }
        )
        self._of_relation = [
            {edge_type: make_conv(spec, edge_type) for edge_type in layer} for layer in self.reach.relations
        ]
        self.convs = torch.nn.ModuleList(make_layer(convs) for convs in self._of_relation)
        self.lin = torch.nn.Linear(width, spec.out_channels)

    @property
    def module(self) -> torch.nn.Module:
        """The model itself holds the weights."""
        return self

    def encode(self, inputs: Mapping[str, Tensor]) -> Vectors:
        """A vector of hidden width for each vertex.

        Args:
            inputs: float [vertices, channels] by type, ones [vertices, 1] for a constant; of an embedded type int64
                [vertices], its rows of the embedding, -1 for a vertex that was not there in training.
        """
        return {name: self._encode(self.encoders[name], x) for name, x in inputs.items() if name in self.reach.inputs}

    def layer(self, number: int, vectors: Mapping[str, Tensor], edges: LayerEdges) -> Vectors:
        """The vectors after a layer."""
        convs = self._of_relation[number]
        sums: Vectors = {}
        for edge_type in self.reach.relations[number]:
            source, _, target = edge_type
            if target not in edges.num_targets:
                continue
            own = vectors[target]
            x = own if source == target else (vectors[source], own[: edges.num_targets[target]])
            messages = convs[edge_type](x, edges.adjacencies[edge_type])
            sums[target] = sums[target] + messages if target in sums else messages
        return {
            name: F.dropout(sums[name].relu(), self.dropout, self.training)
            if name in sums
            else vectors[name][:num_targets]
            for name, num_targets in edges.num_targets.items()
            if name in self.reach.types[number]
        }

    def head(self, vectors: Tensor) -> Tensor:
        """Outputs out of the target's vectors."""
        outputs: Tensor = self.lin(vectors)
        return outputs

    def _encode(self, encoder: torch.nn.Module, x: Tensor) -> Tensor:
        if isinstance(encoder, torch.nn.Linear):
            vectors: Tensor = encoder(x)
            return vectors.relu()
        assert isinstance(encoder, torch.nn.Embedding)
        known = x >= 0
        if bool(known.all()):
            return F.embedding(x, encoder.weight)
        return torch.where(known[:, None], F.embedding(x.clamp(min=0), encoder.weight), encoder.weight.mean(dim=0))
