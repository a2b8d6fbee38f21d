"""With PyG's weights Spektral's layers say what PyG's say, on directed graphs with every kind of edge."""

from __future__ import annotations

import pytest
import torch

from tests.frameworks.graphs import ODD, Case, odd_graphs
from tests.frameworks.spektral.carried import MODELS, carried, reference
from tests.frameworks.spektral.graphs import CHANNELS, describe, inputs_of
from trainer.frameworks.open import open_backend

pytestmark = pytest.mark.spektral
every_model = pytest.mark.parametrize("model_type", MODELS)

LARGE = Case(200, 200, [(n * 7 % 200, n * n % 190) for n in range(1500)] + [(5, 5), (5, 5), (1, 7), (1, 7)], seed=3)
"""Directed, with parallel edges and loops; the last vertices have no edge that leads to them."""


def assert_agree(model_type: str, case: Case, *, weighted: bool = False, num_layers: int = 2) -> None:
    """Outputs of the same weights, to 1e-5 of the largest."""
    x, weight = case.x(CHANNELS), case.weight if weighted else None
    inputs = inputs_of(case, x, weight)
    spec = describe(inputs, model_type, num_layers=num_layers, edge_weight="w" if weighted else None)
    torch.manual_seed(case.seed)
    module = reference(spec).eval()
    arguments = {} if weight is None else {"edge_weight": weight}
    with torch.no_grad():
        expected = module(x, case.index, **arguments)
    found = open_backend("spektral").outputs_of(spec, carried(spec, module.state_dict()), inputs, "cpu", 0)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5 * max(1.0, float(expected.abs().max())))


@every_model
@odd_graphs
def test_outputs_are_pygs_on_odd_graphs(model_type: str, case: Case) -> None:
    """No edges, loops, parallel edges, one way only, vertices without edges."""
    assert_agree(model_type, case)


@every_model
@pytest.mark.parametrize("num_layers", [1, 2, 3])
def test_outputs_are_pygs_on_a_large_graph(model_type: str, num_layers: int) -> None:
    """GraphSAGE is compared with PyG's own with loops and vectors of length 1."""
    assert_agree(model_type, LARGE, num_layers=num_layers)


@pytest.mark.parametrize("case", [LARGE, ODD["every kind"]], ids=["large", "odd"])
def test_weights_of_edges_count_in_gcn(case: Case) -> None:
    """The only model of Spektral's whose layer takes them."""
    assert_agree("GCN", case, weighted=True)
