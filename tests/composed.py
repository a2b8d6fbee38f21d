"""Rooms that take groups of settings, called with the settings of a whole run as `trainer.job.phases` calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from trainer.dataset import attribute_names
from trainer.dataset import dataset as dataset_module
from trainer.dataset.dataset import Dataset
from trainer.dataset.grouping.type_table import JudgedTable, merge_tables
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.graph import Graph
from trainer.messaging.bus import Bus
from trainer.messaging.telemetry import Telemetry
from trainer.process.stop import StopToken
from trainer.settings.definition import Settings

if TYPE_CHECKING:
    from trainer.training.checkpoint import Checkpointer
    from trainer.training.result import EpochRecord, FitResult
    from trainer.training.state import TrainingState


def attributes_in_use(settings: Settings) -> AttributeFilter:
    """See `trainer.dataset.attribute_names`."""
    return attribute_names.attributes_in_use(settings.data, settings.split)


def build_dataset(graph: Graph, settings: Settings) -> Dataset:
    """See `trainer.dataset.dataset`."""
    groups = settings.data, settings.training, settings.split, settings.sampling
    return dataset_module.build_dataset(graph, *groups, settings.model.model_type)


def fit(
    dataset: Dataset,
    settings: Settings,
    stop: StopToken | None = None,
    on_epoch: Callable[[EpochRecord, float], None] = lambda record, eta_s: None,
    checkpoints: Checkpointer | None = None,
    resume: TrainingState | None = None,
) -> FitResult:
    """See `trainer.training.fit`."""
    from trainer.frameworks.open import open_backend
    from trainer.models.describe import describe_model
    from trainer.training.fit import fit

    token = stop or StopToken()
    spec = describe_model(settings.model, dataset.inputs, dataset.target.num_outputs)
    backend = open_backend(settings.model.framework)
    training = backend.make_training(spec, dataset, settings.training, settings.sampling, token)
    if resume is not None:
        training.restore(resume)
    return fit(training, settings.training.epochs, settings.training.patience, token, on_epoch, checkpoints)


def model_file(settings: Settings, dataset: Dataset, fitted: FitResult) -> bytes:
    """See `trainer.artifacts.model_file`."""
    from trainer.artifacts.model_file import model_bytes

    names = settings.graph.graph_name, settings.queue.queue_id
    return model_bytes(fitted, dataset, *names, settings.sampling.batch_size)


def telemetry(settings: Settings, bus: Bus) -> Telemetry:
    """See `trainer.events`."""
    return Telemetry(
        settings.queue, settings.graph.graph_name, settings.model.model_type, settings.log.message_lang, bus
    )


def judged(graph: Graph, collection: str = "v") -> JudgedTable:
    """One collection as a vertex type of its own."""
    return merge_tables(collection, [graph.vertices[collection]]).table
