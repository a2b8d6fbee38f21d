"""The TrainJob of a run for Kubeflow Trainer, and the TrainingRuntime of which its controller makes a JobSet.

The runtime holds what a TrainJob cannot say: failure rules, grace, mounts, rights. It is the run's own, so that options
change no other run. The controller tells each pod its place in PET_* variables, and refuses them in a TrainJob.
"""

from __future__ import annotations

from typing import Any

from trainer.queue.job import job_of_a_set
from trainer.queue.job_set import JOB_IN_THE_SET, tries_of_the_set
from trainer.queue.metadata import metadata_of, metadata_of_the_run, template_metadata_of
from trainer.queue.names import set_name
from trainer.queue.order import Order

_API_VERSION = "trainer.kubeflow.org/v1alpha1"
_CONTAINER = "node"
"""The controller looks for the container under this name."""
_THE_TRAINERS_JOB = {"trainer.kubeflow.org/trainjob-ancestor-step": "trainer"}


def training_runtime(order: Order) -> dict[str, Any]:
    """Return the TrainingRuntime, without what the TrainJob says."""
    name, options = set_name(order.queue_id, order.start.timestamp), order.options
    job = job_of_a_set(order, name, {}, _CONTAINER)
    for said_by_the_train_job in ("parallelism", "completions"):
        del job[said_by_the_train_job]
    container = job["template"]["spec"]["containers"][0]
    for said_by_the_train_job in ("env", "resources"):
        del container[said_by_the_train_job]
    return {
        "apiVersion": _API_VERSION,
        "kind": "TrainingRuntime",
        "metadata": metadata_of(order, name),
        "spec": {
            "mlPolicy": {"numNodes": order.pods, "torch": {"numProcPerNode": 1}},
            "template": {
                "metadata": template_metadata_of(order, name),
                "spec": {
                    **tries_of_the_set(options.retries),
                    "network": {"publishNotReadyAddresses": True},
                    "replicatedJobs": [
                        {
                            "name": JOB_IN_THE_SET,
                            "replicas": 1,
                            "template": {"metadata": {"labels": _THE_TRAINERS_JOB}, "spec": job},
                        }
                    ],
                },
            },
        },
    }


def train_job(order: Order) -> dict[str, Any]:
    """Return the TrainJob: the run's image, settings, resources and number of pods."""
    name = set_name(order.queue_id, order.start.timestamp)
    container = job_of_a_set(order, name, {})["template"]["spec"]["containers"][0]
    return {
        "apiVersion": _API_VERSION,
        "kind": "TrainJob",
        "metadata": metadata_of_the_run(order, name),
        "spec": {
            "runtimeRef": {"apiGroup": "trainer.kubeflow.org", "kind": "TrainingRuntime", "name": name},
            "trainer": {
                "image": order.image,
                "numNodes": order.pods,
                # Else the controller counts as many processes in a pod as it has CPUs.
                "numProcPerNode": 1,
                "env": container["env"],
                "resourcesPerNode": container["resources"],
            },
        },
    }
