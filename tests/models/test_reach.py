"""What can still reach the target, layer by layer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from trainer.graph.edge_type import EdgeType
from trainer.models.reach import reach_of

NAMES = "abcde"
RELATIONS = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from("rs"), st.sampled_from(NAMES)), unique=True)


@given(RELATIONS, st.integers(1, 4))
def test_layers_need_what_walks_against_the_edges_find(edge_types: list[EdgeType], num_layers: int) -> None:
    """A type is needed before a layer if a walk along that many relations or fewer leads from it to the target."""
    reach = reach_of("a", edge_types, num_layers)
    assert reach.num_layers == num_layers
    for place in range(num_layers):
        steps = num_layers - 1 - place
        assert reach.types[place] == {name for name in NAMES if leads(name, edge_types, steps)}
        assert set(reach.relations[place]) == {kind for kind in edge_types if leads(kind[2], edge_types, steps)}
    assert reach.inputs == {name for name in NAMES if leads(name, edge_types, num_layers)}


def leads(name: str, edge_types: list[EdgeType], steps: int) -> bool:
    """Whether a walk of at most so many steps leads to `a`."""
    if name == "a":
        return True
    return steps > 0 and any(leads(kind[2], edge_types, steps - 1) for kind in edge_types if kind[0] == name)
