"""The shared credentials as files: in a process's environment they would be in every crash report of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from trainer.queue.options import JobOptions
from trainer.settings.given import known_settings
from trainer.settings.shown import shown

FOLDER = "/run/secrets/gnn-trainer"
_VOLUME = "credentials"
_FOR_OWNER_AND_GROUP = 0o440


def variables_of_files(options: JobOptions, own: Collection[str]) -> dict[str, str]:
    """Which file holds each credential, as the run reads it.

    Args:
        options: of the Job.
        own: variables that the message sets itself; they go before the shared ones.
    """
    return {f"{key}_FILE": f"{FOLDER}/{key}" for key in options.secret_files if key not in own}


def volume_of_files(options: JobOptions) -> list[dict[str, Any]]:
    """The volumes of a pod that hold the credentials: one, or none."""
    if not options.secret_files:
        return []
    return [{"name": _VOLUME, "secret": {"secretName": options.secret, "defaultMode": _FOR_OWNER_AND_GROUP}}]


def mount_of_files(options: JobOptions) -> list[dict[str, Any]]:
    """Where a container has them."""
    if not options.secret_files:
        return []
    return [{"name": _VOLUME, "mountPath": FOLDER, "readOnly": True}]


def problems_of_secret_files(options: JobOptions) -> Iterator[str]:
    """A sentence for each key that is no credential of a run."""
    if options.secret_files and not options.secret:
        yield "--secret-files is given, and --secret, whose keys are mounted, is needed"
    keys = [row.variable for row in known_settings().values() if row.may_be_file]
    for key in options.secret_files:
        if key not in keys:
            yield f"--secret-files is {shown(key)}; some of {', '.join(keys)} are needed"
