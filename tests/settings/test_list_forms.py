"""A list means the same however it is written."""

from __future__ import annotations

import json
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settings.conftest import REQUIRED
from trainer.errors import SettingsError
from trainer.settings import load_settings

KEYS = ("_key", "_id", "_rev", "_from", "_to")  # refused as features
PLAIN = st.text(string.ascii_letters + string.digits + "_.", min_size=1, max_size=8).filter(
    lambda name: name not in KEYS
)
NAMES = st.lists(PLAIN, min_size=1, max_size=6, unique=True)
ANY_TEXT = st.text(min_size=1, max_size=8).map(str.strip).filter(lambda name: name not in ("", *KEYS))
ANY_NAMES = st.lists(ANY_TEXT, min_size=1, max_size=6, unique=True)


def from_flags(*values: str) -> list[str]:
    """What FEATURES holds after these values of the flag."""
    return load_settings(["--features", *values], REQUIRED).features


def from_variable(value: str) -> list[str]:
    """What FEATURES holds after this value of the variable."""
    return load_settings([], REQUIRED | {"FEATURES": value}).features


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
