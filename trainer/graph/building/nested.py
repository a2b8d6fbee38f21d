"""Attributes inside objects, by their path: `ind.rsi` is `rsi` in the object `ind`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from trainer.bounds.graph import MOST_ATTRIBUTES

SAMPLE_SIZE = 200
"""Documents in which paths are looked for, to name them in a hint."""
_MOST_PATHS = 500
_MOST_LEVELS = 5


def paths_in(documents: Iterable[Mapping[str, Any]]) -> set[str]:
    """The paths to what is no object itself."""
    paths: set[str] = set()
    for document in documents:
        objects = ((name, value) for name, value in document.items() if isinstance(value, dict) and name[:1] != "_")
        paths.update(islice((path for name, value in objects for path, _ in walk(value, name)), MOST_ATTRIBUTES))
        if len(paths) > _MOST_PATHS:
            break
    return paths


def walk(value: Mapping[str, Any], path: str, levels: int = _MOST_LEVELS) -> Iterator[tuple[str, Any]]:
    """Each path below `path` that ends at no object, and what is there."""
    for name, inner in value.items():
        if not isinstance(inner, dict):
            yield f"{path}.{name}", inner
        elif levels:
            yield from walk(inner, f"{path}.{name}", levels - 1)


def columns_of_paths(name: str, values: Sequence[Any], is_named: Callable[[str], bool]) -> dict[str, list[Any]]:
    """The values at those paths below an attribute that are named, None where a document lacks one."""
    columns: dict[str, list[Any]] = {}
    for row, value in enumerate(values):
        if isinstance(value, dict):
            for path, inner in walk(value, name):
                if is_named(path):
                    columns.setdefault(path, [None] * len(values))[row] = inner
    return columns
