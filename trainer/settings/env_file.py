"""The `.env` file: lines of NAME=value, read as they stand and refused where they cannot be read.

A file that is passed over in part would start another run than the one that was meant. So a line that is not understood
is a problem of the settings, and nothing is put in the place of `${…}`. Lines are named by their numbers: what they hold
may be a password.
"""

from __future__ import annotations

import codecs
import errno
import io
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dotenv.parser import Binding, parse_stream

from trainer.bounds.settings import LONGEST_ENV_FILE_BYTES
from trainer.process.regular_files import NotRegularError, read_regular

_BYTE_ORDER_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_REFERENCE = re.compile(r"\$\{[^}]*\}")
_LINE_END = re.compile(r"\r\n|\n|\r")
_MOST_NUMBERS = 5


@dataclass(frozen=True)
class EnvFile:
    """What a `.env` file says.

    Attributes:
        values: by the names in it; of a name that stands there twice the last value.
        lines: the number of the line of each.
        problems: what cannot be read, a clause each.
        doubts: what was decided about it, a sentence each.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


def read_env_file(path: Path) -> EnvFile:
    """Read the file where there is one; nothing is raised, what cannot be read is among the problems."""
    try:
        content = read_regular(path, LONGEST_ENV_FILE_BYTES)
    except NotRegularError as error:
        if error.errno == errno.EISDIR:
            return EnvFile(problems=(f"{path} is not a file; a folder may be there because a mount had no source",))
        return EnvFile(problems=(f"{path} is not a file ({error.strerror})",))
    except OSError as error:
        # A link that leads nowhere is there, and a name without a file is not.
        absent = isinstance(error, FileNotFoundError | NotADirectoryError) and not path.is_symlink()
        return EnvFile() if absent else EnvFile(problems=(f"{path} cannot be read ({error.strerror})",))
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = 1 + len(_LINE_END.findall(content[: error.start].decode(encoding, "replace")))
        return EnvFile(problems=(f"{path} is not text in UTF-8 (line {line}); save it as UTF-8",))
    return _read(path, text)


def _read(path: Path, text: str) -> EnvFile:
    values, lines, broken = {}, defaultdict(list), []
    for binding in parse_stream(io.StringIO(text)):
        line = _first_line(binding)
        if _is_broken(binding):
            broken.append(line)
        elif binding.key is not None:
            values[binding.key] = binding.value or ""
            lines[binding.key].append(line)
    problems = []
    if broken:
        which = f"line{'s' if len(broken) > 1 else ''} {_listed(broken)}"
        problems.append(
            f"{which} of {path} cannot be read: each line should be NAME=value, with quotes that are closed on the same line"
        )
    last = {name: numbers[-1] for name, numbers in lines.items()}
    return EnvFile(values, last, tuple(problems), tuple(_doubts(path, values, lines)))


def _is_broken(binding: Binding) -> bool:
    """Whether a line is not understood, has no value, or goes on in the next: that is a quote which is not closed."""
    text = binding.original.string
    if binding.error or "\0" in text:
        return True
    return binding.key is not None and (binding.value is None or bool(_LINE_END.search(text.strip())))


def _first_line(binding: Binding) -> int:
    """The number of the line, which the parser counts with the empty ones before it."""
    text = binding.original.string
    return binding.original.line + len(_LINE_END.findall(text[: len(text) - len(text.lstrip())]))


def _doubts(path: Path, values: Mapping[str, str], lines: Mapping[str, Sequence[int]]) -> list[str]:
    doubts = [
        f"{path} sets {name} in lines {_listed(numbers)}; the last one counts."
        for name, numbers in lines.items()
        if len(numbers) > 1 and name.isidentifier()
    ]
    references = [name for name, value in values.items() if _REFERENCE.search(value) and name.isidentifier()]
    if references:
        doubts.append(
            f"{', '.join(references)} in {path}: a value with ${{…}} is taken as it is, nothing is put in its place."
        )
    return doubts


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:_MOST_NUMBERS]))
    return shown if len(numbers) <= _MOST_NUMBERS else f"{shown} and {len(numbers) - _MOST_NUMBERS} more"
