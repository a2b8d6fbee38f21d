"""The model."""

from typing import Annotated

from trainer.settings.setting import Group, setting
from trainer.settings.values import choice

MODEL_TYPES = ("GCN", "GAT", "GATv2", "GraphSAGE", "GIN", "GraphConv", "PNA", "EdgeCNN")
WEIGHTED_MODEL_TYPES = ("GCN", "GraphConv", "GAT", "GATv2")
"""The models that can use a number on each edge."""

ModelType = Annotated[str, choice(*MODEL_TYPES)]


class ModelSettings(Group, heading="model"):
    """The model."""

    framework: Annotated[str, choice("pyg")] = setting(
        "pyg", "The library that the model comes from: PyTorch Geometric.", "pyg, the only framework built so far"
    )
    model_type: ModelType = setting("GraphSAGE", "The model, in any letter case.", "one of " + ", ".join(MODEL_TYPES))
    hidden_channels: int = setting(64, "Width of the hidden layers.", "a whole number from 1 to 65536", ge=1, le=65536)
    num_layers: int = setting(2, "Number of message-passing layers.", "a whole number from 1 to 100", ge=1, le=100)
    heads: int = setting(4, "Attention heads of GAT and GATv2.", "a whole number from 1 to 1024", ge=1, le=1024)
    dropout: float = setting(
        0.0, "Share of hidden values dropped while training.", "a number from 0 to below 1", ge=0, lt=1
    )
