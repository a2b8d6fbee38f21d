"""What is to be rendered: a start message, complete, with what the options chose for it."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.queue.command import Start
from trainer.queue.options import JobOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A run that has all a Job needs.

    Attributes:
        start: its message.
        queue_id: out of it.
        image: to run.
        pods: how many train the model together.
        options: of the Job.
    """

    start: Start
    queue_id: str
    image: str
    pods: int
    options: JobOptions
