"""A namespace of its own on the API server of `TEST_KUBECONFIG`, removed afterwards; without the variable all tests are skipped."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.api import Cluster, open_cluster, path_of
from tests.cluster.container import can_mount
from tests.cluster.kubelet import Kubelet
from tests.cluster.node import Node
from tests.cluster.stage import Stage
from tests.jobs.conftest import arango, topics, world  # noqa: F401  (fixtures)
from tests.jobs.world import World

VARIABLE = "TEST_KUBECONFIG"
_RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """The API server."""
    kubeconfig = os.environ.get(VARIABLE)
    if not kubeconfig:
        pytest.skip(
            f"needs a Kubernetes API server: {VARIABLE} names the kubeconfig of somebody who may make namespaces"
        )
    return open_cluster(Path(kubeconfig), tmp_path_factory.mktemp("kubeconfig"))


@pytest.fixture(scope="session")
def namespace(cluster: Cluster) -> Iterator[str]:
    """A namespace that admits pods of the restricted standard only."""
    name = f"gnn-trainer-tests-{uuid.uuid4().hex[:8]}"
    meta = {"name": name, "labels": _RESTRICTED}
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    yield name
    cluster.remove(path_of("v1", "Namespace", name=name))


@pytest.fixture(scope="session")
def node(cluster: Cluster, namespace: str) -> Iterator[Node]:
    """The node on which its pods run."""
    if not can_mount():
        pytest.skip("needs `unshare` and the right to mount (root): a pod has mounts and a host name of its own")
    node = Node(cluster, namespace)
    node.register()
    yield node
    node.remove()


@pytest.fixture
def stage(
    cluster: Cluster,
    namespace: str,
    node: Node,
    world: World,  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Stage]:
    """A kubelet at work, and the ConfigMap and Secrets of runs that use this world's services."""
    logs = world.folder / "pods"
    with Kubelet(cluster, namespace, node, tmp_path / "kubelet", logs) as kubelet:
        stage = Stage(cluster, namespace, kubelet, world, tmp_path, capsys)
        stage.share()
        yield stage
        for job in cluster.items(path_of("batch/v1", "Job", namespace)):
            cluster.remove(path_of("batch/v1", "Job", namespace, job["metadata"]["name"]))
