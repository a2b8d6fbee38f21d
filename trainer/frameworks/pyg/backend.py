"""PyTorch Geometric as a framework: from a spec to its model."""

from __future__ import annotations

import warnings

from trainer.dataset.inputs import Inputs
from trainer.frameworks.pyg.network import make_network
from trainer.frameworks.pyg.relation import make_conv, make_layer
from trainer.frameworks.torch.backend import TorchBackend
from trainer.frameworks.torch.hetero import HeteroNetwork
from trainer.frameworks.torch.layers import LayeredModel, OneRelation
from trainer.models.spec import HeteroSpec, ModelSpec

# On a GPU, PyG advises a package that users would have to compile; nobody who runs a Job can follow that.
warnings.filterwarnings("ignore", message=r".*\btorch-scatter\b", category=UserWarning)


def build_model(spec: ModelSpec, inputs: Inputs) -> LayeredModel:
    """The model with fresh weights out of torch's random state."""
    if isinstance(spec, HeteroSpec):
        return HeteroNetwork(spec, make_conv, make_layer)
    (edge_type,) = inputs.edges
    return OneRelation(make_network(spec), edge_type)


BACKEND = TorchBackend(build_model)
