"""The model of a graph with several types: an encoder per type, a convolution per relation and layer, one head.

Its `state_dict` is that of PyG parts put together in the plain way: `encoders` and `lin` are torch's own, `convs` is a
list of PyG's `HeteroConv`.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch_geometric.nn import HeteroConv
from torch_geometric.nn.module_dict import ModuleDict

from trainer.models.hetero_plan import relations_of
from trainer.models.layers import LayerEdges, Vectors
from trainer.models.reach import Reach, reach_of
from trainer.models.relation import make_conv


class HeteroNetwork(torch.nn.Module):
    """Encoders, then layers of one convolution per relation, their results summed, then a linear head.

    A type that no relation of a layer leads to keeps its vectors.
    """

    def __init__(self, **args: Any) -> None:
        """Fresh weights; `args` are those of `hetero_args`."""
        super().__init__()
        width: int = args["hidden_channels"]
        self.reach: Reach = reach_of(args["target_type"], relations_of(args), args["num_layers"])
        self.target_type: str = args["target_type"]
        self.dropout: float = args["dropout"]
        self.encoders = ModuleDict(
            {
                name: torch.nn.Embedding(max(len(args["embedded"][name]), 1), width)
                if name in args["embedded"]
                else torch.nn.Linear(max(channels, 1), width)
                for name, channels in args["channels"].items()
            }
        )
        with warnings.catch_warnings():  # types that are no destination keep their vectors, see `layer`
            warnings.simplefilter("ignore", category=UserWarning)
            self.convs = torch.nn.ModuleList(
                HeteroConv({kind: make_conv(args, kind) for kind in layer}) for layer in self.reach.relations
            )
        self.lin = torch.nn.Linear(width, args["out_channels"])

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

    def layer(self, place: int, vectors: Mapping[str, Tensor], edges: LayerEdges) -> Vectors:
        """The vectors after a layer."""
        convs: ModuleDict = self.convs.get_submodule(f"{place}.convs")
        heard: Vectors = {}
        for kind in self.reach.relations[place]:
            source, _, target = kind
            if target not in edges.num_targets:
                continue
            own = vectors[target]
            x = own if source == target else (vectors[source], own[: edges.num_targets[target]])
            found = convs[kind](x, edges.adjacencies[kind])
            heard[target] = heard[target] + found if target in heard else found
        return {
            name: F.dropout(heard[name].relu(), self.dropout, self.training)
            if name in heard
            else vectors[name][:number]
            for name, number in edges.num_targets.items()
            if name in self.reach.types[place]
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
