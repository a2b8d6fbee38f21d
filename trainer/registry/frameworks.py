"""The frameworks of FRAMEWORK, a row each: where each is implemented, and what it cannot do."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import NamedTuple

from trainer.registry import layer_weights
from trainer.registry.layer_weights import LayerWeights


@dataclass(frozen=True, kw_only=True)
class Framework:
    """A library that models come from.

    Attributes:
        backend: the `Backend` that implements it, as `module:name`.
        imports: its modules, to be imported while the run waits for its graph.
        remedy: where an installation with the framework is to be had.
        modules: what must be installed beside `imports`, where those are modules of ours that see to how it is imported.
        below_python: the first version of Python that it is not published for; None where there is none.
        packages: the distributions whose versions a run records beside torch, NumPy and the others of every run.
        model_types: the models that it has; None for all.
        weighted_models: the models that take EDGE_WEIGHT in it; None for all that take it at all.
        no_sampling: why it cannot take BATCH_SIZE; None where it can.
        no_gpu: why it cannot compute on a GPU; None where it can.
        one_type: why it takes only one vertex type, with features, and one relation; None where it takes several.
        classes: by model the class that a model file names; None for PyG's, which the row of the model has.
        relations_class: the class that a model file names for a model of several types.
        layer_weights: how many numbers a layer learns, by model; those of the row of the model where it is not named.
    """

    backend: str
    imports: tuple[str, ...]
    remedy: str
    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    below_python: tuple[int, int] | None = None
    model_types: Collection[str] | None = None
    weighted_models: Collection[str] | None = None
    no_sampling: str | None = None
    no_gpu: str | None = None
    one_type: str | None = None
    classes: Mapping[str, str] | None = None
    relations_class: str = "HeteroConv"
    layer_weights: Mapping[str, LayerWeights] = field(default_factory=dict)

    @property
    def is_installed(self) -> bool:
        """Whether its modules are there; none is imported."""
        return all(find_spec(name.partition(".")[0]) is not None for name in (*self.imports, *self.modules))


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
        modules=("dgl", "packaging"),
        below_python=(3, 12),
        packages=("dgl",),
        model_types=("GCN", "GraphSAGE", "GAT", "GATv2", "GIN"),
        weighted_models=("GCN",),
        no_gpu="its package on PyPI is built for CPUs",
        classes={"GCN": "GraphConv", "GraphSAGE": "SAGEConv", "GAT": "GATConv", "GATv2": "GATv2Conv", "GIN": "GINConv"},
        relations_class="HeteroGraphConv",
        layer_weights={
            "GAT": layer_weights.additive_attention_by_head,
            "GATv2": layer_weights.dynamic_attention_without_bias,
        },
    ),
}


class Request(NamedTuple):
    """The settings that a framework may have to refuse."""

    model_type: str
    edge_weight: str | None
    batch_size: int
    device: str


def refusals(name: str, request: Request) -> Iterator[tuple[str, str]]:
    """What a framework cannot do of a request: the setting, and a sentence to follow `FRAMEWORK='…'`."""
    framework = FRAMEWORKS[name]
    if not framework.is_installed:
        yield "framework", not_installed(framework)
    for setting, (reason, remedy) in _refused(framework, request).items():
        able = [other for other, row in FRAMEWORKS.items() if setting not in _refused(row, request)]
        remedies = [remedy, *(f"FRAMEWORK={other}" for other in able)]
        asked = f"{setting.upper()}={getattr(request, setting)}"
        yield setting, f"cannot take {asked}: {reason}; set {', or '.join(remedies)}"


def not_installed(framework: Framework) -> str:
    """What to follow `FRAMEWORK='…'` where its modules are not there."""
    version, limit = sys.version_info[:2], framework.below_python
    if limit is None or version < limit:
        return f"is not installed here; {framework.remedy}"
    here, first = (".".join(map(str, number)) for number in (version, limit))
    return f"is published for Python below {first}, and this is Python {here}; use such a Python, or another framework"


def _refused(framework: Framework, request: Request) -> dict[str, tuple[str, str]]:
    """By setting the reason, and the value that the framework takes."""
    refused = {}
    model_types, weighted = framework.model_types, framework.weighted_models
    if model_types is not None and request.model_type not in model_types:
        refused["model_type"] = "it has no such model", f"MODEL_TYPE to one of {', '.join(model_types)}"
    elif request.edge_weight and weighted is not None and request.model_type not in weighted:
        refused["edge_weight"] = (
            f"its {request.model_type} takes no weights",
            f"MODEL_TYPE to one of {', '.join(weighted)}",
        )
    if request.batch_size and framework.no_sampling:
        refused["batch_size"] = framework.no_sampling, "BATCH_SIZE=0"
    if request.device.startswith("cuda") and framework.no_gpu:
        refused["device"] = framework.no_gpu, "DEVICE=cpu"
    return refused
