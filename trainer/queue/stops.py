"""Which stop commands a queue has obeyed, as its store remembers them.

A stop ends the run that receives it. Without a memory it would end the next run of the queue too, which reads the same
topic. Of each partition the last obeyed stop is enough: those before it were meant for the same run or an earlier one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError


class StopMark(BaseModel):
    """Where a stop command stands: topic, partition, offset, and the time of its record in seconds since 1970."""

    model_config = ConfigDict(frozen=True, strict=True)

    topic: str
    partition: int
    offset: int
    timestamp: float

    def covers(self, other: StopMark) -> bool:
        """Whether `other` stands here or before; one of a topic that was made anew is later, whatever its offset."""
        same = (self.topic, self.partition) == (other.topic, other.partition)
        return same and other.offset <= self.offset and other.timestamp <= self.timestamp

    def joined(self, other: StopMark) -> StopMark:
        """The mark that covers both, which stand in the same partition."""
        offset, timestamp = max(self.offset, other.offset), max(self.timestamp, other.timestamp)
        return self.model_copy(update={"offset": offset, "timestamp": timestamp})


class _Record(BaseModel):
    model_config = ConfigDict(strict=True)

    queue_id: str
    stops: list[StopMark]


@dataclass(frozen=True)
class ObeyedStops:
    """The stops that runs of one queue have obeyed."""

    queue_id: str
    marks: tuple[StopMark, ...] = ()

    @classmethod
    def from_json(cls, content: bytes | None, queue_id: str) -> Self:
        """Read what a store holds; what is missing, of another queue or no record of ours holds no stop."""
        if content is not None:
            try:
                record = _Record.model_validate_json(content)
            except ValidationError:
                return cls(queue_id)
            if record.queue_id == queue_id:
                return cls(queue_id).with_marks(record.stops)
        return cls(queue_id)

    def to_json(self) -> bytes:
        """The record for the store."""
        return _Record(queue_id=self.queue_id, stops=list(self.marks)).model_dump_json().encode()

    def cover(self, stop: StopMark) -> bool:
        """Whether this stop was obeyed."""
        return any(mark.covers(stop) for mark in self.marks)

    def with_marks(self, stops: list[StopMark]) -> Self:
        """These and more; one mark for each partition."""
        last: dict[tuple[str, int], StopMark] = {}
        for mark in (*self.marks, *stops):
            place = mark.topic, mark.partition
            last[place] = last[place].joined(mark) if place in last else mark
        return type(self)(self.queue_id, tuple(last.values()))
