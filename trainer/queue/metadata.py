"""What every object of a run carries: its name, and the labels and annotations by which it is found."""

from __future__ import annotations

from typing import Any

from trainer.queue.command import SERVICE_NAME, Start
from trainer.queue.names import label_value

INSTANCE_LABEL = "app.kubernetes.io/instance"
"""Holds the name of the run's Job, JobSet or TrainJob: what selects its pods, and no other run's."""


def labels_of(start: Start, name: str) -> dict[str, str]:
    """The labels of a run whose Job has this name."""
    own = {"queue-id": start.queue_id, "symbol": start.symbol, "type": start.type}
    return {
        "app.kubernetes.io/name": SERVICE_NAME,
        INSTANCE_LABEL: name,
        "app.kubernetes.io/component": "trainer",
        "app.kubernetes.io/part-of": "streamforge",
        "app.kubernetes.io/managed-by": "queue-manager",
        **{f"streamforge/{key}": label_value(value) for key, value in own.items() if value is not None},
    }


def annotations_of(start: Start) -> dict[str, str]:
    """The values that labels may not hold, whole."""
    own = {
        "queue-id": start.queue_id,
        "telemetry-id": start.telemetry_id,
        "graph-name": start.graph_name,
        "model-type": start.model_type,
    }
    return {f"streamforge/{key}": value for key, value in own.items() if value is not None}


def metadata_of(start: Start, name: str, namespace: str, own_name: str = "") -> dict[str, Any]:
    """The `metadata` of an object.

    Args:
        start: the run's message.
        name: of the run's Job.
        namespace: empty for the one that kubectl uses.
        own_name: of the object, where it is another one than the Job's.
    """
    return {
        "name": own_name or name,
        **({"namespace": namespace} if namespace else {}),
        "labels": labels_of(start, name),
        "annotations": annotations_of(start),
    }


def template_metadata_of(start: Start, name: str) -> dict[str, Any]:
    """The `metadata` of the pods."""
    return {"labels": labels_of(start, name), "annotations": annotations_of(start)}
