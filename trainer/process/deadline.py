"""The time limit of all that follows a stop: STOP_DEADLINE seconds from the request on, whichever service hangs.

Each step may take what is left until its own part of the limit is over, so that the least important step gives way first
and the terminal event is always within it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TypeVar

from trainer.errors import ServiceError
from trainer.process.stop import StopToken, call_while

Result = TypeVar("Result")
_CHECK_EVERY_S = 0.2


class Until(Enum):
    """The part of STOP_DEADLINE at which a step has to be over."""

    CHECKPOINT = 0.25
    """A checkpoint: an older one is there, or a stopped run begins anew."""
    EXTRAS = 0.5
    """Report, predictions, the document in graph_metadata, the lease."""
    RESULT = 0.75
    """The model and its metrics."""
    EVENT = 0.9
    """The terminal event."""
    END = 1.0
    """The process."""


class OutOfTimeError(ServiceError):
    """A service did not answer before the part of STOP_DEADLINE for this step was over."""


def seconds_left(stop: StopToken, until: Until) -> float:
    """What a step may still take, 0 at least; infinite as long as no stop was requested."""
    return max(0.0, stop.deadline_s * until.value - stop.seconds_since_request)


def call_in_time(stop: StopToken, until: Until, task: str, action: Callable[[], Result]) -> Result:
    """Wait for `action`, which may block on a service, but after a stop no longer than its part of STOP_DEADLINE.

    The action runs in a thread of its own, which is abandoned when the time is over: the process ends soon.

    Args:
        stop: of the run; may be requested at any time.
        until: the part of STOP_DEADLINE at which the action has to be over.
        task: what the action does, the beginning of the sentence that the error says: "Writing the model".
        action: what to call.

    Raises:
        OutOfTimeError: a stop was requested and the time is over.
        Exception: whatever `action` raised.
    """

    def check() -> None:
        if not seconds_left(stop, until):
            raise OutOfTimeError(
                f"{task} takes longer than what is left after {stop.reason} (STOP_DEADLINE={stop.deadline_s:g} seconds)."
            )

    check()
    return call_while(check, action)


@contextmanager
def ended_in_time(stop: StopToken, say_last_word: Callable[[], int]) -> Iterator[None]:
    """End the process when a requested stop takes longer than STOP_DEADLINE, wherever the run hangs.

    Args:
        stop: of the run.
        say_last_word: called once the part for the terminal event begins and the run is still not over; sends that event,
            and returns the exit code of the process.
    """
    is_over = threading.Event()

    def watch() -> None:
        while seconds_left(stop, Until.EVENT):
            if is_over.wait(_CHECK_EVERY_S):
                return
        exit_code = say_last_word()
        if not is_over.wait(seconds_left(stop, Until.END)):
            os._exit(exit_code)

    threading.Thread(target=watch, name="stop-deadline", daemon=True).start()
    try:
        yield
    finally:
        is_over.set()
