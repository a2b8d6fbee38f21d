"""A queue is started again while its old Job is kept."""

from __future__ import annotations

from tests.cluster.api import path_of
from tests.cluster.stage import Stage

FIRST, SECOND = 1722348000.123, 1722348060.0


def test_a_message_that_arrives_twice_is_one_job(stage: Stage) -> None:
    """Also when the Job has ended: nothing runs again."""
    job = stage.start(timestamp=FIRST)
    job.wait_to_end()
    before = stage.cluster.call("GET", job.path)["metadata"]
    again = stage.start(timestamp=FIRST)
    assert again.name == job.name
    after = stage.cluster.call("GET", job.path)["metadata"]
    assert (after["uid"], after["generation"]) == (before["uid"], before["generation"])
    assert job.exit_codes() == [0], job.account()


def test_a_new_start_of_a_queue_is_a_new_job(stage: Stage) -> None:
    """It trains what is new in it, and a label finds all Jobs of the queue."""
    first = stage.start(timestamp=FIRST, epochs=5)
    assert first.wait_to_end()[0] == "Complete", first.account()
    second = stage.start(timestamp=SECOND, epochs=7)
    assert second.wait_to_end()[0] == "Complete", second.account()
    jobs = path_of("batch/v1", "Job", stage.namespace)
    found = stage.cluster.items(jobs, labelSelector=f"streamforge/queue-id={stage.world.queue_id}")
    assert {job["metadata"]["name"] for job in found} == {first.name, second.name}
    assert len(stage.world.metrics()["history"]) == 7
    assert stage.last_words() == ["started", "finished", "started", "finished"]
