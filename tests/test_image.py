"""The Dockerfile keeps what the Kubernetes files and the documents say of the image."""

from __future__ import annotations

import json
import re

import trainer
from tests.conftest import ROOT
from trainer.queue.pod import USER_ID

DOCKERFILE = (ROOT / "Dockerfile").read_text()
FINAL_STAGE = DOCKERFILE.split("FROM ${BASE_IMAGE}\n")[-1]
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()


def test_entrypoint_has_no_shell_in_between() -> None:
    """The exec form makes the run PID 1, so that SIGTERM reaches it."""
    (entrypoint,) = re.findall(r"^ENTRYPOINT (.+)$", FINAL_STAGE, re.MULTILINE)
    assert json.loads(entrypoint) == ["/opt/venv/bin/python", "/app/main.py"]


def test_user_is_the_one_of_the_pod() -> None:
    """The user is a number, which `runAsNonRoot` can judge, and the one that the pod names."""
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == [f"{USER_ID}:{USER_ID}"]


def test_version_label_is_the_version_of_the_program() -> None:
    """Without a build argument the label says what `trainer` says."""
    assert f"ARG VERSION={trainer.__version__}\n" in FINAL_STAGE


def test_what_is_copied_travels_to_the_builder() -> None:
    """`.dockerignore` leaves out everything but what the Dockerfile copies."""
    lines = re.findall(r"^COPY ([^-].*) \S+$", DOCKERFILE, re.MULTILINE)
    copied = {path for line in lines for path in line.split()}
    folders = {path.split("/")[0] for path in copied if "/" in path}
    assert IGNORED[1] == "*"
    assert {line[1:] for line in IGNORED if line.startswith("!")} == copied | folders
    assert {f"{folder}/*" for folder in folders} <= set(IGNORED)


def test_the_framework_of_an_image_is_installed_and_proven() -> None:
    """The argument reaches the installation, and a build without the framework that it names fails."""
    assert 'RUN /build/.ci/install /opt/venv/bin/python "$FRAMEWORK"\n' in DOCKERFILE
    assert 'case " $frameworks " in *" $FRAMEWORK "*) ;;' in DOCKERFILE
