"""Names that Kubernetes accepts, made from names that it does not.

A `queue_id` such as `gnn-btcusdt-5m-2024_06_01-abc123` is no Kubernetes name, and two may differ only in what
such a name cannot hold. So each name keeps what can be read and ends in a hash of the original.

    python -m trainer.queue.names QUEUE_ID     prints the two names that `k8s/job.template.yaml` asks for
"""

import hashlib
import re
import sys

MAX_LABEL_LENGTH = 63
POD_SUFFIX_LENGTH = len("-abcde")
MAX_JOB_NAME_LENGTH = MAX_LABEL_LENGTH - POD_SUFFIX_LENGTH
HASH_LENGTH = 16
# A pod of a JobSet: the set, its only Job `node` with the number 0, the pod's index of five digits, and a suffix.
MAX_SET_NAME_LENGTH = MAX_LABEL_LENGTH - len("-node-0-65535") - POD_SUFFIX_LENGTH

_BEFORE_A_DIGIT = "gnn-"

_LABEL_VALUE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


def job_name(queue_id: str, fallback: str = "gnn-trainer") -> str:
    """Return the DNS-1123 label that stands for a queue: always the same, and another for each other queue.

    It is short enough for the pod's name, which adds six characters, to be a label as well.
    """
    return _name(queue_id, fallback, MAX_JOB_NAME_LENGTH)


def service_name(queue_id: str) -> str:
    """Return the name of the headless Service of a queue's pods, which must begin with a letter, as a Job's need not."""
    return _beginning_with_a_letter(job_name(queue_id))


def set_name(queue_id: str) -> str:
    """Return the name of a queue's JobSet or TrainJob: it begins with a letter, and leaves room for what names its pods."""
    shortest = _name(queue_id, "gnn-trainer", MAX_SET_NAME_LENGTH - len(_BEFORE_A_DIGIT))
    return _beginning_with_a_letter(shortest)


def _name(queue_id: str, fallback: str, longest: int) -> str:
    fingerprint = hashlib.sha256(queue_id.encode("utf-8", "surrogatepass")).hexdigest()[:HASH_LENGTH]
    readable = _NOT_IN_A_NAME.sub("-", queue_id.lower())
    readable = readable[: longest - HASH_LENGTH - 1].strip("-")
    return f"{readable or fallback}-{fingerprint}"


def _beginning_with_a_letter(name: str) -> str:
    return _BEFORE_A_DIGIT + name if name[0].isdigit() else name


def label_value(text: str) -> str:
    """Return the text itself where a label may hold it, else its readable, hashed stand-in."""
    return text if _LABEL_VALUE.fullmatch(text) else job_name(text, fallback="x")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m trainer.queue.names QUEUE_ID")
    print(f"JOB_NAME={job_name(sys.argv[1])}\nQUEUE_LABEL={label_value(sys.argv[1])}")
