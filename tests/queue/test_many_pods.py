"""A start message becomes several pods that find each other, and that Kubernetes judges together."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import kubernetes_validate
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import ValidationError

from tests.conftest import known_variables
from tests.queue.crd_shapes import RESERVED, jobs_in, validate
from tests.queue.start_messages import START_1, START_2, STARTS, start_of
from tests.queue.test_manifest import any_queue_id
from trainer.errors import DEFECT_EXIT_CODE, TrainerError
from trainer.process.stop import SIGNAL_EXIT_CODES
from trainer.queue.manifest import ManifestError, documents, render
from trainer.queue.names import set_name
from trainer.queue.options import KINDS, MOST_PODS, JobOptions
from trainer.queue.plain_yaml import to_yaml
from trainer.ranks.place import Place, place_of
from trainer.settings.definition import Settings
from trainer.settings.groups.ranks import OF_A_PLACE
from trainer.settings.rank_checks import check_ranks
from trainer.settings.sources import validate as read_settings

# Of which Kubernetes the form holds; JobSet and Kubeflow Trainer need no newer one.
OLDEST_KUBERNETES = (1, 31)
VERSIONS = [
    version
    for version in dict.fromkeys(kubernetes_validate.utils.all_versions())
    if tuple(int(part) for part in version.split(".")[:2]) >= OLDEST_KUBERNETES
]
LATEST = VERSIONS[-1]
ODD_QUEUE_IDS = [
    "1",
    "-",
    "_.~",
    "9" * 252,
    "a" * 252,
    "1" + "-a" * 60,
    "очередь-1",
    "12e3",
    "9-" + "b" * 39,
    "A/ B'\"$(C)",
]
LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL_1123 = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def rendered(
    pods: int = 4, kind: str = "job", queue_id: str | None = None, **options: Any
) -> dict[str, dict[str, Any]]:
    """The objects of a start message by their kinds."""
    start = start_of(START_2)
    start = dataclasses.replace(start, queue_id=queue_id or start.queue_id)
    return {each["kind"]: each for each in documents(start, JobOptions(pods=pods, kind=kind, **options))}


def job_of(objects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The Job that Kubernetes sees in the end."""
    if "Job" in objects:
        return objects["Job"]
    (job,) = jobs_in(objects.get("JobSet") or objects["TrainingRuntime"])
    return job


def pod_of(objects: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The `spec` of its pods."""
    pod: dict[str, Any] = job_of(objects)["spec"]["template"]["spec"]
    return pod


def variables_of(objects: dict[str, dict[str, Any]], index: int) -> dict[str, str]:
    """The plain variables of the pod with this index, with those that the controllers add."""
    if "TrainJob" not in objects:
        entries = pod_of(objects)["containers"][0]["env"]
        added = {"JOB_COMPLETION_INDEX": str(index)}
    else:
        name, trainer = objects["TrainJob"]["metadata"]["name"], objects["TrainJob"]["spec"]["trainer"]
        entries = trainer["env"]
        values = (trainer["numNodes"], trainer["numProcPerNode"], index, f"{name}-node-0-0.{name}", 29500)
        added = dict(zip(RESERVED, map(str, values), strict=True)) | {"JOB_COMPLETION_INDEX": str(index)}
    return {entry["name"]: entry["value"] for entry in entries if "value" in entry} | added


def place_in(variables: dict[str, str]) -> Place:
    """The place that a run reads out of its variables."""
    known = known_variables()  # it ignores others
    given = {name.lower(): value for name, value in variables.items() if name in known}
    settings, problems = read_settings(Settings, given)
    assert [str(each) for each in (*problems, *check_ranks(settings))] == []
    return place_of(settings.ranks)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_form_passes_the_schemas(kind: str, version: str) -> None:
    """Each form is taken as it is, without a wrong or unknown field."""
    for document in rendered(3, kind, network_policy="both").values():
        validate(document, version)


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_passes_the_schemas(kind: str) -> None:
    """So is what the options change, and each documented message."""
    chosen = [("none", "ingress", False), ("require", "both", True), ("prefer", "none", True)]
    for message, (spread, policy, bare) in zip(STARTS, chosen, strict=True):
        options = JobOptions(pods=2, kind=kind, spread=spread, network_policy=policy, namespace="ml", pull_secret="p")
        if bare:
            options = dataclasses.replace(options, ca_secret="", config_map="", secret="", service="shared")
        for document in documents(start_of(message), options):
            validate(document, LATEST)


@pytest.mark.parametrize(
    ("kind", "where", "field"),
    [
        ("JobSet", ("spec",), "maxRestarts"),
        ("JobSet", ("spec", "failurePolicy"), "backoffLimit"),
        ("JobSet", ("spec", "replicatedJobs", 0), "completions"),
        ("TrainingRuntime", ("spec", "mlPolicy"), "numProcPerNode"),
        ("TrainJob", ("spec", "trainer"), "pods"),
    ],
)
def test_the_shapes_refuse_unknown_fields(kind: str, where: tuple[str | int, ...], field: str) -> None:
    """The check above would notice a misspelled or misplaced field."""
    objects = rendered(kind="jobset") | rendered(kind="trainjob")
    at: Any = objects[kind]
    for step in where:
        at = at[step]
    at[field] = 1
    with pytest.raises(ValidationError):
        validate(objects[kind], LATEST)


def test_the_shape_refuses_a_reserved_variable() -> None:
    """Kubeflow Trainer sets PET_* itself, and takes no TrainJob that does."""
    train_job = rendered(kind="trainjob")["TrainJob"]
    train_job["spec"]["trainer"]["env"].append({"name": "PET_NNODES", "value": "2"})
    with pytest.raises(ValidationError):
        validate(train_job, LATEST)


@settings(max_examples=10, deadline=None)
@given(st.sampled_from(KINDS), any_queue_id)
def test_whatever_the_queue_is_called_the_objects_are_valid(kind: str, queue_id: str) -> None:
    """A queue's name decides on no field that Kubernetes would refuse."""
    start = dataclasses.replace(start_of(START_2), queue_id=queue_id)
    for document in documents(start, JobOptions(pods=2, kind=kind, network_policy="both")):
        validate(document, LATEST)
        assert yaml.safe_load(to_yaml(document)) == document


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("queue_id", ODD_QUEUE_IDS)
def test_names_are_names_for_every_pod(queue_id: str, kind: str) -> None:
    """Services, sets and the host name of the last pod are labels that DNS and Kubernetes take."""
    objects = rendered(MOST_PODS, kind, queue_id)
    running = objects[{"job": "Job", "jobset": "JobSet", "trainjob": "TrainJob"}[kind]]
    name, last = running["metadata"]["name"], MOST_PODS - 1
    if kind == "job":
        assert LABEL_1123.fullmatch(f"{name}-{last}")
        assert LABEL_1035.fullmatch(objects["Service"]["metadata"]["name"])
    else:  # the controller of JobSet checks the name of the pod itself, with its suffix
        assert LABEL_1035.fullmatch(f"{name}-node-0-{last}-abcde")


def test_sets_of_different_queues_have_different_names() -> None:
    """Queues that differ only at their end, or in what a name cannot hold, stay apart."""
    queue_ids = [*ODD_QUEUE_IDS, "a" * 251 + "b", "1-", "gnn-1", "9" * 251 + "8"]
    assert len({set_name(queue_id) for queue_id in queue_ids}) == len(queue_ids)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("queue_id", ["gnn-1", "A/ B'\"$(C)", "9" * 250])
def test_a_queue_can_be_started_again_while_its_old_job_is_kept(queue_id: str, kind: str) -> None:
    """No object of a new start has the name of an old one's, a label finds both, and pods find only those of their own."""
    queue, instance = "streamforge/queue-id", "app.kubernetes.io/instance"
    starts = [dataclasses.replace(start_of(START_2), queue_id=queue_id, timestamp=second) for second in (1.0, 1.001)]
    options = JobOptions(pods=2, kind=kind, network_policy="both")
    old, again, new = (documents(start, options) for start in (starts[0], starts[0], starts[1]))
    assert old == again
    for one, other in zip(old, new, strict=True):
        assert one["metadata"]["name"] != other["metadata"]["name"]
        assert one["metadata"]["labels"][queue] == other["metadata"]["labels"][queue]
        assert one["metadata"]["labels"][instance] != other["metadata"]["labels"][instance]


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_reads_its_place(kind: str) -> None:
    """The pod with index i is rank i of all, and knows where rank 0 is."""
    objects = rendered(4, kind)
    places = [place_in(variables_of(objects, index)) for index in range(4)]
    assert [(place.rank, place.size) for place in places] == [(0, 4), (1, 4), (2, 4), (3, 4)]
    assert {(place.address, place.port) for place in places} == {(places[0].address, 29500)}


@pytest.mark.parametrize("kind", KINDS)
def test_one_pod_is_alone_in_every_form(kind: str) -> None:
    """A JobSet or TrainJob of one pod is a single run."""
    objects = rendered(1, kind)
    assert place_in(variables_of(objects, 0)) == Place()
    assert not {"Service", "NetworkPolicy"} & objects.keys()


@pytest.mark.parametrize("queue_id", ["gnn-1", "1-gnn"])
def test_rank_0_of_a_job_is_found_through_its_service(queue_id: str) -> None:
    """The address is the host name of the pod with index 0 under the Service that selects the pods, ready or not."""
    objects = rendered(3, "job", queue_id)
    service, job = objects["Service"], objects["Job"]
    host, _, subdomain = place_in(variables_of(objects, 2)).address.partition(".")
    assert host == f"{job['metadata']['name']}-0"
    assert subdomain == service["metadata"]["name"] == pod_of(objects)["subdomain"]
    assert service["spec"]["selector"].items() <= job["spec"]["template"]["metadata"]["labels"].items()
    assert (service["spec"]["clusterIP"], service["spec"]["publishNotReadyAddresses"]) == ("None", True)


def test_rank_0_of_a_job_set_is_found_through_the_sets_own_service() -> None:
    """The controller of JobSet names pods and Service after the set."""
    objects = rendered(3, "jobset")
    name, network = objects["JobSet"]["metadata"]["name"], objects["JobSet"]["spec"]["network"]
    assert place_in(variables_of(objects, 1)).address == f"{name}-node-0-0.{network['subdomain']}"
    assert network == {"enableDNSHostnames": True, "subdomain": name, "publishNotReadyAddresses": True}


def test_a_service_for_all_jobs_is_taken_as_it_is() -> None:
    """With --service a Job brings none, and its pods are found under the given one."""
    objects = rendered(service="gnn-trainer")
    assert "Service" not in objects
    assert pod_of(objects)["subdomain"] == "gnn-trainer"
    assert place_in(variables_of(objects, 1)).address.endswith("-0.gnn-trainer")


def test_a_train_job_goes_with_its_runtime() -> None:
    """The TrainJob refers to its own runtime, which has one container of the name that the controller looks for."""
    objects = rendered(kind="trainjob")
    runtime, train_job = objects["TrainingRuntime"], objects["TrainJob"]
    assert train_job["spec"]["runtimeRef"]["name"] == runtime["metadata"]["name"]
    (replicated,) = runtime["spec"]["template"]["spec"]["replicatedJobs"]
    assert replicated["template"]["metadata"]["labels"] == {"trainer.kubeflow.org/trainjob-ancestor-step": "trainer"}
    assert (replicated["name"], pod_of(objects)["containers"][0]["name"]) == ("node", "node")
    assert train_job["spec"]["trainer"]["numProcPerNode"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_cannot_say_a_pods_place(kind: str) -> None:
    """What differs from pod to pod is no setting of a message: it comes from the controller alone."""
    message = json.loads(START_1) | dict.fromkeys(OF_A_PLACE, 7) | {"pods": 2}
    start = start_of(json.dumps(message))
    objects = {each["kind"]: each for each in documents(start, JobOptions(kind=kind))}
    assert [place_in(variables_of(objects, index)).rank for index in (0, 1)] == [0, 1]
    assert set(start.other.unknown) == OF_A_PLACE


def test_the_message_says_how_many_pods_and_the_option_wins() -> None:
    """`pods` does what --pods does; without both there is one."""
    start = start_of(START_1.replace("{", '{"pods": 3,', 1))
    assert documents(start) == documents(start_of(START_1), JobOptions(pods=3))
    assert documents(start, JobOptions(pods=1)) == [render(start_of(START_1))]
    assert documents(start_of(START_1)) == documents(start_of(START_1.replace("{", '{"pods": "1.0",', 1)))


@pytest.mark.parametrize("pods", ['"four"', "0", "-1", "1.5", "true", "[2]", "1e400"])
def test_a_number_of_pods_that_cannot_be_read_is_refused(pods: str) -> None:
    """Nobody trains on one pod who asked for something else."""
    with pytest.raises(ManifestError, match=r"^pods cannot be read: a whole number above 0 is needed$"):
        render(start_of(START_1.replace("{", f'{{"pods": {pods},', 1)))


def test_more_pods_than_there_can_be_are_refused() -> None:
    """The limit is that of WORLD_SIZE and of a pod's name."""
    with pytest.raises(ManifestError, match=r"^pods is 65537; a whole number from 1 to 65536 is needed$"):
        render(start_of(START_1.replace("{", '{"pods": 65537,', 1)))
    _, problems = read_settings(Settings, {"world_size": str(MOST_PODS)})
    assert problems == []


@pytest.mark.parametrize(
    ("option", "value"),
    [("pods", 0), ("pods", 65537), ("kind", "pod"), ("spread", "yes"), ("network_policy", ""), ("service", "1a")],
)
def test_an_option_of_many_pods_that_cannot_be_is_named(option: str, value: object) -> None:
    """An unusable option is refused by its flag."""
    changes: dict[str, Any] = {option: value}
    with pytest.raises(ManifestError, match=f"^--{option.replace('_', '-')} is .+ needed"):
        render(start_of(START_1), JobOptions(**changes))


@pytest.mark.parametrize(
    ("message", "options", "sentence"),
    [
        ('{"pods": 2,', JobOptions(gpu=1), "--gpu is 1, but the run has 2 pods, which compute on CPUs"),
        ('{"pods": 2, "device": "cuda",', JobOptions(), "DEVICE='cuda' cannot be shared by WORLD_SIZE=2 ranks"),
        ('{"device": "cuda",', JobOptions(pods=2, kind="trainjob"), "DEVICE='cuda' cannot be shared by WORLD_SIZE=2"),
    ],
)
def test_what_several_ranks_cannot_do_is_refused_before_there_is_a_job(
    message: str, options: JobOptions, sentence: str
) -> None:
    """Each pod would end with 2; one pod may do it."""
    start = start_of(START_1.replace("{", message, 1))
    with pytest.raises(ManifestError, match=re.escape(sentence)):
        render(start, options)
    render(start, dataclasses.replace(options, pods=1))


def verdicts(job: dict[str, Any], exit_code: int, disrupted: bool = False) -> list[str]:
    """The action of each rule that fits a failed pod; Kubernetes takes the first."""
    fits = []
    for rule in job["spec"]["podFailurePolicy"]["rules"]:
        by_code = exit_code in rule.get("onExitCodes", {}).get("values", [])
        by_condition = disrupted and any(c["type"] == "DisruptionTarget" for c in rule.get("onPodConditions", []))
        if by_code or by_condition:
            fits.append(str(rule["action"]))
    return [*fits, "Count"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("exit_code", "disrupted", "action"),
    [(2, False, "FailJob"), (3, False, "FailJob"), (3, True, "FailJob"), (5, False, "Ignore"), (143, True, "Ignore")]
    + [(137, True, "Ignore"), (5, True, "Ignore")]
    + [(code, False, "Count") for code in (1, 4, 130, 143, 137, 139)],
)
def test_one_loss_costs_one_try(kind: str, exit_code: int, disrupted: bool, action: str) -> None:
    """Who leaves because another rank ended is not counted; a final code ends the run, whatever else happened."""
    assert verdicts(job_of(rendered(kind=kind)), exit_code, disrupted)[0] == action


@pytest.mark.parametrize("kind", KINDS)
def test_every_exit_code_has_one_rule_for_the_container_there_is(kind: str) -> None:
    """A new error or signal cannot be forgotten here."""
    job = job_of(rendered(kind=kind))
    rules = [rule["onExitCodes"] for rule in job["spec"]["podFailurePolicy"]["rules"] if "onExitCodes" in rule]
    below = set(TrainerError.__subclasses__())
    codes = {error.exit_code for error in below} | {DEFECT_EXIT_CODE} | set(SIGNAL_EXIT_CODES.values())
    assert sorted(code for rule in rules for code in rule["values"]) == sorted(codes)
    assert all(rule["values"] == sorted(rule["values"]) for rule in rules)
    assert {rule["containerName"] for rule in rules} == {pod_of(rendered(kind=kind))["containers"][0]["name"]}


def test_each_rank_of_a_job_has_its_own_tries() -> None:
    """Each index waits for its own failures, one that has none left ends the Job, and rank 0 says when it is done."""
    spec = rendered(3, retries=2)["Job"]["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 3, 3)
    assert (spec["backoffLimitPerIndex"], spec["maxFailedIndexes"]) == (2, 0)
    assert "backoffLimit" not in spec
    assert spec["successPolicy"] == {"rules": [{"succeededIndexes": "0"}]}
    assert spec["podReplacementPolicy"] == "Failed"
    assert spec["activeDeadlineSeconds"] == JobOptions().deadline


@pytest.mark.parametrize("kind", ["jobset", "trainjob"])
def test_all_ranks_of_a_set_begin_anew_together(kind: str) -> None:
    """The Job in the set fails at its first counted failure; the set counts, but does not try again what stays wrong."""
    objects = rendered(3, kind, retries=2)
    job = job_of(objects)["spec"]
    assert (job["backoffLimit"], job["backoffLimitPerIndex"], job["maxFailedIndexes"]) == (0, 0, 0)
    assert job["successPolicy"] == {"rules": [{"succeededIndexes": "0"}]}
    of_the_set = objects["JobSet"] if kind == "jobset" else objects["TrainingRuntime"]["spec"]["template"]
    policy = of_the_set["spec"]["failurePolicy"]
    assert policy["maxRestarts"] == 2
    (rule,) = policy["rules"]
    assert (rule["action"], rule["onJobFailureReasons"]) == ("FailJobSet", ["PodFailurePolicy"])


@pytest.mark.parametrize("kind", KINDS)
def test_each_pod_is_that_of_a_single_run(kind: str) -> None:
    """Rights, mounts, grace and shared settings do not depend on how many pods there are."""
    alone, among = pod_of(rendered(1)), pod_of(rendered(4, kind))
    for pod in (alone, among):
        pod["containers"][0] = {
            key: value for key, value in pod["containers"][0].items() if key not in ("name", "env", "resources")
        }
    assert alone.items() <= among.items()
    assert among.keys() - alone.keys() <= {"subdomain", "topologySpreadConstraints"}


@pytest.mark.parametrize("kind", KINDS)
def test_each_pod_has_the_settings_and_resources_of_a_single_run(kind: str) -> None:
    """The amounts of the options are those of one pod; a message's settings reach each."""
    alone, objects = (
        pod_of(rendered(1, cpu="3", memory="9Gi"))["containers"][0],
        rendered(4, kind, cpu="3", memory="9Gi"),
    )
    if kind == "trainjob":
        trainer = objects["TrainJob"]["spec"]["trainer"]
        env, resources = trainer["env"], trainer["resourcesPerNode"]
    else:
        container = pod_of(objects)["containers"][0]
        env, resources = container["env"], container["resources"]
    assert resources == alone["resources"]
    of_ranks = OF_A_PLACE | {"rank_start_timeout"}
    assert [entry for entry in env if entry["name"].lower() not in of_ranks] == alone["env"]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "600"),
        ({"rank_timeout": 30}, "600"),
        ({"rank_timeout": 900}, "900"),
        ({"rank_start_timeout": 30}, "30"),
        ({"rank_start_timeout": 30, "rank_timeout": 900}, "30"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_pods_wait_longer_for_each_other_at_the_start(kind: str, said: dict[str, Any], told: str) -> None:
    """Images and nodes may take minutes; the message goes before, and a single pod waits for nobody."""
    start = start_of(json.dumps(json.loads(START_2) | said))
    objects = {each["kind"]: each for each in documents(start, JobOptions(pods=2, kind=kind))}
    pod = objects["TrainJob"]["spec"]["trainer"] if kind == "trainjob" else pod_of(objects)["containers"][0]
    assert [entry["value"] for entry in pod["env"] if entry["name"] == "RANK_START_TIMEOUT"] == [told]
    alone = pod_of({each["kind"]: each for each in documents(start_of(START_2), JobOptions())})["containers"][0]
    assert "RANK_START_TIMEOUT" not in {entry["name"] for entry in alone["env"]}


@pytest.mark.parametrize("kind", KINDS)
def test_pods_of_one_run_are_spread(kind: str) -> None:
    """Ranks go to different nodes where possible, always, or as it comes; other runs' pods do not matter."""
    labels = job_of(rendered(kind=kind))["spec"]["template"]["metadata"]["labels"]
    (constraint,) = pod_of(rendered(kind=kind))["topologySpreadConstraints"]
    apart = pod_of(rendered(kind=kind, spread="require"))["affinity"]["podAntiAffinity"]
    (term,) = apart["requiredDuringSchedulingIgnoredDuringExecution"]
    assert constraint["whenUnsatisfiable"] == "ScheduleAnyway"
    for each in (constraint, term):
        assert each["topologyKey"] == "kubernetes.io/hostname"
        assert each["labelSelector"]["matchLabels"].items() <= labels.items()
        assert each["labelSelector"]["matchLabels"].keys() == {"app.kubernetes.io/instance"}
    assert not {"topologySpreadConstraints", "affinity"} & pod_of(rendered(kind=kind, spread="none")).keys()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("directions", ["ingress", "both"])
def test_pods_of_one_run_reach_each_other_on_every_port(kind: str, directions: str) -> None:
    """The policy selects the run's pods alone, names no port, and forbids nothing that the namespace allows outwards."""
    objects = rendered(kind=kind, network_policy=directions)
    spec = objects["NetworkPolicy"]["spec"]
    labels = job_of(objects)["spec"]["template"]["metadata"]["labels"]
    own = {"podSelector": spec["podSelector"]}
    assert spec["podSelector"]["matchLabels"].items() <= labels.items()
    assert spec["ingress"] == [{"from": [own]}]
    assert spec["policyTypes"] == (["Ingress", "Egress"] if directions == "both" else ["Ingress"])
    assert spec.get("egress") == ([{"to": [own]}] if directions == "both" else None)


@pytest.mark.parametrize("kind", KINDS)
def test_all_objects_of_a_run_are_found_by_its_queue(kind: str) -> None:
    """One label selects whatever is to be deleted with the run, in the namespace of the options."""
    for document in rendered(kind=kind, network_policy="both", namespace="ml").values():
        assert document["metadata"]["namespace"] == "ml"
        assert document["metadata"]["labels"]["streamforge/queue-id"] == start_of(START_2).queue_id


def test_what_the_pods_need_is_created_before_them() -> None:
    """A pod finds its Service, its policy and its runtime when it begins."""
    assert [*rendered(network_policy="ingress")] == ["Service", "NetworkPolicy", "Job"]
    assert [*rendered(kind="trainjob", network_policy="ingress")] == ["NetworkPolicy", "TrainingRuntime", "TrainJob"]
