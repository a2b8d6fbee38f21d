"""On a GPU the same modules give the same outputs and gradients, where there is one."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from tests.frameworks.graphs import ODD
from tests.frameworks.test_network import WIDTH, describe
from trainer.frameworks.pyg.network import Network, make_network
from trainer.frameworks.torch.structure import make_structure
from trainer.registry.models import MODELS


def learned_on(device: str, model: Network, model_type: str, index: Tensor, x: Tensor) -> list[Tensor]:
    """Outputs, and the gradients of inputs and parameters, back on the CPU."""
    model = model.to(device)
    x = x.detach().to(device).requires_grad_()
    structure = make_structure(MODELS[model_type], index.to(device), None, len(x), len(x), same_type=True)
    outputs = model(x, [structure.adjacency()] * model.num_layers)
    gradients = torch.autograd.grad(outputs.square().sum(), [x, *model.parameters()])
    return [tensor.detach().cpu() for tensor in (outputs, *gradients)]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")
@pytest.mark.parametrize("model_type", MODELS)
def test_a_gpu_computes_what_the_cpu_computes(model_type: str) -> None:
    """Outputs and gradients of every model are those of the CPU, up to rounding."""
    for case in ODD.values():
        model = make_network(describe(model_type, case))
        x = case.x(WIDTH)
        expected = learned_on("cpu", model, model_type, case.index, x)
        for found, known in zip(learned_on("cuda", model, model_type, case.index, x), expected, strict=True):
            torch.testing.assert_close(found, known, rtol=1e-4, atol=1e-5)
