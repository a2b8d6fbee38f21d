"""The model."""

from typing import Annotated

from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.models import MODELS
from trainer.settings.setting import Group, setting
from trainer.settings.values import one_of

_WITH_HEADS = " and ".join(name for name, kind in MODELS.items() if kind.heads)


class ModelSettings(Group, heading="model"):
    """The model."""

    framework: Annotated[str, one_of(FRAMEWORKS)] = setting(
        "pyg",
        "The library that the model comes from, in upper or lower case; `pyg` is PyTorch Geometric.",
        " or ".join(FRAMEWORKS),
    )
    model_type: Annotated[str, one_of(MODELS)] = setting(
        "GraphSAGE", "The model, in upper or lower case.", "one of " + ", ".join(MODELS)
    )
    hidden_channels: int = setting(64, "Width of the hidden layers.", "a whole number from 1 to 65536", ge=1, le=65536)
    num_layers: int = setting(2, "Number of message-passing layers.", "a whole number from 1 to 100", ge=1, le=100)
    heads: int = setting(4, f"Attention heads of {_WITH_HEADS}.", "a whole number from 1 to 1024", ge=1, le=1024)
    dropout: float = setting(
        0.0, "Fraction of hidden values that are dropped during training.", "a number from 0 to below 1", ge=0, lt=1
    )
