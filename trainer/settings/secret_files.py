"""User names, keys and passwords out of files, as clusters mount their secrets: `ARANGO_PASSWORD_FILE` names one.

A variable of a process is read by whatever it starts, and stands in its crash reports; a file is not.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace

from trainer.bounds.settings import LONGEST_SECRET_BYTES
from trainer.process.regular_files import NotRegularError, TooLongError, read_regular
from trainer.settings.composition import Definition
from trainer.settings.problem import Problem

_ENDING = "_file"


def rows_of_files(definitions: Iterable[Definition]) -> list[Definition]:
    """A setting beside each that may be a file: it holds the path."""
    return [
        replace(
            row,
            name=f"{row.name}{_ENDING}",
            annotation=str,
            default="",
            meaning=f"File that holds {row.variable}.",
            right="the path of a file",
            aliases=[],
        )
        for row in definitions
        if row.may_be_file
    ]


def with_files_read(
    values: Mapping[str, str | list[str] | None], definitions: Iterable[Definition]
) -> tuple[dict[str, str | list[str] | None], list[Problem]]:
    """The values of settings by name, those of files in their places, and the problems of files.

    Args:
        values: as they were given, those of `rows_of_files` among them.
        definitions: all settings but the latter.
    """
    read, problems = dict(values), []
    for row in definitions:
        path = read.pop(f"{row.name}{_ENDING}", None) if row.may_be_file else None
        if path is None:
            continue
        if read.get(row.name) is not None:
            right = f"and {row.variable} are both set: leave one of them away"
            problems.append(Problem(f"{row.name}{_ENDING}", None, right, (row.name,)))
            continue
        try:
            read[row.name] = _content(str(path)) or None
        except ValueError as error:
            shown = path if _is_path(str(path)) else None
            problems.append(Problem(f"{row.name}{_ENDING}", shown, str(error), (row.name,)))
    return read, problems


def _is_path(text: str) -> bool:
    """Whether a file or its folder is there; else the text may be the password itself."""
    folder = os.path.dirname(text)  # noqa: PTH120 - no error for any text, as the next
    return os.path.lexists(text) or (folder not in ("", "/") and os.path.isdir(folder))  # noqa: PTH112


def _content(path: str) -> str:
    """The text of a file without the line break at its end.

    Raises:
        ValueError: it cannot be one; the text says why and repeats nothing of the content.
    """
    try:
        content = read_regular(path, LONGEST_SECRET_BYTES)
    except NotRegularError as error:
        raise ValueError("should be a regular file, and it is none") from error
    except TooLongError as error:
        raise ValueError(f"should be a file of at most {LONGEST_SECRET_BYTES} bytes") from error
    except OSError as error:
        raise ValueError(f"should be a file, and it cannot be read ({os.strerror(error.errno or 0)})") from error
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("should be a file of text in UTF-8") from None
    return text.removesuffix("\r\n" if text.endswith("\r\n") else "\n")
