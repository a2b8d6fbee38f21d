"""`docs/operations.md` gives the numbers and names that the code has."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT, known_variables
from tests.queue.start_messages import START_2, start_of
from trainer.contract.wire import event_schemas
from trainer.queue.failure_rules import EXIT_CODES_AT_NO_COST, EXIT_CODES_FINAL, EXIT_CODES_WORTH_A_RETRY
from trainer.queue.manifest import render
from trainer.queue.options import PREFIXES_VARIABLE, JobOptions
from trainer.settings.prediction import PredictionSettings

PAGE = (ROOT / "docs" / "operations.md").read_text()
BUILD_ARGUMENTS = {"TORCH_INDEX_URL", "VERSION", "REVISION", "BASE_IMAGE"}
OF_PREDICTIONS = {setting.variable for setting in PredictionSettings.definitions().values()}
IMAGES_OF_COMPOSE = {"MINIO_IMAGE", "ARANGO_IMAGE", "KAFKA_IMAGE"}
OF_LIBRARIES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "OMP_NUM_THREADS"}


@pytest.mark.parametrize(
    "name", sorted(set(re.findall(r"`([A-Z][A-Z0-9_]{3,})", PAGE)) - {"HOME", "SIGTERM", "SIGINT"})
)
def test_every_variable_on_the_page_exists(name: str) -> None:
    """A name in capitals is a setting, or a variable of the build, of Compose, one that every program obeys, or the renderer's."""
    assert name in known_variables() | OF_PREDICTIONS | BUILD_ARGUMENTS | IMAGES_OF_COMPOSE | OF_LIBRARIES | {
        PREFIXES_VARIABLE
    }


def test_exit_codes_are_sorted_as_the_job_sorts_them() -> None:
    """The table says of each code what the failure policy does."""
    rows = re.findall(r"^\| ([\d, ]+) \|[^|]+\| ([^|]+) \|", PAGE, re.MULTILINE)
    fates = {int(code): fate for codes, fate in rows for code in codes.split(", ")}
    assert fates == {
        0: "–",
        **dict.fromkeys(EXIT_CODES_FINAL, "the Job fails at once"),
        **dict.fromkeys(EXIT_CODES_WORTH_A_RETRY, "counts, new pod"),
        **dict.fromkeys(EXIT_CODES_AT_NO_COST, "new pod, costs no retry"),
        **dict.fromkeys((137, 139), "counts, new pod"),  # signals from outside: Kubernetes counts what no rule names
    }


@pytest.mark.parametrize("status", sorted(set(event_schemas()) - {"pong"}))
def test_every_status_is_explained(status: str) -> None:
    """Each kind of event has its row."""
    assert f"\n| `{status}` |" in PAGE


@pytest.mark.parametrize(
    ("field", "option"),
    [
        ("terminationGracePeriodSeconds", "grace"),
        ("activeDeadlineSeconds", "deadline"),
        ("ttlSecondsAfterFinished", "ttl"),
        ("backoffLimit", "retries"),
    ],
)
def test_times_are_those_of_the_job(field: str, option: str) -> None:
    """The page gives the numbers that a Job has without flags."""
    given = re.findall(rf"`{field}` (?:is )?(\d+)", PAGE)
    assert given == [str(getattr(JobOptions(), option))]


def test_what_a_run_cannot_see_is_explained() -> None:
    """Out of memory, a lost node, and failures that Kubernetes ignores: their fields are those of the Job."""
    job = render(start_of(START_2))["spec"]
    section = PAGE.partition("## Exit codes and retries")[2].partition("## When a service breaks")[0]
    assert f"`podReplacementPolicy: {job['podReplacementPolicy']}`" in section
    assert {rule["action"] for rule in job["podFailurePolicy"]["rules"]} >= {"Ignore"}
    for words in ("cost no retry, but they double the wait", "Node object", "OOMKilled", "`DRY_RUN=true`"):
        assert words in section
