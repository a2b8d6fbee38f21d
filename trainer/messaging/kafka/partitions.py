"""Which partitions of the control topic are read, and from where.

No group is joined and nothing is committed: a group would wait for members of a pod that was killed, and a
new run must find what was sent before it came up, not what an earlier one left.
"""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaException, TopicPartition

from trainer.messaging.kafka import patience
from trainer.messaging.kafka.topic_identity import TopicIdentity


class ControlPartitions:
    """All partitions of a topic, from the first message after a given time."""

    def __init__(self, consumer: Consumer, topic: str, since_s: float) -> None:
        """Nothing is assigned before `take`."""
        self._consumer = consumer
        self._topic = topic
        self._since_ms = int(since_s * 1000)
        self._topic_id: str | None = None
        self._next_offsets: dict[int, int] = {}
        self._first_ends: dict[int, int] = {}
        self._behind: set[int] = set()

    @property
    def assigned(self) -> bool:
        """Whether any partition is read."""
        return bool(self._next_offsets)

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there when reading began, or began again, has been read."""
        return self.assigned and not self._behind

    def take(self, seen: TopicIdentity) -> bool:
        """Read the partitions that are new; the others keep their position. Returns whether it is another topic than before.

        Raises:
            KafkaException: the brokers do not answer, or refuse.
        """
        is_another = self._topic_id is not None and seen.topic_id != self._topic_id
        known = frozenset() if is_another else self._next_offsets.keys()
        new = sorted(seen.partitions - known)
        if new:
            ends, firsts = self._offsets(new)
            if is_another:
                self._next_offsets, self._first_ends, self._behind = {}, {}, set()
            self._first_ends |= ends
            self._next_offsets |= firsts
            self._behind |= set(new)
            self._assign()
        self._topic_id = seen.topic_id
        return is_another

    def doubt(self) -> None:
        """Something failed: no partition counts as read to its end until it is again."""
        self._behind = set(self._next_offsets)

    def read_again(self) -> None:
        """Go on where reading stopped; a report of every partition's end follows, and proves that it can be read."""
        self.doubt()
        self._assign()

    def probe(self) -> None:
        """Ask the leader of each partition for something.

        Raises:
            KafkaException: one does not answer, or refuses.
        """
        self._starts(sorted(self._next_offsets))

    def was_there(self, partition: int, offset: int) -> bool:
        """Whether a message is older than our reading of its partition."""
        return offset < self._first_ends.get(partition, 0)

    def passed(self, partition: int, offset: int) -> None:
        """A message was read."""
        self._next_offsets[partition] = offset + 1
        if offset + 1 >= self._first_ends.get(partition, 0):
            self._behind.discard(partition)

    def reached_end(self, partition: int) -> None:
        """There is nothing more to read for now."""
        self._behind.discard(partition)

    def _assign(self) -> None:
        offsets = self._next_offsets.items()
        self._consumer.assign([TopicPartition(self._topic, number, offset) for number, offset in offsets])

    def _offsets(self, partitions: list[int]) -> tuple[dict[int, int], dict[int, int]]:
        """The ends of partitions, and where to begin."""
        # The ends are requested first: where no message is late enough, reading begins there, and a message
        # that arrives between the two requests is not missed.
        ends = {number: self._end(number) for number in partitions}
        starts = self._starts(partitions)
        return ends, {number: start if start >= 0 else ends[number] for number, start in starts.items()}

    def _starts(self, partitions: list[int]) -> dict[int, int]:
        asked = [TopicPartition(self._topic, number, self._since_ms) for number in partitions]
        found = self._consumer.offsets_for_times(asked, timeout=patience.OFFSETS_TIMEOUT_S)
        for start in found:
            if start.error is not None:
                raise KafkaException(start.error)
        return {start.partition: start.offset for start in found}

    def _end(self, partition: int) -> int:
        asked = TopicPartition(self._topic, partition)
        _first, end = self._consumer.get_watermark_offsets(asked, timeout=patience.OFFSETS_TIMEOUT_S)
        return end
