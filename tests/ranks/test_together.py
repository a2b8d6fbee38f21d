"""Ranks that are processes, over sockets: what one says arrives, and they learn what threads learn."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
import torch

from tests.conftest import make_settings
from tests.ranks.process import SETTINGS, main
from tests.ranks.shared_fits import share_fit
from tests.runs.running import start_forked
from tests.standins.ports import free_port
from tests.training.conftest import fitting
from tests.training.typed import typed_dataset
from tests.waits import LONG_S

Found = list[dict[str, Any]]


@pytest.fixture(scope="module")
def ended_well(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What two ranks have found that end together."""
    folder, port = tmp_path_factory.mktemp("ranks"), free_port()
    with ExitStack() as running:
        started = [
            running.enter_context(start_forked(folder, str(rank), "2", str(port), str(LONG_S), door=main))
            for rank in range(2)
        ]
        ended = [rank.wait() for rank in started]
    assert [rank.exit_code for rank in ended] == [0, 0], ended
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
