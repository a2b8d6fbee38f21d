"""A namespace with what all runs share, and the Jobs that a test starts there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.api import Cluster, Object, path_of
from tests.cluster.kubelet import Kubelet
from tests.cluster.node import SCHEDULER
from tests.cluster.pod import Pod, epoch_of
from tests.jobs.world import GRAPH, World
from tests.waits import LONG_S
from trainer.queue.manifest import main
from trainer.queue.options import JobOptions

EPOCHS = 80
"""So many that a run can be disturbed in their middle."""
IN_THE_SECRET = (
    "ARANGO_USER",
    "ARANGO_PASSWORD",
    "KAFKA_USER",
    "KAFKA_PASSWORD",
    "MINIO_ACCESS_KEY",
    "MINIO_SECRET_KEY",
)
SHARED = (
    "ARANGO_URL",
    "ARANGO_DB",
    "KAFKA_BOOTSTRAP_SERVERS",
    "MINIO_ENDPOINT",
    "MINIO_BUCKET",
    "CHECKPOINT_EVERY",
    "THREADS",
)


@dataclass
class Job:
    """A Job that was started."""

    name: str
    stage: Stage

    @property
    def path(self) -> str:
        """Where the API server has it."""
        return path_of("batch/v1", "Job", self.stage.namespace, self.name)

    @property
    def status(self) -> Object:
        """What the Job controller says."""
        status: Object = self.stage.cluster.call("GET", self.path)["status"]
        return status

    def pods(self, index: int | None = None) -> list[Pod]:
        """All that have begun, in order, of one rank or of all."""
        return self.stage.kubelet.pods(self.name, index)

    def exit_codes(self, index: int = 0) -> list[int | None]:
        """How the pods of a rank ended, in the order in which they began."""
        return [pod.exit_code for pod in self.pods(index)]

    def pod(self, index: int = 0, number: int = 1) -> Pod:
        """The pod of a rank that began as the first, second, … one."""
        self.wait(lambda: len(self.pods(index)) >= number, f"pod {number} of rank {index} began")
        return self.pods(index)[number - 1]

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        """Wait until something holds."""
        until = time.monotonic() + LONG_S
        while not holds():
            if time.monotonic() > until:
                raise AssertionError(f"it never came that {what}: {self.account()}")
            time.sleep(0.05)

    def wait_for_epoch(self, pod: Pod, epoch: int) -> None:
        """Wait until the pod tells of this epoch, and a checkpoint is there."""
        self.wait(lambda: epoch_of(pod) >= epoch, f"epoch {epoch} was over")
        self.wait(lambda: "/checkpoints/last.ckpt" in self.stage.world.stored(), "a checkpoint was stored")
        assert pod.exit_code is None, f"it ended before it could be disturbed: {pod.output[-2000:]}"

    def wait_to_end(self) -> tuple[str, str]:
        """The condition that ended the Job, and its reason."""

        def final() -> list[Object]:
            return [each for each in self.status.get("conditions", ()) if each["type"] in ("Complete", "Failed")]

        self.wait(lambda: bool(final()), "the Job was over")
        (last,) = final()
        return last["type"], last["reason"]

    def account(self) -> str:
        """What the Job controller says, and how each pod ended, with its last line."""
        pods = (f"rank {pod.index}: {pod.exit_code}: {pod.output[-300:]}" for pod in self.pods())
        return "\n".join([json.dumps(self.status, default=str), *pods])

    def evict(self, pod: Pod) -> None:
        """Ask the API server to evict a pod, as `kubectl drain` does."""
        meta = {"name": pod.name, "namespace": self.stage.namespace}
        eviction = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": meta}
        self.stage.cluster.call("POST", f"{path_of('v1', 'Pod', self.stage.namespace, pod.name)}/eviction", eviction)


@dataclass
class Stage:
    """A namespace, the services that its runs use, and the kubelet that runs them."""

    cluster: Cluster
    namespace: str
    kubelet: Kubelet
    world: World
    folder: Path
    capsys: pytest.CaptureFixture[str]

    def share(self, **changes: str) -> None:
        """Lay out ConfigMap and Secrets for these services, with changed settings."""
        values = self.world.environment(CHECKPOINT_EVERY="0.2", THREADS="1")
        options = JobOptions()
        credentials = {name: values[name] for name in IN_THE_SECRET}
        settings = {name: values[name] for name in SHARED} | changes
        ca = Path(self.world.kafka_variables["CA_PATH"]).read_text()
        self._hold("ConfigMap", options.config_map, {"data": settings})
        self._hold("Secret", options.secret, {"stringData": credentials})
        self._hold("Secret", options.ca_secret, {"stringData": {"ca.crt": ca}})

    def fault(self, fault: str, rank: int = 0) -> None:
        """Let the first pod of a rank have a fault of `tests.cluster.broken`."""
        self.kubelet.programs[rank, 1] = ("-m", "tests.cluster.broken", fault)

    def start(self, *options: str, **fields: Any) -> Job:
        """Render a start message of this world's queue with `trainer.queue.manifest`, and apply it.

        Args:
            options: of the renderer.
            fields: of the message; None takes one out.
        """
        objects = self.render(*options, **fields)
        for each in objects:
            if each["kind"] == "Job":  # that real schedulers leave the pods to us
                each["spec"]["template"]["spec"]["schedulerName"] = SCHEDULER
            self.cluster.apply(each, self.namespace)
        return Job(objects[-1]["metadata"]["name"], self)

    def render(self, *options: str, **fields: Any) -> list[Object]:
        """The objects of a start message of this world's queue."""
        path = self.folder / "start.json"
        path.write_text(json.dumps(self.message(**fields)))
        return rendered(path, self.capsys, *options)

    def message(self, **fields: Any) -> Object:
        """A start message of this world's queue."""
        usual: Object = {
            "command": "start",
            "queue_id": self.world.queue_id,
            "graph_name": GRAPH,
            "target": "price_up",
            "model_type": "GraphSAGE",
            "epochs": EPOCHS,
            "image": "registry.example/gnn-trainer:v1",
            "telemetry_id": "gnn-trainer__abc123",
            "timestamp": 1722348000.123,
        }
        return {name: value for name, value in (usual | fields).items() if value is not None}

    def last_words(self) -> list[str]:
        """The statuses of the terminal events, and `started` between them, as the topic has them."""
        told = [event["status"] for event in self.world.events(quiet_s=2.0)]
        return [status for status in told if status not in ("loading", "training")]

    def _hold(self, kind: str, name: str, content: Mapping[str, Any]) -> None:
        self.cluster.remove(path_of("v1", kind, self.namespace, name))
        meta = {"name": name}
        self.cluster.create({"apiVersion": "v1", "kind": kind, "metadata": meta, **content}, self.namespace)


def rendered(start: Path, capsys: pytest.CaptureFixture[str], *options: str) -> list[Object]:
    """What `python -m trainer.queue.manifest` prints of the start message in a file."""
    capsys.readouterr()
    exit_code = main([str(start), *options])
    printed = capsys.readouterr()
    assert exit_code == 0, printed.err
    return [*yaml.safe_load_all(printed.out)]
