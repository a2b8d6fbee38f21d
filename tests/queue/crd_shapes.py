"""The shapes of what JobSet (0.10) and Kubeflow Trainer (2.0 to 2.3) take, as far as we use them; an unknown field is wrong.

No package brings these schemas. Jobs, pods and containers in them are Kubernetes' own, and are checked as such.
"""

from __future__ import annotations

from typing import Any

import kubernetes_validate
from jsonschema import Draft202012Validator

RESERVED = ("PET_NNODES", "PET_NPROC_PER_NODE", "PET_NODE_RANK", "PET_MASTER_ADDR", "PET_MASTER_PORT")
"""Variables that Kubeflow Trainer sets, and refuses in a TrainJob."""


def _object(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required], "additionalProperties": False}


_ANY, _WHOLE, _FLAG = {"type": "object"}, {"type": "integer", "minimum": 0}, {"type": "boolean"}
_TEXT, _TEXTS = {"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string"}}
_LABELS = {"type": "object", "additionalProperties": {"type": "string"}}
# Their pods are named after them, so the name is a label of RFC 1035, which begins with a letter.
_NAME = {"type": "string", "pattern": "^[a-z]([-a-z0-9]*[a-z0-9])?$", "maxLength": 63}
_METADATA = _object(("name",), name=_NAME, namespace=_TEXT, labels=_LABELS, annotations=_LABELS)
_REASONS = ["BackoffLimitExceeded", "DeadlineExceeded", "FailedIndexes", "MaxFailedIndexesExceeded", "PodFailurePolicy"]
_FAILURE_RULE = _object(
    ("name", "action"),
    name={"type": "string", "pattern": "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$"},
    action={"enum": ["FailJobSet", "RestartJobSet", "RestartJobSetAndIgnoreMaxRestarts"]},
    onJobFailureReasons={"type": "array", "items": {"enum": _REASONS}},
    targetReplicatedJobs=_TEXTS,
)
_JOB_SET_SPEC = _object(
    ("replicatedJobs",),
    network=_object(enableDNSHostnames=_FLAG, subdomain=_NAME, publishNotReadyAddresses=_FLAG),
    failurePolicy=_object(
        maxRestarts=_WHOLE,
        restartStrategy={"enum": ["Recreate", "BlockingRecreate"]},
        rules={"type": "array", "items": _FAILURE_RULE},
    ),
    successPolicy=_object(("operator",), operator={"enum": ["All", "Any"]}, targetReplicatedJobs=_TEXTS),
    suspend=_FLAG,
    ttlSecondsAfterFinished=_WHOLE,
    replicatedJobs={
        "type": "array",
        "minItems": 1,
        "items": _object(
            ("name", "template"),
            name=_TEXT,
            replicas=_WHOLE,
            template=_object(("spec",), metadata=_object(labels=_LABELS, annotations=_LABELS), spec=_ANY),
        ),
    },
)
_PROCESSES = {"type": "integer", "minimum": 1}
_SHAPES = {
    "JobSet": ("jobset.x-k8s.io/v1alpha2", _JOB_SET_SPEC),
    "TrainingRuntime": (
        "trainer.kubeflow.org/v1alpha1",
        _object(
            ("template",),
            mlPolicy=_object(numNodes=_PROCESSES, torch=_object(numProcPerNode=_PROCESSES)),
            template=_object(metadata=_object(labels=_LABELS, annotations=_LABELS), spec=_JOB_SET_SPEC),
        ),
    ),
    "TrainJob": (
        "trainer.kubeflow.org/v1alpha1",
        _object(
            ("runtimeRef",),
            runtimeRef=_object(("name",), name=_TEXT, apiGroup=_TEXT, kind=_TEXT),
            trainer=_object(
                image=_TEXT,
                command=_TEXTS,
                args=_TEXTS,
                numNodes=_PROCESSES,
                numProcPerNode=_PROCESSES,
                resourcesPerNode=_ANY,
                env={
                    "type": "array",
                    "maxItems": 128,
                    "items": {"type": "object", "properties": {"name": {"not": {"enum": [*RESERVED]}}}},
                },
            ),
            suspend=_FLAG,
        ),
    ),
}


def validate(document: dict[str, Any], version: str) -> None:
    """Fail unless Kubernetes of this version takes the object, with JobSet and Kubeflow Trainer installed.

    Raises:
        jsonschema.ValidationError: a field is wrong or unknown.
        kubernetes_validate.ValidationError: one of Kubernetes' own is.
    """
    if document["kind"] not in _SHAPES:
        kubernetes_validate.validate(document, version, strict=True)
        return
    api_version, spec = _SHAPES[document["kind"]]
    shape = _object(
        ("apiVersion", "kind", "metadata", "spec"),
        apiVersion={"const": api_version},
        kind={"const": document["kind"]},
        metadata=_METADATA,
        spec=spec,
    )
    Draft202012Validator(shape).validate(document)
    for job in jobs_in(document):
        kubernetes_validate.validate(job, version, strict=True)


def jobs_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The Jobs that the controller makes of a JobSet or a TrainingRuntime; of a TrainJob, one that holds what it says."""
    spec = document["spec"]
    if document["kind"] == "TrainJob":
        trainer = spec["trainer"]
        given = {"image": trainer["image"], "env": trainer["env"], "resources": trainer["resourcesPerNode"]}
        pod = {"restartPolicy": "Never", "containers": [{"name": "node", **given}]}
        return [_job({"template": {"spec": pod}})]
    job_set = spec if document["kind"] == "JobSet" else spec["template"]["spec"]
    return [_job(each["template"]["spec"]) for each in job_set["replicatedJobs"]]


def _job(spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": spec}
