"""What a setting that names no attribute, or an object, may have meant: the end of a sentence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Sequence

import orjson

from trainer.graph.graph import join_names

_MOST_PATHS = 3
_PARTS_NAMES = re.compile(r"[\s,]+")


def did_you_mean(name: str, names: Collection[str], noun: str = "attributes", paths: Collection[str] = ()) -> str:
    """The end of a sentence about a name that does not exist.

    Args:
        name: what was named.
        names: what there is.
        noun: what these are.
        paths: paths to attributes inside objects, such as `ind.rsi`.
    """
    meant = _ends_of(name, paths) or difflib.get_close_matches(name, [*names, *sorted(paths)], n=1)
    hint = f"did you mean {' or '.join(map(repr, meant))}? " if meant else ""
    return f"{hint}the {noun} are: {join_names(names, most=30)}"


def _ends_of(name: str, paths: Collection[str]) -> list[str]:
    """The paths of which the name is the end, in any letter case."""
    return [path for path in sorted(paths) if path.lower().endswith(f".{name.lower()}")][:_MOST_PATHS]


def path_below(name: str, paths: Collection[str]) -> str:
    """How to name what is inside an object, in brackets behind what a sentence says of the object; blank if unknown."""
    below = min((path for path in paths if path.startswith(f"{name}.")), default="")
    return f" (an attribute inside is named by its path, such as {below})" if below else ""


def as_json_list(setting: str, name: str, given: Sequence[str], names: Collection[str]) -> str:
    """How to write a list of names, if one with blanks or commas fell apart; blank if none did.

    Args:
        setting: the variable.
        name: one of the names that were read, which does not exist.
        given: all of them.
        names: what there is.
    """
    for whole in sorted(names):
        parts = [part.lower() for part in _PARTS_NAMES.split(whole) if part]
        start = next((start for start in _runs(parts, given) if len(parts) > 1), None)
        if start is not None and name in given[start : start + len(parts)]:
            meant = [*given[:start], whole, *given[start + len(parts) :]]
            return f"a name with a blank or a comma needs a JSON list: {setting}={orjson.dumps(meant).decode()}; "
    return ""


def _runs(parts: Sequence[str], given: Sequence[str]) -> Iterator[int]:
    """Where all parts stand one after the other, in any letter case."""
    lower = [name.lower() for name in given]
    return (start for start in range(len(given)) if lower[start : start + len(parts)] == [*parts])
