"""What the pages tell a reader to type works, and what they point to is there."""

from __future__ import annotations

import gzip
import importlib.util
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import main
from tests.conftest import EXAMPLE, ROOT, clean_environment, run_forked
from tests.queue.start_messages import QUEUE_ENV_BLOCK, START_1
from trainer import predict
from trainer.queue.failure_rules import EXIT_CODES_AT_NO_COST, EXIT_CODES_FINAL, EXIT_CODES_WORTH_A_RETRY
from trainer.queue.names import job_name, label_value

PAGES = sorted(
    page
    for page in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md"))
    if not any(part.startswith(".") for part in page.relative_to(ROOT).parts)
)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def name_of(page: Path) -> str:
    """A page as a reader calls it."""
    return str(page.relative_to(ROOT))


def prose_of(page: Path) -> str:
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def commands_of(page: Path) -> Iterator[str]:
    """The shell lines of a page, those that go on over several lines as one."""
    fenced = re.findall(r"^```bash\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^    (\S.*\n(?:     .*\n)*)", prose_of(page), re.MULTILINE)
    for line in "".join(fenced + indented).replace("\\\n", " ").splitlines():
        if line.strip():
            yield " ".join(line.partition(" #")[0].split())


COMMANDS = [(name_of(page), line) for page in PAGES for line in commands_of(page)]
TRAININGS = [
    pytest.param(line, id=f"{page}-{number}")
    for number, (page, line) in enumerate(COMMANDS)
    if page != "README.md" and line.startswith("python main.py ")
]


def headings_of(page: Path) -> set[str]:
    """The anchors that a page has, as the forges make them of its headings."""
    titles = re.findall(r"^#+ (.+)$", prose_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link inside the repository is a file that is there, and an anchor that it has."""
    for link in re.findall(r"\]\(([^)\s]+)\)", prose_of(page)):
        path, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not anchor or anchor in headings_of(target), link


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_what_is_run_is_there(page: Path) -> None:
    """A make target, a module and a script that a page names exist."""
    text = page.read_text()
    for target in re.findall(r"(?:`|^    |^)make ([a-z-]+)", text, re.MULTILINE):
        assert target in TARGETS, target
    for module in re.findall(r"python -m (trainer[\w.]*|benchmarks[\w.]*)", text):
        assert importlib.util.find_spec(module.rstrip(".")), module
    for script in re.findall(r"python ((?:examples|benchmarks)/\S+\.py|main\.py)", text):
        assert (ROOT / script).is_file(), script


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_files_that_are_named_are_there(page: Path) -> None:
    """A path of the repository in `…` leads somewhere, as it stands or beside the page."""
    named = re.findall(r"`((?:trainer|tests|docs|k8s|benchmarks|examples|\.ci)/[\w./-]*)`", prose_of(page))
    assert [path for path in named if not ((ROOT / path).exists() or (page.parent / path).exists())] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_tests_that_are_named_are_there(page: Path) -> None:
    """What a page says is held by a test is: `path::name` is a function of that file."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", prose_of(page))
    assert [f"{path}::{name}" for path, name in named if f"def {name}(" not in (ROOT / path).read_text()] == []


@pytest.mark.parametrize("line", TRAININGS)
def test_a_training_line_trains(tmp_path: Path, line: str) -> None:
    """Each line that trains on an example runs as it stands, but for one epoch instead of many."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    flags = shlex.split(re.sub(r"--epochs \d+", "--epochs 1", line))[2:]
    ended = run_forked(main.main, tmp_path, *flags)
    assert ended.exit_code == 0, ended.stderr


def test_there_are_training_lines() -> None:
    """The pages are still read as they are written."""
    assert len(TRAININGS) >= 3


def test_the_lines_of_the_readme_work_one_after_the_other(tmp_path: Path) -> None:
    """Who has trained as the README says can predict as it says, for a graph of the name that it has."""
    lines = [line for page, line in COMMANDS if page == "README.md" and line.startswith("python ")]
    training, prediction = (next(line for line in lines if word in line) for word in ("main.py", "trainer.predict"))
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    shutil.copytree(EXAMPLE, tmp_path / "dumps" / "tomorrow")
    (graphs,) = (tmp_path / "dumps" / "tomorrow").glob("_graphs_*.data.json.gz")
    graphs.write_bytes(gzip.compress(gzip.decompress(graphs.read_bytes()).replace(b"market_5m", b"market_tomorrow")))
    ended = run_forked(main.main, tmp_path, *shlex.split(re.sub(r"--epochs \d+", "--epochs 1", training))[2:])
    assert ended.exit_code == 0, ended.stderr
    ended = run_forked(predict.main, tmp_path, *shlex.split(prediction)[3:])
    assert ended.exit_code == 0, ended.stderr
    assert (tmp_path / "out" / "tomorrow.csv.gz").is_file()


@pytest.mark.parametrize("line", sorted({line for _, line in COMMANDS if line.startswith("python -m trainer.queue.")}))
def test_a_line_for_the_queue_ends_well(tmp_path: Path, line: str) -> None:
    """The renderer takes the flags that the pages give it."""
    (tmp_path / "start.json").write_text(START_1)
    arguments = shlex.split(line.partition(" |")[0])[1:]
    done = subprocess.run([sys.executable, *arguments], cwd=tmp_path, env=clean_environment(), capture_output=True)
    assert done.returncode == 0, done.stderr


def test_the_lines_for_the_template_name_the_job(tmp_path: Path) -> None:
    """The shell lines that fill the template set the names that it needs."""
    (line,) = (line for page, line in COMMANDS if page == "k8s/README.md" and line.startswith("set -a"))
    (tmp_path / "queue.env").write_text(QUEUE_ENV_BLOCK)
    path = f"{Path(sys.executable).parent}:{clean_environment()['PATH']}"
    script = f"{line}; printenv JOB_NAME QUEUE_LABEL IMAGE"
    done = subprocess.run(
        ["bash", "-ec", script], cwd=tmp_path, env=clean_environment({"PATH": path}), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    queue_id = dict(entry.split("=", 1) for entry in QUEUE_ENV_BLOCK.split())["QUEUE_ID"]
    assert done.stdout.split()[:2] == [job_name(queue_id), label_value(queue_id)]


def test_the_sentences_of_the_troubleshooting_page_are_the_programs() -> None:
    """A reader who looks for a sentence of the log finds it: each in “…” is in the code as it stands."""
    quoted = re.findall("“([^”]+)”", (ROOT / "docs" / "troubleshooting.md").read_text())
    code = "".join(path.read_text() for path in (ROOT / "trainer").rglob("*.py"))
    assert len(quoted) > 10
    assert [sentence for sentence in quoted if sentence not in code] == []


def test_every_exit_code_is_on_the_troubleshooting_page() -> None:
    """Each code that a run ends with has its row."""
    text = (ROOT / "docs" / "troubleshooting.md").read_text()
    rows = re.findall(r"^\| ([\d, ]+)[^|]* \|", text, re.MULTILINE)
    codes = {int(code) for row in rows for code in row.strip(" ,").split(", ")}
    assert {0, *EXIT_CODES_FINAL, *EXIT_CODES_WORTH_A_RETRY, *EXIT_CODES_AT_NO_COST, 137, 139} == codes
