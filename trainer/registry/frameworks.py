"""The frameworks of FRAMEWORK, a row each: where each is implemented, and what it cannot do."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import NamedTuple

from trainer.registry import layer_weights
from trainer.registry.layer_weights import LayerWeights
from trainer.registry.models import MODELS, weighted_models


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A library that models come from.

    Attributes:
        backend: the `Backend` that implements it, as `module:name`.
        imports: its modules, to be imported while the run waits for its graph.
        remedy: where an installation with the framework is to be had.
        packages: the distributions whose versions a run records beside torch, NumPy and the others of every run; those that
            are not there are left out. `one|other` is recorded as `one`, whichever of both is there.
        modules: what must be there beside `imports`, where a module of ours imports it as it has to be.
        newest_python: the newest Python that it has wheels for; None where it has them for every one.
        model_types: the models that it has; None for all.
        weighted_models: the models that take EDGE_WEIGHT in it; None for all that take it at all.
        no_sampling: why it cannot take BATCH_SIZE; None where it can.
        no_gpu: why it cannot compute on a GPU; None where it can.
        one_type: why it takes only one vertex type, with features, and one relation; None where it takes several.
        no_ranks: why several ranks cannot train one model with it; None where they can.
        classes: by model the class of a layer, which a model file names; None for PyG's models.
        layers: makes the layers of a model as plain values, which a model file then holds too; None where its class is enough.
        linear_last: by model why a linear layer follows its last convolution.
        relations_class: the class of a layer of several types, which a model file names.
        layer_weights: how many numbers a layer learns, by model; those of the row of the model where it is not named.
        more_program_bytes: memory that its libraries take beside those of every run.
        has_estimate: whether its memory was measured, so that a dry run can estimate it.
    """

    backend: str
    imports: tuple[str, ...]
    remedy: str
    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    newest_python: tuple[int, int] | None = None
    model_types: Collection[str] | None = None
    weighted_models: Collection[str] | None = None
    no_sampling: str | None = None
    no_gpu: str | None = None
    one_type: str | None = None
    no_ranks: str | None = None
    classes: Mapping[str, str] | None = None
    layers: str | None = None
    linear_last: Mapping[str, str] = field(default_factory=dict)
    relations_class: str = "HeteroConv"
    layer_weights: Mapping[str, LayerWeights] = field(default_factory=dict)
    more_program_bytes: int = 0
    has_estimate: bool = True

    @property
    def is_installed(self) -> bool:
        """Whether its modules are there; none is imported. A mere folder of that name is no module."""
        specs = [find_spec(name.partition(".")[0]) for name in (*self.imports, *self.modules)]
        return all(spec is not None and spec.origin is not None for spec in specs)

    @property
    def models(self) -> list[str]:
        """The models of MODEL_TYPE that it has."""
        return [name for name in MODELS if self.model_types is None or name in self.model_types]

    @property
    def models_with_weights(self) -> list[str]:
        """Those that take EDGE_WEIGHT in it."""
        able = self.models if self.weighted_models is None else self.weighted_models
        return [name for name in weighted_models() if name in self.models and name in able]


FRAMEWORKS: dict[str, Framework] = {
    "pyg": Framework(
        backend="trainer.frameworks.pyg.backend:BACKEND",
        imports=("torch", "torch_geometric.nn"),
        remedy="pip install -r requirements.txt",
    ),
    "dgl": Framework(
        backend="trainer.frameworks.dgl.backend:BACKEND",
        imports=("torch", "torch_geometric.nn", "trainer.frameworks.dgl.library"),
        remedy="pip install -r requirements.txt",
        packages=("dgl",),
        modules=("dgl", "packaging"),
        newest_python=(3, 11),
        model_types=("GCN", "GraphSAGE", "GAT", "GATv2", "GIN"),
        weighted_models=("GCN",),
        no_gpu="its package on PyPI is built for CPUs",
        classes={"GCN": "GraphConv", "GraphSAGE": "SAGEConv", "GAT": "GATConv", "GATv2": "GATv2Conv", "GIN": "GINConv"},
        relations_class="HeteroGraphConv",
        layer_weights={
            "GAT": layer_weights.additive_attention_by_head,
            "GATv2": layer_weights.dynamic_attention_without_bias,
        },
        has_estimate=False,
    ),
    "spektral": Framework(
        backend="trainer.frameworks.spektral.backend:BACKEND",
        imports=("torch", "trainer.frameworks.spektral.library"),
        modules=("tensorflow", "tf_keras", "spektral"),
        packages=("tensorflow|tensorflow-cpu", "tf-keras", "spektral"),
        remedy="use the image gnn-trainer:spektral, or pip install --no-deps -r requirements-spektral.lock",
        model_types=("GCN", "GraphSAGE", "GAT", "GIN"),
        weighted_models=("GCN",),
        no_sampling="its layers take one square matrix",
        no_ranks="its layers take one square matrix, that of the whole graph",
        no_gpu="it runs on TensorFlow's build for CPUs",
        one_type="its layers take one square matrix",
        classes={"GCN": "GCNConv", "GraphSAGE": "GraphSageConv", "GAT": "GATConv", "GIN": "GINConv"},
        layers="trainer.models.keras_layers:keras_layers",
        linear_last={"GraphSAGE": "Spektral's GraphSAGE scales the vector that it gives each vertex to length 1"},
        more_program_bytes=400_000_000,
        has_estimate=False,
    ),
}


class Request(NamedTuple):
    """The settings that a framework may have to refuse."""

    model_type: str
    edge_weight: str | None
    batch_size: int
    device: str
    world_size: int = 1


def refusals(framework: Framework, request: Request) -> Iterator[tuple[str, str]]:
    """What a framework cannot do of a request: the setting, and why."""
    model_type = request.model_type
    if model_type not in framework.models:
        yield "model_type", "it has no such model"
    elif request.edge_weight and MODELS[model_type].edge_weight and model_type not in framework.models_with_weights:
        yield "edge_weight", f"its {model_type} takes no weights"
    if request.batch_size and framework.no_sampling:
        yield "batch_size", framework.no_sampling
    if request.device.startswith("cuda") and framework.no_gpu:
        yield "device", framework.no_gpu
    if request.world_size > 1 and framework.no_ranks:
        yield "world_size", framework.no_ranks


def frameworks_for(request: Request, among: Collection[str] | None = None) -> list[str]:
    """The frameworks that refuse nothing of a request; where it is not said among which, among those that are installed."""
    known = [name for name, row in FRAMEWORKS.items() if (row.is_installed if among is None else name in among)]
    return [name for name in known if not any(refusals(FRAMEWORKS[name], request))]


def not_installed(framework: Framework, python: tuple[int, int] = sys.version_info[:2]) -> str:
    """What to follow `FRAMEWORK='…'` where its modules are not there."""
    newest = framework.newest_python
    if newest is None or python <= newest:
        return f"is not installed here; {framework.remedy}"
    here, there = (".".join(map(str, version)) for version in (python, newest))
    return f"is not installed here, where Python is {here}: it has wheels for {there} and older; with one of these, {framework.remedy}"
