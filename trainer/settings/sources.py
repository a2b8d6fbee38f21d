"""Where the value of a setting comes from: flag, environment, `.env` file, default, in this order."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn, get_origin

from dotenv import dotenv_values
from pydantic import ValidationError

from trainer.errors import SettingsError
from trainer.settings.checks import Problem, cross_checks, with_derived
from trainer.settings.definition import Settings, details, variable


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
    sources: list[Mapping[str, Any]] = [parsed, environ, dotenv_values(env_file) if env_file.is_file() else {}]
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


class _Parser(argparse.ArgumentParser):
    """argparse, except that a mistake becomes one of our problems instead of an exit."""

    def error(self, message: str) -> NoReturn:
        raise argparse.ArgumentError(None, message)


def _parse_flags(flags: Sequence[str]) -> tuple[dict[str, Any], list[Problem]]:
    parser = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for name, field in Settings.model_fields.items():
        many = get_origin(field.annotation) is list
        parser.add_argument(f"--{name}", dest=variable(name), nargs="+" if many else None)
    try:
        found, unknown = parser.parse_known_args([_with_underscores(flag) for flag in flags])
    except argparse.ArgumentError as error:
        raise SettingsError(f"The command line is not right: {error}; --help lists the settings.") from None
    return vars(found), [Problem(text, None, "is not a setting; --help lists them all") for text in unknown]


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
