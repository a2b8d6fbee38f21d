"""Which partitions of the control topic are read, and from where.

No group is joined and nothing is committed: a group would wait for members of a pod that was killed, and a
new run must find what was sent before it came up, not what an earlier one left.
"""

from __future__ import annotations

from confluent_kafka import Consumer, KafkaException, TopicPartition

_LIST_TIMEOUT_S = 1.0
_OFFSETS_TIMEOUT_S = 5.0


class ControlPartitions:
    """All partitions of a topic, from the first message after a given time."""

    def __init__(self, consumer: Consumer, topic: str, since_s: float) -> None:
        """Nothing is assigned before `refresh`."""
        self._consumer = consumer
        self._topic = topic
        self._since_ms = int(since_s * 1000)
        self._next_offsets: dict[int, int] = {}
        self._behind: set[int] = set()

    @property
    def assigned(self) -> bool:
        """Whether any partition is read."""
        return bool(self._next_offsets)

    @property
    def caught_up(self) -> bool:
        """Whether everything that was there at the beginning has been read."""
        return self.assigned and not self._behind

    def refresh(self) -> None:
        """Assign the partitions that are new; the others keep their position.

        Raises:
            KafkaException: the brokers do not answer, or refuse.
        """
        topic = self._consumer.list_topics(self._topic, timeout=_LIST_TIMEOUT_S).topics[self._topic]
        if topic.error is not None:
            raise KafkaException(topic.error)
        new = sorted(topic.partitions.keys() - self._next_offsets.keys())
        if new:
            self._next_offsets |= self._first_offsets(new)
            self._behind |= set(new)
            self._consumer.assign(
                [TopicPartition(self._topic, number, offset) for number, offset in self._next_offsets.items()]
            )

    def passed(self, partition: int, offset: int) -> None:
        """A message was read."""
        self._next_offsets[partition] = offset + 1

    def reached_end(self, partition: int) -> None:
        """There is nothing more to read for now."""
        self._behind.discard(partition)

    def _first_offsets(self, partitions: list[int]) -> dict[int, int]:
        # The ends are requested first: where no message is late enough, reading begins there, and a message
        # that arrives between the two requests is not missed.
        ends = {number: self._end(number) for number in partitions}
        asked = [TopicPartition(self._topic, number, self._since_ms) for number in partitions]
        offsets = self._consumer.offsets_for_times(asked, timeout=_OFFSETS_TIMEOUT_S)
        for start in offsets:
            if start.error is not None:
                raise KafkaException(start.error)
        return {start.partition: start.offset if start.offset >= 0 else ends[start.partition] for start in offsets}

    def _end(self, partition: int) -> int:
        asked = TopicPartition(self._topic, partition)
        _first, end = self._consumer.get_watermark_offsets(asked, timeout=_OFFSETS_TIMEOUT_S)
        return end
