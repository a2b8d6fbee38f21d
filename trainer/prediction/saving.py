"""The order in which a table of predictions and its measures are stored."""

from __future__ import annotations

import hashlib

import orjson

from trainer.artifacts.store import ArtifactStore, UnusableError
from trainer.errors import SettingsError
from trainer.record import PredictionRecord


def save_predictions(store: ArtifactStore, table: bytes, record: PredictionRecord | None) -> None:
    """Store a table, and its measures last: they are never those of another table.

    Args:
        store: of both.
        table: the content of `predictions`.
        record: the measures; None where there are no labels, so that those of an older table go.

    Raises:
        SettingsError: the measures would replace a file of another kind, such as those of a run.
        ServiceError: one could not be stored.
    """
    try:
        earlier = store.get("metrics")
    except UnusableError:
        earlier = b""
    is_ours = earlier is not None and _is_of_predictions(earlier)
    if record is not None and earlier is not None and not is_ours:
        raise SettingsError(
            f"{store.location('metrics')} is there and not of predictions, so that their measures do not replace it; "
            "move it, or set OUTPUT_PATH to another name."
        )
    if is_ours:
        store.delete("metrics")
    store.put("predictions", table)
    if record is not None:
        artifacts = {"predictions": hashlib.sha256(table).hexdigest()}
        store.put("metrics", record.model_copy(update={"artifacts": artifacts}).to_json())


def _is_of_predictions(content: bytes) -> bool:
    try:
        plain = orjson.loads(content)
    except orjson.JSONDecodeError:
        return False
    return isinstance(plain, dict) and plain.get("status") == "predicted"
