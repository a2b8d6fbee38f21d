"""A start message becomes a Job that Kubernetes accepts and that runs what the message asks for."""

import dataclasses
import re
from typing import Any

import kubernetes_validate
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.queue.start_messages import START_1, START_2, START_3, STARTS, start_of
from trainer.errors import DEFECT_EXIT_CODE, RankError, TrainerError
from trainer.process.stop import SIGNAL_EXIT_CODES
from trainer.queue.command import Start
from trainer.queue.manifest import ManifestError, render
from trainer.queue.names import job_name
from trainer.queue.options import JobOptions
from trainer.queue.plain_yaml import to_yaml
from trainer.registry.models import MODELS
from trainer.settings.form_checks import check_queue_id
from trainer.settings.groups.training import LOSS_NAMES

OLDEST_KUBERNETES = (1, 29)
ALL_VERSIONS: list[str] = kubernetes_validate.utils.all_versions()
VERSIONS = [
    version
    for version in dict.fromkeys(ALL_VERSIONS)
    if tuple(int(part) for part in version.split(".")[:2]) >= OLDEST_KUBERNETES
]
LATEST = VERSIONS[-1]

# A run takes ` #` in a variable for a comment, and quotes around it for those of an env file.
any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0#"), min_size=1).filter(
    lambda text: text.strip()[:1] not in ("'", '"')
)
any_queue_id = any_text.filter(lambda text: not [*check_queue_id(text)])
any_start = st.builds(
    Start,
    queue_id=any_queue_id,
    graph_name=any_text.map("g{}".format),
    image=st.sampled_from(["i", "registry.example:5000/a/b__c:v1.2_3", f"i@sha256:{'0f' * 32}"]),
    symbol=st.none() | any_text,
    type=st.none() | any_text,
    model_type=st.none() | st.sampled_from([*MODELS]),
    epochs=st.none() | st.integers(1, 1000),
    features=st.none() | st.lists(any_text.map("f{}".format), min_size=1).map(tuple),
    target=st.none() | any_text.map("t{}".format),
    loss_fn=st.none() | st.sampled_from(LOSS_NAMES),
    telemetry_id=st.none() | any_text,
    timestamp=st.none() | st.floats(1.0, 4e9),
    unreadable=st.just(()),
)


def container_of(job: dict[str, Any]) -> dict[str, Any]:
    """Return the one container of a Job."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    return dict(container)


def environment_of(job: dict[str, Any]) -> dict[str, str]:
    """Return the plain variables of a Job as the container gets them."""
    entries = container_of(job)["env"]
    return {entry["name"]: as_kubernetes_expands(entry["value"]) for entry in entries if "value" in entry}


def as_kubernetes_expands(value: str) -> str:
    """Expand a value by the documented rule: `$(NAME)` is a reference, `$$` is one dollar sign."""
    return re.sub(r"\$(\$|\([^)]*\))", lambda match: "$" if match[1] == "$" else "<expanded>", value)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("message", STARTS)
def test_documented_starts_pass_the_kubernetes_schema(message: str, version: str) -> None:
    """Each documented start message gives a Job without a wrong or unknown field."""
    kubernetes_validate.validate(render(start_of(message)), version, strict=True)


def test_schema_check_refuses_unknown_fields() -> None:
    """The check above would notice a misspelled field."""
    job = render(start_of(START_1))
    job["spec"]["backOffLimit"] = 3
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, LATEST, strict=True)


@settings(max_examples=30, deadline=None)
@given(any_start)
def test_any_start_passes_the_kubernetes_schema(start: Start) -> None:
    """Whatever the fields hold, the Job is one that Kubernetes accepts."""
    kubernetes_validate.validate(render(start), LATEST, strict=True)


@given(any_start)
def test_values_reach_the_container_unchanged(start: Start) -> None:
    """Kubernetes expands no value: dollar signs and parentheses arrive as they were sent."""
    seen = environment_of(render(start))
    sent = {"QUEUE_ID": start.queue_id, "GRAPH_NAME": start.graph_name, "TARGET": start.target}
    assert {name: seen.get(name) for name in sent} == sent


def test_several_graphs_are_one_job() -> None:
    """A list of graphs is one variable, as the run reads it; no label holds it, since a label may hold no comma."""
    job = render(start_of(START_1.replace('"btc_graph_5m_2024_06_01"', '["day_1", "day_2"]')))
    kubernetes_validate.validate(job, LATEST, strict=True)
    assert environment_of(job)["GRAPH_NAME"] == "day_1,day_2"
    assert job["metadata"]["annotations"]["streamforge/graph-name"] == "day_1,day_2"
    assert not any("," in value for value in job["metadata"]["labels"].values())


def test_reference_in_a_value_is_not_expanded() -> None:
    """A message cannot read a credential by naming its variable."""
    start = dataclasses.replace(start_of(START_1), symbol="$(KAFKA_PASSWORD)")
    assert environment_of(render(start))["SYMBOL"] == "$(KAFKA_PASSWORD)"


@given(any_start)
def test_printed_yaml_is_the_job(start: Start) -> None:
    """What is printed reads back as what was rendered."""
    job = render(start)
    assert yaml.safe_load(to_yaml(job)) == job


@pytest.mark.parametrize("text", ["y", "no", "12e3", "1_000", "0o17", "~", "null", "0x1F", "1:30", "=", "-", "a: b"])
def test_text_like_another_type_is_quoted(text: str) -> None:
    """A value that some reader takes for a number or a truth value stands in quotes."""
    assert re.fullmatch(r"""value: (['"]).*\1\n""", to_yaml({"value": text}))


def test_environment_of_the_first_start() -> None:
    """The first start message gives its documented environment block; what it leaves out is not there."""
    assert environment_of(render(start_of(START_1))) == {
        "QUEUE_ID": "gnn-btcusdt-5m-2024_06_01-abc123",
        "SYMBOL": "BTCUSDT",
        "TYPE": "gnn_trainer",
        "GRAPH_NAME": "btc_graph_5m_2024_06_01",
        "EPOCHS": "10",
        "MODEL_TYPE": "GAT",
        "TELEMETRY_PRODUCER_ID": "gnn-trainer__abc123",
        "JOB_TIMESTAMP": "1722348000.123",
        "STOP_DEADLINE": "90",
        "CA_PATH": "/usr/local/share/ca-certificates/ca.crt",
    }


@pytest.mark.parametrize("message", [START_2, START_3])
def test_environment_of_a_start_with_target_twice(message: str) -> None:
    """TARGET is the label alone, and FEATURES is JSON."""
    assert environment_of(render(start_of(message))) == {
        "QUEUE_ID": "gnn-train-btcusdt-v3-2024-06-01-abc123",
        "GRAPH_NAME": "btc_graph_5m_2024_06_01",
        "EPOCHS": "20",
        "MODEL_TYPE": "GraphSAGE",
        "FEATURES": '["price_change", "volume", "rsi", "vwap"]',
        "TARGET": "price_up",
        "LOSS_FN": "binary_crossentropy",
        "TELEMETRY_PRODUCER_ID": "gnn-trainer__abc123",
        "JOB_TIMESTAMP": "1722346211.177",
        "STOP_DEADLINE": "90",
        "CA_PATH": "/usr/local/share/ca-certificates/ca.crt",
    }


def test_pod_name_comes_from_the_downward_api() -> None:
    """POD_NAME is the pod's own name, which nobody knows beforehand."""
    (entry,) = [entry for entry in container_of(render(start_of(START_1)))["env"] if entry["name"] == "POD_NAME"]
    assert entry["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.name"}}


def test_shared_settings_come_from_config_map_and_secret() -> None:
    """No credential stands in the Job: it names where they are."""
    job = render(start_of(START_1), JobOptions(config_map="shared", secret="keys"))
    assert container_of(job)["envFrom"] == [
        {"configMapRef": {"name": "shared"}},
        {"secretRef": {"name": "keys"}},
    ]


def verdict(job: dict[str, Any], exit_code: int, disrupted: bool = False) -> str:
    """Judge a failed pod as Kubernetes does: by the first rule that fits, else it counts."""
    for rule in job["spec"]["podFailurePolicy"]["rules"]:
        by_code = exit_code in rule.get("onExitCodes", {}).get("values", [])
        by_condition = disrupted and any(c["type"] == "DisruptionTarget" for c in rule.get("onPodConditions", []))
        if by_code or by_condition:
            return str(rule["action"])
    return "Count"


@pytest.mark.parametrize(
    ("exit_code", "action"),
    [
        (1, "Count"),
        (2, "FailJob"),
        (3, "FailJob"),
        (4, "Count"),
        (130, "Count"),
        (143, "Count"),
        (137, "Count"),
    ],
)
def test_exit_code_decides_on_a_retry(exit_code: int, action: str) -> None:
    """Wrong settings and unusable data end the Job; everything else may pass and is tried again."""
    assert verdict(render(start_of(START_1)), exit_code) == action


def subclasses(error: type[TrainerError]) -> set[type[TrainerError]]:
    """Every subclass of this error."""
    below = set(error.__subclasses__())
    return below.union(*map(subclasses, below))


def test_every_exit_code_of_a_run_has_a_rule() -> None:
    """A new error or signal cannot be forgotten here: each code stands in exactly one rule."""
    rules = render(start_of(START_1))["spec"]["podFailurePolicy"]["rules"]
    judged = [code for rule in rules for code in rule.get("onExitCodes", {}).get("values", [])]
    errors = {error.exit_code for error in subclasses(TrainerError)}
    errors.remove(RankError.exit_code)  # one pod is alone
    assert sorted(judged) == sorted(errors | {DEFECT_EXIT_CODE} | set(SIGNAL_EXIT_CODES.values()))


@pytest.mark.parametrize(("exit_code", "action"), [(143, "Ignore"), (4, "Ignore"), (137, "Ignore"), (2, "FailJob")])
def test_disruption_costs_no_retry(exit_code: int, action: str) -> None:
    """A drained node is not the run's failure, unless the run was hopeless anyway."""
    assert verdict(render(start_of(START_1)), exit_code, disrupted=True) == action


def test_exit_codes_stand_in_ascending_order() -> None:
    """Kubernetes refuses exit codes in any other order, which its schema does not say."""
    rules = render(start_of(START_1))["spec"]["podFailurePolicy"]["rules"]
    codes = [rule["onExitCodes"]["values"] for rule in rules if "onExitCodes" in rule]
    assert codes == [sorted(set(values)) for values in codes]


def test_pod_may_do_nothing_it_does_not_need() -> None:
    """The pod meets the restricted Pod Security Standard and has no token of the cluster."""
    pod = render(start_of(START_1))["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] == 10001
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_only_tmp_can_be_written() -> None:
    """Of all mounts only /tmp is writable."""
    mounts = container_of(render(start_of(START_1)))["volumeMounts"]
    assert [mount["mountPath"] for mount in mounts if not mount.get("readOnly")] == ["/tmp"]


def test_ca_is_mounted_where_ca_path_points() -> None:
    """CA_PATH and the mount of its secret agree."""
    job = render(start_of(START_1), JobOptions(ca_secret="my-ca", ca_path="/ca/root.pem"))
    assert environment_of(job)["CA_PATH"] == "/ca/root.pem"
    assert {"name": "ca", "mountPath": "/ca", "readOnly": True} in container_of(job)["volumeMounts"]
    assert {"name": "ca", "secret": {"secretName": "my-ca"}} in job["spec"]["template"]["spec"]["volumes"]


def test_without_ca_secret_nothing_is_mounted() -> None:
    """A cluster without a private CA needs neither the mount nor the variable."""
    job = render(start_of(START_1), JobOptions(ca_secret=""))
    assert "CA_PATH" not in environment_of(job)
    assert [volume["name"] for volume in job["spec"]["template"]["spec"]["volumes"]] == ["tmp"]


def test_options_reach_the_job() -> None:
    """Names, amounts and times are those of the options."""
    options = JobOptions(
        image="other:1", namespace="ml", pull_secret="pull", cpu="500m", memory="16Gi", gpu=1, scratch="1Gi"
    )
    job = render(start_of(START_1), dataclasses.replace(options, deadline=60, grace=45, ttl=0, retries=1))
    kubernetes_validate.validate(job, LATEST, strict=True)
    pod = job["spec"]["template"]["spec"]
    amounts = {"cpu": "500m", "memory": "16Gi", "ephemeral-storage": "2Gi", "nvidia.com/gpu": "1"}
    assert job["metadata"]["namespace"] == "ml"
    assert container_of(job)["image"] == "other:1"
    assert container_of(job)["resources"] == {"requests": amounts, "limits": amounts}
    assert pod["imagePullSecrets"] == [{"name": "pull"}]
    assert pod["volumes"][0] == {"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}
    assert pod["terminationGracePeriodSeconds"] == 45
    assert environment_of(job)["STOP_DEADLINE"] == "15"
    times = [job["spec"][key] for key in ("activeDeadlineSeconds", "ttlSecondsAfterFinished", "backoffLimit")]
    assert times == [60, 0, 1]


def test_queue_can_be_found_by_its_label() -> None:
    """Job and pod carry the queue as a label and, whole, as an annotation."""
    job = render(start_of(START_1))
    queue_id = "gnn-btcusdt-5m-2024_06_01-abc123"
    for metadata in (job["metadata"], job["spec"]["template"]["metadata"]):
        assert metadata["labels"]["streamforge/queue-id"] == queue_id
        assert metadata["annotations"]["streamforge/queue-id"] == queue_id


@given(any_start)
def test_every_label_value_is_valid(start: Start) -> None:
    """Labels keep to Kubernetes' letters and length, which its schema does not check."""
    job = render(start)
    assert job["metadata"]["name"] == job_name(str(start.queue_id), start.timestamp)
    for value in job["metadata"]["labels"].values():
        assert re.fullmatch(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", value)
        assert len(value) <= 63


@pytest.mark.parametrize("field", ["queue_id", "graph_name", "image"])
def test_missing_field_is_named(field: str) -> None:
    """A start message without a field that every Job needs is refused by that field's name."""
    changes: dict[str, Any] = {field: None}
    with pytest.raises(ManifestError, match=f"^{field} is missing$"):
        render(dataclasses.replace(start_of(START_1), **changes))


def test_unreadable_field_is_named() -> None:
    """A field that could not be read is refused, so that no default takes its place."""
    with pytest.raises(ManifestError, match=r"^epochs cannot be read: a whole number from 1 to 1000000000 is needed$"):
        render(start_of(START_1.replace("10,", '"ten",')))


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("cpu", "two"),
        ("cpu", "0"),
        ("memory", "4 GB"),
        ("scratch", ""),
        ("namespace", "My_Team"),
        ("secret", "a/b"),
        ("deadline", 0),
        ("grace", 44),
        ("retries", -1),
        ("ca_path", "ca.crt"),
        ("ca_path", "/ca.crt"),
    ],
)
def test_option_that_kubernetes_would_refuse_is_named(option: str, value: object) -> None:
    """An unusable option is refused here, by its flag, and not later by the cluster."""
    changes: dict[str, Any] = {option: value}
    flag = "--" + option.replace("_", "-")
    with pytest.raises(ManifestError, match=f"^{flag} is .+(needed|allowed)$"):
        render(start_of(START_1), JobOptions(**changes))
