"""Two real processes train one model: what they learn, and that all end when one does, with one last word."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
import torch

from tests.conftest import EXAMPLE, Ended, RunMain
from tests.ranks.running import assert_one_voice, ranks_of
from tests.runs.running import ENDLESS, Running, WithLimits
from tests.waits import FOREVER_S

MARKET: tuple[str | Path, ...] = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up")
SAMPLED: tuple[str | Path, ...] = ("--batch_size", "60", "--num_neighbors", "4", "3")
SHORT_S = 3


def ended(ranks: list[Running]) -> list[Ended]:
    """How each ended."""
    return [rank.wait() for rank in ranks]


def codes(ranks: list[Ended]) -> list[int]:
    """The exit code of each."""
    return [rank.exit_code for rank in ranks]


def record(folder: Path) -> dict[str, Any]:
    """The record that is stored in a folder."""
    content: dict[str, Any] = json.loads((folder / "metrics.json").read_text())
    return content


@pytest.mark.parametrize("way", [(), SAMPLED], ids=["full batch", "sampled"])
def test_two_processes_learn_what_one_does(run_main: RunMain, tmp_path: Path, way: tuple[str | Path, ...]) -> None:
    """Equal measures and history but for rounding; rank 1 says who it is, and nothing of the run."""
    flags = (*MARKET, *way, "--epochs", "4", "--save_predictions")
    assert run_main(*flags, "--output_path", tmp_path / "one" / "m.pt").exit_code == 0
    with ranks_of(tmp_path, 2, *flags, "--output_path", tmp_path / "two" / "m.pt") as ranks:
        both = ended(ranks)
    assert codes(both) == [0, 0], both
    assert_one_voice(both, "finished")
    one, two = record(tmp_path / "one"), record(tmp_path / "two")
    assert two["environment"]["ranks"] == 2
    assert "ranks" not in one["environment"]
    for ours, alone in zip(two["history"], one["history"], strict=True):
        assert ours == pytest.approx(alone, rel=1e-5)
    assert two["metrics"]["test"]["accuracy"] == pytest.approx(one["metrics"]["test"]["accuracy"])
    lines = [json.loads(line) for line in both[1].stdout.splitlines()]
    assert {line["rank"] for line in lines} == {1}
    assert len(lines) <= 5, "a rank above 0 has little to say"


@pytest.mark.parametrize("killed", [0, 1])
def test_a_rank_is_killed(tmp_path: Path, killed: int) -> None:
    """The others leave with 5, and rank 0, if it is there, says so once."""
    with ranks_of(tmp_path, 2, *ENDLESS) as ranks:
        ranks[0].wait_for("training")
        ranks[killed].process.kill()
        other = ranks[1 - killed].wait()
    assert other.exit_code == 5, other
    assert "ended" in other.last_error_line
    if killed == 1:
        assert assert_one_voice([other], "error")["error_code"] == 5
    else:
        assert other.events == []


@pytest.mark.parametrize("frozen", [0, 1])
def test_a_rank_freezes(tmp_path: Path, frozen: int) -> None:
    """Who says nothing for RANK_TIMEOUT seconds is gone for the others."""
    with ranks_of(tmp_path, 2, *ENDLESS, timeout_s=SHORT_S) as ranks:
        ranks[0].wait_for("training")
        ranks[frozen].process.send_signal(signal.SIGSTOP)
        other = ranks[1 - frozen].wait()
    assert other.exit_code == 5, other
    assert f"rank {frozen}" in other.last_error_line.lower()
    if frozen == 1:
        assert assert_one_voice([other], "error")["error_code"] == 5


@pytest.mark.parametrize("present", [0, 1])
def test_a_rank_never_comes(tmp_path: Path, present: int) -> None:
    """After RANK_TIMEOUT: 4, and one sentence that says who did not come."""
    with ranks_of(tmp_path, 2, *ENDLESS, timeout_s=SHORT_S, only=[present]) as ranks:
        only = ranks[0].wait()
    assert only.exit_code == 4, only
    assert f"rank {1 - present}" in only.last_error_line
    assert "RANK_TIMEOUT=3" in only.last_error_line
    assert "Traceback" not in only.stdout + only.stderr
    if present == 0:
        assert assert_one_voice([only], "error")["error_code"] == 4


@pytest.mark.parametrize(("asked", "way"), [(0, SAMPLED), (1, ())], ids=["rank 0, sampled", "rank 1, full batch"])
def test_sigterm_to_a_rank_stops_all_at_one_step(
    run_main: RunMain, tmp_path: Path, asked: int, way: tuple[str | Path, ...]
) -> None:
    """143 for who got it, 5 for the other; what was learned is stored, and any number of ranks goes on from it."""
    flags = (*ENDLESS, *way, "--queue_id", "q", "--output_path", tmp_path / "m.pt")
    with ranks_of(tmp_path, 2, *flags) as ranks:
        ranks[0].wait_for("training")
        ranks[asked].process.terminate()
        both = ended(ranks)
    assert codes(both) == ([143, 5] if asked == 0 else [5, 143]), both
    assert assert_one_voice(both, "interrupted")["reason"] == "SIGTERM"
    epochs = record(tmp_path)["epochs_run"]
    assert record(tmp_path)["status"] == "interrupted"
    again = run_main(*flags, "--epochs", str(epochs + 1))
    assert again.exit_code == 0, again.stderr
    assert f"goes on after epoch {epochs} " in again.stdout


def test_as_many_ranks_go_on_bit_for_bit(tmp_path: Path) -> None:
    """Stopped by a signal to rank 1 and started again, two ranks leave the weights of two that were not disturbed."""
    flags = (*MARKET, "--dropout", "0.4", "--queue_id", "q", "--epochs", "150")
    for name in ("a", "b"):
        out = ("--output_path", tmp_path / name / "m.pt")
        with ranks_of(tmp_path / f"{name}1", 2, *flags, *out) as ranks:
            if name == "b":
                ranks[0].wait_for("training")
                ranks[1].process.terminate()
            assert codes(ended(ranks)) == ([0, 0] if name == "a" else [5, 143])
    assert record(tmp_path / "b")["epochs_run"] < 150
    with ranks_of(tmp_path / "b2", 2, *flags, "--output_path", tmp_path / "b" / "m.pt") as ranks:
        both = ended(ranks)
    assert codes(both) == [0, 0]
    assert "goes on after epoch" in both[1].stdout
    states = [torch.load(tmp_path / name / "m.pt", weights_only=True)["state_dict"] for name in ("a", "b")]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_an_error_of_another_rank_is_the_error_of_the_run(tmp_path: Path) -> None:
    """Rank 1 has other settings: it ends with 2, rank 0 says its sentence and its code, and ends with 5."""
    own = {1: {"HIDDEN_CHANNELS": "32"}}
    with ranks_of(tmp_path, 2, *ENDLESS, own=own) as ranks:
        both = ended(ranks)
    assert codes(both) == [5, 2], both
    word = assert_one_voice(both, "error")
    assert word["error_code"] == 2
    for sentence in (word["error_message"], both[1].last_error_line):
        assert "HIDDEN_CHANNELS on rank 0 is 64, here 32" in sentence


def test_an_error_of_rank_0_ends_the_others(tmp_path: Path) -> None:
    """A graph without the label: 3 and its sentence, once; the other rank leaves with 5."""
    with ranks_of(tmp_path, 2, *ENDLESS, "--target", "nothing") as ranks:
        both = ended(ranks)
    assert codes(both) == [3, 5], both
    assert assert_one_voice(both, "error")["error_code"] == 3
    assert "nothing" in both[1].last_error_line


def test_a_finished_run_is_not_trained_again_by_any_rank(tmp_path: Path) -> None:
    """All ranks of the second start end with 0, though rank 0 looks at the store before it meets the others."""
    flags = (*MARKET, "--epochs", "2", "--queue_id", "q", "--output_path", tmp_path / "m.pt")
    for start in range(2):
        with ranks_of(tmp_path, 2, *flags) as ranks:
            both = ended(ranks)
        assert codes(both) == [0, 0], both
        assert_one_voice(both, "finished")
        assert ('"training"' in both[0].stdout) == (start == 0)


@pytest.mark.parametrize("present", [0, 1])
def test_sigterm_while_the_others_are_waited_for(tmp_path: Path, present: int) -> None:
    """Nobody waits until RANK_TIMEOUT: 143, and where it is rank 0, interrupted."""
    with ranks_of(tmp_path, 2, *ENDLESS, timeout_s=3600, only=[present], env={"STOP_DEADLINE": "3600"}) as ranks:
        if present == 0:
            ranks[0].wait_for("started")
        else:
            ranks[0].wait_until(lambda: "looks for rank 0" in ranks[0].log.read_text(), "it looked for rank 0")
        ranks[0].process.terminate()
        only = ranks[0].wait()
    assert only.exit_code == 143, only
    if present == 0:
        assert_one_voice([only], "interrupted")


def test_sigterm_to_all_ranks(tmp_path: Path) -> None:
    """As when a Job is deleted: each ends with 143, and `interrupted` is said once."""
    with ranks_of(tmp_path, 2, *ENDLESS) as ranks:
        ranks[0].wait_for("training")
        for rank in ranks:
            rank.process.terminate()
        both = ended(ranks)
    assert codes(both) == [143, 143], both
    assert_one_voice(both, "interrupted")


@pytest.mark.parametrize("asked", [0, 1])
def test_a_stop_is_over_in_time_though_another_rank_is_frozen(tmp_path: Path, asked: int) -> None:
    """The rank waits for the frozen one when SIGTERM comes, and for no longer than STOP_DEADLINE."""
    with ranks_of(tmp_path, 2, *ENDLESS, timeout_s=FOREVER_S, env={"STOP_DEADLINE": "5"}) as ranks:
        ranks[0].wait_for("training")
        ranks[1 - asked].process.send_signal(signal.SIGSTOP)
        ranks[asked].process.terminate()
        other = ranks[asked].wait()
    assert other.exit_code == (4 if asked == 0 else 5), other
    assert "STOP_DEADLINE=5" in other.last_error_line
    if asked == 0:
        assert_one_voice([other], "error")


def out_of_memory(*_given: object) -> None:
    """Stands for a part of the program."""
    raise MemoryError("no room for the gradients")


def test_a_defect_of_rank_1_is_told_by_rank_0(tmp_path: Path) -> None:
    """Its sentence and its code, 1, are those of the event; rank 0 itself leaves with 5."""
    broken = WithLimits({"trainer.frameworks.torch.shared.steps.SharedLearner._share_of_loss": out_of_memory})
    with ranks_of(tmp_path, 2, *ENDLESS, doors={1: broken}) as ranks:
        both = ended(ranks)
    assert codes(both) == [5, 1], both
    word = assert_one_voice(both, "error")
    assert word["error_code"] == 1
    assert "no room for the gradients" in word["error_message"]


def test_only_rank_0_needs_the_graph(tmp_path: Path) -> None:
    """The other is given its part: no folder need be there."""
    flags = ("--graph_name", "market_5m", "--target", "price_up", "--epochs", "2", "--output_path", tmp_path / "m.pt")
    own = {0: {"GRAPH_PATH": str(EXAMPLE)}, 1: {"GRAPH_PATH": "/nowhere"}}
    with ranks_of(tmp_path, 2, *flags, own=own) as ranks:
        both = ended(ranks)
    assert codes(both) == [0, 0], both


def test_a_dry_run_is_of_rank_0(tmp_path: Path) -> None:
    """It describes the run once; the others have nothing to do."""
    with ranks_of(tmp_path, 2, *MARKET, "--dry_run") as ranks:
        both = ended(ranks)
    assert codes(both) == [0, 0], both
    assert both[0].stdout
    assert not both[1].stdout
