"""Which partitions a topic has, and whether it is still the topic that it was.

A topic that is deleted and made anew keeps its name, and its offsets begin again: only its id tells. librdkafka's consumer
does not show the id, its admin client does.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from confluent_kafka import KafkaError, KafkaException, TopicCollection
from confluent_kafka.admin import AdminClient

from trainer.messaging.kafka import patience
from trainer.messaging.kafka.client_log import ClientLog
from trainer.messaging.kafka.config import client_config
from trainer.messaging.kafka.failures import Failures
from trainer.settings.groups.kafka import KafkaSettings


class TopicIdentity(NamedTuple):
    """A topic as the brokers describe it."""

    topic_id: str
    partitions: frozenset[int]


class TopicLook:
    """Looks at one topic, over a connection of its own."""

    def __init__(self, kafka: KafkaSettings, topic: str, client_id: str, failures: Failures) -> None:
        """Begin to connect; `failures` gets librdkafka's reports.

        Raises:
            KafkaException: the configuration is unusable.
        """
        self._topic = topic
        config = client_config(kafka, client_id)
        config |= {"error_cb": failures.note}
        self._admin = AdminClient(config, logger=ClientLog(failures.note_line))

    def describe(self) -> TopicIdentity:
        """The topic now.

        Raises:
            KafkaException: it is missing, or the brokers do not answer or refuse.
        """
        asked = TopicCollection([self._topic])
        future = self._admin.describe_topics(asked, request_timeout=patience.TOPIC_REQUEST_TIMEOUT_S)[self._topic]
        give_up_at = time.monotonic() + patience.TOPIC_CALL_TIMEOUT_S
        while not future.done():
            self._admin.poll(patience.DESCRIBE_POLL_S)  # hands out reports meanwhile
            if time.monotonic() >= give_up_at:
                raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        found = future.result()
        return TopicIdentity(str(found.topic_id), frozenset(partition.id for partition in found.partitions))
