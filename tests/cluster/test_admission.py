"""What the renderer makes, and the files of `k8s/`, are admitted by a real API server, their pods to a restricted namespace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cluster.api import Cluster, Object, RefusedError
from tests.cluster.stage import rendered
from tests.queue.crd_shapes import jobs_in
from tests.queue.start_messages import QUEUE_ENV_BLOCK, START_2, STARTS
from tests.queue.test_k8s_files import APPLIED, K8S, OF_SETS, SECRET, filled, name_of, objects_in, without_empty
from tests.queue.test_many_pods import ODD_QUEUE_IDS
from trainer.queue.options import KINDS

OFTEN = (
    (),
    ("--pods", "2"),
    ("--pods", "2", "--network-policy", "both", "--spread", "require"),
    ("--pods", "2", "--service", "gnn-trainer"),
    ("--secret-files", "--service-account", "gnn-trainer"),
    (
        "--gpu",
        "1",
        "--node-selector",
        "gpu=yes",
        "--toleration",
        "gpu=true:NoSchedule",
        "--annotation",
        "team/owner=a b",
    ),
    ("--memory", "1.5Gi", "--cpu", "500m", "--scratch", "1G", "--retries", "0", "--ttl", "0", "--queue-name", "q"),
)


@pytest.fixture(scope="module", autouse=True)
def service_account(cluster: Cluster, namespace: str) -> None:
    """A pod is not admitted without the ServiceAccount that it names."""
    (account,) = objects_in(K8S / "serviceaccount.yaml")
    cluster.apply(account, namespace)


def assert_admitted(cluster: Cluster, namespace: str, given: Object) -> None:
    """The server would take the object without a warning, and the pods of a Job too; nothing is left there."""
    cluster.warnings.clear()
    namespaced = {**given, "metadata": {**given["metadata"], "namespace": namespace}}
    if given["kind"] == "Namespace":
        cluster.apply(given, dry_run=True)
    elif given["kind"] not in OF_SETS or cluster.serves(given["apiVersion"]):
        cluster.apply(namespaced, namespace, dry_run=True)
    for job in jobs_of(given):
        template = job["spec"]["template"]
        meta = {**template.get("metadata", {}), "name": "pod"}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": template["spec"]}
        if template["spec"]["containers"][0].get("securityContext"):  # else a part of one that the runtime completes
            cluster.create(pod, namespace, dry_run=True)
            cluster.create(job, namespace, dry_run=True)
    assert cluster.warnings == []


def jobs_of(given: Object) -> Iterator[Object]:
    """The Jobs that an object is or becomes."""
    if given["kind"] == "Job":
        yield given
    elif given["kind"] in OF_SETS:
        yield from jobs_in(given)


@pytest.mark.parametrize("path", APPLIED, ids=name_of)
def test_every_file_is_admitted(cluster: Cluster, namespace: str, path: Path) -> None:
    """What `kubectl apply` finds in the folder."""
    for given in objects_in(path):
        assert_admitted(cluster, namespace, given)


def test_templates_are_admitted(cluster: Cluster, namespace: str) -> None:
    """The Secret as it is, the Job filled from the documented block."""
    (secret,) = [*yaml.safe_load_all(SECRET.read_text())]
    assert_admitted(cluster, namespace, secret)
    block = dict(line.split("=", 1) for line in QUEUE_ENV_BLOCK.splitlines())
    assert_admitted(cluster, namespace, without_empty(filled(block)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", OFTEN, ids=" ".join)
@pytest.mark.parametrize("message", STARTS, ids=["1", "2", "3"])
def test_every_start_message_is_admitted(
    cluster: Cluster,
    namespace: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    message: str,
    options: tuple[str, ...],
    kind: str,
) -> None:
    """With the options of an operator; JobSets and TrainJobs whole where their controllers are, else the Jobs in them."""
    (tmp_path / "start.json").write_text(message)
    for given in rendered(tmp_path / "start.json", capsys, *options, "--kind", kind):
        assert_admitted(cluster, namespace, given)


@pytest.mark.parametrize(
    "changes",
    [{"queue_id": queue_id} for queue_id in ODD_QUEUE_IDS]
    + [
        {"symbol": "BTC/USDT:USDT", "type": "gnn trainer"},
        {"graph_name": "g" * 200, "features": ["a" * 1000] * 100},
        {"timestamp": 1722346211177},
        {"timestamp": None},
    ],
)
def test_odd_messages_are_admitted(
    cluster: Cluster, namespace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any]
) -> None:
    """What the renderer does not refuse, Kubernetes takes."""
    message = json.loads(START_2) | changes
    (tmp_path / "start.json").write_text(json.dumps(message))
    for pods in ("1", "3"):
        for given in rendered(tmp_path / "start.json", capsys, "--pods", pods):
            assert_admitted(cluster, namespace, given)


def test_the_namespace_refuses_what_is_not_restricted(
    cluster: Cluster, namespace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the tests above would show nothing: a pod without one of its fields is refused, or its Job warned of."""
    (tmp_path / "start.json").write_text(START_2)
    (job,) = rendered(tmp_path / "start.json", capsys)
    del job["spec"]["template"]["spec"]["containers"][0]["securityContext"]["capabilities"]
    with pytest.raises(RefusedError, match="violates PodSecurity"):
        assert_admitted(cluster, namespace, job)
    job["spec"]["backofLimit"] = 1
    with pytest.raises(RefusedError, match="backofLimit"):
        assert_admitted(cluster, namespace, job)
