"""Ranks that are processes, over sockets: they learn what threads learn, and none waits for one that has ended."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conftest import ROOT, make_settings
from tests.left_behind import start_process
from tests.ranks.process import SETTINGS
from tests.ranks.shared_fits import share_fit
from tests.standins.ports import free_port
from tests.training.conftest import fitting
from tests.training.typed import typed_dataset
from tests.waits import LONG_S

Found = list[dict[str, Any]]


def start(folder: Path, how: str, ranks: list[int], timeout_s: float) -> list[subprocess.Popen[Any]]:
    """Ranks of two on a port of their own."""
    port, processes = free_port(), []
    for rank in ranks:
        arguments = [str(rank), "2", str(port), str(timeout_s), how, str(folder)]
        process = start_process([sys.executable, "-m", "tests.ranks.process", *arguments], cwd=ROOT)
        processes.append(process)
    return processes


@pytest.fixture(scope="module")
def ended_well(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What two ranks have found that end together."""
    folder = tmp_path_factory.mktemp("ranks")
    codes = [process.wait(LONG_S) for process in start(folder, "well", [0, 1], LONG_S)]
    assert codes == [0, 0]
    return [torch.load(folder / f"{rank}.pt", weights_only=False) for rank in range(2)]


def test_what_is_said_arrives(ended_well: Found) -> None:
    """Rows of different numbers, arrays, and nothing at all."""
    first, second = (found["said"] for found in ended_well)
    for said in (first, second):
        assert said[0]["array"].tolist() == [0, 1, 2, 3]
        assert said[0]["none"] is None
        assert said[1] is None
        assert said[2] == [(0, 2), (1, 2)]
        assert said[4] == [1, 1, 2, 2, 2]
    assert first[3] == [[0, 1]]
    assert second[3] == [[2, 3], [4, 5], [10, 11], [12, 13], [14, 15]]
    assert first[5] == [[0, 1], [10, 11], [12, 13]]
    assert second[5] is None
    assert [first[6], second[6]] == [[0, 0, 0], [1, 1, 1]]


def test_processes_learn_what_threads_learn(ended_well: Found) -> None:
    """To the bit: the sums of two ranks have one order only."""
    settings = make_settings(**fitting("multiclass", **SETTINGS))
    expected = share_fit(typed_dataset("multiclass"), settings, 2).of_rank_0
    assert expected.state_dict is not None
    assert expected.outputs is not None
    assert torch.equal(ended_well[0]["outputs"], expected.outputs)
    assert ended_well[1]["outputs"] is None
    for found in ended_well:
        assert all(torch.equal(found["weights"][name], weights) for name, weights in expected.state_dict.items())


@pytest.mark.parametrize(
    ("how", "timeout_s", "sentence"),
    [
        ("with a word", LONG_S, "Rank 1 ended with exit code 3: There are no labels."),
        ("frozen", 5, "Rank 1 ended or hangs, without a word"),
    ],
)
def test_a_rank_ends_with_the_other(tmp_path: Path, how: str, timeout_s: float, sentence: str) -> None:
    """With 5 and what the other said, if it said something."""
    first, _ = start(tmp_path, how, [0, 1], timeout_s)
    first.wait(LONG_S)
    exit_code, found = torch.load(tmp_path / "0.pt", weights_only=False)["error"]
    assert exit_code == 5
    assert sentence in found


def test_a_rank_that_never_comes_is_named(tmp_path: Path) -> None:
    """After RANK_TIMEOUT, as a service that is away."""
    (first,) = start(tmp_path, "well", [0], 1)
    first.wait(LONG_S)
    exit_code, found = torch.load(tmp_path / "0.pt", weights_only=False)["error"]
    assert exit_code == 4
    assert "rank 1 did not come within RANK_TIMEOUT=1 seconds" in found
