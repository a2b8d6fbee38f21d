"""Read one field of a command, whatever type its sender gave it.

`queue-control` is written by several services and by hand, so a number may arrive as text and a list as one
comma string. Every reader here answers None for a value that it cannot read, and never raises.
"""

import json
import math
import re

MAX_EPOCHS = 1_000_000_000


def text(value: object) -> str | None:
    """Return a trimmed, non-empty text that can travel in an environment variable."""
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            value = str(value)
        except ValueError:  # Python refuses to print integers of thousands of digits
            return None
    if not isinstance(value, str) or "\0" in value:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell but UTF-8 cannot
        return None
    return value.strip() or None


def number(value: object) -> float | None:
    """Return a finite number, from a JSON number or from its text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def count(value: object) -> int | None:
    """Return a positive whole number: 10, 10.0 and "10" are the same."""
    result = number(value)
    if result is None or not result.is_integer() or not 1 <= result <= MAX_EPOCHS:
        return None
    return int(result)


def names(value: object) -> tuple[str, ...] | None:
    """Return a list of names, from a JSON list or from text with commas or blanks between them."""
    if isinstance(value, str):
        value = _split(value)
    if not isinstance(value, list):
        return None
    texts = [text(item) for item in value]
    if not texts or None in texts:
        return None
    return tuple(name for name in texts if name is not None)


def graph_names(value: object) -> str | None:
    """Return the graphs of a run as GRAPH_NAME takes them: one name, or several with commas between."""
    if isinstance(value, list):
        several = names(value)
        return ",".join(several) if several and not any("," in name for name in several) else None
    return text(value)


def setting_text(value: object, *, several: bool, is_number: bool) -> str | None:
    """Return any setting's value as its variable holds it: numbers and truth values in words, a list as JSON.

    Args:
        value: as the message has it.
        several: whether the setting takes a list.
        is_number: whether it takes a number, so that 64.0 is 64.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if is_number and value.is_integer() else repr(value)
    if not isinstance(value, list):
        return text(value)
    plain = all(item is None or isinstance(item, str | int | float) for item in value)
    texts = [item for item in value if isinstance(item, str)]
    if not several or not plain or any(item.strip() and text(item) is None for item in texts):
        return None
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:  # NaN, or an integer of thousands of digits
        return None


def is_absent(value: object) -> bool:
    """Whether a field counts as left out: null, an empty list, an empty text."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _split(listed: str) -> object:
    if listed.lstrip().startswith("["):
        try:
            return json.loads(listed)
        except (ValueError, RecursionError):
            return None
    return [part for part in re.split(r"[,\s]+", listed) if part]
