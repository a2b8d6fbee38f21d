"""The first second of a run."""

from __future__ import annotations

from pathlib import Path

from tests.jobs.world import World
from tests.standins.arango import Fault, When


def test_started_is_on_the_topic_before_torch_is_loaded(world: World) -> None:
    """While the database keeps the run waiting, `started` is there and torch is not."""
    world.arango.faults.add(Fault("slow", When("gharial"), seconds=20))
    run = world.start_program()
    try:
        run.wait_for("loading")
        assert "libtorch" not in Path(f"/proc/{run.process.pid}/maps").read_text()
    finally:
        run.process.terminate()
        run.wait()
    assert world.events()[0]["status"] == "started"


def test_a_setting_that_is_wrong_starts_nothing(world: World) -> None:
    """Exit code 2, no event, nothing in the bucket."""
    ended = world.run_program(EPOCHS="ten")
    assert ended.exit_code == 2
    assert "EPOCHS" in ended.last_error_line
    assert world.stored() == {}
    assert world.events(timeout_s=1) == []
