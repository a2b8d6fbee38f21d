"""Generate the schemas of every message of this service and of its records, for programs in other languages.

    python -m trainer.contract.schemas [FOLDER]     writes into FOLDER (docs when not given):

    asyncapi.yaml                           both topics as AsyncAPI 3
    schemas/events.schema.json              every event, JSON Schema 2020-12
    schemas/commands.schema.json            every command
    schemas/metrics.schema.json             metrics.json of a run
    schemas/prediction_metrics.schema.json  <graph_name>.metrics.json of predictions for another graph
    schemas/dry_run.schema.json             what a dry run prints

A test holds the files in `docs/` to the code.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from trainer.contract.asyncapi import asyncapi
from trainer.contract.wire import DIALECT, command_schemas, document, event_schemas
from trainer.dry_run.result import DryRun
from trainer.queue.plain_yaml import to_yaml
from trainer.record import PredictionRecord, RunRecord, json_schema

_HEADER = "# Written by `python -m trainer.contract.schemas`; a test holds it to the code.\n"


def files() -> dict[str, str]:
    """The text of every file, by its path below the folder of documents."""
    events = document("events", "Every message that a run sends to queue-events.", event_schemas())
    commands = document("commands", "Every message on queue-control that this service knows.", command_schemas())
    return {
        "asyncapi.yaml": _HEADER + to_yaml(asyncapi(), ascii_only=False),
        "schemas/events.schema.json": _to_json(events),
        "schemas/commands.schema.json": _to_json(commands),
        "schemas/metrics.schema.json": _to_json(_record("metrics", RunRecord)),
        "schemas/prediction_metrics.schema.json": _to_json(_record("prediction-metrics", PredictionRecord)),
        "schemas/dry_run.schema.json": _to_json(_record("dry-run", DryRun)),
    }


def _record(name: str, record: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": DIALECT, "$id": f"urn:streamforge:gnn-trainer:{name}", **json_schema(record)}


def _to_json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    """Write the files anew."""
    for name, text in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
