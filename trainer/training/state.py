"""A training between two epochs as a file, from which a later run goes on.

A run that goes on ends, on a CPU, bit for bit where the uninterrupted run ends: weights, optimiser, the best epoch so
far and the random state are all in it.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from trainer.settings.differences import differences
from trainer.training.archive import SwollenError, load_archive
from trainer.training.fingerprint import MAY_CHANGE
from trainer.training.state_checks import digest_of, first_wrong_field

SCHEMA_VERSION = 2
"""2: with `digest`."""

_log = logging.getLogger("gnn_trainer")


@dataclass(frozen=True)
class TrainingState:
    """A training between two epochs; all tensors are copies on the CPU or belong to nobody else.

    Attributes:
        epoch: how many epochs were run.
        model: the weights by name.
        optimiser: its state, plain values and tensors, in the framework's own form.
        random_state: of torch; None for a framework whose random numbers follow from SEED and the epoch.
        best_epoch: the best epoch so far.
        best_loss: its validation loss.
        best_model: its weights by name.
        history: a record of each epoch.
    """

    epoch: int
    model: dict[str, Tensor]
    optimiser: dict[str, Any]
    random_state: Tensor | None
    best_epoch: int
    best_loss: float
    best_model: dict[str, Tensor]
    history: list[dict[str, Any]]

    def to_bytes(self, fingerprint: str, settings: Mapping[str, Any] | None = None) -> bytes:
        """The state as a file that `torch.load(weights_only=True)` reads.

        Args:
            fingerprint: what the training belongs to.
            settings: those that decide what is learned; a run with others can say which differ.
        """
        buffer = io.BytesIO()
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        content = {"schema_version": SCHEMA_VERSION, "fingerprint": fingerprint, "settings": dict(settings or {})}
        torch.save(content | {"state": fields, "digest": digest_of(fields)}, buffer)
        return buffer.getvalue()


def read_state(
    content: bytes,
    fingerprint: str,
    settings: Mapping[str, Any] | None = None,
    defaults: Mapping[str, Any] | None = None,
) -> TrainingState | None:
    """The state in a checkpoint; None, with a warning, when it is broken, not whole or of another run.

    Args:
        content: of the file.
        fingerprint: of this run.
        settings: of this run, those that decide what is learned.
        defaults: theirs, for a checkpoint of before there was such a setting.
    """
    try:
        stored = load_archive(content)
        if stored["schema_version"] != SCHEMA_VERSION or stored["fingerprint"] != fingerprint:
            _log.warning(
                f"The checkpoint belongs to {_other(stored, settings or {}, defaults or {})}; training starts anew."
            )
            return None
        wrong = first_wrong_field(stored["state"])
        if wrong is None and digest_of(stored["state"]) != stored["digest"]:
            wrong = "its digest is not that of its content"
        if wrong is None:
            return TrainingState(**stored["state"])
        _log.warning(f"The checkpoint cannot be used ({wrong}); training starts anew.")
    except SwollenError as error:
        _log.warning(f"The checkpoint would unpack to far more than it holds ({error}); training starts anew.")
    except Exception as error:  # whatever is wrong with it, a run without it is right
        _log.warning(f"The checkpoint cannot be read ({type(error).__name__}); training starts anew.")
    return None


def _other(stored: Mapping[str, Any], settings: Mapping[str, Any], defaults: Mapping[str, Any]) -> str:
    if stored["schema_version"] != SCHEMA_VERSION:
        return "another version of gnn-trainer"
    earlier = stored.get("settings")
    if not settings or not isinstance(earlier, dict) or not earlier:
        return "other settings, another graph or another version of gnn-trainer"
    deciding = {name: value for name, value in settings.items() if name not in MAY_CHANGE}
    changed = differences(earlier, deciding, defaults)
    return f"other settings ({', '.join(changed)})" if changed else "another graph or another version of gnn-trainer"
