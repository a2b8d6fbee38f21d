"""The `docker run` lines of the README leave the artifacts of `.env.example` where they outlive the container."""

from __future__ import annotations

import ctypes
import re
import shlex
import subprocess
from pathlib import Path

from tests.conftest import EXAMPLE, ROOT, clean_environment, command
from tests.test_docs import COMMANDS

LINES = [shlex.split(line) for page, line in COMMANDS if page == "README.md" and line.startswith("docker run ")]
RUNS = [words for words in LINES if "--env-file" in words]
MOUNTED = "/app/out"
_CAP_DAC_OVERRIDE = 1
_PR_CAPBSET_DROP = 24


def values_of(words: list[str], flag: str) -> list[str]:
    """What a flag of a line is given, each time."""
    return [words[place + 1] for place, word in enumerate(words) if word == flag]


def run_in_container(words: list[str], tmp_path: Path, *, volumes: list[str]) -> subprocess.CompletedProcess[str]:
    """What the container would do, with its `/app` and `/tmp` in a folder: nothing else can be written, by root neither."""
    root, tmp = tmp_path / "app", tmp_path / "tmp"
    (root / "examples").mkdir(parents=True)
    (root / "examples" / "market_5m").symlink_to(EXAMPLE)
    for folder in (tmp, *(tmp_path / volume.partition(":")[2].removeprefix("/") for volume in volumes)):
        folder.mkdir(parents=True)
    (env_file,) = values_of(words, "--env-file")
    given = [*(ROOT / f"{env_file}.example").read_text().splitlines(), *values_of(words, "-e")]
    variables = dict(line.split("=", 1) for line in given if line and not line.startswith("#"))
    moved = {name: re.sub(r"^/(tmp|app)/", rf"{tmp_path}/\1/", value) for name, value in variables.items()}
    own = {"HOME": str(tmp), "TMPDIR": str(tmp), "PYTHONDONTWRITEBYTECODE": "1", "EPOCHS": "1"}

    def as_anybody() -> None:
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE)

    root.chmod(0o555)
    try:
        return subprocess.run(
            command(),
            cwd=root,
            env=clean_environment(moved | own),
            capture_output=True,
            text=True,
            preexec_fn=as_anybody,
            check=False,
        )
    finally:
        root.chmod(0o755)


def test_the_lines_differ_in_whose_volume_it_is() -> None:
    """A folder of the host is written to by its owner, a named volume by the user of the image."""
    owners = {tuple(values_of(words, "-v")): values_of(words, "--user") for words in RUNS}
    assert owners == {(f"$PWD/out:{MOUNTED}",): ["$(id -u):$(id -g)"], (f"gnn-out:{MOUNTED}",): []}
    assert all({"--read-only", "--rm"} < set(words) and values_of(words, "--tmpfs") == ["/tmp"] for words in RUNS)


def test_a_new_volume_is_writable_for_any_user() -> None:
    """It takes owner and mode from the folder of the image that it is mounted on."""
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f"mkdir --mode=1777 {MOUNTED}" in dockerfile
    assert f"chown 10001:10001 {MOUNTED}" in dockerfile
    assert "VOLUME" not in dockerfile  # one without a name would go with the container, and take the model with it


def test_a_container_line_leaves_the_artifacts_on_the_volume(tmp_path: Path) -> None:
    """With `.env.example` as it is, under a read-only folder with a writable /tmp, the run ends with 0."""
    volumes = {tuple(values_of(words, "-v")) for words in RUNS}
    assert {volume.partition(":")[2] for (volume,) in volumes} == {MOUNTED}
    ended = run_in_container(RUNS[0], tmp_path, volumes=values_of(RUNS[0], "-v"))
    assert ended.returncode == 0, ended.stderr
    left = {path.name for path in (tmp_path / MOUNTED.removeprefix("/")).iterdir()}
    assert {"model.pt", "metrics.json", "report.html"} <= left
    (reader,) = (words for words in LINES if words not in RUNS)
    assert Path(reader[-1]).name in left


def test_without_a_volume_the_run_says_so(tmp_path: Path) -> None:
    """The root is read-only, so a line that forgets the volume ends with 2 before the training, not without a model."""
    ended = run_in_container(RUNS[0], tmp_path, volumes=[])
    assert ended.returncode == 2
    assert "OUTPUT_PATH" in ended.stderr
