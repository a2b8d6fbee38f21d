"""DGL as a framework: from a spec to its model."""

from __future__ import annotations

from trainer.dataset.inputs import Inputs
from trainer.frameworks.dgl.library import dgl
from trainer.frameworks.dgl.network import Network
from trainer.frameworks.dgl.relation import make_conv, make_layer
from trainer.frameworks.torch.backend import TorchBackend
from trainer.frameworks.torch.hetero import HeteroNetwork
from trainer.frameworks.torch.layers import LayeredModel, OneRelation
from trainer.models.spec import HeteroSpec, ModelSpec


def build_model(spec: ModelSpec, inputs: Inputs) -> LayeredModel:
    """The model with fresh weights out of torch's random state."""
    if isinstance(spec, HeteroSpec):
        return HeteroNetwork(spec, make_conv, make_layer)
    (edge_type,) = inputs.edges
    return OneRelation(Network(spec), edge_type)


class DGLBackend(TorchBackend):
    """A `Backend` whose library counts its threads itself."""

    def set_threads(self, count: int) -> None:
        """Compute on so many threads from now on, in torch and in DGL."""
        super().set_threads(count)
        dgl.utils.set_num_threads(count)


BACKEND = DGLBackend(build_model, on_gpu=False)
