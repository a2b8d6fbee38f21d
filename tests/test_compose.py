"""`compose.yaml` gives developers and tests the services that the contract names, and shows them to nobody else."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT, known_variables
from trainer.settings.definition import Settings

COMPOSE = ROOT / "compose.yaml"
TEXT = COMPOSE.read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(TEXT)["services"]
SERVERS = ("arangodb", "kafka", "minio")
ONE_SHOT = ("topics", "bucket", "graph")


def with_defaults(text: str) -> str:
    """The text as Compose and the shell read it when no variable is set."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


DEFAULT: dict[str, dict[str, Any]] = yaml.safe_load(with_defaults(TEXT))["services"]


def script_of(service: str) -> str:
    """What a one-shot service runs."""
    return str(SERVICES[service]["entrypoint"][-1])


def check_against_the_schema(path: str) -> subprocess.CompletedProcess[str]:
    """Hold a file to the published schema of Compose files."""
    arguments = ["--builtin-schema", "vendor.compose-spec", path]
    return subprocess.run([sys.executable, "-m", "check_jsonschema", *arguments], capture_output=True, text=True)


def test_it_passes_the_compose_schema() -> None:
    """Compose knows every field."""
    checked = check_against_the_schema(str(COMPOSE))
    assert checked.returncode == 0, checked.stdout


def test_the_schema_check_refuses_unknown_fields(tmp_path: Any) -> None:
    """The check above would notice a misspelled field."""
    (tmp_path / "compose.yaml").write_text(TEXT.replace("healthcheck:", "healthchek:", 1))
    assert check_against_the_schema(str(tmp_path / "compose.yaml")).returncode == 1


@pytest.mark.parametrize("service", SERVERS)
def test_a_server_tells_when_it_is_well(service: str) -> None:
    """`up --wait` can wait for each server."""
    assert SERVICES[service]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("service", SERVICES)
def test_ports_are_open_to_this_machine_only(service: str) -> None:
    """Nobody in the network reaches a server whose password everybody can read."""
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[service].get("ports", []))


@pytest.mark.parametrize("service", [*ONE_SHOT, "trainer"])
def test_what_ends_does_not_start_with_the_servers(service: str) -> None:
    """`up --wait` fails over a container that ends, so those that end stand in profiles and wait for the servers."""
    assert SERVICES[service]["profiles"]
    assert {wait["condition"] for wait in SERVICES[service]["depends_on"].values()} == {"service_healthy"}


@pytest.mark.parametrize("service", ONE_SHOT)
def test_make_up_runs_every_one_shot_service(service: str) -> None:
    """`make up` leaves no part of the preparation out."""
    assert f"\tdocker compose run --rm {service}\n" in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("name", ["DEV_ARANGO_PASSWORD", "DEV_MINIO_ACCESS_KEY", "DEV_MINIO_SECRET_KEY"])
def test_a_credential_has_one_default(name: str) -> None:
    """Servers, one-shot services, trainer and tests agree on the credential."""
    text = TEXT + (ROOT / "tests" / "compose.env").read_text()
    assert len(set(re.findall(rf"\$\{{{name}(?::-[^}}]*)?\}}", text))) == 1


def test_kafka_sends_clients_to_where_they_asked() -> None:
    """Containers and this machine each have a listener, and its address is the one that they use."""
    kafka = DEFAULT["kafka"]["environment"]
    advertised = kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert advertised == ["CONTAINERS://kafka:19092", "MACHINE://127.0.0.1:9092"]
    assert DEFAULT["kafka"]["ports"] == ["127.0.0.1:9092:9092"]
    listeners = {listener.split("://")[0] for listener in kafka["KAFKA_LISTENERS"].split(",")}
    assert listeners == {pair.split(":")[0] for pair in kafka["KAFKA_LISTENER_SECURITY_PROTOCOL_MAP"].split(",")}


def test_topics_are_those_of_the_settings() -> None:
    """The topics that a run uses by default are made."""
    for name in ("queue_events_topic", "queue_control_topic"):
        assert str(Settings.definitions()[name].default) in script_of("topics")


def test_the_example_graph_is_loaded_with_its_name() -> None:
    """The named graph lives in a system collection, which arangorestore leaves out unless asked."""
    assert "--include-system-collections true" in script_of("graph")
    assert SERVICES["graph"]["volumes"] == ["./examples/market_5m:/dump:ro"]
    assert (ROOT / "examples" / "market_5m" / "dump.json").is_file()


def test_the_trainer_is_set_up_with_settings_only() -> None:
    """Its variables are settings, and it uses the database and bucket that are prepared."""
    variables = DEFAULT["trainer"]["environment"]
    assert set(variables) <= known_variables()
    assert f"--server.database {variables['ARANGO_DB']} " in script_of("graph")
    assert script_of("bucket").rstrip().endswith(f"/{variables['MINIO_BUCKET']}")


def test_the_trainer_may_do_as_little_as_in_a_pod() -> None:
    """Its root file system is read-only but for /tmp, and it has no capabilities."""
    trainer = SERVICES["trainer"]
    assert trainer["read_only"] is True
    assert (trainer["tmpfs"], trainer["cap_drop"]) == (["/tmp"], ["ALL"])


def test_the_variables_for_tests_name_these_services() -> None:
    """`tests/compose.env` holds the addresses and credentials that `compose.yaml` gives out."""
    text = with_defaults((ROOT / "tests" / "compose.env").read_text())
    named = dict(line.split("=", 1) for line in text.splitlines() if line.startswith("TEST_"))
    published = {name: str(DEFAULT[name]["ports"][0]).rsplit(":", 1)[0] for name in SERVERS}
    assert named == {
        "TEST_ARANGO_URL": f"http://{published['arangodb']}",
        "TEST_ARANGO_DB": "streamforge",
        "TEST_ARANGO_USER": "root",
        "TEST_ARANGO_PASSWORD": DEFAULT["arangodb"]["environment"]["ARANGO_ROOT_PASSWORD"],
        "TEST_KAFKA_BOOTSTRAP_SERVERS": published["kafka"],
        "TEST_MINIO_ENDPOINT": published["minio"],
        "TEST_MINIO_ACCESS_KEY": DEFAULT["minio"]["environment"]["MINIO_ROOT_USER"],
        "TEST_MINIO_SECRET_KEY": DEFAULT["minio"]["environment"]["MINIO_ROOT_PASSWORD"],
        "TEST_MINIO_BUCKET": "gnn-checkpoints",
    }
