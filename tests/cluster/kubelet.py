"""A small kubelet and scheduler in one: the pods of a namespace run on one node, which is this machine."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.cluster.api import Cluster, Object, RefusedError, path_of
from tests.cluster.node import SCHEDULER, Node
from tests.cluster.pod import Pod, Shared
from tests.waits import LONG_S

_LOOK_EVERY_S = 0.1
PROGRAM = ("main.py",)
_ENDED = ("Succeeded", "Failed")


class Kubelet:
    """Runs what is to run as long as a `with` block lasts; whatever runs then is killed."""

    def __init__(self, cluster: Cluster, namespace: str, node: Node, folder: Path, logs: Path) -> None:
        """Nothing is done yet.

        Args:
            cluster: where the pods are.
            namespace: the only one that is looked at.
            node: the one that pods are bound to.
            folder: for volumes.
            logs: gets a file for each pod.
        """
        folder.mkdir(parents=True, exist_ok=True)
        logs.mkdir(parents=True, exist_ok=True)
        hosts = folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n")
        self._cluster, self._namespace, self._node = cluster, namespace, node
        self._shared = Shared(cluster, folder, logs, hosts)
        self._pods: dict[str, Pod] = {}
        self._closed = threading.Event()
        self._trouble = ""
        self.programs: dict[tuple[int, int], Sequence[str]] = {}
        """What other than the program runs in a pod: by rank, and whether it is the first, second, … pod of that rank."""
        self._thread = threading.Thread(target=self._run, name="kubelet")

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all pods, and forget them."""
        self._closed.set()
        self._thread.join(LONG_S)
        for pod in self._pods.values():
            pod.kill()
            self._cluster.remove(path_of("v1", "Pod", self._namespace, pod.name), grace_s=0, uid=pod.uid)

    def pods(self, job: str, index: int | None = None) -> list[Pod]:
        """The pods of a Job in the order in which they began, of one index or of all; also those that are gone.

        Raises:
            AssertionError: the kubelet itself has failed.
        """
        assert not self._trouble, self._trouble
        return [
            pod
            for pod in [*self._pods.values()]
            if pod.job == job and pod.process is not None and index in (None, pod.index)
        ]

    def _run(self) -> None:
        while not self._closed.wait(_LOOK_EVERY_S):
            try:
                self._node.beat()
                found = self._cluster.items(path_of("v1", "Pod", self._namespace))
                for given in found:
                    self._look_at(given)
                for uid in self._pods.keys() - {given["metadata"]["uid"] for given in found}:
                    self._pods[uid].kill()  # deleted by force
            except Exception:
                self._trouble = f"the kubelet of these tests: {traceback.format_exc()}"
                return

    def _look_at(self, given: Object) -> None:
        if given["spec"].get("schedulerName") != SCHEDULER:
            return
        if not given["spec"].get("nodeName"):
            self._bind(given)
            return
        uid = given["metadata"]["uid"]
        if uid not in self._pods:
            if given["status"].get("phase") in _ENDED:
                return
            pod = Pod(given, self._shared, PROGRAM)
            pod.program = self.programs.get((pod.index, len(self.pods(pod.job, pod.index)) + 1), PROGRAM)
            self._pods[uid] = pod
        self._pods[uid].tick(given)

    def _bind(self, given: Object) -> None:
        name = given["metadata"]["name"]
        target = {"apiVersion": "v1", "kind": "Node", "name": self._node.name}
        binding = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": name}, "target": target}
        try:
            self._cluster.call("POST", f"{path_of('v1', 'Pod', self._namespace, name)}/binding", binding)
        except RefusedError as error:
            if error.status not in (404, 409):
                raise
