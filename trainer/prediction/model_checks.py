"""Whether what a model file says of itself can be true: types, ranges, and parts that fit each other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter
from torch import Tensor

from trainer.dataset.features.feature import Feature
from trainer.dataset.schema import Schema, TargetSchema
from trainer.models.spec import HeteroSpec, HomogeneousSpec, ModelSpec
from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.models import MODELS
from trainer.settings.groups.model import ModelSettings

_KINDS = ("number", "boolean", "vector", "category")
_MESSAGES = ("as_stored", "causal")
_SCHEMA = TypeAdapter(Schema)
_SPECS: Mapping[type[ModelSpec], TypeAdapter[Any]] = {
    HomogeneousSpec: TypeAdapter(HomogeneousSpec),
    HeteroSpec: TypeAdapter(HeteroSpec),
}


def typed_parts(spec: ModelSpec, schema: Schema) -> tuple[ModelSpec, Schema]:
    """Both with every field of the type that it should have.

    Raises:
        ValueError: a field is of another type.
    """
    typed_spec: ModelSpec = _SPECS[type(spec)].validate_python(asdict(spec))
    return typed_spec, _SCHEMA.validate_python(asdict(schema))


def model_problems(spec: ModelSpec, state_dict: Any, schema: Schema) -> Iterator[str]:
    """What is wrong with a model file, a phrase each.

    Args:
        spec: the model.
        state_dict: its weights, of any type.
        schema: what makes its inputs.
    """
    yield from _spec_problems(spec)
    yield from _weight_problems(state_dict)
    for vertex_type in schema.types:
        for feature in vertex_type.features:
            problems = _feature_problems(feature, vertex_type.num_vertices)
            yield from (f"feature {feature.name!r:.60}: {problem}" for problem in problems)
    if schema.messages not in _MESSAGES:
        yield f"messages is {schema.messages!r}"
    yield from _target_problems(schema.target, spec.out_channels)
    yield from _count_problems(schema)
    yield from _width_problems(spec, schema)


def _spec_problems(spec: ModelSpec) -> Iterator[str]:
    if spec.framework not in FRAMEWORKS:
        yield f"the framework is {spec.framework!r}"
    heads = {} if spec.heads is None else {"heads": spec.heads}
    try:
        ModelSettings(hidden_channels=spec.hidden_channels, num_layers=spec.num_layers, dropout=spec.dropout, **heads)
    except ValueError:
        size = f"hidden_channels={spec.hidden_channels}, num_layers={spec.num_layers}, heads={spec.heads}, dropout={spec.dropout}"
        yield f"its size cannot be: {size}"
        return
    if MODELS[spec.type].heads and (spec.heads is None or (spec.num_layers > 1 and spec.hidden_channels % spec.heads)):
        yield f"heads is {spec.heads}"
    counts = (
        [] if spec.degrees is None else [*spec.degrees.values()] if isinstance(spec, HeteroSpec) else [spec.degrees]
    )
    if any(not count or min(count) < 0 for count in counts):
        yield "a count of degrees is negative or missing"


def _weight_problems(state_dict: Any) -> Iterator[str]:
    if not isinstance(state_dict, dict) or not all(isinstance(value, Tensor) for value in state_dict.values()):
        yield "state_dict holds no tensors"


def _feature_problems(feature: Feature, num_vertices: int | None) -> Iterator[str]:
    width = len(feature.fill)
    if feature.kind not in _KINDS:
        yield f"its kind is {feature.kind!r}"
    if not width or {len(feature.mean), len(feature.scale)} != {width}:
        yield "fill, mean and scale differ in length"
    elif not all(map(math.isfinite, (*feature.fill, *feature.mean, *feature.scale))) or min(feature.scale) <= 0:
        yield "fill, mean and scale are no finite numbers, or a scale is not above 0"
    if feature.kind in ("number", "boolean") and width != 1:
        yield f"one number has {width} columns"
    if feature.kind == "category" and len(feature.categories) != width:
        yield f"{len(feature.categories)} categories have {width} columns"
    if feature.missing < 0 or feature.unseen < 0:
        yield "a count is negative"
    if num_vertices is not None and feature.missing + feature.unseen > num_vertices:
        yield f"more than all {num_vertices} vertices have no value"


def _target_problems(target: TargetSchema, out_channels: int) -> Iterator[str]:
    num_classes = None if target.classes is None else len(target.classes)
    expected = {"binary": (2, 1), "regression": (None, 1), "multiclass": (num_classes, num_classes)}
    if target.task not in expected:
        yield f"the task is {target.task!r}"
        return
    if (num_classes, out_channels) != expected[target.task] or (target.task == "multiclass" and (num_classes or 0) < 2):
        yield f"{target.task} with {num_classes} classes and {out_channels} outputs"
    classes = target.classes or []
    labels = [*classes, *([] if target.positive_class is None else [target.positive_class])]
    if not all(map(_is_label, labels)) or len(set(map(repr, classes))) < len(classes):
        yield "the classes are not labels that differ"
    elif target.positive_class is not None and target.positive_class not in classes:
        yield f"the positive class {target.positive_class!r} is none of the classes"
    if not math.isfinite(target.mean) or not math.isfinite(target.scale) or target.scale <= 0:
        yield f"mean {target.mean} and scale {target.scale} of the label"


def _is_label(value: object) -> bool:
    """Whether a document can hold this label."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**64
    return isinstance(value, str) or (isinstance(value, float) and math.isfinite(value))


def _count_problems(schema: Schema) -> Iterator[str]:
    """Counts of the training that cannot be."""
    counts = {
        **{f"vertices of {each.name}": each.num_vertices for each in schema.types},
        **{f"edges of {'/'.join(each.edge_type)}": each.num_edges for each in schema.relations},
        "vertices without incoming edges": schema.target.num_without_incoming,
    }
    yield from (f"{count} {what:.100}" for what, count in counts.items() if not 0 <= (count or 0) < 2**63)
    sizes = {each.name: each.num_vertices for each in schema.types}
    if (schema.target.num_without_incoming or 0) > (sizes.get(schema.target.type) or 2**63):
        yield "more vertices without incoming edges than there are"


def _width_problems(spec: ModelSpec, schema: Schema) -> Iterator[str]:
    """Where the schema makes other inputs than the model takes."""
    widths = {each.name: sum(feature.width for feature in each.features) for each in schema.types}
    if schema.target.type not in widths:
        yield f"no vertex type {schema.target.type!r} that is predicted"
    ends = {name for relation in schema.relations for name in relation.edge_type[::2]}
    if missing := ends - widths.keys():
        yield f"relations of unknown vertex types {sorted(missing)}"
    if isinstance(spec, HomogeneousSpec):
        if list(widths.values()) != [spec.in_channels] or len(schema.relations) != 1:
            yield f"in_channels={spec.in_channels} beside the features of {sorted(widths)}"
    elif spec.target_type != schema.target.type or any(
        widths.get(name) != width for name, width in spec.channels.items()
    ):
        yield "its vertex types are not those of the features"
    elif not {relation for layer in spec.reach.relations for relation in layer} <= {
        relation.edge_type for relation in schema.relations
    }:
        yield "its relations are not those of the schema"
