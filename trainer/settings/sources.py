"""Where the value of a setting comes from: flag, environment, `.env` file, default, in this order."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from dotenv import dotenv_values
from pydantic import ValidationError

from trainer.errors import SettingsError
from trainer.settings.checks import cross_checks, with_derived
from trainer.settings.definition import Settings, details, variable
from trainer.settings.problem import Problem

_NO_VALUE = "\0"
"""Stands for the value of a flag that was given without one; no argument of a process can hold it."""


AnySettings = TypeVar("AnySettings", bound=Settings)


def load_settings(flags: Sequence[str], environ: Mapping[str, str], env_file: Path = Path(".env")) -> Settings:
    """Read and check the settings of a run.

    Args:
        flags: the command line without the program's name.
        environ: the process environment.
        env_file: read when it exists; the weakest source before the defaults.

    Raises:
        SettingsError: with every problem that was found, not only the first.
    """
    return with_derived(read_settings(Settings, Settings.model_fields, cross_checks, flags, environ, env_file))


def read_settings(
    definition: type[AnySettings],
    names: Iterable[str],
    check: Callable[[AnySettings, set[str]], list[Problem]],
    flags: Sequence[str],
    environ: Mapping[str, str],
    env_file: Path,
) -> AnySettings:
    """Read the settings `names` of a definition; the others keep their defaults.

    Args:
        definition: the settings and their meaning.
        names: those that the program has a use for.
        check: the problems between settings, without those about the names given.
        flags: see `load_settings`, as the next two.
        environ: the process environment.
        env_file: read when it exists.

    Raises:
        SettingsError: with every problem that was found, not only the first.
    """
    known = list(names)
    parsed, problems = _parse_flags(flags, definition, known)
    sources: list[Mapping[str, Any]] = [parsed, environ, _read_env_file(env_file)]
    found = {name: _first_set(details(name, definition), name, sources) for name in known}
    settings, invalid = _validate(definition, {name: value for name, value in found.items() if value is not None})
    problems += invalid
    problems += check(settings, {problem.name for problem in problems})
    if problems:
        raise SettingsError(_sentence(problems))
    return settings


def wants_help(flags: Sequence[str]) -> bool:
    """Whether the command line asks for help instead of a run."""
    return any(flag in ("-h", "--help") for flag in flags)


def _read_env_file(path: Path) -> Mapping[str, str | None]:
    try:
        return dotenv_values(path) if path.is_file() else {}
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file {path} cannot be read as UTF-8 text ({error}); correct or remove it.") from error


def _parse_flags(
    flags: Sequence[str], definition: type[Settings], names: Sequence[str]
) -> tuple[dict[str, Any], list[Problem]]:
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for name in names:
        if definition.model_fields[name].annotation is bool:
            parser.add_argument(f"--{name}", dest=variable(name), nargs="?", const="true")
        elif details(name, definition)["several"]:
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


def _first_set(extra: Mapping[str, Any], name: str, sources: Sequence[Mapping[str, Any]]) -> str | list[str] | None:
    for source in sources:
        for key in (variable(name), *extra["aliases"]):
            value = source.get(key)
            text = " ".join(value).strip() if isinstance(value, list) else (value or "").strip()
            if text and text.lower() not in extra["not_set"]:
                return value if isinstance(value, list) else text
    return None


def _validate(definition: type[AnySettings], raw: dict[str, Any]) -> tuple[AnySettings, list[Problem]]:
    """The settings with defaults in place of wrong values, and one problem for each of those."""
    try:
        return definition.model_validate(raw), []
    except ValidationError as error:
        wrong = list(dict.fromkeys(str(item["loc"][0]) for item in error.errors()))
    problems = [Problem(name, raw[name], f"should be {details(name, definition)['right']}") for name in wrong]
    return definition.model_validate({name: value for name, value in raw.items() if name not in wrong}), problems


def _sentence(problems: Sequence[Problem]) -> str:
    if len(problems) == 1:
        return f"{problems[0]}."
    return f"{len(problems)} settings are wrong: " + "; ".join(map(str, problems)) + "."
