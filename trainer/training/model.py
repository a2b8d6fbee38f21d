"""From a dataset's inputs to the model for them: PyG's own for one type and relation, else one with encoders per type."""

from __future__ import annotations

import torch

from trainer.dataset.inputs import Inputs
from trainer.dataset.vertex_set import VertexSet
from trainer.graph.edge_type import EdgeType
from trainer.models import hetero_plan
from trainer.models.hetero import HeteroNetwork
from trainer.models.layers import LayeredModel, OneRelation
from trainer.models.registry import ModelSpec, count_in_degrees, describe_model
from trainer.settings.groups.model import ModelSettings


def describe(settings: ModelSettings, inputs: Inputs, out_channels: int) -> ModelSpec:
    """The model that the settings ask for, for these inputs."""
    if inputs.is_homogeneous and inputs.x.shape[1]:
        num_nodes, in_channels = inputs.x.shape
        edges = next(iter(inputs.edges.values()))
        index = torch.from_numpy(edges.index)
        weighted = edges.weight is not None
        return describe_model(settings, in_channels, out_channels, index, num_nodes, has_weights=weighted)
    relations = {kind: _relation(settings, kind, inputs) for kind in inputs.edges}
    types = {name: _shape(vertices) for name, vertices in inputs.vertices.items()}
    args = hetero_plan.hetero_args(settings, inputs.target_type, out_channels, types, relations)
    return ModelSpec(settings.model_type, hetero_plan.CLASS_NAME, args)


def build(spec: ModelSpec, inputs: Inputs) -> LayeredModel:
    """The model with fresh weights out of torch's random state."""
    if spec.class_name == hetero_plan.CLASS_NAME:
        return HeteroNetwork(**spec.args)
    return OneRelation(spec.build_network(), next(iter(inputs.edges)))


def _shape(vertices: VertexSet) -> hetero_plan.TypeShape:
    num_vertices, num_channels = vertices.x.shape
    is_embedded = not num_channels and num_vertices <= hetero_plan.MAX_EMBEDDED
    return hetero_plan.TypeShape(num_channels, num_vertices, vertices.ids() if is_embedded else ())


def _relation(settings: ModelSettings, kind: EdgeType, inputs: Inputs) -> hetero_plan.RelationShape:
    edges, num_targets = inputs.edges[kind], len(inputs.vertices[kind[2]])
    needs_degrees = settings.model_type == "PNA"
    degrees = count_in_degrees(torch.from_numpy(edges.index), num_targets) if needs_degrees else ()
    return hetero_plan.RelationShape(edges.weight is not None, degrees)
