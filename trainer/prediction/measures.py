"""How good predictions are, as a record and in a sentence."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from trainer.prediction.rows import Predicted
from trainer.prediction.saved_model import SavedModel
from trainer.record import ClassMeasures, LabelsRecord, PredictionRecord, UsedModel


def describe_predictions(
    predicted: Predicted, model: SavedModel, content: bytes, location: str, graph_name: str
) -> PredictionRecord | None:
    """The record of predictions, without the hash of their table; None where there are no labels to measure them by.

    Args:
        predicted: what the model says of the graph.
        model: that it is.
        content: of the model file.
        location: of the model file.
        graph_name: the setting GRAPH_NAME.
    """
    if predicted.measures is None:
        return None
    target, labels = model.schema.target, predicted.labels
    return PredictionRecord(
        schema_version=1,
        status="predicted",
        graph_name=graph_name,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        model=UsedModel(
            location=location,
            sha256=hashlib.sha256(content).hexdigest(),
            queue_id=model.queue_id,
            graph_name=model.graph_name,
        ),
        task=target.task,
        target=LabelsRecord(
            name=target.name,
            type=target.type,
            labelled=int(labels.known.sum()),
            unknown=labels.num_unknown,
            unlabelled=labels.num_unlabelled,
        ),
        classes=target.classes,
        positive_class=None if target.positive is None else (target.classes or [])[target.positive],
        metrics=predicted.measures,
        warnings=predicted.warnings,
        artifacts={},
    )


def headline(record: PredictionRecord) -> str:
    """The measure that tells most: `accuracy 0.912 on 200 labelled vertices`."""
    measures = record.metrics
    if isinstance(measures, ClassMeasures):
        value = f"Accuracy {measures.accuracy:.3g}, balanced {measures.balanced_accuracy:.3g},"
    else:
        r2 = "" if measures.r2 is None else f", R² {measures.r2:.3g},"
        value = f"MAE {measures.mae:.4g}, RMSE {measures.rmse:.4g}{r2}"
    is_same = record.graph_name == record.model.graph_name
    hint = " (if this is the graph of the training, some of them were learned from)" if is_same else ""
    return f"{value} on {measures.num:,} labelled vertices{hint}"
