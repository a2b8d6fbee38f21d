"""An Indexed Job of two ranks on a real Job controller: what its status says, how often each rank begins, what the run leaves."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cluster.broken import MOMENT
from tests.cluster.stage import EPOCHS, Job, Stage
from tests.conftest import EXAMPLE
from tests.ranks.running import ranks_of

PAIR = ("--pods", "2", "--retries", "1")
WITHOUT_TRIES = ("--pods", "2", "--retries", "0")
FINISHED = ("Complete", "SuccessPolicy")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The record of the same run by two processes that nobody disturbs."""
    folder = tmp_path_factory.mktemp("undisturbed")
    flags = ("--graph_path", EXAMPLE, "--target", "price_up", "--model_type", "GraphSAGE", "--epochs", str(EPOCHS))
    with ranks_of(folder, 2, *flags, "--output_path", folder / "m.pt", env={"THREADS": "1"}) as ranks:
        assert [rank.wait().exit_code for rank in ranks] == [0, 0]
    content: dict[str, Any] = json.loads((folder / "metrics.json").read_text())
    return content


def assert_learned(stage: Stage, undisturbed: dict[str, Any]) -> None:
    """The model is stored, and it is the one of the undisturbed run."""
    assert ".pt" in stage.world.stored()
    learned = stage.world.metrics()
    assert learned["environment"]["ranks"] == 2
    assert learned["metrics"] == undisturbed["metrics"]
    assert len(learned["history"]) == EPOCHS
    assert learned["history"][-1]["loss"] == undisturbed["history"][-1]["loss"]


def codes(job: Job) -> list[list[int | None]]:
    """How the pods of each rank ended."""
    return [job.exit_codes(0), job.exit_codes(1)]


def test_two_pods_train_one_model(stage: Stage, undisturbed: dict[str, Any]) -> None:
    """Each begins once."""
    job = stage.start(*PAIR)
    assert job.wait_to_end() == FINISHED, job.account()
    assert codes(job) == [[0], [0]], job.account()
    assert stage.last_words() == ["started", "finished"]
    assert_learned(stage, undisturbed)


@pytest.mark.parametrize("killed", [0, 1])
def test_a_rank_is_killed(stage: Stage, undisturbed: dict[str, Any], killed: int) -> None:
    """It costs that rank one try, and the other none; both go on from the checkpoint."""
    stage.fault("slow")
    job = stage.start(*PAIR)
    job.wait_for_epoch(job.pod(0), MOMENT)
    job.pod(killed).kill()
    assert job.wait_to_end() == FINISHED, job.account()
    assert codes(job) == ([[137, 0], [5, 0]] if killed == 0 else [[5, 0], [137, 0]]), job.account()
    assert stage.last_words() == ["started", *(["error"] if killed == 1 else []), "started", "finished"]
    assert_learned(stage, undisturbed)


@pytest.mark.parametrize("evicted", [0, 1])
def test_a_rank_is_evicted(stage: Stage, undisturbed: dict[str, Any], evicted: int) -> None:
    """It costs no try: there is none."""
    stage.fault("slow")
    job = stage.start(*WITHOUT_TRIES)
    job.wait_for_epoch(job.pod(0), MOMENT)
    job.evict(job.pod(evicted))
    assert job.wait_to_end() == FINISHED, job.account()
    assert codes(job) == ([[143, 0], [5, 0]] if evicted == 0 else [[5, 0], [143, 0]]), job.account()
    assert stage.last_words() == ["started", "interrupted", "started", "finished"]
    assert_learned(stage, undisturbed)


@pytest.mark.parametrize("failing", [0, 1])
def test_a_rank_fails_for_good(stage: Stage, failing: int) -> None:
    """3 fails the Job at once, whichever rank says it, and its sentence is that of the run's only last word."""
    stage.fault("3", failing)
    job = stage.start(*PAIR)
    assert job.wait_to_end() == ("Failed", "PodFailurePolicy"), job.account()
    assert job.exit_codes(failing) == [3], job.account()
    assert job.exit_codes(1 - failing) in ([5], [143]), job.account()  # 143: the Job controller was faster
    assert stage.last_words() == ["started", "error"]
    word = stage.world.seen[-1]
    assert (word["error_code"], "does not hold together" in word["error_message"]) == (3, True)


@pytest.mark.parametrize("failing", [0, 1])
def test_a_rank_fails_for_the_moment(stage: Stage, undisturbed: dict[str, Any], failing: int) -> None:
    """4 costs that rank one try, and the other none."""
    stage.fault("4", failing)
    job = stage.start(*PAIR)
    assert job.wait_to_end() == FINISHED, job.account()
    assert codes(job) == ([[4, 0], [5, 0]] if failing == 0 else [[5, 0], [4, 0]]), job.account()
    assert stage.last_words() == ["started", "error", "started", "finished"]
    assert_learned(stage, undisturbed)


def test_a_rank_that_fails_too_often_fails_the_job(stage: Stage) -> None:
    """The others cannot go on without it."""
    stage.fault("4", rank=1)
    job = stage.start(*WITHOUT_TRIES)
    assert job.wait_to_end() == ("Failed", "MaxFailedIndexesExceeded"), job.account()
    assert job.exit_codes(1) == [4], job.account()
    assert stage.last_words()[:2] == ["started", "error"]


def test_rank_0_is_killed_when_rank_1_is_done(stage: Stage, undisturbed: dict[str, Any]) -> None:
    """Rank 1 does not come again, and rank 0 does not need it: it finds the run finished."""
    stage.fault("late")
    job = stage.start(*PAIR, rank_timeout=5)
    job.wait(lambda: job.exit_codes(1) == [0], "rank 1 was done")
    job.wait(lambda: job.status.get("succeeded") == 1, "the Job controller knew that rank 1 was done")
    job.pod(0).kill()
    assert job.wait_to_end() == FINISHED, job.account()
    assert codes(job) == [[137, 0], [0]], job.account()
    assert stage.last_words() == ["started", "finished", "started", "finished"]
    assert_learned(stage, undisturbed)
