"""SIGTERM while services do not answer, with the limits that the program has for its users: when the last word came, and the end."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import main as program
from tests.endurance.services import terminal
from tests.jobs.world import BUCKET, World, open_arango
from tests.standins.arango import Fault, When
from tests.standins.endpoints import KafkaEndpoint, S3Endpoint, named_kafka, named_s3
from tests.standins.faulty_proxy import FaultyProxy
from tests.standins.s3_front import Fault as S3Fault
from tests.standins.s3_front import Request, S3Front
from tests.standins.seaweed import SeaweedS3
from tests.standins.tansu import TansuBroker

STOP_DEADLINE_S = 90.0
_SLACK_S = 10.0
_FULL = S3Fault(
    status=507, body=b"<?xml version='1.0'?><Error><Code>XMinioStorageFull</Code><Message>full</Message></Error>"
)


@dataclass
class Case:
    """What does not answer from the stop on, and what is right then.

    Attributes:
        silent_store: the store accepts and says nothing.
        full_store: the store refuses to write.
        silent_database: ArangoDB accepts the document for graph_metadata and says nothing.
        broker_gone: Kafka refuses connections.
        is_stored: whether the model is in the bucket afterwards.
    """

    name: str
    silent_store: bool = False
    full_store: bool = False
    silent_database: bool = False
    broker_gone: bool = False
    is_stored: bool = False


CASES = (
    Case("S3 silent", silent_store=True),
    Case("S3 full", full_store=True),
    Case("ArangoDB silent on graph_metadata", silent_database=True, is_stored=True),
    Case("Kafka gone", broker_gone=True, is_stored=True),
    Case("all of them", silent_store=True, silent_database=True, broker_gone=True),
)


def stop_one(case: Case, folder: Path, kafka: KafkaEndpoint, s3: S3Endpoint) -> list[str]:
    """Stop a run in the middle of its training; returns what is wrong, and prints when it ended."""
    is_full = False

    def choose(request: Request) -> S3Fault | None:
        return _FULL if is_full and request.method in ("PUT", "POST") else None

    with ExitStack() as stack:
        arango = stack.enter_context(open_arango())
        front = stack.enter_context(S3Front(*_address(s3.endpoint), choose))
        store_network = stack.enter_context(FaultyProxy(*_address(front.endpoint)))
        broker_network = stack.enter_context(FaultyProxy(*_address(kafka.bootstrap_servers)))
        world = World(folder, arango, kafka, s3, {"KAFKA_BOOTSTRAP_SERVERS": broker_network.address})
        if case.silent_database:
            arango.faults.add(Fault("slow", When(collection="graph_metadata", times=99), seconds=600))
        changes = {"MINIO_ENDPOINT": store_network.address, "WRITE_GRAPH_METADATA": "true", "TMPDIR": str(folder)}
        run = stack.enter_context(world.start(program.main, TARGET="price_up", EPOCHS="1000000", **changes))
        run.wait_for("training")
        if case.silent_store:
            store_network.stall()
        if case.broker_gone:
            broker_network.cut()
        is_full = case.full_store
        began, began_s = time.time(), time.monotonic()
        run.process.terminate()
        ended = run.wait(3 * STOP_DEADLINE_S)
        took_s = time.monotonic() - began_s
        events = [] if case.broker_gone else world.events()
        stored = world.stored()
    said = f"last event after {events[-1]['timestamp'] - began:.1f} s, " if events else ""
    print(f"{case.name}: {said}end after {took_s:.1f} s, exit code {ended.exit_code}, {sorted(stored)}", flush=True)
    print(f"    {ended.last_error_line}", flush=True)
    wrong = []
    if took_s > STOP_DEADLINE_S + _SLACK_S:
        wrong.append(f"{case.name}: it ended after {took_s:.1f} s")
    if events and len(terminal(events)) != 1:
        wrong.append(f"{case.name}: terminal events {terminal(events)}")
    if (".pt" in stored) != case.is_stored:
        wrong.append(f"{case.name}: stored is {sorted(stored)}")
    return wrong


def main() -> int:
    """Stop a run in each case, side by side; returns the exit code."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        s3 = named_s3(os.environ) or stack.enter_context(SeaweedS3(folder))
        kafka = named_kafka(os.environ) or stack.enter_context(TansuBroker(folder))
        s3.create_bucket(BUCKET)
        for topic in ("queue-events", "queue-control"):
            _create(kafka, topic)
        with ThreadPoolExecutor(len(CASES)) as pool:
            stops = [pool.submit(stop_one, case, folder / str(number), kafka, s3) for number, case in enumerate(CASES)]
            problems = [problem for stop in stops for problem in stop.result()]
    print(*problems, sep="\n")
    return 1 if problems else 0


def _create(kafka: KafkaEndpoint, topic: str) -> None:
    try:
        kafka.create_topic(topic)
    except Exception as error:
        if "already exists" not in str(error):
            raise


def _address(url: str) -> tuple[str, int]:
    address = urlsplit(url if "//" in url else f"//{url}")
    assert address.hostname is not None
    assert address.port is not None
    return address.hostname, address.port


if __name__ == "__main__":
    sys.exit(main())
