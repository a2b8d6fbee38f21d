"""Where the value of a setting comes from: flag, environment, `.env` file, default, in this order."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from dotenv import dotenv_values
from pydantic import ValidationError

from trainer.errors import SettingsError
from trainer.settings.checks import cross_checks, with_derived
from trainer.settings.composition import Composition, Definition
from trainer.settings.definition import Settings
from trainer.settings.problem import Problem

_NO_VALUE = "\0"
"""Stands for the value of a flag that was given without one; no argument of a process can hold it."""


AnySettings = TypeVar("AnySettings", bound=Composition)


def load_settings(
    flags: Sequence[str],
    environ: Mapping[str, str],
    env_file: Path = Path(".env"),
    only_graph: Callable[[str], str] = lambda graph_path: "",
) -> Settings:
    """Read and check the settings of a run.

    Args:
        flags: the command line without the program's name.
        environ: the process environment.
        env_file: read when it exists; the weakest source before the defaults.
        only_graph: finds the name of the graph in a folder that holds no other; asked where GRAPH_NAME is not set.

    Raises:
        SettingsError: with every problem, not only the first.
    """
    settings = read_settings(Settings, cross_checks, flags, environ, env_file)
    return with_derived(settings.model_copy(update={"graph": settings.graph.named(only_graph)}))


def read_settings(
    composition: type[AnySettings],
    check: Callable[[AnySettings, set[str]], list[Problem]],
    flags: Sequence[str],
    environ: Mapping[str, str],
    env_file: Path,
) -> AnySettings:
    """Read the settings of a program.

    Args:
        composition: the groups that it needs.
        check: the problems between settings, without those about the names given.
        flags: see `load_settings`, as the next.
        environ: the process environment.
        env_file: read when it exists.

    Raises:
        SettingsError: with every problem, not only the first.
    """
    definitions = composition.definitions().values()
    given, problems, unknown = _parse_flags(flags, definitions)
    sources: list[Mapping[str, Any]] = [given, environ, _read_env_file(env_file)]
    values = {definition.name: _first_set(definition, sources) for definition in definitions}
    for name in [name for name, value in values.items() if value is not None and not _is_text(value)]:
        problems.append(Problem(name, None, "should be text in UTF-8"))
        values[name] = None
    settings, invalid = validate(composition, {name: value for name, value in values.items() if value is not None})
    problems += invalid
    problems += check(settings, {problem.name for problem in problems})
    sentences = [f"{flag} is not a setting; --help lists them all" for flag in unknown] + [*map(str, problems)]
    if sentences:
        raise SettingsError(_one_sentence(sentences))
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
    flags: Sequence[str], definitions: Collection[Definition]
) -> tuple[dict[str, Any], list[Problem], list[str]]:
    """The values of flags by variable, the flags without a value, and the names of unknown flags."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for setting in definitions:
        alone = None if setting.several else "true" if setting.annotation is bool else _NO_VALUE
        nargs = "*" if setting.several else "?"
        parser.add_argument(f"--{setting.name}", dest=setting.variable, nargs=nargs, const=alone)
    parsed, unknown = parser.parse_known_args([_with_underscores(flag) for flag in flags])
    given = {variable: value for variable, value in vars(parsed).items() if value not in (_NO_VALUE, [])}
    bare = sorted(variable.lower() for variable in vars(parsed).keys() - given.keys())
    problems = [Problem(name, None, f"needs a value after --{name}; --help lists the settings") for name in bare]
    return given, problems, _names(unknown)


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


def _first_set(definition: Definition, sources: Sequence[Mapping[str, Any]]) -> str | list[str] | None:
    for source in sources:
        for key in (definition.variable, *definition.aliases):
            value = source.get(key)
            text = " ".join(value).strip() if isinstance(value, list) else (value or "").strip()
            if text and text.lower() not in definition.not_set:
                return value if isinstance(value, list) else text
    return None


def _is_text(value: str | list[str]) -> bool:
    """Whether variables and flags were UTF-8; Python hands on other bytes in disguise."""
    return "".join(value).isascii() or not any("\ud800" <= character <= "\udfff" for character in "".join(value))


def validate(composition: type[AnySettings], raw: Mapping[str, Any]) -> tuple[AnySettings, list[Problem]]:
    """The settings with defaults in place of wrong values, and one problem for each of those."""
    try:
        return composition.from_flat(raw), []
    except ValidationError as error:
        wrong = [
            composition.definitions()[name] for name in dict.fromkeys(str(item["loc"][1]) for item in error.errors())
        ]
    problems = [
        Problem(setting.name, None if setting.is_secret else raw[setting.name], f"should be {setting.right}")
        for setting in wrong
    ]
    right = raw.keys() - {setting.name for setting in wrong}
    return composition.from_flat({name: raw[name] for name in right}), problems


def _one_sentence(sentences: Sequence[str]) -> str:
    if len(sentences) == 1:
        return f"{sentences[0]}."
    return f"{len(sentences)} settings are wrong: " + "; ".join(sentences) + "."
