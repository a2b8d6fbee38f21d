"""The shapes of values that variables and flags can hold, beyond what pydantic has."""

from __future__ import annotations

import re
from typing import Annotated

import orjson
from pydantic import BeforeValidator


def parse_list(value: object) -> list[str]:
    """A list given as flag values, as JSON, or separated by commas or blanks; repeats are dropped.

    >>> parse_list("rsi, vwap volume"), parse_list('["a b", "c"]'), parse_list(["a,b", "c"])
    (['rsi', 'vwap', 'volume'], ['a b', 'c'], ['a', 'b', 'c'])
    """
    names: list[str] = []
    for part in value if isinstance(value, list | tuple) else [value]:
        text = str(part).strip()
        if text.startswith("["):
            names.extend(_json_names(text))
        else:
            names.extend(text.replace(",", " ").split())
    return list(dict.fromkeys(names))


def _json_names(text: str) -> list[str]:
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError("this JSON list is broken") from None
    if not all(isinstance(item, str) and item.strip() for item in items):
        raise ValueError("a JSON list of names holds strings only")
    return [item.strip() for item in items]


def choice(*choices: str, **synonyms: str) -> BeforeValidator:
    """A case-insensitive choice, kept in the spelling of `choices`; `synonyms` maps other words to one."""
    known = {word.lower(): word for word in choices} | synonyms

    def normalise(value: object) -> str:
        found = known.get(str(value).strip().lower())
        if found is None:
            raise ValueError("not one of the choices")
        return found

    return BeforeValidator(normalise)


def matching(pattern: str) -> BeforeValidator:
    """A text that matches `pattern` from end to end."""
    compiled = re.compile(pattern)

    def check(value: object) -> str:
        text = str(value)
        if not compiled.fullmatch(text):
            raise ValueError("does not have the form")
        return text

    return BeforeValidator(check)


NameList = Annotated[list[str], BeforeValidator(parse_list)]
