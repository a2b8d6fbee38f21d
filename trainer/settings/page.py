"""The settings as a person reads them: `--help` and `docs/settings.md`, both out of the definition.

`python -m trainer.settings.page > docs/settings.md` writes the page anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from pydantic import SecretStr

from trainer.settings.definition import Settings, details, variable

_USAGE = """\
usage: python main.py [--<setting> VALUE ...]

Trains a graph neural network on a graph of StreamForge and writes the model, metrics.json and report.html.
Every setting is a flag, an environment variable of the same name in upper case, or a line of a .env file:
the flag wins over the variable, the variable over the file. An empty value counts as not set.
A list is given as --features a b c, as JSON, or separated by commas or blanks.
"""


def help_text(
    usage: str = _USAGE, definition: type[Settings] = Settings, chosen: Iterable[str] = Settings.model_fields
) -> str:
    """What `--help` prints: the usage, then the chosen settings of a definition."""
    lines = [usage]
    for group, names in _groups(chosen, definition):
        lines.append(f"{group}:")
        for name in names:
            right, default = details(name, definition)["right"], _default(name, definition)
            lines.append(f"  --{name}")
            lines.append(f"      {definition.model_fields[name].description}")
            lines.append(f"      {right}; default: {default}{_aliases(name, definition)}")
        lines.append("")
    lines.append(
        "exit codes: 0 finished or stopped by command, 2 settings, 3 graph or data, 4 a service, 130/143 signal, 1 defect"
    )
    return "\n".join(lines)


def markdown() -> str:
    """The text of `docs/settings.md`."""
    lines = [
        "# Settings",
        "",
        "Every setting is an environment variable, and the same name in lower case as a flag (`GRAPH_NAME` = `--graph_name`).",
        "The flag wins over the variable, the variable over a line in `.env`, that over the default; an empty value counts as not set.",
        'A list is given as `--features a b c`, or in a variable as JSON (`["a", "b"]`), or separated by commas or blanks.',
        "All problems of a run's settings are reported at once, with exit code 2.",
        "",
        "This page is written by `python -m trainer.settings.page`; a test holds it to the code.",
    ]
    for group, names in _groups(Settings.model_fields):
        lines += ["", f"## {group}", "", "| variable | default | meaning | right values |", "| --- | --- | --- | --- |"]
        for name in names:
            meaning = f"{Settings.model_fields[name].description}{_aliases(name)}"
            cells = [f"`{variable(name)}`", _default(name), meaning, details(name)["right"]]
            lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _groups(chosen: Iterable[str], definition: type[Settings] = Settings) -> Iterator[tuple[str, list[str]]]:
    for group, names in groupby(chosen, key=lambda name: str(details(name, definition)["group"])):
        yield group, list(names)


def _default(name: str, definition: type[Settings] = Settings) -> str:
    field = definition.model_fields[name]
    if details(name, definition)["shown_default"]:
        return str(details(name, definition)["shown_default"])
    if isinstance(field.default, SecretStr) or field.default in (None, "", []):
        return "not set"
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def _aliases(name: str, definition: type[Settings] = Settings) -> str:
    aliases = details(name, definition)["aliases"]
    return f" (also read: {', '.join(aliases)})" if aliases else ""


if __name__ == "__main__":
    print(markdown(), end="")
