"""S3 and Kafka for the proofs, and whole runs between them."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from tests.conftest import EXAMPLE
from tests.runs.running import Running, start_forked
from tests.standins.endpoints import KafkaEndpoint, S3Endpoint, named_kafka, named_s3
from tests.standins.s3_front import Choice, S3Front
from tests.standins.seaweed import SeaweedS3
from tests.standins.tansu import TansuBroker

EPOCHS = 40
_QUIET_S = 3.0

Events = dict[str, list[dict[str, Any]]]


@dataclass
class Services:
    """A store behind a front that sees all requests, a broker, and one queue.

    Attributes:
        folder: for the logs of runs.
        s3: the store.
        kafka: the broker.
        bucket: of the store.
        choose: what the front does with a request; a proof sets it.
        queue_id: of all runs.
    """

    folder: Path
    s3: S3Endpoint
    kafka: KafkaEndpoint
    bucket: str
    choose: Choice = field(default=lambda request: None)
    queue_id: str = field(default_factory=lambda: f"endurance/{uuid.uuid4().hex[:10]}")
    topic: str = field(default_factory=lambda: f"endurance-{uuid.uuid4().hex[:10]}")

    def start(self, name: str, endpoint: str | None = None) -> Running:
        """Start a run whose events carry a name; its store is the front's, or `endpoint`."""
        environment = {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "QUEUE_EVENTS_TOPIC": self.topic,
            "QUEUE_CONTROL_TOPIC": f"{self.topic}-control",
            "MINIO_ENDPOINT": endpoint or self.s3.endpoint,
            "MINIO_ACCESS_KEY": self.s3.access_key,
            "MINIO_SECRET_KEY": self.s3.secret_key,
            "MINIO_BUCKET": self.bucket,
            "QUEUE_ID": self.queue_id,
            "TELEMETRY_PRODUCER_ID": name,
            "CHECKPOINT_EVERY": "0.1",
        }
        flags = ("--graph_path", EXAMPLE, "--graph_name", "market_5m", "--target", "price_up", "--dropout", "0.3")
        return start_forked(self.folder, *flags, "--epochs", str(EPOCHS), env=environment)

    def stored(self) -> dict[str, bytes]:
        """The objects of the queue, by what follows QUEUE_ID in their keys."""
        client = self.s3.client()
        listed = client.list_objects_v2(Bucket=self.bucket, Prefix=self.queue_id).get("Contents", [])
        contents = {
            item["Key"].removeprefix(self.queue_id): client.get_object(Bucket=self.bucket, Key=item["Key"])[
                "Body"
            ].read()
            for item in listed
        }
        client.close()
        return contents

    def clear(self) -> None:
        """Remove the objects of the queue."""
        client = self.s3.client()
        for name in self.stored():
            client.delete_object(Bucket=self.bucket, Key=f"{self.queue_id}{name}")
        client.close()

    def events(self) -> Events:
        """All events of the topic by the name of their run, in order."""
        reader = Consumer(self.kafka.client_config() | {"group.id": self.topic, "enable.auto.commit": False})
        reader.assign([TopicPartition(self.topic, 0, OFFSET_BEGINNING)])
        found: Events = defaultdict(list)
        last = time.monotonic()
        while time.monotonic() - last < _QUIET_S:
            message = reader.poll(0.2)
            if message is not None and not message.error():
                event = json.loads(message.value() or b"{}")
                found[event["telemetry_id"]].append(event)
                last = time.monotonic()
        reader.close()
        return found


@contextmanager
def services() -> Iterator[tuple[Services, S3Front]]:
    """Those that variables name, else the tests' own; all of it is gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        s3 = named_s3(os.environ) or stack.enter_context(SeaweedS3(folder))
        kafka = named_kafka(os.environ) or stack.enter_context(TansuBroker(folder))
        bucket = s3.create_bucket(os.environ.get("TEST_MINIO_BUCKET") or "endurance")
        ready = Services(folder / "runs", s3, kafka, bucket)
        for topic in (ready.topic, f"{ready.topic}-control"):
            kafka.create_topic(topic)
        place = urlsplit(s3.endpoint)
        front = S3Front(place.hostname or "", place.port or 80, lambda request: ready.choose(request))
        stack.enter_context(front)
        stack.callback(ready.clear)
        yield ready, front


def terminal(events: list[dict[str, Any]]) -> list[str]:
    """The statuses of the terminal events."""
    return [event["status"] for event in events if event["finished"]]


def what_does_not_fit(stored: dict[str, bytes]) -> list[str]:
    """The artifacts that are not as metrics.json names them."""
    names = {"model": ".pt", "report": "/report.html", "predictions": "/predictions.csv.gz"}
    if "/metrics.json" not in stored:
        return ["there is no metrics.json"]
    named: dict[str, str] = json.loads(stored["/metrics.json"])["artifacts"]
    return [
        f"{role} is not that of metrics.json"
        for role, sha256 in named.items()
        if hashlib.sha256(stored.get(names[role], b"")).hexdigest() != sha256
    ]
