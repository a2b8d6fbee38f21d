"""Which source of a setting wins, and what counts as not set."""

from __future__ import annotations

from itertools import product

import pytest

from tests.settings.conftest import Load

VALUES = (None, "", "  ")


@pytest.mark.parametrize(
    ("flag", "variable", "line"), list(product((*VALUES, "11"), (*VALUES, "22"), (*VALUES[:2], "33")))
)
def test_first_source_with_a_value_wins(load: Load, flag: str | None, variable: str | None, line: str | None) -> None:
    """Flag, environment, `.env`, default; an empty value in any of them counts as not set."""
    flags = [] if flag is None else ["--epochs", flag]
    environ = {} if variable is None else {"EPOCHS": variable}
    env_file = None if line is None else f"EPOCHS={line}\n"
    first = next((int(value) for value in (flag, variable, line) if value and value.strip()), 10)
    assert load(*flags, environ=environ, env_file=env_file).training.epochs == first


def test_empty_flag_of_a_list_falls_through(load: Load) -> None:
    """`--features ""` is the same as no flag."""
    assert load("--features", "", environ={"FEATURES": "a,b"}).data.features == ["a", "b"]


def test_environment_of_other_programs_is_ignored(load: Load) -> None:
    """A variable that is no setting is no problem."""
    assert load(environ={"PATH": "/bin", "EPOCHS_OF_SOMEBODY": "x"}).training.epochs == 10


def test_flag_with_equals_sign_and_dashes(load: Load) -> None:
    """`--graph-name=a-b` is `--graph_name a-b`."""
    assert load("--graph-name=a-b").graph.graph_name == "a-b"


def test_alias_is_read(load: Load) -> None:
    """GRAPH_COLLECTION_NAME names the graph when GRAPH_NAME does not."""
    environ = {"GRAPH_NAME": "", "GRAPH_COLLECTION_NAME": "old"}
    assert load(environ=environ).graph.graph_name == "old"


def test_documented_name_beats_its_alias(load: Load) -> None:
    """GRAPH_NAME wins over GRAPH_COLLECTION_NAME of the same source."""
    assert load(environ={"GRAPH_COLLECTION_NAME": "old"}).graph.graph_name == "g"


def test_alias_in_the_environment_beats_the_name_in_the_file(load: Load) -> None:
    """The source counts before the spelling."""
    environ = {"GRAPH_PATH": "dump", "OUTPUT_PATH": "m.pt", "GRAPH_COLLECTION_NAME": "old"}
    assert load(environ=environ, env_file="GRAPH_NAME=file\n", required=False).graph.graph_name == "old"


@pytest.mark.parametrize("word", ["gnn-trainer", "GNN-Trainer", " gnn-trainer "])
def test_routing_word_in_target_falls_through(load: Load, word: str) -> None:
    """A start message's first `target` names the service; the label is looked for further down."""
    assert load("--target", word, environ={"TARGET": word}, env_file="TARGET=price_up\n").data.target == "price_up"


def test_routing_word_alone_leaves_target_unset(load: Load) -> None:
    """With the routing word only, the label is chosen from the graph."""
    assert load(environ={"TARGET": "gnn-trainer"}).data.target is None


def test_queue_id_follows_from_the_graph(load: Load) -> None:
    """A run without a queue is named after its graph."""
    settings = load("--graph_name", "eth")
    assert (settings.queue.queue_id, settings.queue.telemetry_producer_id) == ("local-eth", "gnn-trainer__eth")


def test_producer_follows_from_the_queue_id(load: Load) -> None:
    """The producer carries the last part of the queue's id."""
    assert load("--queue_id", "wf-2024-abc").queue.telemetry_producer_id == "gnn-trainer__abc"
