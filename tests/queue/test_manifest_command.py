"""`python -m trainer.queue.manifest`, as a person or a pipe runs it."""

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.queue.start_messages import START_1, START_2, start_of
from trainer.queue.manifest import documents, render
from trainer.queue.options import JobOptions

ALLOWED = ("--image-prefix", "registry.dmz.home/streamforge")


def manifest(*arguments: str | Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command and return its output."""
    command = [sys.executable, "-m", "trainer.queue.manifest", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


@pytest.fixture
def start_file(tmp_path: Path) -> Path:
    """Return a file with a documented start message."""
    path = tmp_path / "start.json"
    path.write_text(START_2)
    return path


def test_job_is_printed(start_file: Path) -> None:
    """The Job goes to standard output as YAML, and nothing else does."""
    ended = manifest(start_file, *ALLOWED)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert yaml.safe_load(ended.stdout) == render(start_of(START_2))


def test_message_is_read_from_a_pipe() -> None:
    """A dash reads the start message from standard input."""
    assert yaml.safe_load(manifest("-", stdin=START_1).stdout) == render(start_of(START_1))


def test_flags_are_the_options(start_file: Path) -> None:
    """Flags change the Job as the options of the same names do."""
    flags = [
        "--namespace",
        "ml",
        "--image",
        "other:1",
        "--config-map",
        "shared",
        "--ca-secret",
        "",
        "--cpu",
        "4",
    ]
    ended = manifest(start_file, *flags, "--deadline", "60")
    options = JobOptions(namespace="ml", image="other:1", config_map="shared", ca_secret="", cpu="4", deadline=60)
    assert yaml.safe_load(ended.stdout) == render(start_of(START_2), options)


@pytest.mark.parametrize(
    ("content", "culprit"),
    [
        ('{"command": "start", "graph_name": "g", "image": "i"}', "queue_id is missing"),
        ('{"command": "start", "queue_id": "q", "image": "i"}', "graph_name is missing"),
        ('{"command": "start", "queue_id": "q", "graph_name": "g"}', "image is missing"),
        ('{"command": "start"}', "queue_id is missing; graph_name is missing; image is missing"),
        (START_1.replace("10,", '"ten",'), "epochs cannot be read"),
        (START_1.replace("{", '{"target": "a", "target": "b",'), "target cannot be read"),
        ('{"command": "stop", "queue_id": "q"}', "not a start message"),
        ("[]", "not a start message"),
        ("{", "not JSON"),
        ("", "not JSON"),
    ],
)
def test_unusable_message_is_one_sentence_and_code_2(tmp_path: Path, content: str, culprit: str) -> None:
    """A message that cannot become a Job ends in one line that names the file and the culprit."""
    path = tmp_path / "start.json"
    path.write_text(content)
    ended = manifest(path)
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert line.startswith(f"{path}: ")
    assert culprit in line


@pytest.mark.parametrize("name", ["missing.json", "."])
def test_unreadable_file_is_one_sentence_and_code_2(tmp_path: Path, name: str) -> None:
    """A file that is not there, or is a folder, ends in one line that names it."""
    ended = manifest(tmp_path / name)
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert line.startswith(f"{tmp_path / name}: cannot be read: ")


def test_unusable_option_is_one_sentence_and_code_2(start_file: Path) -> None:
    """An amount that Kubernetes would refuse ends in one line that names the flag."""
    ended = manifest(start_file, "--memory", "much")
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert line.startswith("--memory is 'much'")


@pytest.mark.parametrize(
    ("flags", "culprit"),
    [
        (["--pods", "four"], "'four'"),
        (["--pods", "0"], "--pods is 0; "),
        (["--pods", ""], "--pods"),
        (["--kind", "pod"], "--kind is 'pod'; job, jobset or trainjob is needed"),
        (["--pods", "2", "--gpu", "1"], "--gpu is 1, "),
        (["--ranks", "2"], "--ranks"),
    ],
)
def test_unusable_number_or_form_is_one_sentence_and_code_2(start_file: Path, flags: list[str], culprit: str) -> None:
    """What the flags cannot mean ends in one line too, without the usage of the command."""
    ended = manifest(start_file, *flags)
    (line,) = ended.stderr.splitlines()
    assert (ended.returncode, ended.stdout) == (2, "")
    assert culprit in line


def test_objects_of_several_pods_are_printed_one_after_the_other(start_file: Path) -> None:
    """A cluster takes them all at once from one stream."""
    ended = manifest(start_file, "--pods", "3", *ALLOWED)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert [*yaml.safe_load_all(ended.stdout)] == documents(start_of(START_2), JobOptions(pods=3))


def test_manifest_needs_no_torch(start_file: Path) -> None:
    """The renderer runs beside queue-manager, where nothing that trains is installed."""
    program = "import sys, trainer.queue.manifest as m; m.main(sys.argv[1:]); print('torch' in sys.modules)"
    command = [sys.executable, "-c", program, str(start_file)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines()[-1] == "False"
