"""From the settings to what a model learns from: the graph is loaded and prepared, in a run and in a dry run alike."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trainer.graph.graph import Graph
from trainer.graph.open import open_source
from trainer.graph.source import Progress
from trainer.process.printable import Lines
from trainer.process.stop import StopToken, call_interruptibly
from trainer.registry.frameworks import frameworks_for
from trainer.settings.groups.arango import ArangoSettings
from trainer.settings.groups.data import DataSettings
from trainer.settings.groups.graph import GraphSettings
from trainer.settings.groups.model import ModelSettings
from trainer.settings.groups.sampling import SamplingSettings
from trainer.settings.groups.split import SplitSettings
from trainer.settings.groups.training import TrainingSettings
from trainer.settings.model_checks import request_of

if TYPE_CHECKING:
    from trainer.dataset.dataset import Dataset
    from trainer.models.spec import ModelSpec
    from trainer.record import GraphRecord

_log = logging.getLogger("gnn_trainer")

_MAX_LOGGED = 200
"""Attributes in one record of the log; metrics.json has them all."""


@dataclass(frozen=True)
class Prepared:
    """The dataset, the model for it, and what the record of a run says of the graph."""

    dataset: Dataset
    spec: ModelSpec
    facts: GraphRecord


def load_graph(
    graph: GraphSettings,
    arango: ArangoSettings,
    data: DataSettings,
    split: SplitSettings,
    stop: StopToken,
    progress: Progress,
) -> Graph:
    """Read the graph from where it is, with the attributes that these settings may need.

    Raises:
        DataError: there is no such graph, or it cannot be read.
        ServiceError: the database is away.
        StopRequested: a stop was requested first.
    """
    from trainer.dataset.attribute_names import attributes_in_use

    source = open_source(graph, arango)
    return call_interruptibly(stop, lambda: source.load(graph.graph_names, attributes_in_use(data, split), progress))


def prepare(
    graph: Graph,
    data: DataSettings,
    training: TrainingSettings,
    split: SplitSettings,
    sampling: SamplingSettings,
    model: ModelSettings,
    stop: StopToken,
) -> Prepared:
    """Make the graph ready to learn from; see `build_dataset` and `describe_model`.

    Raises:
        DataError: the graph does not serve.
        SettingsError: the model or the loss does not fit it.
        StopRequested: a stop was requested first.
    """
    from trainer.artifacts.graph_facts import describe_graph
    from trainer.dataset.dataset import build_dataset
    from trainer.models.describe import describe_model

    frameworks = frameworks_for(request_of(model, data, sampling, training))

    def work() -> Prepared:
        dataset = build_dataset(graph, data, training, split, sampling, model.model_type)
        spec = describe_model(model, dataset.inputs, dataset.target.num_outputs, frameworks)
        return Prepared(dataset, spec, describe_graph(graph, dataset, data.messages))

    return call_interruptibly(stop, work)


def log_prepared(prepared: Prepared) -> None:
    """What was made of the graph, as a few lines and as one structure, and the warnings."""
    from trainer.dataset.summary import summary

    decisions = prepared.facts.decisions
    assert decisions is not None
    structure = decisions.plain()
    if len(decisions.attributes) > _MAX_LOGGED:
        structure |= {"attributes": structure["attributes"][:_MAX_LOGGED], "num_attributes": len(decisions.attributes)}
    _log.info(Lines("What was made of the graph:", summary(prepared.dataset)), extra={"decisions": structure})
    for warning in prepared.dataset.inputs.warnings:
        _log.warning(warning)
