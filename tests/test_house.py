"""The rooms of the house: who may import whom."""

from __future__ import annotations

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.conftest import ROOT

FILES = sorted((ROOT / "trainer").rglob("*.py"))
EVERYBODY = {"bounds", "errors", "process", "registry", "settings"}
MAY_IMPORT = {
    "errors": set(),
    "bounds": set(),
    "process": {"bounds", "errors"},
    "registry": set(),
    "settings": {"bounds", "errors", "process", "registry"},
    "events": set(),
    "record": set(),
    "numerals": set(),
    "queue": EVERYBODY,
    "graph": EVERYBODY,
    "sampling": EVERYBODY | {"graph"},
    "dataset": EVERYBODY | {"graph", "record"},
    "ranks": EVERYBODY | {"graph", "dataset", "sampling"},
    "models": EVERYBODY | {"graph", "dataset"},
    "training": EVERYBODY | {"graph", "dataset", "models", "record", "numerals"},
    "frameworks": EVERYBODY | {"graph", "dataset", "sampling", "ranks", "models", "training"},
    "artifacts": EVERYBODY | {"graph", "dataset", "models", "training", "record"},
    "preparation": EVERYBODY | {"graph", "dataset", "models", "artifacts", "record"},
    "dry_run": EVERYBODY
    | {"graph", "sampling", "dataset", "models", "artifacts", "preparation", "messaging", "record"},
    "report": {"record", "numerals"},
    "messaging": EVERYBODY | {"events", "queue", "record"},
    "contract": EVERYBODY | {"events", "queue", "messaging", "record", "dry_run"},
    "prediction": EVERYBODY | {"graph", "dataset", "models", "training", "frameworks", "artifacts", "record"},
    "predict": EVERYBODY | {"graph", "messaging", "prediction"},
}
WITHOUT_TORCH = (
    "bounds",
    "settings",
    "events",
    "graph",
    "dataset",
    "models",
    "registry",
    "sampling",
    "messaging",
    "queue",
    "contract",
    "errors",
    "process",
    "job",
    "preparation",
    "dry_run",
    "predict",
    "record",
    "numerals",
    "report",
)
DATASET = (
    "stored_masks",
    "attribute_names",
    "name_hints",
    "warned",
    "grouping",
    "time",
    "edges",
    "labels",
    "features",
    "vertex_set",
    "inputs",
    "schema",
    "encoding",
    "unused_settings",
    "transfer",
    "decisions",
    "dataset",
    "summary",
)
"""Files and groups of the dataset; each imports those before it."""

MAP = (ROOT / "README.md").read_text().partition("## Find your way in the code")[2]


def _room(path: Path) -> str:
    return path.relative_to(ROOT / "trainer").parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
    return found


def _module(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imported_modules(path: Path) -> set[str]:
    """Modules of the program that a file imports anywhere; `from package import module` imports the module."""
    modules = {_module(other) for other in FILES}
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            imported |= {name if name in modules else node.module for name in names}
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
    return {name for name in imported if name in modules}


def _names(path: Path) -> set[str]:
    """Every name that a file uses or imports."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return names | {node.name for node in nodes if isinstance(node, ast.alias)}


@pytest.mark.parametrize("path", [path for path in FILES if _room(path) in MAY_IMPORT], ids=lambda path: path.stem)
def test_a_room_imports_only_the_rooms_before_it(path: Path) -> None:
    """Imports go one way, so that there are no circles and a change has one place."""
    used = {name.split(".")[1] for name in _imports(path) if name.startswith("trainer.")}
    assert used - {_room(path)} <= MAY_IMPORT[_room(path)]


@pytest.mark.parametrize(
    ("files", "patience"),
    [
        ("messaging/kafka/*.py", "messaging/kafka/patience.py"),
        ("graph/arango/*.py", "graph/arango/patience.py"),
        ("artifacts/s3*.py", "artifacts/s3_patience.py"),
    ],
)
def test_the_time_limits_of_a_service_stand_in_one_file(files: str, patience: str) -> None:
    """A test shortens them there, and who changes one sees the others; how old a message may be is no such limit."""
    others = {"LOOK_BACK_S", "_AHEAD_S", "REPEAT_AFTER_S"}
    trainer = ROOT / "trainer"
    scattered = {
        f"{path.name}: {name}"
        for path in trainer.glob(files)
        for name in re.findall(r"^(\w+_M?S)(?:: \w+)? = [\d.]", path.read_text(), re.MULTILINE)
        if path != trainer / patience and name not in others
    }
    assert (trainer / patience).is_file()
    assert scattered == set()


def test_no_circles_between_files() -> None:
    """Each file can be understood without those that import it; imports inside functions count."""
    try:
        TopologicalSorter({_module(path): _imported_modules(path) for path in FILES}).prepare()
    except CycleError as error:
        pytest.fail(f"These files import each other: {' <- '.join(error.args[1])}")


def test_only_whole_programs_take_all_settings() -> None:
    """Everything but the entry points is typed to the groups of settings that it needs."""
    inside = [path for path in FILES if _room(path) != "settings" and "__main__" not in path.read_text()]
    inside = [path for path in inside if _room(path) != "job" and _module(path) != "trainer.dry_run.run"]
    assert [_module(path) for path in inside if {"Settings", "PredictionSettings"} & _names(path)] == []


@pytest.mark.parametrize("path", [path for path in FILES if _room(path) == "dataset"], ids=lambda path: path.stem)
def test_a_group_of_the_dataset_imports_only_those_before_it(path: Path) -> None:
    """A newcomer reads them in this order; a new one takes its place in it."""
    group = path.relative_to(ROOT / "trainer" / "dataset").parts[0].removesuffix(".py")
    used = {name.split(".")[2] for name in _imports(path) if name.startswith("trainer.dataset.")}
    assert used <= (set() if group == "__init__" else {*DATASET[: DATASET.index(group) + 1]})


def test_every_room_has_a_rule() -> None:
    """A new room says whom it may import."""
    assert {_room(path) for path in FILES} - {"__init__", "job"} == set(MAY_IMPORT)


def test_every_room_is_on_the_map_of_the_readme() -> None:
    """A newcomer finds each, and nothing that is gone."""
    named = re.findall(r"`trainer/(\w+)(?:\.py|/)`", MAP)
    assert set(named) == {_room(path) for path in FILES} - {"__init__"}


@pytest.mark.parametrize("path", [path for path in FILES if _room(path) in WITHOUT_TORCH], ids=lambda path: path.stem)
def test_torch_waits_for_the_training(path: Path) -> None:
    """Modules that run before the training do not import torch when they are imported."""
    top = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {node.module or "" for node in top if isinstance(node, ast.ImportFrom)}
    names |= {name.name for node in top if isinstance(node, ast.Import) for name in node.names}
    assert not {name for name in names if name.split(".")[0] in ("torch", "torch_geometric", "sklearn")}
