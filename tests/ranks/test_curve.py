"""In float32, in which weights drift apart by rounding, the ranks go down the loss curve of one process."""

from __future__ import annotations

import pytest

from tests.composed import build_dataset, fit
from tests.conftest import ROOT, make_settings
from tests.ranks.shared_fits import share_fit
from trainer.dataset.dataset import Dataset
from trainer.preparation import load_graph
from trainer.process.stop import StopToken
from trainer.training.result import FitResult

CANDLES = ROOT.parent / "shared" / "data" / "eth_graph_5m_2018_01"
VALUES = {"graph_path": str(CANDLES), "graph_name": CANDLES.name, "target": "price_up", "epochs": 10, "patience": 0}


@pytest.fixture(scope="module")
def candles() -> Dataset:
    """January 2018 of ETH/BTC."""
    settings = make_settings(**VALUES)
    graph = load_graph(
        settings.graph, settings.arango, settings.data, settings.split, StopToken(), lambda vertices, edges: None
    )
    return build_dataset(graph, settings)


def curve(result: FitResult) -> list[float | None]:
    """The losses of training and validation, epoch by epoch."""
    return [loss for record in result.history for loss in (record.loss, record.val_loss)]


@pytest.mark.skipif(not CANDLES.is_dir(), reason="the real candles are not beside this checkout")
@pytest.mark.parametrize("model_type", ["GraphSAGE", "GCN", "GAT"])
def test_ranks_follow_the_loss_curve_of_one_process(candles: Dataset, model_type: str) -> None:
    """Ten epochs on real candles, on two ranks and on three, to five digits."""
    settings = make_settings(**VALUES, model_type=model_type)
    alone = curve(fit(candles, settings))
    assert len(alone) == 20
    for size in (2, 3):
        assert curve(share_fit(candles, settings, size).of_rank_0) == pytest.approx(alone, rel=1e-5), size
