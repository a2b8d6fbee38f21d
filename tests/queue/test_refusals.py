"""What the run or Kubernetes would refuse is refused before there is a Job, in one sentence with the limit."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest

from tests.queue.crd_shapes import validate
from tests.queue.start_messages import START_2, start_of
from trainer.queue.manifest import ManifestError, documents, main, render
from trainer.queue.options import JobOptions

NEEDED = {"command": "start", "queue_id": "q", "graph_name": "g", "image": "i:1"}
LATEST = kubernetes_validate.latest_version()


def message(**settings: Any) -> str:
    """A start message with these settings."""
    return json.dumps(NEEDED | settings)


def refusal(text: str, **options: Any) -> str:
    """The sentence that a message is refused with."""
    with pytest.raises(ManifestError) as caught:
        render(start_of(text), JobOptions(**options))
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 1000
    return sentence


@pytest.mark.parametrize(
    "queue_id",
    [
        "../x",
        "a//b",
        "/a",
        "a/",
        ".",
        "..",
        "a/./b",
        "a\nb",
        "a\tb",
        "\x1b[31m",
        "a\x7f",
        "a\u200bb",
        "a\u2028b",
        "\ufeffa",
    ],
)
def test_a_queue_id_that_names_no_object_is_refused(queue_id: str) -> None:
    """By the run's own rule."""
    assert "should be a printable text that can name files" in refusal(message(queue_id=queue_id))


@pytest.mark.parametrize("queue_id", ["a" * 600, "a" * 253, "я" * 127])
def test_a_queue_id_that_is_too_long_is_refused_with_the_limit(queue_id: str) -> None:
    """Bytes, not characters; the sentence does not repeat all of them."""
    assert refusal(message(queue_id=queue_id)).endswith("should have at most 252 bytes")
    render(start_of(message(queue_id="a" * 252)))


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"model_type": "Transformer"}, "MODEL_TYPE='Transformer' should be one of GCN"),
        ({"loss_fn": "hinge"}, "LOSS_FN='hinge' should be one of binary_crossentropy"),
        ({"minio_bucket": "A_B"}, "MINIO_BUCKET='A_B' should be 3 to 63 lower-case letters"),
        ({"minio_endpoint": "minio:0"}, "MINIO_ENDPOINT should be host:port with a port from 1 to 65535"),
        ({"minio_endpoint": "u:pw@minio:9000"}, "MINIO_ENDPOINT should hold no user and password"),
        ({"arango_url": "arango:8529"}, "ARANGO_URL should be http://host:port"),
        ({"kafka_bootstrap_servers": "k"}, "KAFKA_BOOTSTRAP_SERVERS should be host:port"),
        ({"output_path": "/tmp/model"}, "OUTPUT_PATH='/tmp/model' should be the path of a .pt file"),
        ({"output_path": "/tmp/" + "x" * 200 + ".pt"}, "should have no name of more than 200 bytes"),
        ({"output_path": "out/model.pt"}, "output_path is 'out/model.pt', and the pod can write below /tmp only"),
        ({"output_path": "/tmp/../app/m.pt"}, "and the pod can write below /tmp only"),
        ({"epochs": 10**12}, "epochs cannot be read: a whole number from 1 to 1000000000 is needed"),
        ({"pods": 0}, "pods cannot be read: a whole number above 0 is needed"),
        ({"pods": 65537}, "pods is 65537; a whole number from 1 to 65536 is needed"),
        ({"batch_size": [5]}, "batch_size cannot be read: a whole number of at least 0 is needed"),
        ({"graph_name": ["a", "b,c"]}, "graph_name cannot be read: the name of a graph is needed"),
        (
            {"graph_name": "g" * 131_061},
            "GRAPH_NAME takes 131073 bytes, and Linux starts no program with a variable of more",
        ),
        ({"features": ["feature"] * 20_000}, "FEATURES takes "),
        ({"positive_class": "ж" * 66_000}, "POSITIVE_CLASS takes 132016 bytes"),
        ({"graph_name": "g # of today"}, "GRAPH_NAME='g # of today' holds a comment"),
        ({"target": "'y'"}, "TARGET=\"'y'\" should not stand in quotes"),
    ],
)
def test_a_message_that_no_run_could_use_is_refused(settings: dict[str, Any], sentence: str) -> None:
    """With the limit, wherever there is one."""
    assert sentence in refusal(message(**settings))


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({"edge_weight": "w"}, "MODEL_TYPE"),
        ({"num_neighbors": [10, 5, 3]}, "NUM_LAYERS"),
        ({"split": "graph"}, "TEST_RATIO, VAL_RATIO"),
        ({"val_ratio": 0.9}, "TEST_RATIO"),
    ],
)
def test_what_only_the_shared_settings_can_put_right_is_said(
    settings: dict[str, Any], names: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ConfigMap may hold them, so it is no refusal."""
    path = tmp_path / "start.json"
    path.write_text(message(**settings))
    assert main([str(path), "--image-prefix", "i"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith(f": the run ends with 2, unless the ConfigMap sets {names} otherwise.")


@pytest.mark.parametrize(
    "options",
    [
        {"ca_path": "/tmp/ca.crt"},
        {"ca_path": "/app/ca.crt"},
        {"ca_path": "/app/trainer/ca.crt"},
        {"ca_path": "/usr/ca.crt"},
        {"ca_path": "/etc/ca.crt"},
        {"ca_path": "/proc/1/ca.crt"},
        {"ca_path": "/run/secrets/gnn-trainer/ca.crt"},
        {"ca_path": "/a:b/ca.crt"},
        {"ca_path": "/ca/my ca.crt"},
        {"ca_path": "/ca/../ca/ca.crt"},
        {"ca_path": "/ca//ca.crt"},
        {"ca_path": "/ca/ca.crt/"},
        {"ca_path": "/ca/..ca.crt"},
        {"ca_path": "/" + "a" * 1024 + "/ca.crt"},
        {"config_map": "a..b"},
        {"config_map": ".a"},
        {"config_map": "a" * 254},
        {"secret": "a-.b"},
        {"secret": "a.-b"},
        {"ca_secret": "A"},
        {"pull_secret": "a_b"},
        {"namespace": "a.b"},
        {"namespace": "a" * 64},
        {"service_account": "a:b"},
        {"priority_class": "High"},
        {"queue_name": "a" * 64},
        {"service": "1a"},
        {"memory": "100m"},
        {"memory": "0.1"},
        {"memory": "1Ki"},
        {"memory": "٣Gi"},
        {"memory": "1Ei"},
        {"scratch": "9E"},
        {"memory": "1" + "0" * 40},
        {"memory": " 4Gi"},
        {"scratch": "100m"},
        {"scratch": "1"},
        {"scratch": "8Gi", "ephemeral_storage": "4Gi"},
        {"ephemeral_storage": "0"},
        {"cpu": "0.0001"},
        {"cpu": "1.5m"},
        {"cpu": "100u"},
        {"grace": 86_431},
        {"ttl": 2**31},
        {"node_selector": ("a",)},
        {"node_selector": ("=b",)},
        {"node_selector": ("a=-b",)},
        {"node_selector": ("a/b/c=d",)},
        {"node_selector": ("A.b/c=d",)},
        {"node_selector": ("a=" + "x" * 64,)},
        {"node_selector": ("a=b", "a=c")},
        {"toleration": ("",)},
        {"toleration": ("a:Never",)},
        {"toleration": ("a:",)},
        {"toleration": (":NoExecute",)},
        {"toleration": ("*=b",)},
        {"toleration": ("a=b c",)},
        {"toleration": ("a:NoSchedule:5",)},
        {"toleration": ("a:NoExecute:",)},
        {"toleration": ("a:NoExecute:2147483648",)},
        {"toleration": ("a:NoExecute:1:2",)},
        {"annotation": ("a",)},
        {"annotation": ("a b=c",)},
        {"annotation": ("streamforge/queue-id=x",)},
        {"annotation": ("kubernetes.io/config.mirror=x",)},
        {"annotation": ("controller.kubernetes.io/pod-deletion-cost=x",)},
        {"annotation": ("container.apparmor.security.beta.kubernetes.io/gnn-trainer=unconfined",)},
        {"annotation": ("a=\udcff",)},
        {"annotation": ("a=b", "a=c")},
        {"secret_files": ("HOME",)},
        {"secret_files": ("ARANGO_PASSWORD",), "secret": ""},
    ],
    ids=lambda options: (
        ",".join(f"{name}={value}" for name, value in options.items())[:60].encode("ascii", "replace").decode()
    ),
)
def test_an_option_that_kubernetes_or_the_run_would_refuse_is_refused(options: dict[str, Any]) -> None:
    """By its flag, with what is needed."""
    flag = "--" + next(reversed(options) if "ephemeral_storage" in options else iter(options)).replace("_", "-")
    sentence = refusal(message(), **options)
    assert sentence.startswith(f"{flag} is ")
    assert "needed" in sentence


@pytest.mark.parametrize(
    "options",
    [
        {"ca_path": "/ca/ca.crt"},
        {"ca_path": "/tmp/ca/ca.crt"},
        {"ca_path": "/etc/ssl/own/ca.crt"},
        {"config_map": "a.b-c"},
        {"secret": "a" * 253},
        {"memory": "1.5Gi"},
        {"memory": ".5Gi"},
        {"memory": "512Mi"},
        {"cpu": "1m"},
        {"cpu": "0.5"},
        {"scratch": "64M"},
        {"scratch": "1023Pi"},
        {"scratch": "4Gi", "ephemeral_storage": "4Gi"},
        {"grace": 86_430},
        {"retries": 2**31 - 1},
    ],
)
def test_what_kubernetes_takes_is_rendered(options: dict[str, Any]) -> None:
    """At the limits too; the run's own limits hold for what follows from an option."""
    job = render(start_of(message()), JobOptions(**options))
    kubernetes_validate.validate(job, LATEST, strict=True)


def test_annotations_have_a_limit_in_all() -> None:
    """Those of the message and of the options together, by the API server's own count."""
    sentence = refusal(message(), annotation=("a=" + "x" * 262_144,))
    assert sentence == "the annotations of the Job take 262189 bytes, and Kubernetes allows 262144"


@pytest.mark.parametrize("kind", ["job", "jobset", "trainjob"])
def test_an_object_that_apply_cannot_send_is_refused(kind: str) -> None:
    """`kubectl apply` keeps it in an annotation, whose limit is lower than that of a body."""
    sentence = refusal(
        message(
            target_collection=["c" * 100_000], time_field="t" * 100_000, edge_weight="w" * 100_000, model_type="GCN"
        ),
        kind=kind,
    )
    assert "262144 are allowed, since `kubectl apply` keeps a copy" in sentence


def test_characters_count_as_kubectl_writes_them() -> None:
    """Go escapes some that Python does not."""
    text = "<" * 45_000  # 45 kB as Python writes it
    assert "bytes with its annotations" in refusal(message(time_field=text))
    render(start_of(message(time_field=text.replace("<", "a"))))


def test_an_endless_message_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No start message takes a megabyte; it is not read to its end."""
    path = tmp_path / "start.json"
    path.write_text(message(note="x" * 2**20))
    assert main([str(path)]) == 2
    assert "more than 1048576 bytes" in capsys.readouterr().err


def test_disk_is_limited_to_what_the_scratch_space_and_a_log_take() -> None:
    """The emptyDir counts to the container's limit, so that it may be filled."""
    for scratch, disk in (("4Gi", "5Gi"), ("64M", "1086Mi"), ("1.5Gi", "2560Mi")):
        (container,) = render(start_of(message()), JobOptions(scratch=scratch))["spec"]["template"]["spec"][
            "containers"
        ]
        for amounts in container["resources"].values():
            assert amounts["ephemeral-storage"] == disk


def test_credentials_can_be_files() -> None:
    """The Secret is mounted and not in the environment; a user that the message names goes before the shared one."""
    options = JobOptions(secret_files=("ARANGO_USER", "ARANGO_PASSWORD", "MINIO_SECRET_KEY"), secret="keys")
    pod = render(start_of(message(arango_user="me")), options)["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    files = {entry["name"]: entry["value"] for entry in container["env"] if entry["name"].endswith("_FILE")}
    (mount,) = (each for each in container["volumeMounts"] if each["name"] == "credentials")
    assert files == {
        name: f"{mount['mountPath']}/{name[:-5]}" for name in ("ARANGO_PASSWORD_FILE", "MINIO_SECRET_KEY_FILE")
    }
    assert (
        mount["readOnly"],
        {"name": "credentials", "secret": {"secretName": "keys", "defaultMode": 0o440}} in pod["volumes"],
    ) == (True, True)
    assert [*map(list, container["envFrom"])] == [["configMapRef"]]


@pytest.mark.parametrize("kind", ["job", "jobset", "trainjob"])
def test_the_operator_says_where_pods_go(kind: str) -> None:
    """Nodes, taints, priority and account stand in the pods; what Kueue looks for on what runs them; an annotation on all."""
    options = JobOptions(
        kind=kind,
        pods=2,
        node_selector=("gpu=none", "kubernetes.io/arch=amd64"),
        toleration=("*", "a", "b=c:NoSchedule", "d:NoExecute:60", "e=:PreferNoSchedule"),
        priority_class="low",
        service_account="gnn-trainer",
        queue_name="team",
        annotation=("cluster-autoscaler.kubernetes.io/safe-to-evict=false", "example.com/note=a=b"),
        network_policy="both",
    )
    *others, running = documents(start_of(START_2), options)
    runtime = others[-1] if kind == "trainjob" else running
    spec = (
        runtime["spec"]
        if kind == "job"
        else (runtime["spec"].get("template") or runtime)["spec"]["replicatedJobs"][0]["template"]["spec"]
    )
    template = spec["template"]
    assert template["spec"]["nodeSelector"] == {"gpu": "none", "kubernetes.io/arch": "amd64"}
    assert template["spec"]["tolerations"] == [
        {"operator": "Exists"},
        {"key": "a", "operator": "Exists"},
        {"key": "b", "operator": "Equal", "value": "c", "effect": "NoSchedule"},
        {"key": "d", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60},
        {"key": "e", "operator": "Equal", "value": "", "effect": "PreferNoSchedule"},
    ]
    assert (template["spec"]["priorityClassName"], template["spec"]["serviceAccountName"]) == ("low", "gnn-trainer")
    queues = [each["metadata"]["labels"].get("kueue.x-k8s.io/queue-name") for each in (*others, running, template)]
    assert queues == [*(None for _ in others), "team", None]
    for each in (*others, running, template):
        assert each["metadata"]["annotations"]["example.com/note"] == "a=b"
    for each in (*others, running):
        validate(each, LATEST)
    plain = documents(
        start_of(START_2), replace(options, node_selector=(), toleration=(), priority_class="", service_account="")
    )
    assert not {"nodeSelector", "tolerations", "priorityClassName", "serviceAccountName"} & set(
        json.dumps(plain).split('"')
    )
