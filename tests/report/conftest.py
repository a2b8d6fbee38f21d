"""Records of real runs, each trained once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.report.dumps import DAYS, write_candles, write_days
from tests.runs.here import finished_here
from trainer.record import RunRecord

SMALL = ("--hidden_channels", 8)
OF_CANDLES = (
    *SMALL,
    "--features",
    "open",
    "volume",
    "session",
    "is_weekend",
    "--embargo",
    3 * 86_400_000,
    "--symbol",
    "BTCUSDT",
)


@pytest.fixture(scope="session")
def candles(tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    """The flags that name the graph of candles."""
    return "--graph_path", write_candles(tmp_path_factory.mktemp("candles")), "--graph_name", "market"


@pytest.fixture(scope="session")
def binary(candles: tuple[object, ...], tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    """Two classes, split in time."""
    flags = ("--target", "price_up", "--epochs", 12, "--class_weights", "balanced", *OF_CANDLES)
    return finished_here(tmp_path_factory.mktemp("binary"), *candles, *flags).record


@pytest.fixture(scope="session")
def multiclass(candles: tuple[object, ...], tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    """Three classes out of one array attribute, split at random, with nothing to warn of."""
    flags = ("--target", "regime", "--features", "words", "--split", "random", "--epochs", 40)
    return finished_here(tmp_path_factory.mktemp("multiclass"), *candles, *flags, *SMALL, "--patience", 3).record


@pytest.fixture(scope="session")
def regression(candles: tuple[object, ...], tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    """Numbers, split in time."""
    flags = ("--target", "future_return", "--epochs", 12, *OF_CANDLES)
    return finished_here(tmp_path_factory.mktemp("regression"), *candles, *flags).record


@pytest.fixture(scope="session")
def heterogeneous(tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    """Three graphs of three vertex types, with weights and with edges out of the future."""
    dump: Path = write_days(tmp_path_factory.mktemp("days"))
    graphs = ("--graph_path", dump, "--graph_name", ",".join(f"graph_{day}" for day in DAYS), "--split", "graph")
    flags = ("--target", "price_up", "--model_type", "GCN", "--edge_weight", "weight", "--messages", "causal")
    return finished_here(tmp_path_factory.mktemp("heterogeneous"), *graphs, *flags, *SMALL, "--epochs", 3).record


@pytest.fixture(scope="session")
def interrupted(binary: RunRecord) -> RunRecord:
    """A run that SIGTERM has ended: there was no time for baselines."""
    without = dict.fromkeys(("baselines", "verdict", "beats_baseline", "comparison"))
    return binary.model_copy(
        update={"status": "interrupted", "stop_reason": "SIGTERM", "epochs": 100, "verdict_notes": [], **without}
    )
