"""Write down, for readers in other languages, what this service says, understands and leaves.

    python -m trainer.queue.schemas [FOLDER]     writes into FOLDER (docs when not given):

    asyncapi.yaml                  both topics as AsyncAPI 3
    schemas/events.schema.json     every event, JSON Schema 2020-12
    schemas/commands.schema.json   every command
    schemas/metrics.schema.json    metrics.json

A test holds the files in `docs/` to the code.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

from trainer.queue.asyncapi import asyncapi
from trainer.queue.wire import DIALECT, command_schemas, document, event_schemas
from trainer.record import json_schema

_HEADER = "# Written by `python -m trainer.queue.schemas`; a test holds it to the code.\n"


class _ForPeople(yaml.SafeDumper):
    """No anchors, and several lines as several lines."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_ForPeople.add_representer(str, _represent_text)


def files() -> dict[str, str]:
    """The text of every file, by its path below the folder of documents."""
    events = document("events", "Every message that a run sends to queue-events.", event_schemas())
    commands = document("commands", "Every message on queue-control that this service knows.", command_schemas())
    metrics = {"$schema": DIALECT, "$id": "urn:streamforge:gnn-trainer:metrics", **json_schema()}
    return {
        "asyncapi.yaml": _HEADER + _to_yaml(asyncapi()),
        "schemas/events.schema.json": _to_json(events),
        "schemas/commands.schema.json": _to_json(commands),
        "schemas/metrics.schema.json": _to_json(metrics),
    }


def _to_json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _to_yaml(content: dict[str, Any]) -> str:
    return yaml.dump(content, Dumper=_ForPeople, sort_keys=False, allow_unicode=True, width=120)


def main(folder: Path) -> None:
    """Write the files anew."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
