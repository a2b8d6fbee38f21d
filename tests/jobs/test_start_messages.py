"""From a start message to a finished run: the Job's own variables, and the shared ones of ConfigMap and Secret."""

from __future__ import annotations

import pytest

from tests.jobs.world import World, assert_well_told
from tests.queue.start_messages import STARTS
from trainer.queue.command import Start, parse_command
from trainer.queue.manifest import render

SHARED = ("ARANGO_", "KAFKA_", "CA_PATH", "MINIO_", "QUEUE_EVENTS_TOPIC", "QUEUE_CONTROL_TOPIC")


@pytest.mark.parametrize("message", STARTS, ids=["gat", "sage", "sage again"])
def test_the_rendered_job_runs_to_finished(world: World, message: str) -> None:
    """What the manifest puts into the pod's environment is enough for the run to end well."""
    start = parse_command(message)
    assert isinstance(start, Start)
    (container,) = render(start)["spec"]["template"]["spec"]["containers"]
    own = {entry["name"]: entry["value"] for entry in container["env"] if "value" in entry}
    own["QUEUE_ID"] = world.queue_id
    own["CA_PATH"] = world.kafka_variables["CA_PATH"]
    shared = {name: value for name, value in world.environment().items() if name.startswith(SHARED)}
    ended = world.run_with(shared | own)
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    events = world.events()
    assert_well_told(events, "finished")
    assert events[-1]["model_type"] == start.model_type
    assert max(event.get("epoch", 0) for event in events) <= int(own["EPOCHS"])
