"""Warnings that travel with a result, so that no function fills another one's list."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

Value = TypeVar("Value")


class Warned(NamedTuple, Generic[Value]):
    """A value, and what a reader of the report should know of it, in the order of the log."""

    value: Value
    warnings: tuple[str, ...] = ()
