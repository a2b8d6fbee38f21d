"""The shapes of values that variables and flags can hold, beyond what pydantic has."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

import orjson
from pydantic import BeforeValidator

from trainer.settings.did_you_mean import closest


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


def parse_labels(value: object) -> list[str]:
    """Values of a label as texts, in any form of a list; a JSON list may hold numbers, true, false and null too.

    >>> parse_labels("-1, unknown"), parse_labels('[-1, 0.5, true, "not known"]')
    (['-1', 'unknown'], ['-1', '0.5', 'true', 'not known'])
    """
    texts: list[str] = []
    for part in value if isinstance(value, list | tuple) else [value]:
        text = str(part).strip()
        texts.extend(_json_texts(text) if text.startswith("[") else text.replace(",", " ").split())
    return list(dict.fromkeys(texts))


def parse_joined(value: object) -> str:
    """Names in any form of a list that needs no blanks, as one text with commas.

    >>> parse_joined("day_1, day_2"), parse_joined('["day_1", "day_2"]'), parse_joined(["day_1", "day_2"])
    ('day_1,day_2', 'day_1,day_2', 'day_1,day_2')
    """
    parts = value if isinstance(value, list | tuple) else [value]
    names: list[str] = []
    for part in parts:
        text = str(part).strip()
        names.extend(_json_names(text) if text.startswith("[") else (name.strip() for name in text.split(",")))
    return ",".join(dict.fromkeys(name for name in names if name))


def parse_counts(value: object) -> list[int]:
    """Whole numbers in any form of a list; repeats stay.

    >>> parse_counts("10, 5"), parse_counts("[10, 10]"), parse_counts(["-1", "-1"])
    ([10, 5], [10, 10], [-1, -1])
    """
    counts: list[int] = []
    for part in value if isinstance(value, list | tuple) else [value]:
        text = str(part).strip()
        if text.startswith("[") != text.endswith("]"):
            raise ValueError("this JSON list is broken")
        counts += [int(number) for number in text.removeprefix("[").removesuffix("]").replace(",", " ").split()]
    return counts


def parse_addresses(value: object) -> str:
    """Addresses separated by commas; blanks, and commas before the first and after the last, do no harm.

    >>> parse_addresses(" a:9092, b:9092,")
    'a:9092,b:9092'
    """
    text = str(value)
    return ",".join(part.strip() for part in text.strip(", \t").split(",")) or text


def _json_names(text: str) -> list[str]:
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError("this JSON list is broken") from None
    if not all(isinstance(item, str) and item.strip() for item in items):
        raise ValueError("a JSON list of names holds strings only")
    return [item.strip() for item in items]


def _json_texts(text: str) -> list[str]:
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError("this JSON list is broken") from None
    if any(isinstance(item, dict | list) for item in items):
        raise ValueError("a JSON list of labels holds texts, numbers, true, false and null only")
    texts = (item.strip() if isinstance(item, str) else orjson.dumps(item).decode() for item in items)
    return [item for item in texts if item]


class NotAChoiceError(ValueError):
    """A value that is none of those to choose from.

    Attributes:
        meant: the one that it is like, if any.
    """

    def __init__(self, meant: str | None) -> None:
        """Note the choice that may have been meant."""
        super().__init__("not one of the choices")
        self.meant = meant


def choice(*choices: str, **synonyms: str) -> BeforeValidator:
    """A case-insensitive choice, kept in the spelling of `choices`; `synonyms` maps other words to one."""
    return one_of(choices, **synonyms)


def one_of(choices: Iterable[str], **synonyms: str) -> BeforeValidator:
    """A `choice` of what `choices` holds when a value is validated."""

    def normalise(value: object) -> str:
        known = {word.lower(): word for word in choices} | synonyms
        text = str(value).strip()
        chosen = known.get(text.lower())
        if chosen is None:
            raise NotAChoiceError(closest(text, [*choices, *synonyms]))
        return chosen

    return BeforeValidator(normalise)


def matching(pattern: str, *words: str) -> BeforeValidator:
    """A text that matches `pattern` from end to end; `words` are those that may be misspelt."""
    compiled = re.compile(pattern)

    def check(value: object) -> str:
        text = str(value)
        if not compiled.fullmatch(text):
            raise NotAChoiceError(closest(text, words))
        return text

    return BeforeValidator(check)


Addresses = Annotated[str, BeforeValidator(parse_addresses)]
NameList = Annotated[list[str], BeforeValidator(parse_list)]
LabelList = Annotated[list[str], BeforeValidator(parse_labels)]
JoinedNames = Annotated[str, BeforeValidator(parse_joined)]
CountList = Annotated[list[int], BeforeValidator(parse_counts)]
