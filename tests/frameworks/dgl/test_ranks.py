"""Several ranks train DGL's models: they learn what one process learns, each with its part of the graph or of the batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch

from tests.composed import fit
from tests.conftest import make_settings
from tests.frameworks.graphs import computing_in
from tests.ranks.shared_fits import assert_same_training, in_float64, share_fit
from tests.training.conftest import fitting
from tests.training.typed import dense_dataset, typed_dataset
from trainer.registry.frameworks import FRAMEWORKS
from trainer.sampling import batch_plan

MODELS = FRAMEWORKS["dgl"].models


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The evaluation goes in several pieces, as it does on large graphs."""
    monkeypatch.setattr(batch_plan, "MAX_PIECE", 150)


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    with computing_in(torch.float64):
        yield


@pytest.mark.parametrize(
    ("make", "size"), [(dense_dataset, 2), (typed_dataset, 3)], ids=["one relation", "several types"]
)
@pytest.mark.parametrize("batch_size", [0, 13])
@pytest.mark.parametrize("model_type", MODELS)
def test_ranks_learn_what_one_process_learns(make: Any, size: int, model_type: str, batch_size: int) -> None:
    """Full batch and drawn neighbours; with weights where the model takes them."""
    values: dict[str, Any] = {"framework": "dgl", "model_type": model_type, "batch_size": batch_size}
    values |= {"epochs": 2 if batch_size else 4, "heads": 2, "learning_rate": 0.0001, "num_neighbors": [3]}
    settings = make_settings(**fitting("multiclass", **values))
    dataset = in_float64(make("multiclass", weighted=model_type == "GCN"))
    tolerance = (
        1e-6 if model_type == "GAT" else 1e-12
    )  # some of whose weights DGL makes in float32 whatever is asked for
    assert_same_training(share_fit(dataset, settings, size).of_rank_0, fit(dataset, settings), tolerance)
