"""PyG's own model, as a reader of the model file builds it."""

from __future__ import annotations

import pkgutil

import torch

from trainer.models.spec import HomogeneousSpec, ModelSpec
from trainer.registry.models import MODELS


def stock_model(spec: ModelSpec) -> torch.nn.Module:
    """The stock class with the arguments of the spec, with fresh weights from torch's random state."""
    assert isinstance(spec, HomogeneousSpec)
    module: torch.nn.Module = pkgutil.resolve_name(MODELS[spec.type].stock)(**spec.args)
    return module
