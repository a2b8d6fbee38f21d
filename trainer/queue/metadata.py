"""What every object of a run carries: its name, and the labels and annotations by which it is found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trainer.queue.command import SERVICE_NAME, Start
from trainer.queue.names import label_value
from trainer.queue.options import JobOptions
from trainer.queue.order import Order
from trainer.queue.placing import pairs, problems_of_pairs
from trainer.settings.shown import shown

INSTANCE_LABEL = "app.kubernetes.io/instance"
"""Holds the name of the run's Job, JobSet or TrainJob: what selects its pods, and no other run's."""
_OWN = "streamforge"
_QUEUE_OF_KUEUE = "kueue.x-k8s.io/queue-name"
_OF_KUBERNETES = "kubernetes.io"
_FOR_USERS = ("cluster-autoscaler.kubernetes.io", "descheduler.alpha.kubernetes.io")
"""Domains below Kubernetes' own whose annotations are for users; the API server checks others, and some it removes."""


def labels_of(start: Start, name: str) -> dict[str, str]:
    """The labels of a run whose Job has this name."""
    own = {"queue-id": start.queue_id, "symbol": start.symbol, "type": start.type}
    return {
        "app.kubernetes.io/name": SERVICE_NAME,
        INSTANCE_LABEL: name,
        "app.kubernetes.io/component": "trainer",
        "app.kubernetes.io/part-of": "streamforge",
        "app.kubernetes.io/managed-by": "queue-manager",
        **{f"{_OWN}/{key}": label_value(value) for key, value in own.items() if value is not None},
    }


def annotations_of(order: Order) -> dict[str, str]:
    """The values that labels may not hold, whole, and what the options add."""
    start = order.start
    own = {
        "queue-id": start.queue_id,
        "telemetry-id": start.telemetry_id,
        "graph-name": start.graph_name,
        "model-type": start.model_type,
    }
    named = {f"{_OWN}/{key}": value for key, value in own.items() if value is not None}
    return named | pairs(order.options.annotation)


def metadata_of(order: Order, name: str, own_name: str = "") -> dict[str, Any]:
    """The `metadata` of an object.

    Args:
        order: what is rendered.
        name: of the run's Job.
        own_name: of the object, where it is another one than the Job's.
    """
    namespace = order.options.namespace
    return {
        "name": own_name or name,
        **({"namespace": namespace} if namespace else {}),
        **template_metadata_of(order, name),
    }


def metadata_of_the_run(order: Order, name: str) -> dict[str, Any]:
    """The `metadata` of what runs the pods, for which Kueue looks."""
    metadata = metadata_of(order, name)
    if order.options.queue_name:
        metadata["labels"][_QUEUE_OF_KUEUE] = order.options.queue_name
    return metadata


def template_metadata_of(order: Order, name: str) -> dict[str, Any]:
    """The `metadata` of the pods."""
    return {"labels": labels_of(order.start, name), "annotations": annotations_of(order)}


def problems_of_annotations(options: JobOptions) -> Iterator[str]:
    """A sentence for each annotation that is not the operator's to set."""
    yield from problems_of_pairs("--annotation", options.annotation)
    for key in pairs(options.annotation):
        domain = key.rpartition("/")[0]
        if domain == _OWN:
            yield f"--annotation is {shown(key)}; another domain is needed, since {_OWN}/ names the run's own"
        elif f".{domain}".endswith(f".{_OF_KUBERNETES}") and domain not in _FOR_USERS:
            yield (
                f"--annotation is {shown(key)}; a domain other than Kubernetes' own is needed, or one of"
                f" {', '.join(_FOR_USERS)}"
            )
