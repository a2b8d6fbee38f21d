"""What a run needs to go on where an earlier one was broken off, and when it is put away.

A checkpoint is taken between two epochs. A run that goes on from it ends, on a CPU, bit for bit where
the uninterrupted run ends: weights, optimiser, the best epoch so far and torch's random state are all in it.
"""

from __future__ import annotations

import hashlib
import io
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
import torch
from numpy.typing import NDArray
from torch import Tensor

from trainer.dataset.dataset import Dataset
from trainer.errors import ServiceError

SCHEMA_VERSION = 1
_NOT_LEARNED_BY = frozenset({"epochs", "graph_path"})
"""Settings that may change between two runs: more epochs, and another place with the same graph."""

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
        found = torch.load(io.BytesIO(content), weights_only=True)
        if found["schema_version"] != SCHEMA_VERSION or found["fingerprint"] != fingerprint:
            _log.warning("The checkpoint belongs to other settings or another graph; training starts anew.")
            return None
        return TrainingState(**found["state"])
    except Exception as error:  # whatever is wrong with it, a run without it is right
        _log.warning(f"The checkpoint cannot be read ({type(error).__name__}); training starts anew.")
        return None


def fingerprint(dataset: Dataset, learning: Mapping[str, Any]) -> str:
    """Equal for runs that learn the same from the same data, different otherwise; EPOCHS may be raised.

    Args:
        dataset: what is learned from.
        learning: the settings that decide what is learned, see `Settings.learning`.
    """
    digest = hashlib.blake2b(digest_size=16)
    digest.update(orjson.dumps({name: value for name, value in learning.items() if name not in _NOT_LEARNED_BY}))
    digest.update(orjson.dumps(dataset.schema.describe()))
    for array in _arrays(dataset):
        digest.update(str((array.shape, array.dtype)).encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _arrays(dataset: Dataset) -> Iterator[NDArray[Any]]:
    yield dataset.y
    yield dataset.split.part
    if dataset.inputs.graph_of_row is not None:
        yield dataset.inputs.graph_of_row
    for vertices in dataset.inputs.vertices.values():
        yield vertices.x
        if not vertices.x.shape[1]:  # an embedding is learned for each by name
            yield vertices.keys
            yield vertices.collection
    for edges in dataset.inputs.edges.values():
        yield edges.index
        if edges.weight is not None:
            yield edges.weight


class Checkpointer:
    """Puts states away every so often, off the training thread, one at a time."""

    def __init__(self, put: Callable[[bytes], None], every_s: float, mark: str) -> None:
        """Hand serialised states with the fingerprint `mark` to `put`."""
        self._put = put
        self._every_s = every_s
        self._mark = mark
        self._last = time.monotonic()
        self._writer: threading.Thread | None = None
        self._has_warned = False
        self._failure: Exception | None = None

    def offer(self, make_state: Callable[[], TrainingState]) -> None:
        """Take a state when it is time for one and the one before is away."""
        self._raise_failure()
        busy = self._writer is not None and self._writer.is_alive()
        if busy or time.monotonic() - self._last < self._every_s:
            return
        self._last = time.monotonic()
        self._writer = threading.Thread(target=self._write, args=(make_state(),), name="checkpoint", daemon=True)
        self._writer.start()

    def put_now(self, state: TrainingState) -> None:
        """Put a state away and wait until it is there."""
        self.wait()
        self._write(state)
        self._raise_failure()

    def wait(self) -> None:
        """Wait until the state that is on its way is there."""
        if self._writer is not None:
            self._writer.join()
        self._raise_failure()

    def _write(self, state: TrainingState) -> None:
        try:
            self._put(state.to_bytes(self._mark))
        except ServiceError as error:
            if not self._has_warned:
                _log.warning(f"A checkpoint could not be stored; training goes on without: {error}")
            self._has_warned = True
        except Exception as error:  # raised again where the training can see it
            self._failure = error

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure
