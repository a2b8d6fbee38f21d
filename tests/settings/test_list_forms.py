"""A list means the same however it is written."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settings.conftest import REQUIRED
from trainer.errors import SettingsError
from trainer.settings.definition import Settings
from trainer.settings.sources import load_settings

KEYS = ("_key", "_id", "_rev", "_from", "_to")  # refused as features
PLAIN = st.text(string.ascii_letters + string.digits + "_.", min_size=1, max_size=8).filter(
    lambda name: name not in KEYS
)
NAMES = st.lists(PLAIN, min_size=1, max_size=6, unique=True)
ANY_TEXT = st.text(min_size=1, max_size=8).map(str.strip).filter(lambda name: name not in ("", *KEYS))
ANY_NAMES = st.lists(ANY_TEXT, min_size=1, max_size=6, unique=True)


def from_flags(*values: str) -> list[str]:
    """What FEATURES holds after these values of the flag."""
    return load_settings(["--features", *values], REQUIRED).data.features


def from_all_forms(name: str, texts: list[str]) -> list[Settings]:
    """The settings after each way to write a list of texts without blanks."""
    variable, flag = name.upper(), f"--{name}"
    written = (",".join(texts), ", ".join(texts), json.dumps(texts))
    forms = [load_settings([], REQUIRED | {variable: text}) for text in written]
    forms += [load_settings([flag, text], REQUIRED) for text in written]
    return [*forms, load_settings([flag, *texts], REQUIRED)]


def from_variable(value: str) -> list[str]:
    """What FEATURES holds after this value of the variable."""
    return load_settings([], REQUIRED | {"FEATURES": value}).data.features


@given(NAMES)
def test_flag_values_round_trip(names: list[str]) -> None:
    """`--features a b c`."""
    assert from_flags(*names) == names


@given(NAMES, st.data())
def test_any_mixture_of_separators_round_trips(names: list[str], data: st.DataObject) -> None:
    """Commas and blanks, in a variable and in one value of the flag."""
    separators = [data.draw(st.sampled_from([",", ", ", " ", "  ,", "\t"])) for _ in names]
    text = "".join(name + separator for name, separator in zip(names, separators, strict=True))
    assert from_variable(text) == names
    assert from_flags(text) == names


@given(ANY_NAMES)
def test_json_round_trips_any_names(names: list[str]) -> None:
    """JSON carries names with blanks and commas too."""
    text = json.dumps(names)
    assert from_variable(text) == names
    assert from_flags(text) == names


def test_repeats_are_dropped() -> None:
    """A feature is a feature once."""
    assert from_variable("b a b") == ["b", "a"]


@pytest.mark.parametrize("value", ['["a", "b"', "[1, 2]", '["a", ""]', '["a", null]', "[a, b]"])
def test_broken_json_is_refused(value: str) -> None:
    """What begins as JSON must be a JSON list of names."""
    with pytest.raises(SettingsError, match=r"FEATURES.*should be a list of attribute names"):
        from_variable(value)


@given(NAMES)
def test_graph_names_round_trip(names: list[str]) -> None:
    """Several graphs in any form are the same graphs, and one text with commas where one name is shown."""
    for settings in from_all_forms("graph_name", names):
        assert settings.graph.graph_names == names
        assert settings.graph.graph_name == ",".join(names)


def test_graph_names_are_cleaned() -> None:
    """Blanks, empty places and repeats are no graphs."""
    settings = load_settings([], REQUIRED | {"GRAPH_NAME": " day_1 ,, day_2,day_1, "})
    assert settings.graph.graph_names == ["day_1", "day_2"]


def test_graph_name_of_commas_is_none() -> None:
    """Commas name no graph: a folder then shows which it is, a database does not."""
    settings = load_settings([], REQUIRED | {"GRAPH_NAME": " , "}, only_graph=lambda folder: f"that of {folder}")
    assert settings.graph.graph_names == [f"that of {REQUIRED['GRAPH_PATH']}"]
    database = {"GRAPH_NAME": " , ", "GRAPH_PATH": "", "ARANGO_URL": "http://localhost:8529"}
    with pytest.raises(SettingsError, match="GRAPH_NAME is not set"):
        load_settings([], REQUIRED | database)


def test_several_graphs_name_the_queue() -> None:
    """Without QUEUE_ID the run is called after all its graphs."""
    settings = load_settings([], REQUIRED | {"GRAPH_NAME": "a b,c"})
    assert settings.graph.graph_names == ["a b", "c"]
    assert settings.queue.queue_id == "local-a b,c"


@given(NAMES)
def test_target_collections_round_trip(names: list[str]) -> None:
    """The collections of the target, in any form."""
    for settings in from_all_forms("target_collection", names):
        assert settings.data.target_collection == names


def test_a_pattern_is_a_target_collection() -> None:
    """A pattern is kept as it is."""
    assert load_settings(["--target_collection", "candles_*"], REQUIRED).data.target_collection == ["candles_*"]


@given(st.lists(st.sampled_from([-1, 1, 2, 10, 25]), min_size=1, max_size=5))
def test_neighbour_counts_round_trip(counts: list[int]) -> None:
    """Numbers in any form, repeats too; -1 as the value of a flag is no flag."""
    texts = [str(count) for count in counts]
    layers = ["--num_layers", str(len(counts))]
    variables = (",".join(texts), " ".join(texts), json.dumps(counts))
    forms = [load_settings(layers, REQUIRED | {"NUM_NEIGHBORS": text}) for text in variables]
    forms.append(load_settings([*layers, "--num_neighbors", *texts], REQUIRED))
    forms.append(load_settings([*layers, f"--num_neighbors={','.join(texts)}"], REQUIRED))
    for settings in forms:
        assert settings.sampling.num_neighbors == counts


@pytest.mark.parametrize("value", ["ten", "2.5", "1e1", "[10, 5", "10;5", '["10", 5.5]', "[[10], 5]"])
def test_broken_neighbour_counts_are_refused(value: str) -> None:
    """What is no list of whole numbers is named with what would be."""
    with pytest.raises(SettingsError, match=r"NUM_NEIGHBORS=.*should be whole numbers above 0, or -1"):
        load_settings([], REQUIRED | {"NUM_NEIGHBORS": value})
