"""A dataset's inputs as tensors on the device, as far as a model uses them; on the CPU nothing is copied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from trainer.dataset.inputs import Inputs
from trainer.dataset.vertex_set import VertexSet
from trainer.frameworks.torch.structure import Structure, make_structure
from trainer.graph.edge_type import EdgeType
from trainer.models.reach import Reach
from trainer.models.spec import ModelSpec
from trainer.registry.models import MODELS, ModelKind


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
    num_vertices = {name: len(inputs.vertices[name]) for name in inputs.vertices if name in reach.inputs}
    return GraphTensors(
        target_type=inputs.target_type,
        inputs={name: input_tensor(inputs.vertices[name], spec.embedded.get(name)).to(device) for name in num_vertices},
        structures={
            edge_type: _structure(MODELS[spec.type], edge_type, inputs, num_vertices, device)
            for edge_type in inputs.edges
            if edge_type in reach.relations[0]
        },
        num_vertices=num_vertices,
    )


def input_tensor(vertices: VertexSet, embedded: list[str] | None) -> Tensor:
    """The inputs of a type: its features, its rows of the embedding, or ones where it has neither."""
    if embedded is not None:
        row_of = {name: row for row, name in enumerate(embedded)}
        return torch.tensor([row_of.get(name, -1) for name in vertices.ids()], dtype=torch.int64)
    return torch.from_numpy(vertices.x) if vertices.x.shape[1] else torch.ones(len(vertices), 1)


def _structure(
    kind: ModelKind, edge_type: EdgeType, inputs: Inputs, num_vertices: Mapping[str, int], device: torch.device
) -> Structure:
    edges = inputs.edges[edge_type]
    source, _, target = edge_type
    weight = None if edges.weight is None else torch.from_numpy(edges.weight).to(device)
    index = torch.from_numpy(edges.index).to(device)
    return make_structure(kind, index, weight, num_vertices[source], num_vertices[target], source == target)
