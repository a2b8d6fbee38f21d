"""The settings as a person reads them: `--help` and `docs/settings.md`, both out of the definition.

`python -m trainer.settings.page > docs/settings.md` writes the page anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from pydantic import SecretStr

from trainer.bounds import arango, artifacts, dump, graph, kafka, parsed, s3
from trainer.bounds import settings as settings_files
from trainer.bounds.bound import shown_number
from trainer.settings.abilities import ability_lines, ability_table
from trainer.settings.composition import Composition, Definition
from trainer.settings.definition import Settings

_USAGE = """\
usage: python main.py [--<setting> VALUE ...]

Trains a graph neural network on a graph of StreamForge and writes the model, metrics.json and report.html.
Every setting is a flag, an environment variable of the same name in upper case, or a line of a .env file:
precedence: flag, variable, file, default. An empty value counts as not set.
A list is given as --features a b c, as JSON, or separated by commas or spaces.
A user name, key or password may come as a file: --arango_password_file PATH, or ARANGO_PASSWORD_FILE; one line break at its end is cut.
"""

_ABILITIES = """\
What a framework cannot do is refused with exit code 2, and the sentence names what can be set instead; several vertex types as soon as
the graph is known. All else is the same for each: graphs, splits, losses, measures, baselines, stops, checkpoints, artifacts, events."""

_BOUNDS = """\
What files and servers may send is bounded, so that whoever writes there can neither fill the memory of a run nor keep it for ever. What
exceeds a bound ends the run, or is passed over, with one sentence that names the bound: exit code 2 for a file of settings, 3 for data and
models, 4 for a service. Only regular files are read, no FIFO, socket or device, and of each no more than it held when it was opened. What is
below the bounds costs time and memory in proportion to its length. No setting changes them."""
_BOUNDED = {
    "A collection": graph,
    "Files of a dump": dump,
    "Any JSON": parsed,
    "ArangoDB": arango,
    "S3": s3,
    "Artifacts that are read back": artifacts,
    "Kafka": kafka,
    "Files of settings": settings_files,
}


def help_text(usage: str = _USAGE, composition: type[Composition] = Settings) -> str:
    """What `--help` prints: the usage, then the settings."""
    lines = [usage]
    for heading, settings in _by_heading(composition):
        lines.append(f"{heading}:")
        for setting in settings:
            lines.append(f"  --{setting.name}")
            lines.append(f"      {setting.meaning}")
            lines.append(f"      {setting.right}; default: {_default(setting)}{_aliases(setting)}")
            lines += [f"        {line}" for line in ability_lines() if setting.name == "framework"]
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
        "Precedence: flag, environment variable, line in `.env`, default; an empty value counts as not set.",
        'A list is given as `--features a b c`, or in a variable as JSON (`["a", "b"]`), or separated by commas or spaces.',
        "Every user name, key and password may come as a file: `ARANGO_PASSWORD_FILE` (`--arango_password_file`) holds the path, one line",
        "break at the end of the file is cut, an empty file counts as not set, and both set is an error.",
        "All problems of a run's settings are reported at once, with exit code 2. How variables and lines are read, and what of them",
        "is warned of, is in [operations.md](operations.md#settings-as-they-arrive).",
        "",
        "This page is written by `python -m trainer.settings.page`; a test keeps it up to date.",
    ]
    for heading, settings in _by_heading(Settings):
        lines += [
            "",
            f"## {heading}",
            "",
            "| variable | default | meaning | allowed values |",
            "| --- | --- | --- | --- |",
        ]
        rows = [*settings]
        for setting in rows:
            cells = [f"`{setting.variable}`", _default(setting), setting.meaning + _aliases(setting), setting.right]
            lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;") for cell in cells) + " |")
        if any(setting.name == "framework" for setting in rows):
            lines += ["", "### What each framework can do", "", _ABILITIES, "", *ability_table()]
    lines += ["", "## Bounds", "", _BOUNDS]
    for heading, module in _BOUNDED.items():
        lines += ["", f"### {heading}", "", "| bound | of | why no honest graph meets it |", "| --- | --- | --- |"]
        for bound in module.BOUNDS:
            lines.append(f"| {shown_number(bound.name, getattr(module, bound.name))} | {bound.of} | {bound.why} |")
    return "\n".join(lines) + "\n"


def _by_heading(composition: type[Composition]) -> Iterator[tuple[str, Iterator[Definition]]]:
    return groupby(composition.definitions().values(), key=lambda setting: setting.heading)


def _default(setting: Definition) -> str:
    if setting.shown_default:
        return setting.shown_default
    if isinstance(setting.default, SecretStr) or setting.default in (None, "", []):
        return "not set"
    return str(setting.default).lower() if isinstance(setting.default, bool) else str(setting.default)


def _aliases(setting: Definition) -> str:
    return f" (also read: {', '.join(setting.aliases)})" if setting.aliases else ""


if __name__ == "__main__":
    print(markdown(), end="")
