"""How many numbers a model learns, reckoned from its spec: no framework is needed to know it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from trainer.models.spec import HomogeneousSpec, ModelSpec
from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.layer_weights import LayerShape
from trainer.registry.models import MODELS


def num_parameters(spec: ModelSpec) -> int | None:
    """Trainable numbers; None for a model whose row does not say what a layer has."""
    weights = FRAMEWORKS[spec.framework].layer_weights.get(spec.type, MODELS[spec.type].weights)
    if weights is None:
        return None
    layers = sum(weights(layer) for layer in _layers(spec))
    return layers + _outside_layers(spec)


def _layers(spec: ModelSpec) -> Iterator[LayerShape]:
    """Each layer, of each relation."""
    heads, args, width = spec.heads or 1, MODELS[spec.type].layer_args, spec.hidden_channels
    num_reductions = len(args.get("aggregators", [0])) * len(args.get("scalers", [0]))
    if isinstance(spec, HomogeneousSpec):
        widths = [spec.in_channels, *[width] * spec.num_layers]
        if not _has_linear_last(spec):
            widths[-1] = spec.out_channels
        for number, (num_in, num_out) in enumerate(pairwise(widths), start=1):
            yield LayerShape(
                num_in=num_in,
                num_out=num_out,
                heads=heads,
                concat=number < spec.num_layers,  # the last layer takes the mean of its heads
                has_edge_feature=spec.has_edge_feature,
                num_reductions=num_reductions,
            )
        return
    for relations in spec.reach.relations:
        for edge_type in relations:
            yield LayerShape(
                num_in=width,
                num_out=width,
                between_types=edge_type[0] != edge_type[2],
                heads=heads,
                concat=width % heads == 0,
                has_edge_feature=MODELS[spec.type].edge_weight == "feature" and edge_type in spec.weighted,
                num_reductions=num_reductions,
            )


def _outside_layers(spec: ModelSpec) -> int:
    """The encoders of the types, and the head."""
    width = spec.hidden_channels
    head = (width + 1) * spec.out_channels
    if isinstance(spec, HomogeneousSpec):
        return head if _has_linear_last(spec) else 0
    encoders = (
        max(len(spec.embedded[name]), 1) * width if name in spec.embedded else (max(channels, 1) + 1) * width
        for name, channels in spec.channels.items()
    )
    return sum(encoders) + head


def _has_linear_last(spec: HomogeneousSpec) -> bool:
    return spec.type in FRAMEWORKS[spec.framework].linear_last
