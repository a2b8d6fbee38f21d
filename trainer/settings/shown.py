"""How a value appears in a sentence about what is wrong with it."""

_LONGEST = 200
"""Characters; a sentence is read by people, and kept by Kubernetes up to 4 KiB."""


def shown(value: object) -> str:
    """Return a value as Python writes it, cut where it is long.

    >>> shown("ten"), shown(7)
    ("'ten'", '7')
    """
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"
