"""A folder with one graph needs no GRAPH_NAME, in any run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import EXAMPLE, ROOT, RunMain, events_in, write_collection
from tests.runs.here import predicted_here, run_here

SHORT = ("--epochs", 1, "--hidden_channels", 4)


def definition(name: str, edge: str = "e", vertex: str = "v") -> dict[str, object]:
    """A document of `_graphs`."""
    return {"_key": name, "edgeDefinitions": [{"collection": edge, "from": [vertex], "to": [vertex]}]}


def test_the_only_graph_names_everything(small_dump: Path, tmp_path: Path) -> None:
    """Events from the first on, the queue and the record have its name, as if it had been given."""
    run = run_here(tmp_path / "out", "--graph_path", small_dump, *SHORT)
    assert run.exit_code == 0, run.stderr
    assert {event["graph_name"] for event in events_in(run.stdout)} == {"g"}
    assert {event["queue_id"] for event in events_in(run.stdout)} == {"local-g"}
    record = run.record
    assert (record.graph_name, record.queue_id, record.settings["graph_name"]) == ("g", "local-g", "g")


def test_predictions_need_no_name_either(small_dump: Path, tmp_path: Path) -> None:
    """Nor does a graph that is predicted for."""
    run_here(tmp_path / "out", "--graph_path", small_dump, *SHORT)
    table = predicted_here(tmp_path / "p", "--model", tmp_path / "out" / "m.pt", "--graph_path", small_dump)
    assert "40 predictions of g are in" in table.stdout
    assert len(table.predictions) == 40


def test_several_graphs_are_named(run_main: RunMain, small_dump: Path) -> None:
    """Which of them is meant, nobody can know."""
    write_collection(small_dump, "_graphs", [definition("h"), definition("g")])
    ended = run_main("--graph_path", small_dump, "--output_path", "m.pt")
    assert ended.exit_code == 2
    assert ended.last_error_line == (
        f"gnn-trainer: GRAPH_NAME is not set, and {small_dump} holds several graphs; name one, or several by comma: g, h."
    )
    assert ended.events == []


def test_the_example_of_several_days_is_refused(run_main: RunMain) -> None:
    """A real dump of three graphs."""
    ended = run_main("--graph_path", ROOT / "examples" / "btc_days_5m", "--output_path", "m.pt")
    assert ended.exit_code == 2
    assert "btc_graph_5m_2024_06_01, btc_graph_5m_2024_06_02, btc_graph_5m_2024_06_03." in ended.last_error_line


def test_of_several_definitions_that_counts_whose_collections_are_there(small_dump: Path, tmp_path: Path) -> None:
    """A dump of some collections has the definitions of the whole database."""
    broken = {"_key": "broken", "edgeDefinitions": None}
    write_collection(small_dump, "_graphs", [definition("elsewhere", "ee", "vv"), broken, definition("g")])
    run = run_here(tmp_path / "out", "--graph_path", small_dump, *SHORT)
    assert run.exit_code == 0, run.stderr
    assert run.record.graph_name == "g"


@pytest.mark.parametrize("graphs", [None, []])
def test_without_named_graphs_the_only_edge_collection_is_the_graph(
    small_dump: Path, tmp_path: Path, graphs: list[dict[str, object]] | None
) -> None:
    """Whether `_graphs` is empty or was not dumped."""
    for path in small_dump.glob("_graphs_*"):
        path.unlink()
    if graphs is not None:
        write_collection(small_dump, "_graphs", graphs)
    run = run_here(tmp_path / "out", "--graph_path", small_dump, *SHORT)
    assert run.exit_code == 0, run.stderr
    assert (run.record.graph_name, run.record.queue_id) == ("e", "local-e")


def test_several_edge_collections_are_named(run_main: RunMain, small_dump: Path) -> None:
    """Each of them could be the graph."""
    for path in small_dump.glob("_graphs_*"):
        path.unlink()
    write_collection(small_dump, "f", [], edge=True)
    ended = run_main("--graph_path", small_dump, "--output_path", "m.pt")
    assert ended.exit_code == 2
    assert ended.last_error_line.endswith("name one, or several by comma: e, f.")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: None, "is not a folder; name the folder that arangodump wrote."),
        (
            lambda folder: folder.mkdir(),
            "holds no *.structure.json; GRAPH_PATH should be a folder that arangodump wrote.",
        ),
        (
            lambda folder: write_collection(folder, "v", [{"_key": "1"}]),
            "holds neither a named graph nor an edge collection; there is nothing to learn from.",
        ),
    ],
    ids=["no folder", "empty", "no edges"],
)
def test_a_folder_without_a_graph_is_refused_as_with_a_name(
    run_main: RunMain, tmp_path: Path, make: Callable[[Path], object], sentence: str
) -> None:
    """The settings are right, so that the run says how it ended; nothing was loaded."""
    make(tmp_path / "dump")
    ended = run_main("--graph_path", tmp_path / "dump", "--output_path", tmp_path / "m.pt")
    assert ended.exit_code == 3
    assert ended.last_error_line.endswith(sentence)
    assert [event["status"] for event in ended.events] == ["started", "error"]


def test_split_by_graph_needs_names(run_main: RunMain) -> None:
    """One graph is not enough for parts of whole graphs."""
    ended = run_main("--graph_path", EXAMPLE, "--output_path", "m.pt", "--split", "graph")
    assert ended.exit_code == 2
    assert "SPLIT='graph' needs at least 3 graphs in GRAPH_NAME" in ended.last_error_line


def test_help_says_so(run_main: RunMain) -> None:
    """Where the default of GRAPH_NAME stands."""
    assert "required; a folder with one graph needs none" in run_main("--help").stdout
