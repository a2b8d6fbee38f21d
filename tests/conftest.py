"""What all tests share: a clean environment, small dump folders, and the program as a process."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import main
from tests.forked import Door, Forked
from tests.left_behind import end_all
from tests.schemas import validate_event, validate_records_below
from tests.waits import LONG_S
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.building.edge_builder import Edges, EdgeTableBuilder
from trainer.graph.building.texts import Texts
from trainer.graph.building.vertex_builder import VertexTableBuilder
from trainer.graph.building.vertex_index import VertexIndex
from trainer.graph.graph import EdgeDefinition, Graph, GraphDefinition
from trainer.process import trust
from trainer.registry.frameworks import FRAMEWORKS
from trainer.settings.checks import with_derived
from trainer.settings.definition import Settings
from trainer.settings.secret_files import rows_of_files

pytest_plugins = ["tests.standins.servers"]

# A busy machine is no failure.
hypothesis.settings.register_profile(
    "shared",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),  # a verdict that can be repeated; new examples are drawn everywhere else
)
hypothesis.settings.load_profile("shared")

if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # One CPU for a worker and the runs that it starts: compute threads of several runs would wait for each other.
    cpus = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpus[int(worker.removeprefix("gw")) % len(cpus)]})

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "examples" / "market_5m"
EVERYTHING = AttributeFilter(frozenset(), lambda name: True, all_numeric=True, needs_all_names=True)
"""Every attribute, whatever it holds."""


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def last_error_line(self) -> str:
        """The last line on standard error."""
        return (self.stderr.strip().splitlines() or [""])[-1]

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events among the JSON lines of the log."""
        return events_in(self.stdout)


def events_in(log: str) -> list[dict[str, Any]]:
    """The events among the JSON lines of a log, each held to its schema."""
    lines = (json.loads(line) for line in log.splitlines() if line.startswith("{"))
    events = [line["event"] for line in lines if "event" in line]
    for event in events:
        validate_event(event)
    return events


RunMain = Callable[..., Ended]


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """An environment that holds nothing of ours but `extra`."""
    names = ("PATH", "HOME", "LANG", "PYTHONDONTWRITEBYTECODE", "COVERAGE_PROCESS_CONFIG")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT)} | dict(extra or {})


def known_variables() -> set[str]:
    """Every variable that a run reads: the settings, their aliases, and the files of secrets."""
    settings = Settings.definitions().values()
    files = {row.variable for row in rows_of_files(settings)}
    return files | {name for setting in settings for name in (setting.variable, *setting.aliases)}


def command(*flags: str | Path) -> list[str]:
    """The command line of the program."""
    return [sys.executable, str(ROOT / "main.py"), *map(str, flags)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a framework that is not installed are skipped, and say what they need."""
    if FRAMEWORKS["spektral"].is_installed:
        return
    skipped = pytest.mark.skip(reason="needs TensorFlow and Spektral: make test-spektral")
    for item in items:
        if item.get_closest_marker("spektral"):
            item.add_marker(skipped)


@pytest.fixture(autouse=True)
def no_process_is_left_behind() -> Iterator[None]:
    """A test that fails half-way ends the runs that it has started."""
    yield
    end_all()


@pytest.fixture
def patient_handshake(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that speaks TLS is recognized, however long its first word takes on a busy machine."""
    monkeypatch.setattr(trust, "HANDSHAKE_TIMEOUT_S", LONG_S)


@pytest.fixture
def run_main(tmp_path: Path) -> RunMain:
    """Run the program in an empty folder, with an environment and nothing else, forked (see `tests/forked.py`)."""

    def run(*flags: str | Path, env: Mapping[str, str] | None = None, timeout_s: float = LONG_S) -> Ended:
        done = run_forked(main.main, tmp_path, *flags, env=env, timeout_s=timeout_s)
        # Whatever the test is about, the events and the record keep to their schemas.
        events_in(done.stdout)
        validate_records_below(tmp_path)
        return done

    return run


def run_forked(
    door: Door, folder: Path, *flags: str | Path, env: Mapping[str, str] | None = None, timeout_s: float = LONG_S
) -> Ended:
    """Run a program in a folder to its end, as a forked process."""
    with tempfile.TemporaryDirectory() as logs:
        out, err = Path(logs) / "out", Path(logs) / "err"
        process = Forked(door, [*map(str, flags)], cwd=folder, env=clean_environment(env), out=out, err=err)
        try:
            code = process.wait(timeout_s)
        finally:
            process.kill()
        return Ended(code, out.read_text(), err.read_text())


@pytest.fixture
def run_program(tmp_path: Path) -> RunMain:
    """Run `main.py` as its users start it, interpreter and all."""

    def run(*flags: str | Path, env: Mapping[str, str] | None = None, timeout_s: float = LONG_S) -> Ended:
        done = subprocess.run(
            command(*flags),
            cwd=tmp_path,
            env=clean_environment(env),
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        events_in(done.stdout)
        validate_records_below(tmp_path)
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


def write_collection(
    folder: Path,
    name: str,
    documents: Iterable[Mapping[str, Any]],
    *,
    edge: bool = False,
    compress: bool = False,
    envelope: bool = False,
) -> Path:
    """Write one collection as arangodump does; returns its data file."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name}_{hashlib.md5(name.encode()).hexdigest()}"
    structure = {
        "indexes": [],
        "parameters": {"name": name, "type": 3 if edge else 2, "isSystem": name.startswith("_")},
    }
    (folder / f"{stem}.structure.json").write_text(json.dumps(structure))
    lines = (json.dumps({"type": 2300, "data": document} if envelope else document) + "\n" for document in documents)
    content = "".join(lines).encode()
    data = folder / f"{stem}.data.json{'.gz' if compress else ''}"
    data.write_bytes(gzip.compress(content) if compress else content)
    return data


def write_graph(folder: Path, name: str, edges: Sequence[Mapping[str, Any]], orphans: Sequence[str] = ()) -> None:
    """Write the `_graphs` collection with one named graph; `edges` are edge definitions."""
    document = {
        "_key": name,
        "_id": f"_graphs/{name}",
        "edgeDefinitions": list(edges),
        "orphanCollections": list(orphans),
    }
    write_collection(folder, "_graphs", [document])


@pytest.fixture
def small_dump(tmp_path: Path) -> Path:
    """A folder with the graph `g`: 40 vertices `v` in a ring of edges `e`, features a and b, label y, time ts."""
    folder = tmp_path / "dump"
    vertices = [
        {"_key": f"k{n:02}", "ts": 1_700_000_000_000 + n * 60_000, "a": n % 7, "b": float(n) / 3, "y": n % 2}
        for n in range(40)
    ]
    edges = [{"_key": str(n), "_from": f"v/k{n:02}", "_to": f"v/k{(n + 1) % 40:02}"} for n in range(40)]
    write_collection(folder, "v", vertices)
    write_collection(folder, "e", edges, edge=True)
    write_graph(folder, "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    return folder


def make_settings(**values: Any) -> Settings:
    """Checked settings from flat names, the required ones filled in."""
    required = {"graph_name": "g", "graph_path": "dump", "output_path": "model.pt"}
    return with_derived(Settings.from_flat(required | values))


def make_graph(documents: Sequence[Mapping[str, Any]], edges: Iterable[tuple[str, str]] = ()) -> Graph:
    """A graph of vertices `v`, built as a source builds it; documents without `_key` are numbered.

    Args:
        documents: the vertices.
        edges: the keys of source and target of each edge.
    """
    whole = [{"_key": f"k{number:05}", **document} for number, document in enumerate(documents)]
    vertices = VertexTableBuilder("v", lambda name: True)
    vertices.append([str(document["_key"]) for document in whole], whole)
    table, _ = vertices.finish()
    builder = EdgeTableBuilder("e", VertexIndex([table]))
    pairs = list(edges)
    sources, targets = ([f"v/{pair[side]}" for pair in pairs] for side in (0, 1))
    builder.append(Edges(Texts.of(sources), Texts.of(targets), []))
    definition = GraphDefinition("g", (EdgeDefinition("e", ("v",), ("v",)),))
    return Graph((definition,), {"v": table}, builder.finish(), {"e": builder.dangling})


def ring(num_vertices: int) -> list[tuple[str, str]]:
    """The edges of a ring through the vertices that `make_graph` numbers."""
    return [(f"k{number:05}", f"k{(number + 1) % num_vertices:05}") for number in range(num_vertices)]
