"""Processes on their way to each other: one that cannot find the way, one too many, one in place of another, one that is late."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import torch.distributed as dist

from tests.conftest import EXAMPLE
from tests.ranks.running import assert_one_voice, ranks_of
from tests.runs.running import ENDLESS, Running
from tests.standins.ports import free_port
from tests.waits import FOREVER_S, LONG_S
from trainer.process.stop import StopToken
from trainer.ranks.board import Board
from trainer.ranks.patience import Patience
from trainer.ranks.place import Place

SHORT_S = 3
SHORT: tuple[str | Path, ...] = (
    "--graph_path",
    EXAMPLE,
    "--target",
    "price_up",
    "--epochs",
    "2",
    "--output_path",
    "m.pt",
)


def has_ended(rank: Running) -> bool:
    """Whether its process has."""
    return rank.process.poll() is not None


def epoch_of(rank: Running) -> int:
    """The last epoch that it tells of."""
    return int(re.findall(r'"epoch": (\d+)', "0" + rank.log.read_text())[-1])


def test_an_address_that_cannot_be_looked_up(tmp_path: Path) -> None:
    """4 for each after RANK_TIMEOUT: rank 0 needs no name, and says who did not come; the other says which name it is."""
    with ranks_of(tmp_path, 2, *SHORT, timeout_s=SHORT_S, env={"MASTER_ADDR": "job-0.nowhere.invalid"}) as ranks:
        both = [rank.wait() for rank in ranks]
    assert [rank.exit_code for rank in both] == [4, 4], both
    assert "rank 1 did not come within RANK_TIMEOUT=3" in assert_one_voice(both, "error")["error_message"]
    assert "MASTER_ADDR=job-0.nowhere.invalid is no name that could be looked up" in both[1].last_error_line
    assert len(both[0].stderr.splitlines() + both[1].stderr.splitlines()) == 2, "torch's own words belong to nobody"


def test_a_process_too_many_does_not_disturb_the_run(tmp_path: Path) -> None:
    """Three are started for two ranks: one of the two that are rank 1 ends with 5 and says why, the others go on."""
    with ranks_of(tmp_path, 2, *ENDLESS, only=[0, 1, 2], own={2: {"RANK": "1"}}) as ranks:
        ranks[0].wait_until(lambda: any(has_ended(rank) for rank in ranks[1:]), "one of them ended")
        partner, surplus = sorted(ranks[1:], key=has_ended)
        ended = surplus.wait()
        assert ended.exit_code == 5
        assert "began with another process as rank 1" in ended.last_error_line
        ranks[0].wait_for("training")
        now = epoch_of(ranks[0])
        ranks[0].wait_until(lambda: epoch_of(ranks[0]) > now, "the run went on")
        partner.process.terminate()
        assert [partner.wait().exit_code, ranks[0].wait().exit_code] == [143, 5]


def test_two_that_say_they_are_the_same_rank(tmp_path: Path) -> None:
    """While rank 2 is missing: nobody waits for it, and the error says which rank there is twice."""
    with ranks_of(tmp_path, 3, *SHORT, timeout_s=FOREVER_S, only=[0, 1, 2], own={2: {"RANK": "1"}}) as ranks:
        ended = [rank.wait() for rank in ranks]
    assert ended[0].exit_code == 5, ended
    assert sorted(rank.exit_code for rank in ended[1:]) == [4, 5], ended
    word = assert_one_voice(ended, "error")
    assert word["error_code"] == 4
    assert "Two processes say that they are rank 1; give each one of 0 to 2." in word["error_message"]


def test_a_rank_that_is_killed_while_another_is_waited_for_comes_again(tmp_path: Path) -> None:
    """As a pod that is evicted while a node is started for the last one: the run begins with its successor."""
    port = free_port()
    with ranks_of(tmp_path, 3, *SHORT, only=[0, 1], port=port, timeout_s=FOREVER_S) as ranks:
        ranks[1].wait_until(lambda: "looks for rank 0" in ranks[1].log.read_text(), "it looked for rank 0")
        store = dist.TCPStore("127.0.0.1", port, None, False, wait_for_workers=False)  # type: ignore[attr-defined]
        store.wait(["come/1"], timedelta(seconds=LONG_S))
        ranks[1].process.kill()
        with ranks_of(tmp_path / "later", 3, *SHORT, only=[1, 2], port=port, timeout_s=FOREVER_S) as later:
            ended = [rank.wait() for rank in (ranks[0], *later)]
    assert [rank.exit_code for rank in ended] == [0, 0, 0], ended
    assert_one_voice(ended, "finished")


@pytest.mark.parametrize("present", [0, 1])
def test_the_first_wait_may_be_longer_than_the_others(tmp_path: Path, present: int) -> None:
    """RANK_START_TIMEOUT is how long a rank waits for one that has not come, and RANK_TIMEOUT for one that has."""
    env = {"RANK_TIMEOUT": "1", "RANK_START_TIMEOUT": "3"}
    with ranks_of(tmp_path, 2, *SHORT, only=[present], env=env) as ranks:
        only = ranks[0].wait()
    assert only.exit_code == 4, only
    assert "within RANK_START_TIMEOUT=3 seconds" in only.last_error_line


def test_who_comes_late_is_not_taken_for_dead() -> None:
    """Rank 1 comes when RANK_TIMEOUT is over for long, within RANK_START_TIMEOUT: it has shown life since it is there."""
    port, patience, stop = free_port(), Patience(2, FOREVER_S), StopToken()
    first = Board(Place(0, 2, "127.0.0.1", port), patience, stop)
    with ThreadPoolExecutor() as pool:
        coming = pool.submit(first.come_together)
        time.sleep(patience.timeout_s + 0.5)
        second = Board(Place(1, 2, "127.0.0.1", port), patience, stop)
        second.come_together()
        coming.result()
        first.check()
        second.leave()
        first.leave()
