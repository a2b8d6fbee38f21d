"""The page of a dry run: what it leaves out, and what it never lets through."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from tests.conftest import write_collection, write_graph
from tests.dry_run.doors import dry_run, result_of
from trainer.dry_run.page import print_dry_run
from trainer.dry_run.result import DryRun

RING = [{"_key": str(n), "_from": f"v/{n}", "_to": f"v/{(n + 1) % 90}"} for n in range(90)]


def page(folder: Path, vertices: Iterable[Mapping[str, Any]], *flags: object, width: int = 100) -> str:
    """What a terminal of this width shows of a ring of vertices."""
    write_collection(folder / "dump", "v", vertices)
    write_collection(folder / "dump", "e", RING, edge=True)
    write_graph(folder / "dump", "g", [{"collection": "e", "from": ["v"], "to": ["v"]}])
    result = result_of(dry_run(folder, "--graph_path", folder / "dump", *flags))
    shown = io.StringIO()
    print_dry_run(Console(file=shown, width=width), DryRun.model_validate_json(json.dumps(result)))
    return shown.getvalue()


def vertices_with(values: dict[str, Any]) -> list[dict[str, Any]]:
    """90 vertices with these attributes beside a number."""
    return [{"_key": str(n), "a": n % 7, "y": n % 2} | values for n in range(90)]


def test_many_classes_and_attributes_are_cut_and_said(tmp_path: Path) -> None:
    """The largest classes, the first attributes, and where the others are."""
    many = {f"x{number:03}": number / 3 for number in range(250)}
    documents = vertices_with(many)
    for number, document in enumerate(documents):
        document["y"] = f"c{number % 30:02}"
    shown = page(tmp_path, documents)
    assert "(30 in all)" in shown
    assert "The first 20 of 30; LOG_FORMAT=json prints them all." in shown
    assert "The first 200 of 252; LOG_FORMAT=json prints them all." in shown
    assert "x250" not in shown


def test_a_split_without_time_has_no_bounds(tmp_path: Path) -> None:
    """And the future cannot be told from the past."""
    shown = page(tmp_path, vertices_with({}))
    assert "Split: random" in shown
    assert "first" not in shown
    assert "No edge is known to carry the future into the past; no v has a time." in shown


def test_names_of_a_graph_are_neither_markup_nor_commands(tmp_path: Path) -> None:
    """Brackets stay, escape sequences do not reach the terminal."""
    shown = page(tmp_path, vertices_with({"[red]b[/red]": 1.5, "c\x1b]0;title\x07": 2.5}))
    assert "[red]b[/red]" in shown
    assert "\x1b" not in shown
    assert "\x07" not in shown


def test_long_names_are_folded_and_numbers_kept(tmp_path: Path) -> None:
    """However narrow the terminal, nothing but the width of the names gives way."""
    long = "the_name_of_an_attribute_that_somebody_generated_from_a_path_in_a_document"
    documents = vertices_with({long: None})
    for number, document in enumerate(documents):
        document[long] = number / 7 if number % 5 else None
    shown = page(tmp_path, documents, "--target", "y", width=60)
    assert all(len(line) <= 60 for line in shown.splitlines() if line.endswith(" "))
    (row,) = [line for line in shown.splitlines() if line.startswith("the_name")]
    assert row.split()[-1] == "18"
