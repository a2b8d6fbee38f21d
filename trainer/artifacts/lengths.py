"""How long an artifact may be that is read as a whole, and how many values it may hold."""

from __future__ import annotations

from trainer.artifacts.store import Artifact
from trainer.bounds import artifacts as bounds
from trainer.bounds import parsed


def longest(artifact: Artifact) -> int:
    """The most bytes of an artifact of this role."""
    if artifact in ("lease", "stop"):
        return bounds.LONGEST_NOTE_BYTES
    if artifact == "metrics":
        return bounds.LONGEST_METRICS_BYTES
    return bounds.LONGEST_CHECKPOINT_BYTES if artifact == "checkpoint" else bounds.LONGEST_MODEL_BYTES


def longest_checkpoint(num_parameters: int | None) -> int | None:
    """The most bytes of the checkpoint of a model with so many weights; None where nobody knows how many."""
    if num_parameters is None:
        return None
    return bounds.LONGEST_CHECKPOINT_BYTES + bounds.CHECKPOINT_BYTES_A_WEIGHT * num_parameters


def is_record(artifact: Artifact, content: bytes) -> bool:
    """Whether a content can be parsed in the memory that a record of a run needs; other artifacts are not JSON."""
    return artifact != "metrics" or not parsed.is_too_rich(content)
