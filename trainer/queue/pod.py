"""The pod of one training run: its container, what it may use, and what it may not do."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from trainer.queue.amounts import GIBIBYTE, bytes_of, in_bytes
from trainer.queue.command import Start
from trainer.queue.environment import environment
from trainer.queue.options import JobOptions
from trainer.queue.placing import place_of_pods
from trainer.queue.secret_files import mount_of_files, variables_of_files, volume_of_files

CONTAINER_NAME = "gnn-trainer"
USER_ID = 10001
WRITABLE_FOLDER = "/tmp"
"""Of a pod: the root file system is read-only."""


def pod_spec(
    start: Start,
    image: str,
    options: JobOptions,
    place: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the `spec` of the pod template.

    Args:
        start: the run's message.
        image: to run.
        options: of the Job.
        place: variables that say where the pods of the run find each other.
        defaults: variables that the message goes before.
    """
    spec: dict[str, Any] = {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": options.grace,
        "automountServiceAccountToken": False,
        # Links would put variables of every Service of the namespace beside our settings.
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER_ID,
            "runAsGroup": USER_ID,
            "fsGroup": USER_ID,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [_container(start, image, options, place or {}, defaults or {})],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": options.scratch}}, *volume_of_files(options)],
        **place_of_pods(options),
    }
    if options.pull_secret:
        spec["imagePullSecrets"] = [{"name": options.pull_secret}]
    if options.ca_secret:
        spec["volumes"].append({"name": "ca", "secret": {"secretName": options.ca_secret}})
    return spec


def _container(
    start: Start, image: str, options: JobOptions, place: Mapping[str, str], defaults: Mapping[str, str]
) -> dict[str, Any]:
    mounts: list[dict[str, Any]] = [{"name": "tmp", "mountPath": WRITABLE_FOLDER}, *mount_of_files(options)]
    if options.ca_secret:
        folder = str(PurePosixPath(options.ca_path).parent)
        mounts.append({"name": "ca", "mountPath": folder, "readOnly": True})
    return {
        "name": CONTAINER_NAME,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "envFrom": _shared_settings(options),
        "env": _own_settings(start, options, place, defaults),
        "resources": _resources(options),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        # The last line on standard error says what went wrong; here `kubectl describe pod` shows it.
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "volumeMounts": mounts,
    }


def _shared_settings(options: JobOptions) -> list[dict[str, Any]]:
    sources: list[dict[str, Any]] = []
    if options.config_map:
        sources.append({"configMapRef": {"name": options.config_map}})
    if options.secret and not options.secret_files:
        sources.append({"secretRef": {"name": options.secret}})
    return sources


def _own_settings(
    start: Start, options: JobOptions, place: Mapping[str, str], defaults: Mapping[str, str]
) -> list[dict[str, Any]]:
    own = environment(start)
    for name, value in {"STOP_DEADLINE": str(options.longest_stop), **defaults}.items():
        own.setdefault(name, value)
    if options.ca_secret:
        own["CA_PATH"] = options.ca_path
    own |= {**variables_of_files(options, own), **place}
    entries: list[dict[str, Any]] = [{"name": name, "value": literal(value)} for name, value in own.items()]
    entries.append({"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}})
    return entries


def _resources(options: JobOptions) -> dict[str, Mapping[str, str]]:
    # Requests equal limits: the run takes its threads from the quota, and a pod that asks for less memory or disk
    # than it uses is the first to be killed on a full node.
    amounts = {"cpu": options.cpu, "memory": options.memory, "ephemeral-storage": _disk(options)}
    if options.gpu:
        amounts["nvidia.com/gpu"] = str(options.gpu)
    return {"requests": dict(amounts), "limits": dict(amounts)}


def _disk(options: JobOptions) -> str:
    """What a pod may write: /tmp to its brim, and beside it the log."""
    scratch = bytes_of(options.scratch)
    assert scratch is not None, "the options were checked"
    return options.ephemeral_storage or in_bytes(scratch + GIBIBYTE)


def literal(value: str) -> str:
    """Spell a value so that Kubernetes hands it over as it is, where it would replace `$(NAME)`."""
    return value.replace("$", "$$")
