"""What a reader of metrics and report should know of how a model deals with the types of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trainer.models.describe import MAX_EMBEDDED
from trainer.models.spec import HeteroSpec, ModelSpec
from trainer.registry.models import MODELS


def notes_on(spec: ModelSpec) -> list[str]:
    """Sentences; none for a model of one vertex type."""
    return list(_notes(spec)) if isinstance(spec, HeteroSpec) else []


def _notes(spec: HeteroSpec) -> Iterator[str]:
    relations = spec.reach.relations[0]
    if MODELS[spec.type].one_vertex_set and any(source != target for source, _, target in relations):
        yield (
            f"{spec.type} knows one vertex set: each relation between different types is convolved as one graph over both "
            "vertex sets."
        )
    if spec.embedded:
        yield f"Without features, each vertex has an embedding of its own: {_joined(spec.embedded)}."
    constant = [name for name, width in spec.channels.items() if not width and name not in spec.embedded]
    if constant:
        yield f"Without features and more than {MAX_EMBEDDED} vertices, a constant stands for each: {_joined(constant)}."
    targets = {target for _, _, target in relations}
    unchanged = [name for name in spec.channels if name not in targets]
    if unchanged:
        yield (
            "No relation that matters leads to these types, their vertices keep their own vectors: "
            f"{_joined(unchanged)}."
        )
    if spec.left_out:
        yield (
            f"Left out, for nothing of them reaches {spec.target_type} within {spec.num_layers} layers: "
            f"{_joined(spec.left_out)}."
        )


def _joined(names: Iterable[str]) -> str:
    return ", ".join(names)
