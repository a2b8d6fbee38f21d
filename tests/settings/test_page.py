"""The settings as the user reads them follow from their definition."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.conftest import ROOT, RunMain
from tests.registry import abacus
from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.models import MODELS
from trainer.settings.abilities import ability_lines, ability_table
from trainer.settings.definition import Settings
from trainer.settings.page import help_text, markdown


def test_docs_page_is_what_the_definition_says() -> None:
    """`python -m trainer.settings.page > docs/settings.md` was run after the last change."""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == markdown()


def test_page_has_a_row_per_setting() -> None:
    """No variable is left out of the page."""
    rows = [line.split("`")[1] for line in markdown().splitlines() if line.startswith("| `")]
    rows = [name for name in rows if "=" not in name and name.isupper()]  # the table of abilities has others
    assert rows == [name.upper() for name in Settings.definitions()]


def test_help_names_every_setting(run_main: RunMain) -> None:
    """`--help` lists each flag and ends well, whatever else is asked."""
    ended = run_main("--help", "--epochs", "ten")
    assert ended.exit_code == 0
    lines = {line.strip() for line in ended.stdout.splitlines()}
    assert {f"--{name}" for name in Settings.definitions()} <= lines


def test_every_framework_has_its_abilities_on_the_page_and_in_help() -> None:
    """A column with a word for each ability, and a line."""
    abilities = markdown().partition("### What each framework can do")[2].partition("\n## ")[0].splitlines()
    table = [line for line in abilities if line.startswith("| ")]
    assert [cell.strip(" `") for cell in table[0].split("|")[2:-1]] == [*FRAMEWORKS]
    assert all(cell.strip() for line in table[1:] for cell in line.split("|")[1:-1])
    lines = [line.strip() for line in help_text().splitlines()]
    assert all(any(line.startswith(f"{name}: ") for line in lines) for name in FRAMEWORKS)


def test_the_table_says_what_the_row_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thing that a framework cannot do, with its reason, and where it is to be had."""
    monkeypatch.setitem(FRAMEWORKS, "abacus", replace(abacus.ROW, newest_python=(3, 11)))
    cells = {line.split(" | ")[0]: line.split(" | ")[-1].removesuffix(" |") for line in ability_table()}
    said = {ability.strip("| `"): cell for ability, cell in cells.items()}
    models = {name: said[f"MODEL_TYPE={name}"] for name in MODELS}
    assert {name for name, cell in models.items() if cell != "no"} == set(abacus.ROW.models)
    assert {name for name, cell in models.items() if "EDGE_WEIGHT" in cell} == {"GCN"}
    assert said["several vertex types, or vertices without features"] == "no: it has one rod"
    assert said["mini-batches (`BATCH_SIZE` above 0)"] == "no: its beads need the whole graph"
    assert said["GPU (`DEVICE=cuda`)"] == "no: beads are no GPU"
    assert (said["Python"], said["where it is to be had"]) == ("3.11 and older", "use the image gnn-trainer:abacus")
    assert [*ability_lines()][-1] == (
        "abacus: GCN, GAT, GraphSAGE; EDGE_WEIGHT with GCN; one vertex type only; no BATCH_SIZE; no GPU; Python 3.11 and older"
    )


def test_help_shows_defaults(run_main: RunMain) -> None:
    """A reader sees what happens when nothing is set."""
    lines = [line.strip() for line in run_main("-h").stdout.splitlines()]
    assert "default: GraphSAGE" in lines[lines.index("--model_type") + 2]
    assert "also read: GRAPH_COLLECTION_NAME" in lines[lines.index("--graph_name") + 2]
