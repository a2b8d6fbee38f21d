"""Turn a start message into the Kubernetes objects that run it.

    python -m trainer.queue.manifest start.json | kubectl apply -f -
    python -m trainer.queue.manifest start.json --pods 4 | kubectl apply -f -

One pod is a Job; several are an Indexed Job with its headless Service, a JobSet, or a TrainJob with its runtime. The
name follows from `queue_id` and `timestamp`, so that a start message which arrives twice makes one Job, and a new start
of the queue another one; the failure policy follows from the exit codes, so that wrong settings or unusable data end it
at the first pod.
"""

import argparse
import os
import posixpath
import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from trainer.bounds.kafka import LONGEST_COMMAND_BYTES
from trainer.errors import SettingsError
from trainer.process.printable import one_line
from trainer.queue.between_pods import headless_service, network_policy, place_variables
from trainer.queue.command import BrokenCommandError, Start, parse_command
from trainer.queue.environment import environment
from trainer.queue.fields import number
from trainer.queue.images import image_of, problems_of_a_messages_image
from trainer.queue.job import job
from trainer.queue.job_set import job_set
from trainer.queue.option_checks import problems_of
from trainer.queue.options import MOST_PODS, PREFIXES_VARIABLE, SINGLE, JobOptions, add_options, read_options
from trainer.queue.order import Order
from trainer.queue.other_settings import right_for
from trainer.queue.plain_yaml import to_yaml
from trainer.queue.pod import WRITABLE_FOLDER
from trainer.queue.sizes import too_large, too_long_variables
from trainer.queue.train_job import train_job, training_runtime
from trainer.settings.given import problems_among, problems_unless_set_elsewhere
from trainer.settings.shown import shown

EXIT_WRONG_INPUT = SettingsError.exit_code


class ManifestError(ValueError):
    """A start message cannot become a Job; the text is one sentence for the person who sent it."""


def render(start: Start, options: JobOptions | None = None) -> dict[str, Any]:
    """Return the Job, JobSet or TrainJob of a start message, as plain dicts and lists."""
    return documents(start, options)[-1]


def documents(start: Start, options: JobOptions | None = None) -> list[dict[str, Any]]:
    """Return all objects of a start message in the order to create them; the last one runs the pods."""
    order = _order(start, options or JobOptions())
    if order.options.kind == "jobset":
        running = [job_set(order)]
    elif order.options.kind == "trainjob":
        running = [training_runtime(order), train_job(order)]
    else:
        running = [job(order)]
    name = running[-1]["metadata"]["name"]
    beside = []
    if order.pods > 1 and order.options.kind == SINGLE and not order.options.service:
        beside.append(headless_service(order, name))
    if order.pods > 1 and order.options.network_policy != "none":
        beside.append(network_policy(order, name))
    objects = beside + running
    if refusals := [sentence for each in objects for sentence in too_large(each)]:
        raise ManifestError("; ".join(refusals))
    return objects


def _order(start: Start, options: JobOptions) -> Order:
    image = _image(start, options) or start.image
    pods = options.pods or start.pods or 1
    refusals = _refusals(start, image, pods, options)
    if refusals or start.queue_id is None or image is None:
        raise ManifestError("; ".join(refusals))
    return Order(start=start, queue_id=start.queue_id, image=image, pods=pods, options=options)


def _image(start: Start, options: JobOptions) -> str:
    """What the operator chooses for a message; nothing where it is left to the message."""
    return image_of(options, start.other.values.get("framework"))


def _refusals(start: Start, image: str | None, pods: int, options: JobOptions) -> list[str]:
    needed = {"queue_id": start.queue_id, "graph_name": start.graph_name, "image": image}
    unreadable = (*start.unreadable, *start.other.unreadable)
    missing = [name for name, value in needed.items() if value is None and name not in start.unreadable]
    return [
        *(f"{name} is missing" for name in missing),
        *(f"{name} cannot be read: {right_for(name)} is needed" for name in unreadable),
        *start.problems,
        *start.other.problems,
        *(problems_of_a_messages_image(image, options) if image and not _image(start, options) else ()),
        *_wrong_settings(start, pods, options),
        *too_long_variables(environment(start)),
        *_wrong_pods(pods, options),
        *problems_of(options),
    ]


def _wrong_pods(pods: int, options: JobOptions) -> Iterator[str]:
    if options.pods is None and pods > MOST_PODS:
        yield f"pods is {pods}; a whole number from 1 to {MOST_PODS} is needed"
    if pods > 1 and options.gpu:
        yield f"--gpu is {options.gpu}, but the run has {pods} pods, which compute on CPUs"


def _wrong_settings(start: Start, pods: int, options: JobOptions) -> Iterator[str]:
    """What a run would refuse whatever the shared settings are, and what does not go with the options of the Job."""
    yield from map(str, problems_among(_given(start, pods)))
    stop_deadline = number(start.other.values.get("stop_deadline"))
    if stop_deadline is not None and stop_deadline > options.longest_stop:
        yield (
            f"stop_deadline is {stop_deadline:g}, and --grace {options.grace} leaves time for {options.longest_stop} seconds"
        )
    output_path = start.other.values.get("output_path")
    if output_path and not PurePosixPath(posixpath.normpath(output_path)).is_relative_to(WRITABLE_FOLDER):
        yield f"output_path is {shown(output_path)}, and the pod can write below {WRITABLE_FOLDER} only"
    ca_path = start.other.values.get("ca_path", options.ca_path)
    if options.ca_secret and ca_path != options.ca_path:
        yield f"ca_path is {shown(ca_path)}, and the CA is mounted at {options.ca_path!r} (--ca-path, --ca-secret)"


def _doubts(start: Start, options: JobOptions) -> Iterator[str]:
    """What the run will refuse, unless the shared settings say otherwise."""
    for problem, names in problems_unless_set_elsewhere(_given(start, options.pods or start.pods or 1)):
        yield f"{problem}: the run ends with 2, unless the ConfigMap sets {', '.join(map(str.upper, names))} otherwise"


def _left_out(start: Start) -> Iterator[str]:
    yield from (f"{name!r:.80} is no setting of this version and is left out" for name in start.other.unknown)


def _any_image(start: Start, options: JobOptions) -> Iterator[str]:
    """That the message's image is not held to a list."""
    if not options.image_prefix and not _image(start, options):
        yield (
            "its image is not held to a list: anybody who may send a start message chooses what gets the runs' Secret;"
            f" --image-prefix or {PREFIXES_VARIABLE} says which images are allowed"
        )


def _given(start: Start, pods: int) -> dict[str, str]:
    """The settings of a message and of its pods, by name."""
    place = place_variables(min(pods, MOST_PODS), "first-pod")
    return {name.lower(): value for name, value in (environment(start) | place).items()}


def _read_start(path: str) -> Start:
    """Read the file, or standard input for `-`."""
    with nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as file:
        payload = file.read(LONGEST_COMMAND_BYTES + 1)
    if len(payload) > LONGEST_COMMAND_BYTES:
        raise ManifestError(f"it takes more than {LONGEST_COMMAND_BYTES} bytes, which no start message does")
    command = parse_command(payload)
    if not isinstance(command, Start):
        raise ManifestError('it is not a start message (a JSON object with "command": "start")')
    return command


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the Job of the start message in a file, with what it needs; 2 and one sentence when there cannot be one."""
    parser = _Parser(
        prog="python -m trainer.queue.manifest",
        description="Print the Kubernetes objects that run a start message of queue-control.",
    )
    parser.add_argument("start", metavar="start.json", help="file with the start message, or -")
    add_options(parser)
    parsed = parser.parse_args(arguments)
    options = read_options(parsed, os.environ)
    if problems := problems_of(options):
        return _refuse("; ".join(problems))
    try:
        start = _read_start(parsed.start)
        objects = documents(start, options)
    except OSError as exc:
        return _refuse(f"{parsed.start}: cannot be read: {exc.strerror}")
    except (BrokenCommandError, ManifestError) as exc:
        return _refuse(f"{parsed.start}: {exc}")
    for note in (*_left_out(start), *_doubts(start, options), *_any_image(start, options)):
        print(one_line(f"{parsed.start}: {note}."), file=sys.stderr)
    print("---\n".join(to_yaml(each) for each in objects), end="")
    return 0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One sentence, as of every other wrong input."""
        self.exit(_refuse(message))


def _refuse(sentence: str) -> int:
    print(one_line(f"{sentence}."), file=sys.stderr)
    return EXIT_WRONG_INPUT


if __name__ == "__main__":
    sys.exit(main())
