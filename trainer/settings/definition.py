"""The settings of a run: all groups together.

Flags, environment, `--help`, `docs/settings.md` and error messages follow from the groups.
A setting's variable is its name in upper case, its flag the name in lower case.
"""

from __future__ import annotations

from typing import Any

from trainer.settings.composition import Composition
from trainer.settings.groups.arango import ArangoSettings
from trainer.settings.groups.checkpoint import CheckpointSettings
from trainer.settings.groups.data import DataSettings
from trainer.settings.groups.dry_run import DryRunSettings
from trainer.settings.groups.graph import GraphSettings
from trainer.settings.groups.kafka import KafkaSettings
from trainer.settings.groups.local import LocalSettings
from trainer.settings.groups.log import LogSettings
from trainer.settings.groups.model import ModelSettings
from trainer.settings.groups.predictions import PredictionTableSettings
from trainer.settings.groups.queue import QueueSettings
from trainer.settings.groups.ranks import RanksSettings
from trainer.settings.groups.s3 import S3Settings
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.split import SplitSettings
from trainer.settings.groups.stop import StopSettings
from trainer.settings.groups.threads import ThreadsSettings
from trainer.settings.groups.training import TrainingSettings

_LEARNING_GROUPS = ("graph", "data", "model", "training", "split", "sampling")


class Settings(Composition):
    """The checked settings of one run."""

    known_elsewhere = frozenset({"MODEL", "IMAGE_PREFIXES"})

    queue: QueueSettings
    graph: GraphSettings
    data: DataSettings
    model: ModelSettings
    training: TrainingSettings
    threads: ThreadsSettings
    split: SplitSettings
    sampling: SamplingSettings
    checkpoint: CheckpointSettings
    dry_run: DryRunSettings
    stop: StopSettings
    arango: ArangoSettings
    kafka: KafkaSettings
    s3: S3Settings
    ranks: RanksSettings
    local: LocalSettings
    predictions: PredictionTableSettings
    log: LogSettings

    @property
    def has_own_queue_id(self) -> bool:
        """Whether QUEUE_ID was given, rather than made from the graph's name."""
        return self.queue.queue_id != f"local-{self.graph.graph_name}"

    def learning(self) -> dict[str, Any]:
        """The settings that decide what is learned, as `flat` has them."""
        groups = {name: definition.group for name, definition in self.definitions().items()}
        return {name: value for name, value in self.flat().items() if groups[name] in _LEARNING_GROUPS}

    @classmethod
    def learning_defaults(cls) -> dict[str, Any]:
        """The default of each setting in `learning`."""
        return {name: row.default for name, row in cls.definitions().items() if row.group in _LEARNING_GROUPS}
