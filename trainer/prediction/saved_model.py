"""A model file on its way back into memory."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from trainer.artifacts.model_file import SCHEMA_VERSION
from trainer.dataset.schema import Schema
from trainer.errors import DataError
from trainer.models.spec import ModelSpec, from_plain_form
from trainer.prediction.model_checks import model_problems, typed_parts
from trainer.training.archive import SwollenError, load_archive


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
    saved = _load(content, where)
    if not isinstance(saved, dict) or not {"schema_version", "state_dict", "model", "target"} <= saved.keys():
        raise DataError(f"{where} is no model of gnn-trainer; name the .pt file that a run has written.")
    version = saved["schema_version"]
    if not isinstance(version, int):
        raise DataError(f"{where} names no version of ours in schema_version; train the model again.")
    if version != SCHEMA_VERSION:
        age = "a newer" if version > SCHEMA_VERSION else "an older"
        remedy = "use that version" if age == "a newer" else "train the model again"
        raise DataError(
            f"{where} was written by {age} version (schema_version {version}, here {SCHEMA_VERSION}); {remedy}."
        )
    try:
        spec, schema = typed_parts(from_plain_form(saved["model"]), Schema.from_plain(saved["schema"]))
        batch_size, queue_id, graph_name = (saved[name] for name in ("batch_size", "queue_id", "graph_name"))
    except Exception as error:  # whatever it holds in the place of our values
        what = " ".join(str(error).split())
        raise DataError(
            f"{where} is incomplete ({type(error).__name__}: {what:.200}); train the model again."
        ) from error
    problem = next(model_problems(spec, saved["state_dict"], schema), None)
    if problem is None and not (type(batch_size) is int and 0 <= batch_size < 2**63):
        problem = f"batch_size is {batch_size!r:.40}"
    if problem is None and not (isinstance(queue_id, str) and isinstance(graph_name, str)):
        problem = "queue_id or graph_name is no text"
    if problem is not None:
        what = " ".join(problem.split())
        raise DataError(f"{where} cannot be what a run has written ({what:.200}); train the model again.")
    return SavedModel(spec, saved["state_dict"], schema, batch_size, queue_id, graph_name)


def _load(content: bytes, where: str) -> Any:
    """What a file holds, None for one that is none of ours."""
    try:
        plain = load_archive(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            damaged = archive.testzip()  # torch does not look at the checksums of its archive
    except SwollenError as error:
        raise DataError(
            f"{where} would unpack to far more than it holds ({error}), which no run has written; train the model again."
        ) from error
    except Exception:  # whatever the file is
        return None
    if damaged is not None:
        raise DataError(f"{where} is damaged: a part of it is not what was written; train the model again.")
    return plain
