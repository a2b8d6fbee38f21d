"""Names that Kubernetes accepts, made from names that it does not.

A `queue_id` such as `gnn-btcusdt-5m-2024_06_01-abc123` is no Kubernetes name, and two may differ only in what
such a name cannot hold. So each name keeps what can be read and ends in a hash of the original. A Job cannot be
changed once it is there, so each start of a queue has a Job of its own: the start's time is hashed too. A label
finds all of them.

    python -m trainer.queue.names QUEUE_ID [JOB_TIMESTAMP]    prints what `k8s/templates/job.yaml.template` asks for
"""

import hashlib
import re
import sys

from trainer.errors import SettingsError
from trainer.settings.moments import epoch_seconds

MAX_LABEL_LENGTH = 63
POD_SUFFIX_LENGTH = len("-abcde")
MAX_JOB_NAME_LENGTH = MAX_LABEL_LENGTH - POD_SUFFIX_LENGTH
HASH_LENGTH = 16
# A pod of a JobSet: the set, its only Job `node` with the number 0, the pod's index of five digits, and a suffix.
MAX_SET_NAME_LENGTH = MAX_LABEL_LENGTH - len("-node-0-65535") - POD_SUFFIX_LENGTH

_BEFORE_A_DIGIT = "gnn-"
_FALLBACK = "gnn-trainer"

_LABEL_VALUE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


def job_name(queue_id: str, started_s: float | None = None) -> str:
    """Return the DNS-1123 label that stands for one start of a queue: always the same, and another for each other one.

    It is short enough for the pod's name, which adds six characters, to be a label as well.

    Args:
        queue_id: of the start message.
        started_s: its `timestamp` in seconds since 1970, where it has one; what differs by less than a microsecond
            is the same start.
    """
    return _name(queue_id, started_s, _FALLBACK, MAX_JOB_NAME_LENGTH)


def service_name(queue_id: str, started_s: float | None = None) -> str:
    """Return the name of the headless Service of a run's pods, which must begin with a letter, as a Job's need not."""
    return _beginning_with_a_letter(job_name(queue_id, started_s))


def set_name(queue_id: str, started_s: float | None = None) -> str:
    """Return the name of a run's JobSet or TrainJob: it begins with a letter, and leaves room for what names its pods."""
    return _beginning_with_a_letter(_name(queue_id, started_s, _FALLBACK, MAX_SET_NAME_LENGTH - len(_BEFORE_A_DIGIT)))


def _name(text: str, started_s: float | None, fallback: str, longest: int) -> str:
    # A queue id is printable and so holds no line break: no two starts are hashed alike.
    hashed = text if started_s is None else f"{text}\n{round(started_s * 1_000_000)}"
    fingerprint = hashlib.sha256(hashed.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_LENGTH]
    readable = _NOT_IN_A_NAME.sub("-", text.lower())
    readable = readable[: longest - HASH_LENGTH - 1].strip("-")
    return f"{readable or fallback}-{fingerprint}"


def _beginning_with_a_letter(name: str) -> str:
    return _BEFORE_A_DIGIT + name if name[0].isdigit() else name


def label_value(text: str) -> str:
    """Return the text itself where a label may hold it, else its readable, hashed stand-in."""
    return text if _LABEL_VALUE.fullmatch(text) else _name(text, None, "x", MAX_JOB_NAME_LENGTH)


def main(arguments: list[str]) -> int:
    """Print the names of a queue's start as a shell reads them; 2 and one sentence where there are none."""
    queue_id, timestamp = (*arguments, "")[:2] if arguments else ("", "")
    if not queue_id or len(arguments) > 2:
        return _refuse("python -m trainer.queue.names needs QUEUE_ID, and JOB_TIMESTAMP where the start has one.")
    started_s = epoch_seconds(timestamp)
    if timestamp.strip() and started_s is None:
        return _refuse(f"JOB_TIMESTAMP={timestamp!r} should be a number above 0 that counts time since 1970.")
    print(f"JOB_NAME={job_name(queue_id, started_s)}\nQUEUE_LABEL={label_value(queue_id)}")
    return 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return SettingsError.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
