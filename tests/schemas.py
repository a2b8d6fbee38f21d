"""The schemas of `docs/schemas` as tests use them: every event and every metrics.json that a test makes goes through here."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from trainer.dry_run.result import DryRun
from trainer.record import PredictionRecord, RunRecord

FOLDER = Path(__file__).parent.parent / "docs" / "schemas"


def validate_event(event: dict[str, Any]) -> None:
    """Fail with the field that is wrong, unless this is an event of `queue-events`.

    Raises:
        AssertionError: it is not.
    """
    _validate(event, "events", str(event.get("event", event.get("status"))))


def validate_command(message: dict[str, Any]) -> None:
    """Fail with the field that is wrong, unless this is a command of `queue-control`.

    Raises:
        AssertionError: it is not.
    """
    _validate(message, "commands", str(message.get("command")))


def validate_record(content: bytes) -> None:
    """Fail with the field that is wrong, unless this is a metrics.json, and the record in it says the same again.

    Raises:
        AssertionError: it is not.
    """
    error = best_match(_validators("metrics")["any"].iter_errors(json.loads(content)))
    assert error is None, f"metrics.json{error.json_path.removeprefix('$')}: {error.message}"
    assert RunRecord.from_json(content).to_json() == content


def validate_records_below(folder: Path) -> None:
    """Hold every metrics.json in a folder and its subfolders to the schema; those that a test took from an older version pass.

    Raises:
        AssertionError: one is none.
    """
    for path in folder.rglob("metrics.json"):
        content = path.read_bytes()
        if json.loads(content)["schema_version"] > 1:
            validate_record(content)


def validate_prediction_record(content: bytes) -> None:
    """Fail with the field that is wrong, unless these are the measures of predictions.

    Raises:
        AssertionError: they are not.
    """
    error = best_match(_validators("prediction_metrics")["any"].iter_errors(json.loads(content)))
    assert error is None, f"metrics{error.json_path.removeprefix('$')}: {error.message}"
    assert PredictionRecord.model_validate_json(content).to_json() == content


def validate_dry_run(content: bytes) -> None:
    """Fail with the field that is wrong, unless this is what a dry run prints, and the result in it says the same again.

    Raises:
        AssertionError: it is not.
    """
    error = best_match(_validators("dry_run")["any"].iter_errors(json.loads(content)))
    assert error is None, f"result{error.json_path.removeprefix('$')}: {error.message}"
    assert DryRun.model_validate_json(content).to_json() == content


def _validate(message: dict[str, Any], schema: str, word: str) -> None:
    # The whole schema would say no more than "none of these"; the part for this kind of message names the field.
    validators = _validators(schema)
    assert word in validators, f"{schema} know no {word!r}: {message}"
    error = best_match(validators[word].iter_errors(message))
    assert error is None, f"{word}{error.json_path.removeprefix('$')}: {error.message}"
    assert validators["any"].is_valid(message), f"{word} is read as another message too: {message}"


@cache
def _validators(name: str) -> dict[str, Draft202012Validator]:
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    parts = {word: Draft202012Validator(part) for word, part in schema["$defs"].items()}
    return parts | {"any": Draft202012Validator(schema)}
