"""All that a dry run says, as one typed value: parts of the record of a run, the size of the model, an estimate of memory."""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from trainer.artifacts.dataset_facts import describe_split, describe_target
from trainer.dry_run.memory import MemoryEstimate, estimate_memory
from trainer.models.size import num_parameters
from trainer.preparation import Prepared
from trainer.record import GraphRecord, Label, SplitRecord, TargetRecord, Task
from trainer.settings.groups.model import ModelSettings
from trainer.settings.groups.sampling import SamplingSettings


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class ModelSize(_Part):
    """The model that would be trained."""

    type: str = Field(description="MODEL_TYPE.")
    framework: str = Field(description="FRAMEWORK.")
    hidden_channels: int
    num_layers: int
    num_parameters: int | None = Field(description="Trainable numbers; null for a model that does not say.")
    notes: list[str] = Field(description="How the model deals with several vertex types.")


class Leak(_Part):
    """A relation with edges from a later vertex to an earlier one."""

    source: str
    name: str
    target: str
    edges: int = Field(description="That carry messages.")
    from_future: int = Field(description="Stored edges from a later vertex to an earlier one.")
    dropped: int = Field(description="Edges that MESSAGES=causal left out.")


class DryRun(_Part):
    """What would be learned; fields that metrics.json has too are the same."""

    graph_name: str
    task: Task
    target: TargetRecord
    classes: list[Label] | None
    split: SplitRecord
    leaks: list[Leak]
    model: ModelSize
    memory: MemoryEstimate
    graph: GraphRecord

    def plain(self) -> dict[str, Any]:
        """The fields as JSON has them."""
        return self.model_dump(by_alias=True)

    def to_json(self) -> bytes:
        """UTF-8 JSON for people and programs."""
        return orjson.dumps(self.plain(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def describe_dry_run(
    prepared: Prepared, graph_name: str, model: ModelSettings, sampling: SamplingSettings, embargo: float
) -> DryRun:
    """What is known of a run before its first epoch.

    Args:
        prepared: the dataset and the model for it.
        graph_name: GRAPH_NAME.
        model: the settings of the model.
        sampling: BATCH_SIZE and NUM_NEIGHBORS.
        embargo: EMBARGO.
    """
    dataset, spec = prepared.dataset, prepared.spec
    parameters = num_parameters(spec)
    return DryRun(
        graph_name=graph_name,
        task=dataset.target.task,
        target=describe_target(dataset),
        classes=dataset.target.classes,
        split=describe_split(dataset, embargo),
        leaks=[
            Leak(
                source=relation.source,
                name=relation.name,
                target=relation.target,
                edges=relation.edges,
                from_future=relation.from_future,
                dropped=relation.dropped,
            )
            for relation in prepared.facts.relations
            if relation.from_future
        ],
        model=ModelSize(
            type=spec.type,
            framework=spec.framework,
            hidden_channels=model.hidden_channels,
            num_layers=model.num_layers,
            num_parameters=parameters,
            notes=list(spec.notes()),
        ),
        memory=estimate_memory(dataset, spec, sampling, parameters),
        graph=prepared.facts,
    )
