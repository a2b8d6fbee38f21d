"""The JobSet of a run: its controller makes the headless Service, and begins all pods anew together when one fails."""

from __future__ import annotations

from typing import Any

from trainer.queue.between_pods import place_variables
from trainer.queue.job import job_of_a_set
from trainer.queue.metadata import metadata_of_the_run
from trainer.queue.names import set_name
from trainer.queue.order import Order

JOB_IN_THE_SET = "node"
"""The name of the one Job in the set; Kubeflow Trainer looks for it under this name."""
FIRST_POD = f"{JOB_IN_THE_SET}-0-0"
"""What follows the name of the set in the host name of the pod with index 0."""


def job_set(order: Order) -> dict[str, Any]:
    """Return the JobSet, of `jobset.x-k8s.io/v1alpha2`."""
    name, options = set_name(order.queue_id, order.start.timestamp), order.options
    place = place_variables(order.pods, f"{name}-{FIRST_POD}.{name}")
    return {
        "apiVersion": "jobset.x-k8s.io/v1alpha2",
        "kind": "JobSet",
        "metadata": metadata_of_the_run(order, name),
        "spec": {
            **tries_of_the_set(options.retries),
            "ttlSecondsAfterFinished": options.ttl,
            "network": {"enableDNSHostnames": True, "subdomain": name, "publishNotReadyAddresses": True},
            "replicatedJobs": [
                {"name": JOB_IN_THE_SET, "replicas": 1, "template": {"spec": job_of_a_set(order, name, place)}}
            ],
        },
    }


def tries_of_the_set(retries: int) -> dict[str, Any]:
    """Part of the `spec` of a JobSet: begin anew so many times, but not after exit codes that stay (2 and 3)."""
    final = {"name": "finalExitCode", "action": "FailJobSet", "onJobFailureReasons": ["PodFailurePolicy"]}
    return {"failurePolicy": {"maxRestarts": retries, "rules": [final]}}
