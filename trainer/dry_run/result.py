"""All that a dry run says, as one typed value: what `metrics.json` would say of the graph, and what the training would cost."""

from __future__ import annotations

from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from trainer.record import FeatureRecord, GraphRecord, Label, SplitRecord, TargetRecord, Task


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Leak(_Part):
    """A relation with edges from a later vertex to an earlier one."""

    source: str
    name: str
    target: str
    edges: int = Field(description="That carry messages.")
    from_future: int = Field(description="Stored edges from a later vertex to an earlier one.")
    dropped: int = Field(description="Edges that MESSAGES=causal left out.")


class ModelSize(_Part):
    """The model that would be trained."""

    type: str = Field(description="MODEL_TYPE.")
    framework: str = Field(description="FRAMEWORK.")
    hidden_channels: int
    num_layers: int
    num_parameters: int | None = Field(description="Trainable numbers; null for a model that does not say.")
    notes: list[str] = Field(
        description="What a reader should know of the model, such as how it deals with several vertex types."
    )


class MemoryEstimate(_Part):
    """What a run would need at its peak, in bytes of main memory; of a run on a GPU, `training_bytes` is the GPU's."""

    total_bytes: int | None = Field(
        description="Of the program, and of loading or of dataset and training, whichever is more; null for a model without a figure."
    )
    program_bytes: int = Field(description="Interpreter and libraries.")
    loading_bytes: int | None = Field(
        description="Loading and preparing, as measured in this dry run with the libraries that it needs; null where the system does not count it."
    )
    dataset_bytes: int = Field(description="The arrays to learn from, which stay in memory during the training.")
    training_bytes: int | None = Field(description="What the training adds to them; null for a model without a figure.")
    reckoned: dict[str, str] = Field(description="How each figure comes about, by its name.")


class DryRun(_Part):
    """What would be learned; fields that metrics.json has too are the same."""

    schema_version: Literal[1] = Field(description="Rises when a reader has to change.")
    status: Literal["dry_run"]
    graph_name: str = Field(description="Several graphs by comma.")
    task: Task
    target: TargetRecord
    classes: list[Label] | None = Field(
        description="The labels in order, as the documents spell them; null for regression."
    )
    positive_class: Label | None = Field(description="The one of two classes that precision and recall would be about.")
    features: list[FeatureRecord]
    split: SplitRecord
    leaks: list[Leak] = Field(
        description="The relations that carry the future into the past; one warning tells of each."
    )
    model: ModelSize
    memory: MemoryEstimate
    graph: GraphRecord = Field(description="With the decisions and the warnings.")

    def plain(self) -> dict[str, Any]:
        """The fields as JSON has them; those that were not set are absent."""
        return self.model_dump(by_alias=True, exclude_unset=True)

    def to_json(self) -> bytes:
        """One line of UTF-8 JSON."""
        return orjson.dumps(self.plain(), option=orjson.OPT_APPEND_NEWLINE)
