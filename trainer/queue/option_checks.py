"""What Kubernetes would refuse of the options of a Job, or a run could not live with."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import fields

from trainer.queue.amounts import amount_of, bytes_of
from trainer.queue.forms import (
    LABEL,
    LABEL_WITH_LETTER,
    OBJECT_FILE,
    SUBDOMAIN,
    SUBDOMAIN_AS_LABEL,
    is_file_of_a_secret,
    what_a_mount_hides,
)
from trainer.queue.images import problems_of_images
from trainer.queue.metadata import problems_of_annotations
from trainer.queue.options import GRACE_BEYOND_DEADLINE_S, MOST_PODS, JobOptions, flag_of
from trainer.queue.placing import problems_of_places
from trainer.queue.secret_files import FOLDER, problems_of_secret_files
from trainer.settings.groups.stop import LONGEST_STOP_S
from trainer.settings.shown import shown

LEAST_GRACE_S = 45
_FORMS = {
    "namespace": LABEL,
    "config_map": SUBDOMAIN,
    "secret": SUBDOMAIN,
    "ca_secret": SUBDOMAIN,
    "pull_secret": SUBDOMAIN,
    "service_account": SUBDOMAIN,
    "priority_class": SUBDOMAIN,
    "queue_name": SUBDOMAIN_AS_LABEL,
    "service": LABEL_WITH_LETTER,
}
_LARGEST = 2**31 - 1
_BOUNDS = {
    "deadline": (1, _LARGEST),
    "grace": (LEAST_GRACE_S, LONGEST_STOP_S + GRACE_BEYOND_DEADLINE_S),
    "ttl": (0, _LARGEST),
    "retries": (0, _LARGEST),
    "gpu": (0, _LARGEST),
}
_LEAST_BYTES = {
    "memory": (512 * 2**20, "512Mi", "the libraries alone take about that"),
    "scratch": (64 * 10**6, "64M", "the libraries and the report write there"),
    "ephemeral_storage": (1, "1", ""),
}


def problems_of(options: JobOptions) -> list[str]:
    """One sentence for each option that cannot be used, with what is needed."""
    return [
        *_not_utf8(options),
        *problems_of_images(options),
        *_names(options),
        *_amounts(options),
        *_numbers(options),
        *_choices(options),
        *_ca_file(options),
        *problems_of_secret_files(options),
        *problems_of_places(options),
        *problems_of_annotations(options),
    ]


def _not_utf8(options: JobOptions) -> Iterator[str]:
    for option in fields(options):
        value = getattr(options, option.name)
        text = "".join(value) if isinstance(value, tuple) else str(value)
        if any("\ud800" <= character <= "\udfff" for character in text):
            yield f"{flag_of(option.name)} is not UTF-8, which is needed"


def _names(options: JobOptions) -> Iterator[str]:
    for name, form in _FORMS.items():
        value = getattr(options, name)
        if value and not form.fits(value):
            yield f"{flag_of(name)} is {shown(value)}; {form.right}"


def _amounts(options: JobOptions) -> Iterator[str]:
    cpus = amount_of(options.cpu)
    if not cpus or cpus * 1000 % 1:
        yield f"--cpu is {shown(options.cpu)}; a Kubernetes quantity such as 2 or 500m, at least 1m, is needed"
    for name, (least, at_least, reason) in _LEAST_BYTES.items():
        text = getattr(options, name)
        number = bytes_of(text)
        if text == "" and name == "ephemeral_storage":
            continue
        if number is None or number == 0:
            yield f"{flag_of(name)} is {shown(text)}; a Kubernetes quantity of whole bytes below 1Ei, such as 4Gi, is needed"
        elif number < least:
            yield f"{flag_of(name)} is {shown(text)}; at least {at_least} is needed, since {reason}"
    scratch, disk = bytes_of(options.scratch), bytes_of(options.ephemeral_storage)
    if scratch and disk and disk < scratch:
        yield (
            f"--ephemeral-storage is {shown(options.ephemeral_storage)}; at least --scratch, {options.scratch}, is needed,"
            " since /tmp counts to it"
        )


def _numbers(options: JobOptions) -> Iterator[str]:
    for name, (least, most) in _BOUNDS.items():
        value = getattr(options, name)
        if not least <= value <= most:
            yield f"--{name} is {value}; a whole number from {least} to {most} is needed"
    if options.pods is not None and not 1 <= options.pods <= MOST_PODS:
        yield f"--pods is {options.pods}; a whole number from 1 to {MOST_PODS} is needed"


def _choices(options: JobOptions) -> Iterator[str]:
    for option in fields(options):
        chosen, choices = getattr(options, option.name), option.metadata.get("choices")
        if choices and chosen not in choices:
            yield f"{flag_of(option.name)} is {shown(chosen)}; {', '.join(choices[:-1])} or {choices[-1]} is needed"


def _ca_file(options: JobOptions) -> Iterator[str]:
    if not options.ca_secret:
        return
    if not is_file_of_a_secret(options.ca_path):
        yield f"--ca-path is {shown(options.ca_path)}; {OBJECT_FILE}"
    elif hidden := what_a_mount_hides(posixpath.dirname(options.ca_path), FOLDER):
        yield f"--ca-path is {shown(options.ca_path)}; its mount would hide {hidden}, and another folder is needed"
