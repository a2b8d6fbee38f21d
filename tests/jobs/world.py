"""The services around a run, and what a test does from outside while the run goes."""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

import main
from tests.conftest import EXAMPLE, Ended
from tests.forked import Door
from tests.runs.running import Running, start_forked, start_program
from tests.schemas import validate_event, validate_record
from tests.standins.arango import ArangoStandIn, Database, User, load_dump
from tests.standins.endpoints import KafkaEndpoint, S3Endpoint
from tests.standins.kafka_clients import open_reader, send
from tests.waits import LONG_S

GRAPH = "btc_graph_5m_2024_06_01"
EVENTS, CONTROL, BUCKET = "queue-events", "queue-control", "gnn-checkpoints"
SECRETS = {
    "ARANGO_PASSWORD": "arango-secret-Zq81",
    "KAFKA_PASSWORD": "standin-kafka-password",
}


def example_database() -> Database:
    """The example market as the database holds it, under the name that the start messages use."""
    loaded = load_dump(EXAMPLE)
    (definition,) = loaded.graphs.values()
    collections = {name: kept for name, kept in loaded.collections.items() if not name.startswith("_")}
    edges = {"edgeDefinitions": definition["edgeDefinitions"], "orphanCollections": []}
    return Database(collections, [{"name": GRAPH, **edges}])


def open_arango() -> ArangoStandIn:
    """An ArangoDB with the example market in `streamforge`."""
    return ArangoStandIn({"streamforge": example_database()}, {"root": User(SECRETS["ARANGO_PASSWORD"])}, seed=11)


@dataclass
class World:
    """ArangoDB, Kafka and S3 for one test, with a queue id of its own."""

    folder: Path
    arango: ArangoStandIn
    kafka: KafkaEndpoint
    s3: S3Endpoint
    kafka_variables: dict[str, str]
    queue_id: str = field(default_factory=lambda: f"gnn-btcusdt-5m-2024_06_01-{uuid.uuid4().hex[:8]}")
    events_topic: str = EVENTS
    control_topic: str = CONTROL
    seen: list[dict[str, Any]] = field(default_factory=list)

    def environment(self, **changes: str) -> dict[str, str]:
        """The first environment block of the documentation, pointed at these services."""
        block = {
            "ARANGO_URL": self.arango.url,
            "ARANGO_DB": "streamforge",
            "ARANGO_USER": "root",
            "ARANGO_PASSWORD": SECRETS["ARANGO_PASSWORD"],
            **self.kafka_variables,
            "QUEUE_EVENTS_TOPIC": self.events_topic,
            "QUEUE_CONTROL_TOPIC": self.control_topic,
            "MINIO_ENDPOINT": self.s3.endpoint.removeprefix("http://"),
            "MINIO_ACCESS_KEY": self.s3.access_key,
            "MINIO_SECRET_KEY": self.s3.secret_key,
            "MINIO_BUCKET": BUCKET,
            "QUEUE_ID": self.queue_id,
            "SYMBOL": "BTCUSDT",
            "TYPE": "gnn_trainer",
            "GRAPH_NAME": GRAPH,
            "EPOCHS": "10",
            "MODEL_TYPE": "GAT",
            "TELEMETRY_PRODUCER_ID": "gnn-trainer__abc123",
        }
        return {name: value for name, value in (block | changes).items() if value}

    def start(self, door: Door = main.main, /, **changes: str) -> Running:
        """Start a run with the first environment block, changed; an empty value takes a variable out."""
        return start_forked(self.folder, env=self.environment(**changes), door=door)

    def start_program(self, **changes: str) -> Running:
        """Start the same as a process of its own, interpreter and all."""
        return start_program(self.folder, env=self.environment(**changes))

    def run(self, door: Door = main.main, /, **changes: str) -> Ended:
        """Run to the end."""
        return self.start(door, **changes).wait()

    def run_with(self, environment: Mapping[str, str]) -> Ended:
        """Run to the end with this environment and nothing else."""
        return start_forked(self.folder, env=environment).wait()

    def run_program(self, **changes: str) -> Ended:
        """Run to the end as a process of its own."""
        return self.start_program(**changes).wait()

    def send(self, *messages: Mapping[str, Any] | bytes) -> None:
        """Put messages on the control topic."""
        values = [value if isinstance(value, bytes) else json.dumps(value).encode() for value in messages]
        send(self.kafka, self.control_topic, values)

    def events(
        self, queue_id: str | None = None, timeout_s: float = LONG_S, quiet_s: float = 1.0
    ) -> list[dict[str, Any]]:
        """What the topic holds of a queue, up to its last event; Tansu's own word of where a topic ends lags behind."""
        wanted = (queue_id or self.queue_id).encode()
        reader = open_reader(self.kafka, self.events_topic)
        found: list[dict[str, Any]] = []
        quiet_since = time.monotonic()
        try:
            while time.monotonic() - quiet_since < (quiet_s if _is_over(found) else timeout_s):
                message = reader.poll(0.05)
                if message is None or message.error():
                    continue
                if message.key() == wanted:
                    found.append(json.loads(message.value() or b"{}"))
                    quiet_since = time.monotonic()
        finally:
            reader.close()
        for event in found:
            validate_event(event)
        self.seen += found
        return found

    def stored(self) -> dict[str, bytes]:
        """The artifacts of the queue in the bucket, by the end of their names."""
        client = self.s3.client()
        try:
            listed = client.list_objects_v2(Bucket=BUCKET, Prefix=self.queue_id).get("Contents", [])
            names = [item["Key"] for item in listed]
            contents = {}
            for name in names:
                with suppress(client.exceptions.NoSuchKey):  # the run has removed it since
                    contents[name.removeprefix(self.queue_id)] = client.get_object(Bucket=BUCKET, Key=name)[
                        "Body"
                    ].read()
        except ClientError as error:
            raise AssertionError(f"the bucket cannot be read: {error}") from error
        finally:
            client.close()
        if "/metrics.json" in contents:
            validate_record(contents["/metrics.json"])
        return contents

    def metrics(self) -> dict[str, Any]:
        """The stored metrics.json."""
        content = json.loads(self.stored()["/metrics.json"])
        assert isinstance(content, dict)
        return content


def _is_over(events: list[dict[str, Any]]) -> bool:
    return bool(events) and bool(events[-1]["finished"])


def assert_well_told(events: list[dict[str, Any]], last: str) -> None:
    """The events begin with started and end with exactly one last word, which is `last`."""
    statuses = [event["status"] for event in events]
    assert statuses[:1] == ["started"], statuses
    assert statuses[-1] == last, (statuses, events[-1])
    assert sum(event["finished"] for event in events) == 1, statuses
    order = {"started": 0, "loading": 1, "training": 2, last: 3}
    told = [order[status] for status, event in zip(statuses, events, strict=True) if event.get("event") != "pong"]
    assert told == sorted(told), statuses


def assert_no_secret(world: World) -> None:
    """No password and no key stands in a log, an event, an artifact, or an argument of a run."""
    secrets = [*SECRETS.values(), world.s3.secret_key]
    written = [path.read_bytes() for path in world.folder.rglob("*") if path.is_file()]
    stored = [*world.stored().values(), *(json.dumps(event).encode() for event in world.seen)]
    for secret in secrets:
        for form in (secret, base64.b64encode(secret.encode()).decode()):
            assert not any(form.encode() in content for content in (*written, *stored)), "a secret was written"
