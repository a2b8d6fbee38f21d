"""The settings that decide what is learned: graph, model and training."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.models import MODELS
from trainer.settings.setting import setting
from trainer.settings.values import CountList, JoinedNames, NameList, choice, matching, one_of

LOSSES_BY_TASK = {
    "binary": ("binary_crossentropy", "cross_entropy", "focal"),
    "multiclass": ("cross_entropy", "focal"),
    "regression": ("mse", "mae", "huber"),
}
LOSS_NAMES = ("binary_crossentropy", "cross_entropy", "mse", "mae", "huber", "focal")
ROUTING_WORD = "gnn-trainer"
"""A start message holds `target` twice; this value is the service's name, never a label."""

ModelType = Annotated[str, one_of(MODELS)]
LossName = Annotated[str, choice(*LOSS_NAMES, bce="binary_crossentropy", l1="mae")]
TaskName = Annotated[str, choice("auto", *LOSSES_BY_TASK)]
Split = Annotated[str, matching(r"auto|temporal|random|graph|attribute:.+")]
Device = Annotated[str, matching(r"auto|cpu|cuda(:\d+)?")]


class GraphSettings(BaseModel):
    """Which graph, and what of it."""

    graph_name: JoinedNames = setting(
        "",
        "graph",
        "The named graph to train on, or several by comma; in a folder without named graphs, its edge collection.",
        "the name of a graph",
        shown_default="required",
        aliases=("GRAPH_COLLECTION_NAME",),
        several=True,
    )
    graph_path: str | None = setting(
        None, "graph", "A folder written by `arangodump` to read the graph from.", "a folder"
    )
    features: NameList = setting(
        [],
        "graph",
        "The vertex attributes to learn from.",
        "a list of attribute names",
        shown_default="all numeric attributes that are neither keys, nor time, nor label-like",
        several=True,
    )
    target: str | None = setting(
        None,
        "graph",
        "The vertex attribute to predict.",
        "the name of an attribute",
        shown_default="the first of target, label, y, price_up; else the only future_*",
        not_set=(ROUTING_WORD,),
    )
    target_collection: NameList = setting(
        [],
        "graph",
        "The vertex collection whose labels are learned; several, or a pattern such as `*_candles`, when they hold the same entity. "
        "Others of that entity stay in the graph, unlabelled, and are predicted too.",
        "the name of a vertex collection",
        shown_default="the one entity that has TARGET",
        several=True,
    )
    time_field: str | None = setting(
        None,
        "graph",
        "The vertex attribute that holds the time.",
        "the name of an attribute",
        shown_default="found: ts, timestamp, open_time, time, date, …",
    )
    scaling: Annotated[str, choice("auto", "standard", "none")] = setting(
        "auto",
        "graph",
        "How features are scaled: `auto` gives number attributes standard scores and leaves array attributes alone.",
        "auto, standard or none",
    )
    edge_weight: str | None = setting(
        None,
        "graph",
        "The edge attribute that weighs messages (GCN, GraphConv) or is an edge feature (GAT, GATv2).",
        "the name of an edge attribute",
        shown_default="none",
    )
    messages: Annotated[str, choice("as_stored", "causal")] = setting(
        "as_stored",
        "graph",
        "`causal` drops edges that carry the future into the past; `as_stored` keeps them and warns.",
        "as_stored or causal",
    )


class ModelSettings(BaseModel):
    """What learns."""

    framework: Annotated[str, one_of(FRAMEWORKS)] = setting(
        "pyg",
        "model",
        "The library that the model comes from: PyTorch Geometric.",
        " or ".join(FRAMEWORKS),
    )
    model_type: ModelType = setting(
        "GraphSAGE", "model", "The model, in any letter case.", "one of " + ", ".join(MODELS)
    )
    hidden_channels: int = setting(
        64, "model", "Width of the hidden layers.", "a whole number from 1 to 65536", ge=1, le=65536
    )
    num_layers: int = setting(
        2, "model", "Number of message-passing layers.", "a whole number from 1 to 100", ge=1, le=100
    )
    heads: int = setting(
        4, "model", "Attention heads of GAT and GATv2.", "a whole number from 1 to 1024", ge=1, le=1024
    )
    dropout: float = setting(
        0.0, "model", "Share of hidden values dropped while training.", "a number from 0 to below 1", ge=0, lt=1
    )


class TrainingSettings(BaseModel):
    """How it learns."""

    epochs: int = setting(
        10, "training", "How often the whole training part is seen.", "a whole number of at least 1", ge=1
    )
    loss_fn: LossName | None = setting(
        None,
        "training",
        "The loss; `bce` and `l1` are short for binary_crossentropy and mae.",
        "one of " + ", ".join((*LOSS_NAMES, "bce", "l1")),
        shown_default="by task: binary_crossentropy, cross_entropy, mse",
    )
    task: TaskName = setting(
        "auto",
        "training",
        "What kind of label TARGET is; `auto` looks at its values.",
        "auto, binary, multiclass or regression",
    )
    learning_rate: float = setting(
        0.01, "training", "Step size of Adam.", "a number above 0, at most 1e30", gt=0, le=1e30
    )
    weight_decay: float = setting(0.0, "training", "L2 penalty of Adam.", "a number from 0 to 1e30", ge=0, le=1e30)
    seed: int = setting(
        42, "training", "Seed of everything random.", "a whole number from 0 to 4294967295", ge=0, le=2**32 - 1
    )
    split: Split = setting(
        "auto",
        "training",
        "How labelled vertices are divided: by time, at random, by whole graphs, or by a stored attribute with train/val/test.",
        "auto, temporal, random, graph or attribute:<name>",
        shown_default="auto: temporal where there is time, else random",
    )
    val_ratio: float = setting(
        0.15, "training", "Share of labelled vertices to validate on.", "a number from 0 to below 1", ge=0, lt=1
    )
    test_ratio: float = setting(
        0.15, "training", "Share of labelled vertices to test on.", "a number from 0 to below 1", ge=0, lt=1
    )
    embargo: float = setting(
        0.0,
        "training",
        "Gap between the parts of a temporal split, in the units of TIME_FIELD (seconds where it holds texts).",
        "a number of at least 0",
        ge=0,
    )
    class_weights: Annotated[str, choice("none", "balanced")] = setting(
        "none",
        "training",
        "`balanced` weighs each class by the inverse of its frequency in training.",
        "none or balanced",
    )
    patience: int = setting(
        0,
        "training",
        "Stop after so many epochs without a lower validation loss; 0 never does.",
        "a whole number of at least 0",
        ge=0,
    )
    batch_size: int = setting(
        0,
        "training",
        "Labelled vertices per mini-batch, with sampled neighbours; graphs per mini-batch for several graphs without NUM_NEIGHBORS; "
        "0 trains on the whole graph at once, whatever NUM_NEIGHBORS says.",
        "a whole number of at least 0",
        ge=0,
    )
    num_neighbors: CountList = setting(
        [],
        "training",
        "Neighbours drawn per vertex and relation in mini-batches: one number per layer, the layer nearest the labels first, or one for all; -1 takes all.",
        "whole numbers above 0, or -1, one per layer",
        shown_default="10 per layer",
        several=True,
    )
    device: Device = setting(
        "auto",
        "training",
        "Where to compute; `auto` takes a GPU when there is one.",
        "auto, cpu, cuda or cuda:<number>",
    )
    checkpoint_every: float = setting(
        60.0, "training", "Seconds between checkpoints.", "a number of at least 0.1", ge=0.1
    )
    resume: Annotated[str, choice("auto", "never")] = setting(
        "auto",
        "training",
        "`auto` goes on from the checkpoint of an earlier run with the same QUEUE_ID, settings and graph.",
        "auto or never",
    )
