"""Environment variables as they arrive: what `docker --env-file`, Kubernetes and a misspelling make of them.

`docker --env-file` passes on all that stands after `=`, quotes and comments too. Quotes around a value are left out,
except around a secret, which may have them; a value with a comment is refused, since a name may hold ` #` as well.
Kubernetes sets `<SERVICE>_PORT=tcp://…` for each Service of a namespace, so that a Service called `master` sets MASTER_PORT.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from trainer.settings.composition import Definition
from trainer.settings.did_you_mean import near_miss, suggested
from trainer.settings.problem import Problem

_COMMENT = re.compile(r"(?:^|\s)#(?:\s|$)|\s#")
_QUOTES = "\"'"
_OF_SERVICE = re.compile(
    r"\w+_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)"
)
_SERVICE_ADDRESS = re.compile(r"(?:tcp|udp|sctp)://\S+")


@dataclass(frozen=True)
class Variables:
    """The variables of our settings, put right.

    Attributes:
        values: by variable.
        problems: of values that cannot be used, by variable.
        unquoted: variables whose values stood in quotes.
        of_services: variables that hold the address of a Kubernetes Service and count as not set.
    """

    values: dict[str, str] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    unquoted: set[str] = field(default_factory=set)
    of_services: set[str] = field(default_factory=set)


def take_variables(environ: Mapping[str, str], definitions: Iterable[Definition]) -> Variables:
    """The variables that the settings are read from."""
    taken = Variables()
    for definition in definitions:
        for variable in (definition.variable, *definition.aliases):
            value = environ.get(variable, "").strip()
            if is_of_service(variable, value):
                taken.of_services.add(variable)
                continue
            inner = _within_quotes(value)
            if definition.is_secret:
                problem = _problem_of_secret(definition.name, value, is_quoted=inner is not None)
            else:
                if inner is not None:
                    value = inner
                    taken.unquoted.add(variable)
                problem = _problem(definition.name, value)
            if problem is not None:
                taken.problems[variable] = problem
            taken.values[variable] = value
    return taken


def is_of_service(variable: str, value: str) -> bool:
    """Whether Kubernetes, and not the user, has set a variable: it does so in each pod for each Service around."""
    if _OF_SERVICE.fullmatch(variable):
        return True
    return variable.endswith("_PORT") and _SERVICE_ADDRESS.fullmatch(value) is not None


def misspelt(environ: Mapping[str, str], ours: Collection[str], others: Collection[str]) -> Iterator[str]:
    """A clause for each variable that is one of ours misspelt.

    Args:
        environ: the process environment.
        ours: the variables of the settings.
        others: variables of our other programs.
    """
    known = {*ours, *others}
    for variable, value in environ.items():
        if variable in known or is_of_service(variable, value) or not value.strip():
            continue
        meant = near_miss(variable, ours)
        if meant is not None:
            yield f"{variable} is not a setting{suggested(meant)}"


def _within_quotes(value: str) -> str | None:
    """What stands between quotes that enclose a value, None where none do."""
    quote = value[:1]
    if len(value) < 2 or quote not in _QUOTES or value[-1] != quote or quote in value[1:-1].replace(f"\\{quote}", ""):
        return None
    return value[1:-1].strip()


def _problem(name: str, value: str) -> Problem | None:
    is_json = value.startswith(("[", "{")) and value.endswith(("]", "}"))
    if is_json or not _COMMENT.search(value):
        return None
    right = (
        "holds a comment, as `docker --env-file` passes it on with the value: remove it (a value with # in it can be given as"
        f" --{name}, or in quotes in a .env file)"
    )
    return Problem(name, value, right)


def _problem_of_secret(name: str, value: str, *, is_quoted: bool) -> Problem | None:
    what = "stands in quotes" if is_quoted else "holds a comment" if _COMMENT.search(value) else None
    if what is None:
        return None
    right = (
        f"{what}, as `docker --env-file` passes on: remove them from the line (a secret that has them can be given in the file"
        f" that {name.upper()}_FILE names, or in a .env file in quotes of the other kind)"
    )
    return Problem(name, None, right)
