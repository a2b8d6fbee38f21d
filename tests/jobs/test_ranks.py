"""Two ranks between ArangoDB, Kafka and S3: rank 0 alone talks to them, and what ends it ends the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

import pytest

from tests.jobs.world import BUCKET, World, assert_well_told
from tests.ranks.running import assert_one_voice, last_words, ranks_of
from tests.runs.running import Running, WithLimits
from tests.standins.arango import Fault as Trouble
from tests.standins.arango import When
from tests.standins.endpoints import S3Endpoint
from tests.standins.faulty_proxy import Fault, FaultyProxy
from tests.waits import FOREVER_S, unhurried

LONG = {"EPOCHS": "100000", "TARGET": "price_up", "MODEL_TYPE": "GraphSAGE"}
S3 = "trainer.artifacts.s3_patience"
IMPATIENT = WithLimits(
    {
        f"{S3}.FIRST_WAIT_S": 0.05,
        f"{S3}.LONGEST_WAIT_S": 0.2,
        f"{S3}.QUICK_PATIENCE_S": 0.7,
        f"{S3}.PUT_PATIENCE_S": 0.7,
        f"{S3}.END_PATIENCE_S": 0.7,
    }
)
"""How long the store is waited for is tested with one process."""


@pytest.fixture
def s3_network(s3: S3Endpoint) -> Iterator[FaultyProxy]:
    """The network to the store."""
    address = urlsplit(s3.endpoint)
    assert address.hostname is not None
    assert address.port is not None
    with FaultyProxy(address.hostname, address.port) as network:
        yield network


def pair(world: World, **changes: str) -> AbstractContextManager[list[Running]]:
    """Two ranks with the first environment block of the documentation, changed."""
    return ranks_of(world.folder, 2, env=world.environment(**changes), door=IMPATIENT)


def test_a_stop_command_ends_both_with_0(world: World) -> None:
    """interrupted, what was learned is stored; a rank above 0 has no commands and hears of it."""
    with pair(world, **LONG) as ranks:
        ranks[0].wait_for("training")
        world.send({"command": "stop", "queue_id": world.queue_id})
        both = [rank.wait() for rank in ranks]
    assert [rank.exit_code for rank in both] == [0, 0], both
    assert_one_voice(both, "interrupted")
    assert_well_told(world.events(), "interrupted")
    assert world.metrics()["status"] == "interrupted"
    assert world.metrics()["environment"]["ranks"] == 2


def test_a_stop_command_while_the_graph_loads_ends_both_with_0(world: World) -> None:
    """The other rank waits for its part, and is told that none comes."""
    world.arango.faults.add(Trouble("slow", When("cursor-create", nth=3), seconds=60))
    with pair(world, **LONG) as ranks:
        ranks[0].wait_for("loading")
        world.send({"command": "stop", "queue_id": world.queue_id})
        both = [rank.wait(50) for rank in ranks]
    assert [rank.exit_code for rank in both] == [0, 0], both
    assert_one_voice(both, "interrupted")


def test_a_stop_command_that_was_there_before_ends_both_with_0(world: World) -> None:
    """Rank 0 is stopped before it has met the other, and tells it when it comes."""
    world.send({"command": "stop", "queue_id": world.queue_id})
    with pair(world, **LONG) as ranks:
        both = [rank.wait() for rank in ranks]
    assert [rank.exit_code for rank in both] == [0, 0], both
    assert_one_voice(both, "interrupted")


def test_sigterm_to_rank_1_while_rank_0_loads(world: World) -> None:
    """Rank 0 does not wait for the database: 143 and 5, nothing stored."""
    world.arango.faults.add(Trouble("slow", When("cursor-create", nth=3), seconds=60))
    with pair(world, **LONG) as ranks:
        ranks[0].wait_for("loading")
        ranks[1].process.terminate()
        both = [rank.wait(50) for rank in ranks]
    assert [rank.exit_code for rank in both] == [5, 143], both
    assert assert_one_voice(both, "interrupted")["model_path"] is None
    assert world.stored() == {}


@pytest.mark.parametrize("killed", [0, 1])
def test_a_rank_is_killed_while_rank_0_loads(world: World, killed: int) -> None:
    """A rank that is gone before the training is missed after RANK_TIMEOUT; rank 0 at once."""
    world.arango.faults.add(Trouble("slow", When("cursor-create", nth=3), seconds=FOREVER_S))
    with ranks_of(world.folder, 2, env=world.environment(**LONG), timeout_s=3) as ranks:
        ranks[0].wait_for("loading")
        ranks[killed].process.kill()
        other = ranks[1 - killed].wait()
    assert other.exit_code == 5, other
    if killed == 1:
        assert assert_one_voice([other], "error")["error_code"] == 5


def test_rank_1_is_lost_when_the_training_is_over(world: World, s3_network: FaultyProxy) -> None:
    """Rank 0 has all that it needs: the run is finished."""
    s3_network.arm(f"PUT /{BUCKET}/{world.queue_id}.pt".encode(), Fault.SLOW, s3_network)
    block = LONG | {"EPOCHS": "3", "MINIO_ENDPOINT": s3_network.address}
    with ranks_of(world.folder, 2, env=world.environment(**block), timeout_s=3) as ranks:
        ranks[0].wait_until(lambda: s3_network.has_fired, "the model was stored")
        ranks[1].process.kill()
        first = ranks[0].wait()
    assert first.exit_code == 0, first
    assert_one_voice([first], "finished")
    assert_well_told(world.events(), "finished")


def test_a_signal_to_rank_1_holds_the_deadline_of_rank_0(world: World, s3_network: FaultyProxy) -> None:
    """The store falls silent as the stop comes: rank 0 says `error` within STOP_DEADLINE, and the other ends too."""
    block = LONG | {"MINIO_ENDPOINT": s3_network.address, "STOP_DEADLINE": f"{unhurried(5):g}"}
    s3_network.arm(f"PUT /{BUCKET}/{world.queue_id}.pt".encode(), Fault.SILENT, s3_network)
    with ranks_of(world.folder, 2, env=world.environment(**block, TMPDIR=str(world.folder))) as ranks:
        ranks[0].wait_for("training")
        ranks[1].process.terminate()
        both = [rank.wait() for rank in ranks]
    assert [rank.exit_code for rank in both] == [4, 5], both
    assert "STOP_DEADLINE" in assert_one_voice(both, "error")["error_message"]
    assert_well_told(world.events(), "error")


@pytest.mark.parametrize("moment", ["first look", "claim", "model"])
def test_the_store_is_away_on_rank_0(world: World, s3_network: FaultyProxy, moment: str) -> None:
    """4 and one `error`; the other rank leaves with 5, also where the two have not met yet."""
    object_ = {"claim": "/checkpoints/owner.json", "model": ".pt"}.get(moment)
    trigger = "" if object_ is None else f"PUT /{BUCKET}/{world.queue_id}{object_}"
    s3_network.arm(trigger.encode(), Fault.REFUSED, s3_network)
    with pair(world, **LONG, MINIO_ENDPOINT=s3_network.address) as ranks:
        if moment == "model":
            ranks[0].wait_for("training")
            world.send({"command": "stop", "queue_id": world.queue_id})
        both = [rank.wait() for rank in ranks]
    assert s3_network.has_fired
    assert [rank.exit_code for rank in both] == [4, 5], both
    assert assert_one_voice(both, "error")["error_code"] == 4
    assert "MINIO_ENDPOINT" in both[1].last_error_line or "s3://" in both[1].last_error_line, both[1].stderr
    assert_well_told(world.events(), "error")


def test_a_newer_run_of_the_queue_takes_over(world: World) -> None:
    """The older pair ends with 4 and 5 without a last word, the newer one trains."""
    with pair(world, **LONG, CHECKPOINT_EVERY="0.1") as older:
        older[0].wait_for("training")
        newer = world.run(**LONG | {"EPOCHS": "2"}, RESUME="never")
        both = [rank.wait() for rank in older]
    assert newer.exit_code == 0, newer.stderr
    assert [rank.exit_code for rank in both] == [4, 5], both
    assert last_words(both[0]) == []
