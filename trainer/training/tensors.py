"""A dataset's inputs as tensors on the device, as far as a model uses them; on the CPU nothing is copied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.dataset.inputs import Inputs
from trainer.dataset.vertex_set import VertexSet
from trainer.graph.edge_type import EdgeType
from trainer.models.hetero_plan import CLASS_NAME
from trainer.models.reach import Reach
from trainer.models.registry import ModelSpec
from trainer.models.structure import Structure, make_structure


@dataclass(frozen=True)
class GraphTensors:
    """What a model sees of a graph.

    Attributes:
        target_type: the type that is predicted.
        inputs: by type, float32 [vertices, channels], or int64 [vertices] for the rows of an embedding.
        structures: the edges of each relation.
        num_vertices: by type.
    """

    target_type: str
    inputs: Mapping[str, Tensor]
    structures: Mapping[EdgeType, Structure]
    num_vertices: Mapping[str, int]


def graph_tensors(spec: ModelSpec, reach: Reach, inputs: Inputs, device: torch.device) -> GraphTensors:
    """The types and relations that reach the target."""
    embedded = spec.args["embedded"] if spec.class_name == CLASS_NAME else {}
    num_vertices = {name: len(inputs.vertices[name]) for name in inputs.vertices if name in reach.inputs}
    return GraphTensors(
        target_type=inputs.target_type,
        inputs={name: _input(inputs.vertices[name], embedded.get(name)).to(device) for name in num_vertices},
        structures={
            kind: _structure(spec.type, kind, inputs, num_vertices, device)
            for kind in inputs.edges
            if any(kind in layer for layer in reach.relations)
        },
        num_vertices=num_vertices,
    )


def _input(vertices: VertexSet, embedded: list[str] | None) -> Tensor:
    if embedded is not None:
        row_of = {name: row for row, name in enumerate(embedded)}
        return torch.tensor([row_of.get(name, -1) for name in vertices.ids()], dtype=torch.int64)
    return torch.from_numpy(vertices.x) if vertices.x.shape[1] else torch.ones(len(vertices), 1)


def _structure(
    model_type: str, kind: EdgeType, inputs: Inputs, num_vertices: Mapping[str, int], device: torch.device
) -> Structure:
    edges = inputs.edges[kind]
    source, _, target = kind
    weight = None if edges.weight is None else torch.from_numpy(edges.weight).to(device)
    index = torch.from_numpy(edges.index).to(device)
    return make_structure(model_type, index, weight, num_vertices[source], num_vertices[target], source == target)
