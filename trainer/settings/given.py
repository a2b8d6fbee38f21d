"""Some of the settings, for whoever hands them on and does not know the rest: what there is, and what is wrong anyway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trainer.registry.frameworks import FRAMEWORKS
from trainer.settings.checks import LEARNING_RULES
from trainer.settings.composition import Definition
from trainer.settings.definition import Settings
from trainer.settings.form_checks import FORM_RULES
from trainer.settings.groups.ranks import OF_A_PLACE
from trainer.settings.model_checks import check_framework
from trainer.settings.problem import Problem
from trainer.settings.rank_checks import check_ranks
from trainer.settings.sources import validate
from trainer.settings.variables import take_variables


def known_settings() -> dict[str, Definition]:
    """Every setting that can be chosen for a run by its name, in the order of help and docs."""
    return {name: row for name, row in Settings.definitions().items() if name not in OF_A_PLACE}


def problems_among(given: Mapping[str, str]) -> list[Problem]:
    """The problems of these settings by themselves and with one another.

    A problem that hangs on a setting which is not among them is none here, since it may be set elsewhere. Nothing is
    looked for on this machine: no file, no framework.

    Args:
        given: texts as variables hold them, by name.
    """
    problems, found = _problems_of(given)
    return problems + [problem for problem in found if _concerned(problem) <= given.keys()]


def problems_unless_set_elsewhere(given: Mapping[str, str]) -> list[tuple[Problem, list[str]]]:
    """The problems that these settings have with the defaults of others, each with the names of those others."""
    _, found = _problems_of(given)
    missing = [(problem, sorted(_concerned(problem) - given.keys())) for problem in found if problem.name in given]
    return [(problem, names) for problem, names in missing if names]


def _problems_of(given: Mapping[str, str]) -> tuple[list[Problem], list[Problem]]:
    """What is wrong with single values, and what with the rest by rules."""
    settings, problems = validate(Settings, given)
    problems += _not_as_given(given)
    wrong = {problem.name for problem in problems}
    rules = (*FORM_RULES, *LEARNING_RULES, check_ranks)
    found = [*check_framework(settings, FRAMEWORKS), *(each for rule in rules for each in rule(settings))]
    return problems, [problem for problem in found if not _concerned(problem) & wrong]


def _not_as_given(given: Mapping[str, str]) -> Iterator[Problem]:
    """The values that a run would not read out of its variables as they are."""
    taken = take_variables({name.upper(): text for name, text in given.items()}, Settings.definitions().values())
    yield from taken.problems.values()
    for variable in sorted(taken.unquoted - taken.problems.keys()):
        name = variable.lower()
        yield Problem(name, given[name], "should not stand in quotes: a run leaves those of a variable out")


def _concerned(problem: Problem) -> set[str]:
    return {problem.name, *problem.also}
