"""A node that the control plane believes in; real schedulers and other kubelets leave it alone."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from tests.cluster.api import MERGE, Cluster, Object, path_of

SCHEDULER = "gnn-trainer-tests"
"""Pods that name this scheduler are left to us."""
_LEASES = "kube-node-lease"
_BEAT_EVERY_S = 5.0


def now() -> str:
    """The time as Kubernetes writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def condition(kind: str, *, holds: bool, reason: str = "") -> Object:
    """A condition of a node or a pod."""
    return {"type": kind, "status": str(holds), "reason": reason, "lastTransitionTime": now()}


class Node:
    """One node: registered on entering, and alive as long as `beat` is called."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        """Name it."""
        self._cluster, self.name = cluster, name
        self._last_beat = float("-inf")

    def register(self) -> None:
        """Let the control plane know it."""
        taint = {"key": SCHEDULER, "effect": "NoSchedule"}
        labels = {"kubernetes.io/hostname": self.name}
        self._cluster.create(
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": self.name, "labels": labels},
                "spec": {"taints": [taint], "unschedulable": True},
            }
        )
        self.beat()

    def beat(self) -> None:
        """Say that it lives, when it is time to."""
        if time.monotonic() - self._last_beat < _BEAT_EVERY_S:
            return
        amounts = {"cpu": "64", "memory": "256Gi", "pods": "110"}
        ready = condition("Ready", holds=True) | {"lastHeartbeatTime": now()}
        status = {"capacity": amounts, "allocatable": amounts, "conditions": [ready]}
        self._cluster.call("PATCH", f"{path_of('v1', 'Node', name=self.name)}/status", {"status": status}, MERGE)
        renewed = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self._cluster.apply(
            {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": self.name},
                "spec": {"holderIdentity": self.name, "leaseDurationSeconds": 40, "renewTime": renewed},
            },
            _LEASES,
        )
        self._last_beat = time.monotonic()

    def remove(self) -> None:
        """Take it away with its lease."""
        self._cluster.remove(path_of("coordination.k8s.io/v1", "Lease", _LEASES, self.name))
        self._cluster.remove(path_of("v1", "Node", name=self.name))
