"""Text from elsewhere on its way to a person: names of a graph, words of a server, values of settings.

Such a text may steer a terminal (escape sequences), forge a line of a log (line ends), or read otherwise than it is
written (bidirectional overrides). What does not print is therefore shown by its code, as Python's `repr` does; JSON has
escapes of its own.
"""

from __future__ import annotations

from collections.abc import Iterable


def one_line(text: str) -> str:
    r"""The text in one line of characters that print: blanks of any kind are blanks, the rest is shown by its code.

    >>> one_line("a\tb\x1b[31m\u202ec\r\nd"), one_line("цена 価格")
    ('a b\\x1b[31m\\u202ec  d', 'цена 価格')
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def several_lines(text: str) -> str:
    """The same for a text whose lines were made by us, such as a traceback or a table."""
    return "\n".join(map(one_line, text.split("\n")))


class Lines:
    """A message for the log of a heading and lines below it; each is one line, whatever texts it holds."""

    def __init__(self, heading: str, below: Iterable[str]) -> None:
        """Set the lines, without line ends."""
        self._lines = [heading, *below]

    def __str__(self) -> str:
        r"""The text.

        >>> str(Lines("Read:", ["a", "b\nc"]))
        'Read:\n  a\n  b c'
        """
        return "\n  ".join(map(one_line, self._lines))


def escaped_json(text: str) -> str:
    r"""The same JSON, in which what does not print is escaped; control characters below 0x20 are by any writer.

    >>> escaped_json('{"a": "\x9b1m\u2028\U000e0041"}')
    '{"a": "\\u009b1m\\u2028\\udb40\\udc41"}'
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() or char in " \n\r\t" else _json_escape(char) for char in text)


def _shown(char: str) -> str:
    if char.isprintable():
        return char
    return " " if char.isspace() else repr(char)[1:-1]


def _json_escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))
