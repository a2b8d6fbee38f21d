"""The record of a run as `metrics.json` holds it: one definition for its writer, its readers and its JSON Schema.

`schema_version` rises when a reader has to change. A field that joins later is optional: absent where it was not set.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import GenerateJsonSchema

SCHEMA_VERSION = 2
"""2: with `artifacts`."""

Part = Literal["train", "val", "test"]
Task = Literal["binary", "multiclass", "regression"]
Label = bool | int | float | str
Role = TypeVar("Role", bound=str)


def label_text(label: Label) -> str:
    """A label as its documents spell it, without quotes: `true`, `3`, `0.5` or `up`."""
    return label if isinstance(label, str) else orjson.dumps(label).decode()


Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


def _null_unless_finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(_null_unless_finite)]
"""A computed number; null where it is not defined, NaN or infinite."""


class _Record(BaseModel):
    """What every part of the record can do."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, protected_namespaces=())

    def plain(self) -> dict[str, Any]:
        """The fields as JSON has them; those that were not set are absent."""
        return self.model_dump(by_alias=True, exclude_unset=True)


class ModelRecord(_Record):
    """The model that was trained."""

    type: str = Field(description="MODEL_TYPE.")
    class_name: str = Field(alias="class", description="The class that its arguments build.")
    args: dict[str, Any] = Field(description="The arguments; of vertices with a learned vector, how many of each type.")
    num_parameters: int = Field(description="Trainable numbers.")
    notes: list[str] = Field(description="How the model deals with several vertex types.")
    sha256: Sha256 = Field(description="Of the model file.")


class FeatureRecord(_Record):
    """One attribute as input of the model."""

    name: str
    type: str = Field(description="The vertex type that has it.")
    kind: Literal["number", "boolean", "vector", "category"]
    columns: int = Field(description="Inputs that it makes.")
    missing: int = Field(description="Vertices without a value.")
    missing_indicator: bool = Field(description="Whether one more input says that the value is missing.")
    imputed: Number = Field(description="The training median, in place of missing values.")
    mean: Number = Field(description="Subtracted from the values; null for several columns.")
    scale: Number = Field(description="The values are divided by it; null for several columns.")
    categories: list[str] | None = Field(description="The texts that have an input each.")


class TargetRecord(_Record):
    """What is predicted."""

    name: str = Field(description="The attribute.")
    type: str = Field(description="The vertex type that has it.")
    labelled: int = Field(description="Vertices with a label.")
    unlabelled: int = Field(description="Vertices without one.")
    mean: Number = Field(description="Of the labels in training; regression only.")
    scale: Number = Field(description="Standard deviation of the labels in training; regression only.")


class PartCounts(_Record):
    """Vertices of the target type in each part."""

    train: int
    val: int
    test: int
    embargo: int = Field(description="Left out between two parts in time.")
    unlabelled: int
    unassigned: int = Field(description="Labelled, but in no part.")


class ClassCounts(_Record):
    """Vertices of each class in each part."""

    train: dict[str, int]
    val: dict[str, int]
    test: dict[str, int]


class TimeBins(_Record):
    """Vertices of each part in equal stretches of time."""

    edges: list[str | float] = Field(description="The bounds of the stretches: one more than there are.")
    train: list[int]
    val: list[int]
    test: list[int]
    embargo: list[int]


class SplitRecord(_Record):
    """How the labelled vertices were divided."""

    method: str = Field(description="temporal, random, graph or attribute.")
    attributes: list[str] = Field([], description="That hold the stored split: masks, or the one with the words.")
    time_field: str | None
    time_unit: str | None = Field(description="s, ms, us or ns since 1970, or ordinal.")
    embargo: float = Field(description="In time units.")
    counts: PartCounts
    boundaries: dict[str, str | float] | None = Field(description="First and last time of each part.")
    class_counts: ClassCounts | None
    time_axis: TimeBins | None


class ConfusedPair(_Record):
    """A mistake."""

    true: Label
    predicted: Label
    vertices: int


class ByClass(_Record):
    """Measures of each class, in the order of `classes`; null where there is nothing to divide by."""

    precision: list[Number]
    recall: list[Number]
    f1: list[Number]


class ClassMeasures(_Record):
    """How good predicted classes are."""

    loss: Number = Field(None, description="Absent for baselines.")
    num: int = Field(description="Vertices.")
    accuracy: float
    balanced_accuracy: float
    f1_macro: float
    roc_auc: Number = Field(description="Several classes: mean of one against the rest.")
    average_precision: Number = Field(
        description="Of the positive class; several classes: mean of one against the rest."
    )
    precision: Number = Field(None, description="Of the positive class; absent for several classes, as the next two.")
    recall: Number = Field(None, description="Of the positive class.")
    f1: Number = Field(None, description="Of the positive class.")
    confusion_matrix: list[list[int]] | None = Field(
        None, description="A row for each true class, a column for each predicted one; absent above 50 classes."
    )
    most_confused: list[ConfusedPair] | None = Field(
        None, description="The commonest mistakes, in place of the matrix; absent for baselines."
    )
    by_class: ByClass | None = Field(None, description="Beside the commonest mistakes.")
    class_counts: dict[str, int] | None = Field(
        None, description="Absent for baselines above 50 classes, where they are those of the model."
    )


class RegressionMeasures(_Record):
    """How good predicted numbers are, in the unit of the label."""

    loss: Number = Field(None, description="Absent for baselines.")
    num: int = Field(description="Vertices.")
    mae: float
    rmse: float
    r2: Number


Measures = ClassMeasures | RegressionMeasures


class PartMeasures(_Record):
    """Measures of each part; null for a part without vertices."""

    train: Measures
    val: Measures | None
    test: Measures | None

    def of(self, part: Part) -> Measures | None:
        """The measures of one part."""
        measures: Measures | None = getattr(self, part)
        return measures

    @property
    def best_part(self) -> Part:
        """The part whose measures tell most about unseen vertices: test, else validation, else training."""
        return "test" if self.test is not None else "val" if self.val is not None else "train"

    @property
    def headline(self) -> Measures:
        """The measures of that part."""
        return self.test or self.val or self.train


class BaselineMeasures(PartMeasures):
    """Measures of a prediction without the graph."""

    title: str | None = Field(None, description="Its name in a table.")
    rows_used: int | None = Field(None, description="Training vertices that it was fitted to.")
    columns_used: int | None = Field(None, description="Inputs that it was fitted to.")
    strength: float | None = Field(
        None, description="Of a linear model: C of the logistic regression, alpha of the ridge regression."
    )
    standardised: bool | None = Field(None, description="Whether the inputs of the linear model were standardised.")
    iterations: int | None = Field(None, description="Of gradient boosting.")
    chosen_on: Part | None = Field(None, description="The part that these were chosen on; null without it.")
    series: str | None = Field(
        None, description="Of persistence: the attribute that tells series apart, or collection."
    )
    without_earlier_label: int | None = Field(
        None, description="Of persistence: vertices of the parts for which no label was known before."
    )
    reduced: list[str] = Field([], description="What was less than it could have been, to end in time.")


class RocCurve(_Record):
    """The ROC curve of two classes."""

    part: Part
    fpr: list[float]
    tpr: list[float]


class PredictedVsTrue(_Record):
    """A sample of predicted numbers beside the true ones."""

    part: Part
    true: list[Number]
    predicted: list[Number]


class Curves(_Record):
    """What the report draws of the predictions."""

    roc: RocCurve | None
    predicted_vs_true: PredictedVsTrue | None


class Epoch(_Record):
    """One epoch; regression has mae, rmse and r2 in place of accuracy, all of validation."""

    epoch: int = Field(description="Counted from 1.")
    loss: Number
    val_loss: Number
    accuracy: Number = None
    mae: Number = None
    rmse: Number = None
    r2: Number = None


class VertexCollection(_Record):
    """A vertex collection as it is stored."""

    vertices: int
    attributes: list[str]


class EdgeCollection(_Record):
    """An edge collection as it is stored."""

    sources: list[str] = Field(alias="from", description="Vertex collections.")
    targets: list[str] = Field(alias="to", description="Vertex collections.")
    edges: int
    dangling: int = Field(description="Edges with an end that does not exist; they are left out.")
    self_loops: int
    duplicates: int


class VertexType(_Record):
    """A vertex type as the model sees it."""

    name: str
    target: bool = Field(description="Whether its vertices are predicted.")
    collections: dict[str, int] = Field(description="Vertices by collection.")
    vertices: int
    features: int
    columns: int
    time_field: str | None


class Weights(_Record):
    """The weights of a relation's edges; without min, mean and max where all are missing."""

    missing: int
    min: Number = None
    mean: Number = None
    max: Number = None


class Relation(_Record):
    """A relation as the model sees it."""

    source: str
    name: str
    target: str
    collections: list[str]
    reverse_of: list[str] | None = Field(description="Source, name and target of the stored relation; null for these.")
    edges: int
    self_loops: int
    duplicates: int
    from_future: int = Field(description="Edges from a later vertex to an earlier one.")
    dropped: int = Field(description="Edges that MESSAGES=causal left out.")
    weights: Weights | None


class GraphParts(_Record):
    """One of several graphs: its vertices of the target type."""

    name: str
    vertices: int
    train: int
    val: int
    test: int


class AttributeDecision(_Record):
    """What became of an attribute."""

    type: str = Field(description="The vertex type that has it; of an edge weight the relation.")
    attribute: str
    role: Literal["label", "time", "split", "feature", "edge weight", "left out"]
    reason: str = Field(description="Why, or as what.")
    unit: str | None = Field(description="Of a time: s, ms, us or ns since 1970, or ordinal.")
    missing: int | None = Field(description="Vertices or edges without a value; null where that was not read.")
    unreadable: int = Field(description="Values that are not what the role needs; they count as missing.")


class TypeDecision(_Record):
    """What became of vertex collections."""

    name: str = Field(description="The vertex type that they are.")
    collections: list[str]
    role: Literal["predicted", "context", "left out"]
    reason: str = Field(description="Why they are one type, or left out.")
    vertices: int


class RelationDecision(_Record):
    """What became of edge collections."""

    source: str = Field(description="A vertex type.")
    name: str
    target: str = Field(description="A vertex type.")
    collections: list[str]
    reason: str = Field(description="Why they are one relation, or why it was added.")
    edges: int
    dropped: int = Field(description="Edges that MESSAGES=causal left out.")


class Decisions(_Record):
    """What was made of the graph, and why."""

    attributes: list[AttributeDecision]
    types: list[TypeDecision]
    relations: list[RelationDecision]


class WithoutIncoming(_Record):
    """Vertices that no edge leads to from another vertex, so that a model sees their own attributes alone."""

    labelled: int = Field(description="Of the labelled vertices.")
    train: int = Field(description="Of those of the training part.")


class GraphRecord(_Record):
    """What was loaded, and what the model was made to see of it."""

    vertices: int
    edges: int
    vertex_collections: dict[str, VertexCollection]
    edge_collections: dict[str, EdgeCollection]
    isolated_vertices: int
    missing_values: dict[str, int] = Field(description="Vertices without a value, by attribute.")
    messages: str = Field(description="MESSAGES.")
    types: list[VertexType]
    relations: list[Relation]
    graphs: list[GraphParts] | None = Field(description="Null for one graph.")
    without_incoming: WithoutIncoming | None = Field(None, description="Vertices that receive nothing.")
    warnings: list[str]
    decisions: Decisions | None = Field(None, description="Absent in records of earlier versions.")


class Comparison(_Record):
    """The numbers behind the verdict."""

    part: Part
    measure: Literal["accuracy", "mae"]
    model: Number
    baseline: str = Field(description="The best one, by its name in `baselines`.")
    baseline_value: Number
    gap: str = Field(description="The words of the verdict that say how far apart they are.")


class Timings(_Record):
    """Seconds of each phase."""

    load: float
    prepare: float
    import_: float = Field(alias="import")
    train: float
    evaluate: float
    baselines: float | None = Field(None, description="Absent for an interrupted run.")
    save: float
    total: float = Field(description="From the start of the run until its artifacts are stored.")
    epoch_median: float | None = Field(description="Null where no epoch was trained by this process.")


class Environment(_Record):
    """Versions, and what the run was computed on."""

    gnn_trainer: str
    python: str
    torch: str
    torch_geometric: str
    numpy: str
    scikit_learn: str
    pydantic: str
    orjson: str
    platform: str
    device: str
    threads: int
    framework: str = Field("pyg", description="FRAMEWORK.")
    framework_packages: dict[str, str] = Field({}, description="Versions of the libraries that FRAMEWORK adds.")
    ranks: int = Field(1, description="How many processes trained the model together.")


class RunRecord(_Record):
    """All that a reader, a dashboard or the report may want to know of a run."""

    schema_version: Literal[2] = Field(description="Rises when a reader has to change.")
    status: Literal["finished", "interrupted"]
    queue_id: str
    telemetry_id: str = Field(description="TELEMETRY_PRODUCER_ID.")
    symbol: str | None
    type: str = Field(description="The kind of worker.")
    graph_name: str = Field(description="Several graphs by comma.")
    created_at: str = Field(description="ISO 8601, UTC.")
    model: ModelRecord
    task: Task
    loss_fn: str
    class_weights: dict[str, float] | None = Field(description="By class.")
    features: list[FeatureRecord]
    target: TargetRecord
    classes: list[Label] | None = Field(
        description="The labels in order, as the documents spell them; null for regression."
    )
    positive_class: Label | None = Field(
        None, description="The one of two classes that precision, recall, F1 and average precision are about."
    )
    split: SplitRecord
    metrics: PartMeasures
    baselines: dict[str, BaselineMeasures] | None = Field(
        description="By name; null for an interrupted run, and where a stop came while they were measured."
    )
    baselines_left_out: dict[str, str] = Field({}, description="By name, why a baseline was not measured.")
    verdict: str | None = Field(
        None,
        description="Whether the model beats the best of the baselines, in a sentence; null for an interrupted run.",
    )
    beats_baseline: bool | None = Field(None, description="Null without a baseline.")
    comparison: Comparison | None = Field(None, description="Null without a baseline.")
    verdict_notes: list[str] = Field([], description="What to keep in mind with the verdict.")
    curves: Curves
    history: list[Epoch]
    best_epoch: int = Field(description="The epoch that the model file and the measures are of, counted from 1.")
    epochs: int = Field(description="EPOCHS.")
    epochs_run: int
    stop_reason: str = Field(description="epochs, patience, stop command or the name of a signal.")
    graph: GraphRecord
    settings: dict[str, Any] = Field(description="By name in lower case; secrets are masked.")
    timings: Timings
    environment: Environment
    artifacts: dict[str, Sha256] = Field(description="Of each other file of the run, by its role: model, report, …")

    @staticmethod
    def from_json(content: bytes) -> RunRecord:
        """The record in a `metrics.json`, of schema version 1 too.

        Raises:
            ValueError: there is none in it.
        """
        plain = orjson.loads(content)
        if isinstance(plain, dict) and plain.get("schema_version") == 1:
            plain |= {"schema_version": SCHEMA_VERSION, "artifacts": {}}
        return RunRecord.model_validate(plain)

    def to_json(self) -> bytes:
        """UTF-8 JSON for people and programs."""
        return orjson.dumps(self.plain(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    def with_artifacts(self, contents: Mapping[Role, bytes]) -> RunRecord:
        """The same record with the hashes of the run's files, by their roles."""
        artifacts = {role: hashlib.sha256(content).hexdigest() for role, content in contents.items()}
        return self.model_copy(update={"artifacts": artifacts})


class UsedModel(_Record):
    """The model that predictions were made with."""

    location: str = Field(description="MODEL.")
    sha256: Sha256 = Field(description="Of the model file.")
    queue_id: str = Field(description="Of the run that trained it.")
    graph_name: str = Field(description="Of the graph that it was trained on.")


class LabelsRecord(_Record):
    """The labels that predictions were compared with."""

    name: str = Field(description="The attribute.")
    type: str = Field(description="The vertex type that has it.")
    labelled: int = Field(description="Vertices with a label that the measures are about.")
    unknown: int = Field(
        description="Vertices with a label of a class that the model does not know; no measure counts them."
    )
    unlabelled: int = Field(description="Vertices without one.")


class PredictionRecord(_Record):
    """How good the predictions for another graph are, where it has labels: `<graph_name>.metrics.json`."""

    schema_version: Literal[1] = Field(description="Rises when a reader has to change.")
    status: Literal["predicted"]
    graph_name: str = Field(description="Several graphs by comma.")
    created_at: str = Field(description="ISO 8601, UTC.")
    model: UsedModel
    task: Task
    target: LabelsRecord
    classes: list[Label] | None = Field(description="The classes of the model in order; null for regression.")
    positive_class: Label | None = Field(
        None, description="The one of two classes that precision, recall, F1 and average precision are about."
    )
    metrics: Measures = Field(description="Of all labelled vertices.")
    warnings: list[str] = Field(description="What the graph lacks of what the training had, among others.")
    artifacts: dict[str, Sha256] = Field(description="Of the table, as `predictions`.")

    def to_json(self) -> bytes:
        """UTF-8 JSON for people and programs."""
        return orjson.dumps(self.plain(), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


class _Schema(GenerateJsonSchema):
    def field_title_should_be_set(self, schema: Any) -> bool:
        """No title that says nothing but the field's name."""
        return False


def json_schema(record: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a record."""
    return record.model_json_schema(schema_generator=_Schema)
