"""Where the value of a setting comes from: flag, environment, `.env` file, default, in this order."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic import ValidationError

from trainer.errors import SettingsError
from trainer.settings.checks import cross_checks, with_derived
from trainer.settings.definition import Settings, details, variable
from trainer.settings.problem import Problem

_NO_VALUE = "\0"
"""Stands for the value of a flag that was given without one; no argument of a process can hold it."""


def load_settings(flags: Sequence[str], environ: Mapping[str, str], env_file: Path = Path(".env")) -> Settings:
    """Read and check the settings of a run.

    Args:
        flags: the command line without the program's name.
        environ: the process environment.
        env_file: read when it exists; the weakest source before the defaults.

    Raises:
        SettingsError: with every problem that was found, not only the first.
    """
    parsed, problems = _parse_flags(flags)
    sources: list[Mapping[str, Any]] = [parsed, environ, _read_env_file(env_file)]
    raw = {name: value for name in Settings.model_fields if (value := _first_set(name, sources)) is not None}
    settings, invalid = _validate(raw)
    problems += invalid
    problems += cross_checks(settings, known_bad={problem.name for problem in problems})
    if problems:
        raise SettingsError(_sentence(problems))
    return with_derived(settings)


def wants_help(flags: Sequence[str]) -> bool:
    """Whether the command line asks for help instead of a run."""
    return any(flag in ("-h", "--help") for flag in flags)


def _read_env_file(path: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(path) if path.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file {path} cannot be read as UTF-8 text ({error}); correct or remove it.") from error


def _parse_flags(flags: Sequence[str]) -> tuple[dict[str, Any], list[Problem]]:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for name, field in Settings.model_fields.items():
        if field.annotation is bool:
            parser.add_argument(f"--{name}", dest=variable(name), nargs="?", const="true")
        elif details(name)["several"]:
            parser.add_argument(f"--{name}", dest=variable(name), nargs="*")
        else:
            parser.add_argument(f"--{name}", dest=variable(name), nargs="?", const=_NO_VALUE)
    found, unknown = parser.parse_known_args([_with_underscores(flag) for flag in flags])
    given = {name: value for name, value in vars(found).items() if value not in (_NO_VALUE, [])}
    without = sorted(name.lower() for name in vars(found).keys() - given.keys())
    bare = [Problem(name, None, f"needs a value after --{name}; --help lists the settings") for name in without]
    strange = [Problem(name, None, "is not a setting; --help lists them all") for name in _names(unknown)]
    return given, strange + bare


def _names(unknown: Sequence[str]) -> list[str]:
    """Unknown flags without their values, since a misspelt flag may well hold a password."""
    names, follows_flag = [], False
    for text in unknown:
        is_flag = text.startswith("-")
        if is_flag or not follows_flag:
            names.append(text.partition("=")[0])
        follows_flag = is_flag and "=" not in text
    return names


def _with_underscores(flag: str) -> str:
    """`--graph-name=a-b` is as good as `--graph_name=a-b`."""
    name, equals, value = flag.partition("=")
    return name.replace("-", "_").replace("__", "--", 1) + equals + value if flag.startswith("--") else flag


def _first_set(name: str, sources: Sequence[Mapping[str, Any]]) -> str | list[str] | None:
    extra = details(name)
    for source in sources:
        for key in (variable(name), *extra["aliases"]):
            value = source.get(key)
            text = " ".join(value).strip() if isinstance(value, list) else (value or "").strip()
            if text and text.lower() not in extra["not_set"]:
                return value if isinstance(value, list) else text
    return None


def _validate(raw: dict[str, Any]) -> tuple[Settings, list[Problem]]:
    """The settings with defaults in place of wrong values, and one problem for each of those."""
    try:
        return Settings.model_validate(raw), []
    except ValidationError as error:
        wrong = list(dict.fromkeys(str(item["loc"][0]) for item in error.errors()))
    problems = [Problem(name, raw[name], f"should be {details(name)['right']}") for name in wrong]
    return Settings.model_validate({name: value for name, value in raw.items() if name not in wrong}), problems


def _sentence(problems: Sequence[Problem]) -> str:
    if len(problems) == 1:
        return f"{problems[0]}."
    return f"{len(problems)} settings are wrong: " + "; ".join(map(str, problems)) + "."
