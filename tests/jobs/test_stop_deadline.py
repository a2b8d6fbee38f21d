"""Whichever service does not answer after a stop: the terminal event and the end come within STOP_DEADLINE."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.jobs.world import World, assert_well_told
from tests.runs.running import WithLimits
from tests.standins.arango import Fault, When
from tests.standins.tcp_proxy import CuttableProxy
from tests.waits import FOREVER_S, unhurried

LONG = {"TARGET": "price_up", "MODEL_TYPE": "GraphSAGE", "EPOCHS": "100000"}


KAFKA = "trainer.messaging.kafka.patience"
QUICK_CLOSE = WithLimits({f"{KAFKA}.{name}_S": 0.1 for name in ("CLOSE_TIMEOUT", "RETIRE", "LAST_REPORTS")})
"""Closing the clients of a silent Kafka takes seconds: a tenth of the usual STOP_DEADLINE has them, one of a test's has not."""


def in_time(seconds: float = 6) -> dict[str, str]:
    """A STOP_DEADLINE within which a run can say and store all that it has to, on a busy machine too."""
    return {"STOP_DEADLINE": f"{unhurried(seconds):g}"}


@pytest.fixture
def store_network(world: World) -> Iterator[CuttableProxy]:
    """The network to the store."""
    address = urlsplit(world.s3.endpoint)
    assert address.hostname is not None
    assert address.port is not None
    with CuttableProxy(address.hostname, address.port) as proxy:
        yield proxy


@pytest.mark.parametrize("by", ["command", "signal"])
def test_store_is_silent(world: World, store_network: CuttableProxy, by: str) -> None:
    """What cannot be stored is an error, said while the pod still lives; a copy lies where the sentence says."""
    run = world.start(**LONG, **in_time(), MINIO_ENDPOINT=store_network.address, TMPDIR=str(world.folder))
    run.wait_for("training")
    store_network.stall()
    if by == "command":
        world.send({"command": "stop", "queue_id": world.queue_id})
    else:
        run.process.terminate()
    ended = run.wait()
    assert ended.exit_code == 4, ended.stderr
    assert "STOP_DEADLINE" in ended.last_error_line
    assert (world.folder / "gnn-trainer" / world.queue_id / "model.pt").is_file()
    assert_well_told(world.events(), "error")


def test_store_is_silent_until_shortly_before_the_end(world: World, store_network: CuttableProxy) -> None:
    """The patience for the model is all the time that there is: a store that comes back in time gets it."""
    run = world.start(**LONG, **in_time(20), MINIO_ENDPOINT=store_network.address)
    run.wait_for("training")
    store_network.stall()
    run.process.terminate()
    run.wait_until(lambda: "A checkpoint could not be stored" in run.log.read_text(), "the checkpoint was given up")
    store_network.resume()
    ended = run.wait()
    assert ended.exit_code == 143, ended.stderr + ended.stdout
    assert_well_told(world.events(), "interrupted")
    assert {".pt", "/metrics.json"} <= set(world.stored())


def test_database_is_silent(world: World) -> None:
    """The document in graph_metadata gives way; the model is stored, and the run says so."""
    world.arango.faults.add(Fault("slow", When(collection="graph_metadata"), seconds=FOREVER_S))
    run = world.start(**LONG, **in_time(), WRITE_GRAPH_METADATA="true")
    run.wait_for("training")
    run.process.terminate()
    ended = run.wait()
    assert ended.exit_code == 143, ended.stderr
    assert "The document in graph_metadata could not be written: Writing it takes longer" in ended.stdout
    events = world.events()
    assert_well_told(events, "interrupted")
    assert events[-1]["model_path"] == f"s3://gnn-checkpoints/{world.queue_id}.pt"
    assert world.metrics()["status"] == "interrupted"


def hang(*_arguments: object, **_named: object) -> None:
    """Take for ever, as an evaluation of a graph that is far too large for its machine."""
    time.sleep(FOREVER_S)


def test_program_itself_hangs(world: World) -> None:
    """Even then the last word is said in time: the run failed, and the next pod goes on from the checkpoint."""
    run = world.start(WithLimits({"trainer.training.evaluate.evaluate": hang}), **LONG, **in_time())
    run.wait_for("training")
    run.process.terminate()
    ended = run.wait()
    assert ended.exit_code == 4, ended.stderr
    assert re.fullmatch(
        r"gnn-trainer: The run did not end within STOP_DEADLINE=[\d.]+ seconds after SIGTERM\.", ended.last_error_line
    )
    assert_well_told(world.events(), "error")
    assert list(world.stored()) == ["/checkpoints/last.ckpt", "/checkpoints/owner.json"]


def test_memory_of_the_stop_hangs(world: World) -> None:
    """It comes after the terminal event and changes nothing of it: the end is in time, and what follows is said."""
    run = world.start(WithLimits({"trainer.messaging.stop_memory.StopMemory.remember": hang}), **LONG, **in_time())
    run.wait_for("training")
    world.send({"command": "stop", "queue_id": world.queue_id})
    ended = run.wait()
    assert ended.exit_code == 0, ended.stderr
    assert "Storing which stop was obeyed takes longer than what is left after stop command" in ended.stdout
    assert_well_told(world.events(), "interrupted")
    assert world.metrics()["status"] == "interrupted"


@pytest.mark.parametrize("how", ["cut", "stall"])
def test_broker_is_gone(plain: tuple[World, CuttableProxy], how: str) -> None:
    """The model is stored; nobody can be told, so the next pod tells it."""
    world, network = plain
    run = world.start(QUICK_CLOSE, **LONG, **in_time())
    run.wait_for("training")
    getattr(network, how)()
    run.process.terminate()
    ended = run.wait()
    assert ended.exit_code == 143, ended.stderr
    assert "KAFKA_BOOTSTRAP_SERVERS" in ended.last_error_line
    assert world.metrics()["status"] == "interrupted"


def test_nothing_answers_any_more(plain: tuple[World, CuttableProxy], store_network: CuttableProxy) -> None:
    """All three services at once: the sentence is on standard error, a copy in the pod."""
    world, network = plain
    world.arango.faults.add(Fault("slow", When(collection="graph_metadata"), seconds=FOREVER_S))
    run = world.start(
        QUICK_CLOSE,
        **LONG,
        **in_time(),
        MINIO_ENDPOINT=store_network.address,
        WRITE_GRAPH_METADATA="true",
        TMPDIR=str(world.folder),
    )
    run.wait_for("training")
    network.stall()
    store_network.stall()
    run.process.terminate()
    ended = run.wait()
    assert ended.exit_code == 4, ended.stderr
    assert "STOP_DEADLINE" in ended.last_error_line
    assert (world.folder / "gnn-trainer" / world.queue_id / "model.pt").is_file()
