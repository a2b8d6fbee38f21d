"""Some of the settings, for whoever hands them on and does not know the rest: what there is, and what is wrong anyway."""

from __future__ import annotations

from collections.abc import Mapping

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
    settings, problems = validate(Settings, given)
    wrong = {problem.name for problem in problems}
    rules = (*FORM_RULES, *LEARNING_RULES, check_ranks)
    found = [*check_framework(settings, FRAMEWORKS), *(each for rule in rules for each in rule(settings))]
    for problem in found:
        concerned = {problem.name, *problem.also}
        if concerned <= given.keys() - wrong:
            problems.append(problem)
    return problems
