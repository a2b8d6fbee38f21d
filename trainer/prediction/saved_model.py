"""A model file on its way back into memory."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from trainer.artifacts.model_file import SCHEMA_VERSION
from trainer.dataset.schema import Schema
from trainer.errors import DataError
from trainer.models.spec import ModelSpec, from_plain_form


@dataclass(frozen=True)
class SavedModel:
    """What a run has learned, and what makes the inputs that it learned from."""

    spec: ModelSpec
    state_dict: dict[str, Tensor]
    schema: Schema
    batch_size: int
    queue_id: str
    graph_name: str


def read_model(content: bytes, where: str) -> SavedModel:
    """The model in a file.

    Args:
        content: of the file.
        where: its path or address, for the sentence about a file that cannot be used.

    Raises:
        DataError: it is no model of ours, or of another version.
    """
    saved = _load(content)
    if not isinstance(saved, dict) or not {"schema_version", "state_dict", "model", "target"} <= saved.keys():
        raise DataError(f"{where} is no model of gnn-trainer; name the .pt file that a run has written.")
    version = saved["schema_version"]
    if version != SCHEMA_VERSION:
        age = "a newer" if isinstance(version, int) and version > SCHEMA_VERSION else "an older"
        remedy = "use that version" if age == "a newer" else "train the model again"
        raise DataError(
            f"{where} was written by {age} version (schema_version {version}, here {SCHEMA_VERSION}); {remedy}."
        )
    try:
        spec, schema = from_plain_form(saved["model"]), Schema.from_plain(saved["schema"])
        names = saved["queue_id"], saved["graph_name"]
        return SavedModel(spec, saved["state_dict"], schema, saved["batch_size"], *names)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{where} is incomplete ({type(error).__name__}: {error}); train the model again.") from error


def _load(content: bytes) -> Any:
    try:
        return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception:  # whatever the file is, it is none of ours
        return None
