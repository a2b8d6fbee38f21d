"""The `batch/v1` Job of a run: one pod, or an Indexed Job whose pods are the ranks of one training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainer.queue.between_pods import patience_variables, place_variables, service_of, spread
from trainer.queue.failure_rules import failure_policy
from trainer.queue.metadata import metadata_of_the_run, template_metadata_of
from trainer.queue.names import job_name
from trainer.queue.order import Order
from trainer.queue.pod import CONTAINER_NAME, pod_spec


def job(order: Order) -> dict[str, Any]:
    """Return the Job of one pod, or of several."""
    name, options = job_name(order.queue_id, order.start.timestamp), order.options
    tries: dict[str, Any] = {"backoffLimit": options.retries}
    pod = pod_spec(order.start, order.image, options)
    if order.pods > 1:
        service = service_of(order)
        tries = tries_of_ranks(options.retries)
        pod = pod_of_ranks(order, name, place_variables(order.pods, f"{name}-0.{service}"))
        pod["subdomain"] = service
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata_of_the_run(order, name),
        "spec": {
            "parallelism": order.pods,
            "completions": order.pods,
            **tries,
            "activeDeadlineSeconds": options.deadline,
            "ttlSecondsAfterFinished": options.ttl,
            # A new pod only once the old one is gone: two pods of one queue would write the same objects.
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": failure_policy(CONTAINER_NAME, among_others=order.pods > 1),
            "template": {"metadata": template_metadata_of(order, name), "spec": pod},
        },
    }


def tries_of_ranks(retries: int) -> dict[str, Any]:
    """Part of the `spec` of an Indexed Job: how often each rank may fail, and when the run is done.

    Each index waits for its own failures only; with one limit for all, ignored ones would make all of them wait longer
    and longer. An index that has used up its tries fails the Job, since the others cannot go on without it. Rank 0 speaks
    for the run: once it has succeeded, nobody is started again.
    """
    return {
        "completionMode": "Indexed",
        "backoffLimitPerIndex": retries,
        "maxFailedIndexes": 0,
        "successPolicy": {"rules": [{"succeededIndexes": "0"}]},
    }


def job_of_a_set(order: Order, name: str, place: Mapping[str, str], container: str = CONTAINER_NAME) -> dict[str, Any]:
    """Return the `spec` of the Indexed Job within a JobSet, which fails at the first failure: the set begins it anew.

    Args:
        order: what is rendered.
        name: of the set.
        place: variables that say where the pods find each other.
        container: its name.
    """
    pod = pod_of_ranks(order, name, place)
    pod["containers"][0]["name"] = container
    return {
        "parallelism": order.pods,
        "completions": order.pods,
        "backoffLimit": 0,
        **tries_of_ranks(0),
        "activeDeadlineSeconds": order.options.deadline,
        "podReplacementPolicy": "Failed",
        "podFailurePolicy": failure_policy(container, among_others=order.pods > 1),
        "template": {"metadata": template_metadata_of(order, name), "spec": pod},
    }


def pod_of_ranks(order: Order, name: str, place: Mapping[str, str]) -> dict[str, Any]:
    """Return the `spec` of a pod that is one of several."""
    pod = pod_spec(order.start, order.image, order.options, place, patience_variables(order))
    return pod | (spread(name, order.options.spread) if order.pods > 1 else {})
