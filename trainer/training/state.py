"""A training between two epochs as a file, from which a later run goes on.

A run that goes on ends, on a CPU, bit for bit where the uninterrupted run ends: weights, optimiser, the best epoch so
far and torch's random state are all in it.
"""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

SCHEMA_VERSION = 1

_log = logging.getLogger("gnn_trainer")


@dataclass(frozen=True)
class TrainingState:
    """A training between two epochs; all tensors are copies on the CPU or belong to nobody else."""

    epoch: int
    model: dict[str, Tensor]
    optimiser: dict[str, Any]
    random_state: Tensor
    best_epoch: int
    best_loss: float
    best_model: dict[str, Tensor]
    history: list[dict[str, Any]]

    def to_bytes(self, fingerprint: str) -> bytes:
        """The state as a file that `torch.load(weights_only=True)` reads."""
        buffer = io.BytesIO()
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        torch.save({"schema_version": SCHEMA_VERSION, "fingerprint": fingerprint, "state": fields}, buffer)
        return buffer.getvalue()


def read_state(content: bytes, fingerprint: str) -> TrainingState | None:
    """The state in a checkpoint; None, with a warning, when it is broken or of another run."""
    try:
        stored = torch.load(io.BytesIO(content), weights_only=True)
        if stored["schema_version"] != SCHEMA_VERSION or stored["fingerprint"] != fingerprint:
            _log.warning(
                "The checkpoint belongs to other settings, another graph or another version of gnn-trainer; training starts anew."
            )
            return None
        return TrainingState(**stored["state"])
    except Exception as error:  # whatever is wrong with it, a run without it is right
        _log.warning(f"The checkpoint cannot be read ({type(error).__name__}); training starts anew.")
        return None
