"""Everything that the artifacts of a run are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from trainer.dataset.dataset import Dataset
from trainer.settings.groups.queue import QueueSettings
from trainer.training.evaluate import Evaluation
from trainer.training.result import FitResult


@dataclass(frozen=True)
class RunResult:
    """A trained and judged model with all that it came from.

    Attributes:
        settings: all of them as `metrics.json` has them.
        graph: what `metrics.json` says of the graph.
    """

    status: str
    queue: QueueSettings
    settings: dict[str, Any]
    graph: dict[str, Any]
    dataset: Dataset
    fitted: FitResult
    evaluation: Evaluation
    num_threads: int
