"""What a Job controller makes of each exit code of a run of one pod, and how a run goes on after each."""

from __future__ import annotations

import signal

import pytest

from tests.cluster.broken import MOMENT
from tests.cluster.stage import EPOCHS, Job, Stage

FINISHED = ("Complete", "CompletionsReached")
FINAL = ("Failed", "PodFailurePolicy")
USED_UP = ("Failed", "BackoffLimitExceeded")


def assert_went_on(stage: Stage, job: Job, first: int) -> None:
    """The second pod went on from the checkpoint of the first and finished."""
    assert job.wait_to_end() == FINISHED, job.account()
    assert job.exit_codes() == [first, 0], job.account()
    assert "goes on after epoch" in job.pods()[1].output
    metrics = stage.world.metrics()
    assert (metrics["status"], len(metrics["history"])) == ("finished", EPOCHS)


@pytest.mark.parametrize("options", [(), ("--secret-files",)], ids=["variables", "files"])
def test_0_completes_the_job(stage: Stage, options: tuple[str, ...]) -> None:
    """Credentials may come as variables or as files."""
    job = stage.start("--retries", "0", *options)
    assert job.wait_to_end() == FINISHED, job.account()
    assert job.exit_codes() == [0], job.account()
    assert stage.last_words() == ["started", "finished"]
    assert {".pt", "/metrics.json"} <= stage.world.stored().keys()


def test_2_fails_the_job_at_once(stage: Stage) -> None:
    """Wrong settings stay wrong."""
    stage.share(LEARNING_RATE="fast")
    job = stage.start()
    assert job.wait_to_end() == FINAL, job.account()
    assert job.exit_codes() == [2], job.account()
    assert "LEARNING_RATE" in job.pod().output


def test_3_fails_the_job_at_once(stage: Stage) -> None:
    """The graph stays as it is; the Job's message and the event name the code."""
    job = stage.start(target="nothing")
    assert job.wait_to_end() == FINAL, job.account()
    assert job.exit_codes() == [3], job.account()
    assert "exit code 3" in job.status["conditions"][-1]["message"]
    assert stage.last_words() == ["started", "error"]
    assert stage.world.seen[-1]["error_code"] == 3


def test_4_is_tried_again(stage: Stage) -> None:
    """It costs a try: a service may be back."""
    stage.share(MINIO_BUCKET="no-such-bucket")
    job = stage.start("--retries", "1")
    job.wait(lambda: job.exit_codes() == [4], "the first pod ended with 4")
    stage.share()
    assert job.wait_to_end() == FINISHED, job.account()
    assert job.exit_codes() == [4, 0], job.account()
    assert job.status["failed"] == 1
    assert stage.last_words() == ["started", "error", "started", "finished"]


def test_4_fails_the_job_when_no_try_is_left(stage: Stage) -> None:
    """Somebody has to look."""
    stage.share(MINIO_BUCKET="no-such-bucket")
    job = stage.start("--retries", "0")
    assert job.wait_to_end() == USED_UP, job.account()
    assert job.exit_codes() == [4], job.account()


@pytest.mark.parametrize(
    ("number", "exit_code", "words"),
    [
        (signal.SIGTERM, 143, ["started", "interrupted", "started", "finished"]),
        (signal.SIGKILL, 137, ["started", "started", "finished"]),
    ],
)
def test_a_signal_costs_a_try(stage: Stage, number: signal.Signals, exit_code: int, words: list[str]) -> None:
    """143 and 137 without Kubernetes having asked for it: a node that is shut down, memory that is used up."""
    stage.fault("slow")
    job = stage.start("--retries", "1")
    job.wait_for_epoch(job.pod(), MOMENT)
    process = job.pod().process
    assert process is not None
    process.send_signal(number)
    assert_went_on(stage, job, exit_code)
    assert job.status["failed"] == 1
    assert stage.last_words() == words


def test_an_eviction_costs_no_try(stage: Stage) -> None:
    """There is none: the pod that is drained from its node is followed by one that goes on."""
    stage.fault("slow")
    job = stage.start("--retries", "0")
    job.wait_for_epoch(job.pod(), MOMENT)
    job.evict(job.pod())
    assert_went_on(stage, job, 143)
    assert "failed" not in job.status
    assert stage.last_words() == ["started", "interrupted", "started", "finished"]
