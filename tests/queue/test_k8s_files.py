"""The files of `k8s/` are what Kubernetes takes and what the code renders."""

import re
import string
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.conftest import known_variables
from tests.queue.crd_shapes import jobs_in, validate
from tests.queue.start_messages import QUEUE_ENV_BLOCK, START_1, START_2, STARTS, start_of
from trainer.queue.command import Start
from trainer.queue.environment import environment
from trainer.queue.manifest import documents, main, render
from trainer.queue.names import job_name, label_value
from trainer.queue.options import KINDS, JobOptions
from trainer.settings.moments import epoch_seconds

K8S = Path(__file__).parents[2] / "k8s"
EXAMPLE = K8S / "example"
CONFIG_MAP, SECRET = K8S / "configmap.yaml", K8S / "templates" / "secret.yaml.example"
APPLIED = sorted(path for ending in ("json", "yaml", "yml") for path in K8S.rglob(f"*.{ending}"))
"""What `kubectl apply -R -f k8s/` would take."""
TEMPLATES = sorted((K8S / "templates").iterdir())
OPTIONS = JobOptions(service_account="gnn-trainer")
"""What the files of `k8s/` bring, and a renderer elsewhere need not have."""
LATEST = kubernetes_validate.latest_version()
OF_SETS = ("JobSet", "TrainingRuntime", "TrainJob")
IMAGE = "registry.dmz.home/streamforge/gnn-trainer:v0.1.0"


def name_of(path: Path) -> str:
    """How a test of this file is called."""
    return str(path.relative_to(K8S))


class EmptyWhereAbsent(dict[str, str]):
    """Variables of a shell: one that is not set is empty."""

    def __missing__(self, name: str) -> str:
        """Return the value of a variable that is not set."""
        return ""


def filled(variables: dict[str, str]) -> dict[str, Any]:
    """Fill the template as its header says, and read it."""
    names = {
        "IMAGE": IMAGE,
        "JOB_NAME": job_name(variables["QUEUE_ID"], epoch_seconds(variables.get("JOB_TIMESTAMP", ""))),
        "QUEUE_LABEL": label_value(variables["QUEUE_ID"]),
    }
    template = string.Template((K8S / "templates" / "job.yaml.template").read_text())
    content: dict[str, Any] = yaml.safe_load(template.safe_substitute(EmptyWhereAbsent(names | variables)))
    return content


def without_empty(content: Any) -> Any:
    """Drop empty labels, annotations and variables, which count as not set."""
    if isinstance(content, dict):
        return {key: without_empty(value) for key, value in content.items() if value != ""}
    if isinstance(content, list):
        return [without_empty(item) for item in content if not (isinstance(item, dict) and item.get("value") == "")]
    return content


def objects_in(path: Path) -> list[dict[str, Any]]:
    """What a file holds."""
    return [*yaml.safe_load_all(path.read_text())]


@pytest.mark.parametrize("path", [*APPLIED, *TEMPLATES], ids=name_of)
def test_every_file_passes_the_kubernetes_schema(path: Path) -> None:
    """Each file in the folder holds valid objects, those with placeholders too."""
    for document in objects_in(path):
        validate(document, LATEST)


def test_example_job_is_what_the_renderer_makes() -> None:
    """The example cannot fall behind the code."""
    assert yaml.safe_load((EXAMPLE / "job.yaml").read_text()) == render(start_of(START_2), OPTIONS)


@pytest.mark.parametrize("kind", KINDS)
def test_examples_of_several_pods_are_what_the_renderer_makes(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is what the line at its top prints."""
    (tmp_path / "start.json").write_text(START_2)
    path = EXAMPLE / "many_pods" / f"{kind}.yaml"
    line, _, content = path.read_text().partition("\n")
    _, _, options = line.partition("# python -m trainer.queue.manifest start.json ")
    assert main([str(tmp_path / "start.json"), *options.split()]) == 0
    assert content == capsys.readouterr().out


def test_the_service_for_all_jobs_selects_the_pods_of_each() -> None:
    """It publishes names as a Job's own Service does."""
    (shared,) = objects_in(EXAMPLE / "many_pods" / "service.yaml")
    own, job = documents(start_of(START_2), JobOptions(pods=2))
    assert shared["spec"] == own["spec"] | {"selector": shared["spec"]["selector"]}
    assert shared["spec"]["selector"].items() <= job["spec"]["template"]["metadata"]["labels"].items()


@pytest.mark.parametrize("start", [start_of(message) for message in STARTS], ids=["1", "2", "3"])
def test_filled_template_is_what_the_renderer_makes(start: Start) -> None:
    """The template and the renderer give the same Job for the same queue."""
    job = filled(environment(start))
    kubernetes_validate.validate(job, LATEST, strict=True)
    assert without_empty(job) == render(start, OPTIONS)


def test_template_is_filled_from_the_documented_environment_block() -> None:
    """The documented block fills the template to the Job of the documented message, but for its time."""
    block = dict(line.split("=", 1) for line in QUEUE_ENV_BLOCK.splitlines())
    expected = render(start_of(START_1.replace("1722348000.123", "null")), OPTIONS)
    assert without_empty(filled(block)) == expected


def test_job_finds_the_example_config_map_and_secret() -> None:
    """The names in the examples are the names that a Job asks for by default."""
    names = [yaml.safe_load(path.read_text())["metadata"]["name"] for path in (CONFIG_MAP, SECRET)]
    assert names == [JobOptions().config_map, JobOptions().secret]


def test_example_secret_holds_no_secret() -> None:
    """Every value of the example is a placeholder."""
    secret = yaml.safe_load(SECRET.read_text())
    assert set(secret["stringData"].values()) == {"fill-in"}


def variables_of(path: Path) -> set[str]:
    """The names of the variables that a file gives to the container."""
    names: set[str] = set()
    for content in objects_in(path):
        names |= set(content.get("data", {})) | set(content.get("stringData", {}))
        for job in [content] if content["kind"] == "Job" else jobs_in(content) if content["kind"] in OF_SETS else []:
            (container,) = job["spec"]["template"]["spec"]["containers"]
            names |= {entry["name"] for entry in container.get("env", ())}
    return names


@pytest.mark.parametrize("path", [*APPLIED, *TEMPLATES], ids=name_of)
def test_every_variable_is_a_setting(path: Path) -> None:
    """No file sets a variable that a run would not read."""
    assert variables_of(path) <= known_variables() | {"POD_NAME"}


def test_every_field_of_a_start_becomes_a_setting() -> None:
    """The environment block of a start message with every field holds settings only."""
    start = Start(
        queue_id="q",
        graph_name="g",
        symbol="s",
        type="t",
        model_type="GAT",
        epochs=1,
        features=("a",),
        target="y",
        loss_fn="mse",
        telemetry_id="t",
        image="i",
        timestamp=1.0,
    )
    block = environment(start)
    assert set(block) <= known_variables()
    assert len(block) == 11


def test_config_map_holds_no_credential() -> None:
    """Users, passwords and keys stand in the Secret only."""
    shared = yaml.safe_load(CONFIG_MAP.read_text())["data"]
    assert not [name for name in shared if name.endswith(("USER", "PASSWORD", "KEY"))]


def test_nothing_that_is_applied_has_a_placeholder() -> None:
    """Templates lie where no form of apply finds them."""
    assert not {"templates"} & {path.parent.name for path in APPLIED}
    assert [name_of(path) for path in APPLIED if re.search(r"\$\{|fill-in", path.read_text())] == []


@pytest.mark.parametrize("folder", [K8S, EXAMPLE], ids=name_of)
def test_kustomize_takes_every_file_of_its_folder(folder: Path) -> None:
    """What `kubectl apply -k` brings is what `kubectl apply -f` finds, which passes over the Kustomization itself."""
    kustomization = yaml.safe_load((folder / "Kustomization").read_text())
    assert sorted(kustomization["resources"]) == [path.name for path in APPLIED if path.parent == folder]
    assert (kustomization["kind"], kustomization["namespace"]) == ("Kustomization", "gnn-trainer")


def test_the_namespace_is_restricted_and_its_account_has_no_token() -> None:
    """Kubernetes holds every pod there to the strictest standard, and a run gets no way into the cluster."""
    (namespace,), (account,) = (objects_in(K8S / f"{kind}.yaml") for kind in ("namespace", "serviceaccount"))
    levels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "audit", "warn")}
    assert levels.items() <= namespace["metadata"]["labels"].items()
    assert account["automountServiceAccountToken"] is False
    assert account["metadata"]["name"] == OPTIONS.service_account


def test_a_run_reaches_what_the_config_map_names_and_is_reached_by_nobody() -> None:
    """The policy knows the port of each address there, and selects the pods of all runs."""
    (policy,), (shared,) = objects_in(K8S / "networkpolicy.yaml"), objects_in(CONFIG_MAP)
    named = {int(port) for value in shared["data"].values() for port in re.findall(r":(\d+)$", value)}
    ports = {entry["port"] for rule in policy["spec"]["egress"] for entry in rule["ports"]}
    labels = render(start_of(START_2))["spec"]["template"]["metadata"]["labels"]
    assert ports == named | {53}
    assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert (policy["spec"]["policyTypes"], "ingress" in policy["spec"]) == (["Ingress", "Egress"], False)


def test_the_shared_settings_use_tls() -> None:
    """The example is one that nobody has to make safe; the program's own defaults are others."""
    shared = yaml.safe_load(CONFIG_MAP.read_text())["data"]
    assert shared["ARANGO_URL"].startswith("https://")
    assert shared["MINIO_SECURE"] == "true"
