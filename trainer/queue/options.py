"""Options of a Job that the cluster's operator chooses, not the start message: names, amounts, times.

One definition serves the renderer and its command line, so that neither has an option which the other lacks.
"""

import argparse
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import PurePosixPath

from trainer.registry.frameworks import FRAMEWORKS
from trainer.settings.groups.model import ModelSettings

_QUANTITY = re.compile(r"(?=.*[1-9])(?:\d+(?:\.\d*)?|\.\d+)(?:[mkMGTPE]|[KMGTPE]i)?")
_OBJECT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_SERVICE_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DEFAULT_FRAMEWORK = str(ModelSettings.model_fields["framework"].default)

MOST_PODS = 65_536
"""The most that WORLD_SIZE may say; the names of the pods leave room for the five digits of the last one."""
SINGLE = "job"
KINDS = (SINGLE, "jobset", "trainjob")
SPREADS = ("prefer", "require", "none")
NETWORK_POLICIES = ("none", "ingress", "both")
LEAST_GRACE_S = 45
GRACE_BEYOND_DEADLINE_S = 30
"""What a pod has beyond STOP_DEADLINE: the training notices a stop within a step, and the kubelet takes its time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """The options of one rendered Job."""

    image: str = field(default="", metadata={"help": "image to run, in place of the start message's own"})
    image_for: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "image of one framework, as dgl=registry.example/gnn-trainer:dgl; goes before --image and the message's own "
            "where the message asks for that framework (without one: for pyg); may be given several times"
        },
    )
    namespace: str = field(default="", metadata={"help": "namespace; without it, the one that kubectl uses"})
    config_map: str = field(
        default="gnn-trainer-settings", metadata={"help": 'ConfigMap with the shared settings; "" for none'}
    )
    secret: str = field(
        default="gnn-trainer-credentials", metadata={"help": 'Secret with shared credentials; "" for none'}
    )
    ca_secret: str = field(
        default="gnn-trainer-kafka-ca", metadata={"help": 'Secret with the CA of Kafka; "" for none'}
    )
    ca_path: str = field(
        default="/usr/local/share/ca-certificates/ca.crt",
        metadata={"help": "CA_PATH: the file name is the key in the CA secret, the folder is its mount"},
    )
    pull_secret: str = field(default="", metadata={"help": "Secret for the image registry"})
    cpu: str = field(default="2", metadata={"help": "CPUs, requested and at most"})
    memory: str = field(default="4Gi", metadata={"help": "memory, requested and at most"})
    gpu: int = field(default=0, metadata={"help": "NVIDIA GPUs"})
    scratch: str = field(default="4Gi", metadata={"help": "size of /tmp"})
    deadline: int = field(default=86_400, metadata={"help": "seconds a Job may take, retries included"})
    grace: int = field(default=120, metadata={"help": "seconds from SIGTERM to SIGKILL; STOP_DEADLINE is 30 less"})
    ttl: int = field(default=86_400, metadata={"help": "seconds until the ended Job is deleted"})
    retries: int = field(
        default=3,
        metadata={"help": "new pods after failures (backoffLimit; of several pods for each one, or for all together)"},
    )
    pods: int | None = field(
        default=None,
        metadata={"help": "pods that train the model together; without it, what the start message says, else 1"},
    )
    kind: str = field(
        default=SINGLE,
        metadata={
            "help": "what runs the pods: a Job with a headless Service where there are several, a JobSet, or a TrainJob of "
            "Kubeflow Trainer with its TrainingRuntime",
            "choices": KINDS,
        },
    )
    service: str = field(
        default="",
        metadata={"help": "headless Service that is there for the pods of all Jobs; without it, each Job has its own"},
    )
    spread: str = field(
        default="prefer",
        metadata={
            "help": "whether several pods go to different nodes: where possible, always (else they wait), or as it comes",
            "choices": SPREADS,
        },
    )
    network_policy: str = field(
        default="none",
        metadata={
            "help": "NetworkPolicy that lets the pods of one run reach each other on every port, for namespaces that deny "
            "incoming traffic, or both incoming and outgoing",
            "choices": NETWORK_POLICIES,
        },
    )

    def problems(self) -> list[str]:
        """What Kubernetes would refuse, one sentence per option."""
        problems = [*self._image_problems()]
        for name in ("cpu", "memory", "scratch"):
            value = getattr(self, name)
            if not _QUANTITY.fullmatch(value):
                problems.append(f"--{name} is {value!r}; a Kubernetes quantity such as 2, 500m or 4Gi is needed")
        for name in ("namespace", "config_map", "secret", "ca_secret", "pull_secret"):
            value = getattr(self, name)
            if value and not _OBJECT_NAME.fullmatch(value):
                problems.append(f"{_flag(name)} is {value!r}; lower-case letters, digits, - and . are allowed")
        for name, least in (("deadline", 1), ("grace", LEAST_GRACE_S), ("ttl", 0), ("retries", 0), ("gpu", 0)):
            value = getattr(self, name)
            if not least <= value < 2**31:
                problems.append(f"--{name} is {value}; a whole number from {least} is needed")
        if self.pods is not None and not 1 <= self.pods <= MOST_PODS:
            problems.append(f"--pods is {self.pods}; a whole number from 1 to {MOST_PODS} is needed")
        if self.service and not _SERVICE_NAME.fullmatch(self.service):
            problems.append(
                f"--service is {self.service!r}; a letter, then letters, digits and - are needed, 63 at most"
            )
        for option in fields(self):
            chosen, choices = getattr(self, option.name), option.metadata.get("choices")
            if choices and chosen not in choices:
                problems.append(
                    f"{_flag(option.name)} is {chosen!r}; {', '.join(choices[:-1])} or {choices[-1]} is needed"
                )
        path = PurePosixPath(self.ca_path)
        if self.ca_secret and (len(path.parts) < 3 or not path.is_absolute() or ".." in path.parts):
            problems.append(f"--ca-path is {self.ca_path!r}; an absolute path such as /ca/ca.crt is needed")
        return problems

    @property
    def longest_stop(self) -> int:
        """The longest STOP_DEADLINE that the pod's grace leaves time for, in seconds."""
        return self.grace - GRACE_BEYOND_DEADLINE_S

    def image_of(self, framework: str | None) -> str:
        """The image that these options choose for a message; nothing where they leave it to the message."""
        asked = (framework or _DEFAULT_FRAMEWORK).lower()
        return dict(self._images()).get(asked, self.image)

    def _images(self) -> Iterator[tuple[str, str]]:
        for given in self.image_for:
            framework, _, image = given.partition("=")
            yield framework.strip().lower(), image.strip()

    def _image_problems(self) -> Iterator[str]:
        images = [*dict.fromkeys(self._images())]
        for framework, image in images:
            if not image or framework not in FRAMEWORKS:
                known = " or ".join(FRAMEWORKS)
                yield f"--image-for is '{framework}={image}'; a framework ({known}), = and its image are needed"
        twice = [framework for framework, count in Counter(framework for framework, _ in images).items() if count > 1]
        yield from (f"--image-for has several images for {framework}; one is needed" for framework in twice)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Give the parser one flag per option."""
    for option in fields(JobOptions):
        is_list, choices = option.default == (), option.metadata.get("choices")
        shown = f" (default: {option.default})" if option.default not in ("", 0, (), None) else ""
        parser.add_argument(
            _flag(option.name),
            action="append" if is_list else "store",
            type=int if option.type in (int, int | None) else str,
            default=None if is_list else option.default,
            metavar="FRAMEWORK=IMAGE" if is_list else "|".join(choices) if choices else option.name.upper(),
            help=option.metadata["help"] + shown,
        )


def read_options(arguments: argparse.Namespace) -> JobOptions:
    """Collect the options out of parsed arguments."""
    given = {option.name: getattr(arguments, option.name) for option in fields(JobOptions)}
    return JobOptions(**given | {"image_for": tuple(given["image_for"] or ())})


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
