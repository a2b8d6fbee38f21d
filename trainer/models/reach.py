"""What can still reach the target: relations that cannot are not built, so that they cost neither time nor memory."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from trainer.graph.edge_type import EdgeType


@dataclass(frozen=True)
class Reach:
    """What each layer has to compute for the target, first layer first.

    Attributes:
        relations: the relations over which each layer sends messages; the first layer has all that are used.
        types: the types whose vertices each layer has to give a vector; after the last layer the target's alone.
        inputs: the types that the first layer receives from.
    """

    relations: tuple[tuple[EdgeType, ...], ...]
    types: tuple[frozenset[str], ...]
    inputs: frozenset[str]

    @property
    def num_layers(self) -> int:
        """How many layers there are."""
        return len(self.relations)


def reach_of(target_type: str, edge_types: Collection[EdgeType], num_layers: int) -> Reach:
    """Walk from the target against the edges, a layer a step."""
    needed = frozenset({target_type})
    relations: list[tuple[EdgeType, ...]] = []
    types: list[frozenset[str]] = []
    for _ in range(num_layers):
        leading = tuple(edge_type for edge_type in edge_types if edge_type[2] in needed)
        relations.append(leading)
        types.append(needed)
        needed |= {source for source, _, _ in leading}
    return Reach(tuple(reversed(relations)), tuple(reversed(types)), needed)
