"""Turn a start message into the Kubernetes Job that runs it.

    python -m trainer.queue.manifest start.json | kubectl apply -f -

The Job's name follows from `queue_id` alone, so that a start message which arrives twice makes one Job; its
failure policy follows from the exit codes, so that wrong settings or unusable data end it at the first pod.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from trainer.errors import DEFECT_EXIT_CODE, DataError, ServiceError, SettingsError
from trainer.process.stop import SIGNAL_EXIT_CODES
from trainer.queue.command import SERVICE_NAME, BrokenCommandError, Start, parse_command
from trainer.queue.environment import environment
from trainer.queue.fields import number
from trainer.queue.names import job_name, label_value
from trainer.queue.options import JobOptions, add_options, read_options
from trainer.queue.plain_yaml import to_yaml
from trainer.queue.pod import CONTAINER_NAME, pod_spec
from trainer.settings.given import problems_among

EXIT_WRONG_INPUT = SettingsError.exit_code
# Exit codes of a run: the same settings and the same data would fail again, or another try may succeed.
EXIT_CODES_FINAL = (SettingsError.exit_code, DataError.exit_code)
EXIT_CODES_WORTH_A_RETRY = (DEFECT_EXIT_CODE, ServiceError.exit_code, *SIGNAL_EXIT_CODES.values())


class ManifestError(ValueError):
    """A start message cannot become a Job; the text is one sentence for the person who sent it."""


def render(start: Start, options: JobOptions | None = None) -> dict[str, Any]:
    """Return the `batch/v1` Job of a start message, as plain dicts and lists."""
    options = options or JobOptions()
    image = options.image_of(start.other.values.get("framework")) or start.image
    refusals = _refusals(start, image, options)
    if refusals or start.queue_id is None or image is None:
        raise ManifestError("; ".join(refusals))
    name = job_name(start.queue_id)
    labels = _labels(start, name)
    annotations = _annotations(start)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {
            "name": name,
            **({"namespace": options.namespace} if options.namespace else {}),
            "labels": labels,
            "annotations": annotations,
        },
        "spec": {
            "parallelism": 1,
            "completions": 1,
            "backoffLimit": options.retries,
            "activeDeadlineSeconds": options.deadline,
            "ttlSecondsAfterFinished": options.ttl,
            # A new pod only once the old one is gone: two pods of one queue would write the same objects.
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": {"rules": failure_rules()},
            "template": {
                "metadata": {"labels": dict(labels), "annotations": dict(annotations)},
                "spec": pod_spec(start, image, options),
            },
        },
    }


def failure_rules() -> list[dict[str, Any]]:
    """Return the rules by which Kubernetes judges a failed pod; the first that fits holds."""
    return [
        {"action": "FailJob", "onExitCodes": _any_of(EXIT_CODES_FINAL)},
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]},
        {"action": "Count", "onExitCodes": _any_of(EXIT_CODES_WORTH_A_RETRY)},
    ]


def _any_of(exit_codes: Iterable[int]) -> dict[str, Any]:
    # Kubernetes wants the codes in ascending order.
    return {"containerName": CONTAINER_NAME, "operator": "In", "values": sorted(exit_codes)}


def _labels(start: Start, name: str) -> dict[str, str]:
    own = {"queue-id": start.queue_id, "symbol": start.symbol, "type": start.type}
    return {
        "app.kubernetes.io/name": SERVICE_NAME,
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/component": "trainer",
        "app.kubernetes.io/part-of": "streamforge",
        "app.kubernetes.io/managed-by": "queue-manager",
        **{f"streamforge/{key}": label_value(value) for key, value in own.items() if value is not None},
    }


def _annotations(start: Start) -> dict[str, str]:
    own = {
        "queue-id": start.queue_id,
        "telemetry-id": start.telemetry_id,
        "graph-name": start.graph_name,
        "model-type": start.model_type,
    }
    return {f"streamforge/{key}": value for key, value in own.items() if value is not None}


def _refusals(start: Start, image: str | None, options: JobOptions) -> list[str]:
    needed = {"queue_id": start.queue_id, "graph_name": start.graph_name, "image": image}
    missing = [name for name, value in needed.items() if value is None and name not in start.unreadable]
    return [
        *(f"{name} is missing" for name in missing),
        *(f"{name} cannot be read" for name in (*start.unreadable, *start.other.unreadable)),
        *start.problems,
        *start.other.problems,
        *_wrong_settings(start, options),
        *options.problems(),
    ]


def _wrong_settings(start: Start, options: JobOptions) -> Iterator[str]:
    """What a run would refuse whatever the shared settings are, and what does not go with the options of the Job."""
    given = {name.lower(): value for name, value in environment(start).items()}
    yield from map(str, problems_among(given))
    stop_deadline = number(start.other.values.get("stop_deadline"))
    if stop_deadline is not None and stop_deadline > options.longest_stop:
        yield (
            f"stop_deadline is {stop_deadline:g}, and --grace {options.grace} leaves time for {options.longest_stop} seconds"
        )
    ca_path = start.other.values.get("ca_path", options.ca_path)
    if options.ca_secret and ca_path != options.ca_path:
        yield f"ca_path is {ca_path!r}, and the CA is mounted at {options.ca_path!r} (--ca-path, --ca-secret)"


def _read_start(path: str) -> Start:
    """Read the file, or standard input for `-`."""
    payload = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    command = parse_command(payload)
    if not isinstance(command, Start):
        raise ManifestError('it is not a start message (a JSON object with "command": "start")')
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the Job of the start message in a file; 2 and one sentence when there cannot be one."""
    parser = argparse.ArgumentParser(
        prog="python -m trainer.queue.manifest",
        description="Print the Kubernetes Job that runs a start message of queue-control.",
    )
    parser.add_argument("start", metavar="start.json", help="file with the start message, or -")
    add_options(parser)
    parsed = parser.parse_args(arguments)
    options = read_options(parsed)
    if problems := options.problems():
        return _refuse("; ".join(problems))
    try:
        start = _read_start(parsed.start)
        job = render(start, options)
    except OSError as exc:
        return _refuse(f"{parsed.start}: cannot be read: {exc.strerror}")
    except (BrokenCommandError, ManifestError) as exc:
        return _refuse(f"{parsed.start}: {exc}")
    for name in start.other.unknown:
        print(f"{parsed.start}: {name!r:.80} is no setting of this version and is left out.", file=sys.stderr)
    print(to_yaml(job), end="")
    return 0


def _refuse(sentence: str) -> int:
    print(f"{sentence}.", file=sys.stderr)
    return EXIT_WRONG_INPUT


if __name__ == "__main__":
    sys.exit(main())
