"""What stands around the code: CI, hooks, the update bot and the version say what the rest of the repository says."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from typing import Any

import pytest
import yaml

import trainer
from tests.conftest import ROOT
from trainer.settings.definition import Settings

TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def content_of(path: str) -> dict[str, Any]:
    """A YAML file."""
    content = yaml.safe_load((ROOT / path).read_text())
    assert isinstance(content, dict)
    return content


@pytest.mark.parametrize(
    ("schema", "path"),
    [("vendor.github-workflows", ".github/workflows/ci.yml"), ("vendor.renovate", "renovate.json")],
)
def test_files_for_the_forge_pass_their_schemas(schema: str, path: str) -> None:
    """A misspelled field would be passed over without a word."""
    arguments = ["--builtin-schema", schema, str(ROOT / path)]
    checked = subprocess.run([sys.executable, "-m", "check_jsonschema", *arguments], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_workflow_calls_what_anybody_can_call() -> None:
    """CI runs `.ci/run` and nothing of its own, so that a failure can be had at home."""
    commands = [step["run"] for step in content_of(".github/workflows/ci.yml")["jobs"]["run"]["steps"] if "run" in step]
    assert commands == [".ci/run"]
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_python_is_the_same_everywhere() -> None:
    """CI, the image, the lock and mypy have the Python that the project asks for."""
    version = PYPROJECT["project"]["requires-python"].removeprefix(">=")
    assert f"python-version: '{version}'" in WORKFLOW.read_text()
    assert f"ARG BASE_IMAGE=python:{version}-" in (ROOT / "Dockerfile").read_text()
    assert f"--python-version {version} " in (ROOT / "Makefile").read_text()
    assert PYPROJECT["tool"]["mypy"]["python_version"] == version


def test_hooks_call_make() -> None:
    """The hook checks with the tools and versions of the Makefile."""
    hooks = [hook for repo in content_of(".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    assert hooks
    for hook in hooks:
        make, target = hook["entry"].split()
        assert make == "make"
        assert target in TARGETS


def test_demo_takes_the_framework() -> None:
    """`make demo FRAMEWORK=…` trains with it; without one, with the default of the setting."""

    def demo(*variables: str) -> str:
        ended = subprocess.run(["make", "-n", "demo", *variables], cwd=ROOT, capture_output=True, text=True, check=True)
        return ended.stdout

    assert "--framework 'abacus'" in demo("FRAMEWORK=abacus")
    assert f"--framework '{Settings.definitions()['framework'].default}'" in demo()


def test_version_is_one() -> None:
    """The package, the project file and the changelog speak of the same version."""
    assert PYPROJECT["project"]["version"] == trainer.__version__
    (newest, *_) = re.findall(r"^## .*?(\d+\.\d+\.\d+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest == trainer.__version__
