"""Options of a Job that the cluster's operator chooses, not the start message: names, amounts, times.

One definition serves the renderer and its command line, so that neither has an option which the other lacks.
"""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

PREFIXES_VARIABLE = "IMAGE_PREFIXES"
MOST_PODS = 65_536
"""The most that WORLD_SIZE may say; the names of the pods leave room for the five digits of the last one."""
SINGLE = "job"
KINDS = (SINGLE, "jobset", "trainjob")
SPREADS = ("prefer", "require", "none")
NETWORK_POLICIES = ("none", "ingress", "both")
GRACE_BEYOND_DEADLINE_S = 30
"""What a pod has beyond STOP_DEADLINE: the training notices a stop within a step, and the kubelet takes its time."""
CREDENTIALS = ("ARANGO_USER", "ARANGO_PASSWORD", "KAFKA_USER", "KAFKA_PASSWORD", "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY")
"""What the Secret of the runs holds, unless told otherwise."""


def _option(default: Any, meaning: str, **more: Any) -> Any:
    """A field; `more` may hold its `choices`, the `metavar` of a list, and what the flag means `alone`, without a value."""
    return field(default=default, metadata={"help": meaning, **more})


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """The options of one rendered Job."""

    image: str = _option("", "image to run, in place of the start message's own")
    image_for: tuple[str, ...] = _option(
        (),
        "image of one framework, as dgl=registry.example/gnn-trainer:dgl; goes before --image and the message's own "
        "where the message asks for that framework (without one: for pyg); may be given several times",
        metavar="FRAMEWORK=IMAGE",
    )
    image_prefix: tuple[str, ...] = _option(
        (),
        "what the image of a start message may begin with, up to a /, the : of a tag or an @; may be given several times; "
        f"without it, what {PREFIXES_VARIABLE} lists; with neither, a message may name any image",
        metavar="PREFIX",
    )
    namespace: str = _option("", "namespace; without it, the one that kubectl uses")
    config_map: str = _option("gnn-trainer-settings", 'ConfigMap with the shared settings; "" for none')
    secret: str = _option("gnn-trainer-credentials", 'Secret with shared credentials; "" for none')
    secret_files: tuple[str, ...] = _option(
        (),
        "mount the Secret as files instead of passing it as variables, and name each in <KEY>_FILE; the keys, by commas, "
        f"where they are not {', '.join(CREDENTIALS)}",
        metavar="KEY,…",
        alone=CREDENTIALS,
    )
    ca_secret: str = _option("gnn-trainer-kafka-ca", 'Secret with the CA of Kafka; "" for none')
    ca_path: str = _option(
        "/usr/local/share/ca-certificates/ca.crt",
        "CA_PATH: the file name is the key in the CA secret, the folder is its mount",
    )
    pull_secret: str = _option("", "Secret for the image registry")
    service_account: str = _option("", "ServiceAccount of the pods; no token of it is mounted")
    cpu: str = _option("2", "CPUs, requested and at most")
    memory: str = _option("4Gi", "memory, requested and at most")
    gpu: int = _option(0, "NVIDIA GPUs")
    scratch: str = _option("4Gi", "size of /tmp")
    ephemeral_storage: str = _option(
        "",
        "disk that a pod may use, /tmp and its log together, requested and at most; without it, 1Gi beyond --scratch",
    )
    deadline: int = _option(86_400, "seconds a Job may take, retries included")
    grace: int = _option(120, "seconds from SIGTERM to SIGKILL; STOP_DEADLINE is 30 less")
    ttl: int = _option(86_400, "seconds until the ended Job is deleted")
    retries: int = _option(
        3, "new pods after failures (backoffLimit; of several pods for each one, or for all together)"
    )
    pods: int | None = _option(
        None, "pods that train the model together; without it, what the start message says, else 1"
    )
    kind: str = _option(
        SINGLE,
        "what runs the pods: a Job with a headless Service where there are several, a JobSet, or a TrainJob of "
        "Kubeflow Trainer with its TrainingRuntime",
        choices=KINDS,
    )
    service: str = _option(
        "", "headless Service that is there for the pods of all Jobs; without it, each Job has its own"
    )
    spread: str = _option(
        "prefer",
        "whether several pods go to different nodes: where possible, always (else they wait), or as it comes",
        choices=SPREADS,
    )
    network_policy: str = _option(
        "none",
        "NetworkPolicy that lets the pods of one run reach each other on every port, for namespaces that deny "
        "incoming traffic, or both incoming and outgoing",
        choices=NETWORK_POLICIES,
    )
    node_selector: tuple[str, ...] = _option(
        (), "label that a node must have; may be given several times", metavar="KEY=VALUE"
    )
    toleration: tuple[str, ...] = _option(
        (),
        "taint that a node may have, as gpu=true:NoSchedule, or without value or effect for any; * for any key; may be given "
        "several times",
        metavar="KEY[=VALUE][:EFFECT[:SECONDS]]",
    )
    priority_class: str = _option("", "PriorityClass of the pods")
    queue_name: str = _option("", "LocalQueue of Kueue that the run waits in")
    annotation: tuple[str, ...] = _option(
        (), "annotation of the run and its pods; may be given several times", metavar="KEY=VALUE"
    )

    @property
    def longest_stop(self) -> int:
        """The longest STOP_DEADLINE that the pod's grace leaves time for, in seconds."""
        return self.grace - GRACE_BEYOND_DEADLINE_S


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give the parser one flag per option."""
    for option in fields(JobOptions):
        default: Any = option.default
        is_list, choices = default == (), option.metadata.get("choices")
        how: dict[str, Any] = {"action": "append" if is_list else "store"}
        if alone := option.metadata.get("alone"):
            how |= {"nargs": "?", "const": ",".join(alone)}
        parser.add_argument(
            flag_of(option.name),
            **how,
            type=int if option.type in (int, int | None) else str,
            default=None if is_list else default,
            metavar=option.metadata.get("metavar") or ("|".join(choices) if choices else option.name.upper()),
            help=option.metadata["help"] + (f" (default: {default})" if default not in ("", 0, (), None) else ""),
        )


def read_options(arguments: argparse.Namespace, environ: Mapping[str, str]) -> JobOptions:
    """Collect the options out of parsed arguments, and the allowed images out of the environment where no flag names one."""
    given = {option.name: getattr(arguments, option.name) for option in fields(JobOptions)}
    lists = {option.name: tuple(given[option.name] or ()) for option in fields(JobOptions) if option.default == ()}
    lists["secret_files"] = tuple(key for listed in lists["secret_files"] for key in listed.split(","))
    if given["image_prefix"] is None:
        lists["image_prefix"] = tuple(filter(None, re.split(r"[,\s]+", environ.get(PREFIXES_VARIABLE, ""))))
    return JobOptions(**given | lists)


def flag_of(name: str) -> str:
    """The flag of an option."""
    return "--" + name.replace("_", "-")
