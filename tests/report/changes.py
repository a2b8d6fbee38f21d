"""Records as no small run leaves them: a real one with a few values changed."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

Record = TypeVar("Record", bound=BaseModel)


def replaced(record: Record, path: str, value: object) -> Record:
    """A copy with another value at a path of fields and keys, such as `metrics.test.accuracy`."""
    name, _, rest = path.partition(".")
    assert name in type(record).model_fields, f"{type(record).__name__} has no field {name!r}"
    inner = getattr(record, name)
    if rest and isinstance(inner, dict):
        key, _, rest = rest.partition(".")
        value = inner | {key: replaced(inner[key], rest, value) if rest else value}
    elif rest:
        value = replaced(inner, rest, value)
    return record.model_copy(update={name: value})
