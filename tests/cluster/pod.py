"""One pod on our node: started when it can be, ended as its control plane asks, its states reported."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cluster.api import MERGE, Cluster, Object, RefusedError, path_of
from tests.cluster.container import start_container
from tests.cluster.contents import NotYetError, decoded, fill_volumes, variables_of
from tests.cluster.node import condition, now
from tests.standins.ports import free_port

_MESSAGE_LENGTH = 2048
_INDEX_LABEL, _JOB_LABEL = "batch.kubernetes.io/job-completion-index", "batch.kubernetes.io/job-name"


@dataclass
class Shared:
    """What the pods of a node have in common.

    Attributes:
        cluster: of all.
        folder: for volumes.
        logs: a file for each pod.
        hosts: the names that pods can look up.
        ports: pods have addresses of their own, and here they share one: the port that stands for the one in MASTER_PORT,
            by Job.
    """

    cluster: Cluster
    folder: Path
    logs: Path
    hosts: Path
    ports: dict[str, int] = field(default_factory=dict)


class Pod:
    """One pod, known by its uid."""

    def __init__(self, given: Object, shared: Shared, program: Sequence[str]) -> None:
        """Nothing is started yet; `program` is what the interpreter is given."""
        meta = given["metadata"]
        self.name, self.uid, self.namespace = meta["name"], meta["uid"], meta["namespace"]
        labels = meta.get("labels", {})
        self.job, self.index = labels.get(_JOB_LABEL, ""), int(labels.get(_INDEX_LABEL, 0))
        self.log = shared.logs / f"{self.name}.log"
        self.exit_code: int | None = None
        self.process: subprocess.Popen[Any] | None = None
        self._given, self._shared, self.program = given, shared, program
        self._path = path_of("v1", "Pod", self.namespace, self.name)
        self._kill_at: float | None = None
        self._began = ""

    @property
    def runs(self) -> bool:
        """Whether its process is there."""
        return self.process is not None and self.exit_code is None

    @property
    def output(self) -> str:
        """What its process has written so far."""
        return self.log.read_text() if self.log.exists() else ""

    def tick(self, given: Object) -> None:
        """Bring the pod nearer to what the control plane wants of it, and tell what it is like."""
        self._given = given
        is_deleted = bool(given["metadata"].get("deletionTimestamp"))
        if self.process is None and self.exit_code is None:
            if is_deleted:
                self._end(137)
            else:
                self._start()
        elif self.process is not None and self.exit_code is None:
            if is_deleted:
                self._ask_to_end(self.process)
            if (code := self.process.poll()) is not None:
                self._end(code if code >= 0 else 128 - code)
        if is_deleted and self.exit_code is not None:
            self._shared.cluster.remove(self._path, grace_s=0, uid=self.uid)

    def kill(self) -> None:
        """End its process, as losing its container would."""
        if self.process is not None:
            self.process.kill()

    def _ask_to_end(self, process: subprocess.Popen[Any]) -> None:
        if self._kill_at is None:
            self._kill_at = time.monotonic() + self._given["metadata"]["deletionGracePeriodSeconds"]
            process.send_signal(signal.SIGTERM)
        elif time.monotonic() > self._kill_at:
            process.kill()

    def _start(self) -> None:
        try:
            variables = variables_of(self._given, self._read)
            mounts = fill_volumes(self._given, self._shared.folder / self.uid, self._read)
        except NotYetError as why:
            waiting = {"reason": "CreateContainerConfigError", "message": str(why)}
            self._report("Pending", {"waiting": waiting}, ready=False)
            return
        if "MASTER_PORT" in variables:
            port = self._shared.ports.setdefault(self.job, free_port())
            variables["MASTER_PORT"] = str(port)
        host = self._given["spec"].get("hostname", self.name)
        service = self._given["spec"].get("subdomain")
        with self._shared.hosts.open("a") as hosts:
            hosts.write(f"127.0.0.1 {host} {f'{host}.{service}' if service else ''}\n")
        self.process = start_container(self.program, variables, mounts, host, self._shared.hosts, self.log)
        self._began = now()
        self._report("Running", {"running": {"startedAt": self._began}}, ready=True)

    def _read(self, kind: str, name: str) -> dict[str, bytes] | None:
        found = self._shared.cluster.find(path_of("v1", kind, self.namespace, name))
        return None if found is None else decoded(kind, found)

    def _end(self, exit_code: int) -> None:
        self.exit_code = exit_code
        last_words = self.output[-_MESSAGE_LENGTH:] if exit_code else ""
        ended = {
            "exitCode": exit_code,
            "reason": "Error" if exit_code else "Completed",
            "message": last_words,
            "startedAt": self._began or now(),
            "finishedAt": now(),
        }
        state = {"running": None, "waiting": None, "terminated": ended}
        self._report("Failed" if exit_code else "Succeeded", state, ready=False)

    def _report(self, phase: str, state: Object, *, ready: bool) -> None:
        (container,) = self._given["spec"]["containers"]
        told = {"name": container["name"], "image": container["image"], "imageID": "", "restartCount": 0}
        conditions = [condition(kind, holds=ready) for kind in ("ContainersReady", "Ready")]
        status = {
            "phase": phase,
            "conditions": [condition("PodScheduled", holds=True), *conditions],
            "containerStatuses": [told | {"ready": ready, "state": state}],
            **({"startTime": self._began} if self._began else {}),
        }
        try:
            self._shared.cluster.call("PATCH", f"{self._path}/status", {"status": status}, MERGE)
        except RefusedError as error:
            if error.status != 404:  # it was deleted by force
                raise


def epoch_of(pod: Pod) -> int:
    """The last epoch that its log tells of; 0 before the first."""
    told = re.findall(r'"epoch": (\d+)', pod.output)
    return int(told[-1]) if told else 0
