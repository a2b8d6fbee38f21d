"""Where the value of a setting comes from: flag, environment, `.env` file, default, in this order."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from trainer.errors import SettingsError
from trainer.process.secrets import Secrets
from trainer.settings.checks import cross_checks, with_derived
from trainer.settings.composition import Composition, Definition
from trainer.settings.definition import Settings
from trainer.settings.did_you_mean import closest, suggested
from trainer.settings.env_file import EnvFile, read_env_file
from trainer.settings.groups.ranks import OF_A_PLACE
from trainer.settings.plain_text import sent_in_clear
from trainer.settings.problem import Problem
from trainer.settings.secret_files import rows_of_files, with_files_read
from trainer.settings.values import NotAChoiceError
from trainer.settings.variables import Variables, misspelt, take_variables

_NO_VALUE = "\0"
"""Stands for the value of a flag that was given without one; no argument of a process can hold it."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,40}")


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
    settings = settings.with_doubts([*settings.doubts, *sent_in_clear(settings)])
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
    rows = composition.definitions().values()
    definitions = [*rows, *rows_of_files(rows)]
    flag_values, problems, unknown = _parse_flags(flags, definitions)
    variables, file = take_variables(environ, definitions), read_env_file(env_file)
    found = {row.name: _first_set(row, (flag_values, variables.values, file.values)) for row in definitions}
    values = {name: first.value for name, first in found.items()}
    used = [first.key for first in found.values() if first.source is variables.values]
    problems += [variables.problems[key] for key in used if key in variables.problems]
    not_text = [name for name, value in values.items() if value is not None and not _is_text(value)]
    problems += [Problem(name, None, "should be text in UTF-8") for name in not_text]
    values, problems_of_files = with_files_read(values, rows)
    problems += problems_of_files
    bad = {problem.name for problem in problems}
    given = {name: value for name, value in values.items() if value is not None and name not in bad}
    settings, invalid = validate(composition, given)
    problems += invalid
    problems += check(settings, {problem.name for problem in problems})
    misspelt_variables = [*misspelt(environ, _variables(definitions), composition.known_elsewhere)]
    strangers = _strangers(flags, unknown, definitions)
    secrets = Secrets(str(values[row.name] or "") for row in rows if row.is_secret)
    sentences = [*strangers, *file.problems, *(str(_without(secrets, problem)) for problem in problems)]
    if sentences:
        raise SettingsError(_one_sentence(sentences, misspelt_variables))
    unknown_keys = _unknown_keys(env_file, file, _variables(definitions), composition.known_elsewhere)
    doubts = [*file.doubts, *unknown_keys, *_put_right(variables, used, found)]
    return settings.with_doubts([*doubts, *(f"{clause}." for clause in misspelt_variables)])


def wants_help(flags: Sequence[str]) -> bool:
    """Whether the command line asks for help instead of a run."""
    return any(flag in ("-h", "--help") for flag in flags)


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


class _Found(NamedTuple):
    """The value of a setting, and where it was found."""

    value: str | list[str] | None = None
    source: Mapping[str, Any] | None = None
    key: str = ""


def _first_set(definition: Definition, sources: Sequence[Mapping[str, Any]]) -> _Found:
    for source in sources:
        for key in (definition.variable, *definition.aliases):
            value = source.get(key)
            text = " ".join(value).strip() if isinstance(value, list) else (value or "").strip()
            if text and text.lower() not in definition.not_set:
                return _Found(value if isinstance(value, list) else text, source, key)
    return _Found()


def _variables(definitions: Collection[Definition]) -> list[str]:
    return [name for row in definitions for name in (row.variable, *row.aliases)]


def _strangers(flags: Sequence[str], unknown: Sequence[str], definitions: Collection[Definition]) -> Iterator[str]:
    """A clause for each word of the command line that nobody knows.

    What stands alone behind the flag of a secret is a part of it that lost its quotes, and not repeated.
    """
    of_secrets = {f"--{row.name}" for row in definitions if row.is_secret}
    may_be_secret = any(_with_underscores(flag).partition("=")[0] in of_secrets for flag in flags)
    for word in unknown:
        if word.startswith("-"):
            meant = closest(word, (row.name for row in definitions))
            yield f"{word} is not a setting{suggested(meant, '--')}; --help lists them all"
        else:
            shown = "a word without a flag" if may_be_secret else word
            yield f"{shown} is not a setting; --help lists them all"


def _unknown_keys(path: Path, file: EnvFile, ours: Collection[str], others: Collection[str]) -> Iterator[str]:
    """One sentence about all names in the `.env` file that are no settings; `others` are variables of our other programs."""
    strangers = []
    for name, line in file.lines.items():
        if name in ours or name in others:
            continue
        meant = closest(name, ours)
        shown = name if _VARIABLE.fullmatch(name) else "the name"  # it may be a piece of a key that lost its quotes
        strangers.append(f"{shown} in line {line}{suggested(meant)}")
    if strangers:
        yield f"No settings, and without effect in {path}: {', '.join(strangers)}."


def _without(secrets: Secrets, problem: Problem) -> Problem:
    """The problem without its value where that holds a secret of another setting."""
    value = str(problem.value)
    return problem if secrets.hidden(value) == value else replace(problem, value=None)


def _put_right(variables: Variables, used: Sequence[str], found: Mapping[str, _Found]) -> Iterator[str]:
    unquoted = [name for name in used if name in variables.unquoted]
    if unquoted:
        yield f"The quotes around the value of {', '.join(unquoted)} are left out."
    if variables.of_services and any(found[name].value is not None for name in OF_A_PLACE & found.keys()):
        names = ", ".join(sorted(variables.of_services))
        yield f"{names} counts as not set: its value is what Kubernetes sets for a Service of this name."


def _is_text(value: str | list[str]) -> bool:
    """Whether variables and flags were UTF-8; Python hands on other bytes in disguise."""
    return "".join(value).isascii() or not any("\ud800" <= character <= "\udfff" for character in "".join(value))


def validate(composition: type[AnySettings], raw: Mapping[str, Any]) -> tuple[AnySettings, list[Problem]]:
    """The settings with defaults in place of wrong values, and one problem for each of those."""
    try:
        return composition.from_flat(raw), []
    except ValidationError as error:
        errors = error.errors()
        wrong = [composition.definitions()[name] for name in dict.fromkeys(str(item["loc"][1]) for item in errors)]
    meant = {item["loc"][1]: _meant(item) for item in errors}
    problems = [
        Problem(
            setting.name,
            None if setting.is_secret else raw[setting.name],
            f"should be {setting.right}{suggested(meant[setting.name])}",
        )
        for setting in wrong
    ]
    right = raw.keys() - {setting.name for setting in wrong}
    return composition.from_flat({name: raw[name] for name in right}), problems


def _meant(item: ErrorDetails) -> str | None:
    """The choice that a wrong value is like."""
    error = item.get("ctx", {}).get("error")
    return error.meant if isinstance(error, NotAChoiceError) else None


def _one_sentence(sentences: Sequence[str], misspelt_variables: Sequence[str]) -> str:
    """All that is wrong; a variable that is misspelt may be why another is not set."""
    clauses = "; ".join([*sentences, *misspelt_variables])
    return f"{clauses}." if len(sentences) == 1 else f"{len(sentences)} settings are wrong: {clauses}."
