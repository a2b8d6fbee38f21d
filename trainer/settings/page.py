"""The settings as a person reads them: `--help` and `docs/settings.md`, both out of the definition.

`python -m trainer.settings.page > docs/settings.md` writes the page anew.
"""

from __future__ import annotations

from collections.abc import Iterator
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


def help_text() -> str:
    """What `--help` prints."""
    lines = [_USAGE]
    for group, names in _groups():
        lines.append(f"{group}:")
        for name in names:
            lines.append(f"  --{name}")
            lines.append(f"      {Settings.model_fields[name].description}")
            lines.append(f"      {details(name)['right']}; default: {_default(name)}{_aliases(name)}")
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
    for group, names in _groups():
        lines += ["", f"## {group}", "", "| variable | default | meaning | right values |", "| --- | --- | --- | --- |"]
        for name in names:
            meaning = f"{Settings.model_fields[name].description}{_aliases(name)}"
            cells = [f"`{variable(name)}`", _default(name), meaning, details(name)["right"]]
            lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _groups() -> Iterator[tuple[str, list[str]]]:
    for group, names in groupby(Settings.model_fields, key=lambda name: str(details(name)["group"])):
        yield group, list(names)


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if details(name)["shown_default"]:
        return str(details(name)["shown_default"])
    if isinstance(field.default, SecretStr) or field.default in (None, "", []):
        return "not set"
    return str(field.default).lower() if isinstance(field.default, bool) else str(field.default)


def _aliases(name: str) -> str:
    aliases = details(name)["aliases"]
    return f" (also read: {', '.join(aliases)})" if aliases else ""


if __name__ == "__main__":
    print(markdown(), end="")
