"""The settings as the user reads them follow from their definition."""

from __future__ import annotations

from tests.conftest import ROOT, RunMain
from trainer.settings.definition import Settings
from trainer.settings.page import markdown


def test_docs_page_is_what_the_definition_says() -> None:
    """`python -m trainer.settings.page > docs/settings.md` was run after the last change."""
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == markdown()


def test_page_has_a_row_per_setting() -> None:
    """No variable is left out of the page."""
    rows = [line.split("`")[1] for line in markdown().splitlines() if line.startswith("| `")]
    assert rows == [name.upper() for name in Settings.definitions()]


def test_help_names_every_setting(run_main: RunMain) -> None:
    """`--help` lists each flag and ends well, whatever else is asked."""
    ended = run_main("--help", "--epochs", "ten")
    assert ended.exit_code == 0
    lines = {line.strip() for line in ended.stdout.splitlines()}
    assert {f"--{name}" for name in Settings.definitions()} <= lines


def test_help_shows_defaults(run_main: RunMain) -> None:
    """A reader sees what happens when nothing is set."""
    lines = [line.strip() for line in run_main("-h").stdout.splitlines()]
    assert "default: GraphSAGE" in lines[lines.index("--model_type") + 2]
    assert "also read: GRAPH_COLLECTION_NAME" in lines[lines.index("--graph_name") + 2]
