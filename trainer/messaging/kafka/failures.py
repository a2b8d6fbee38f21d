"""Why Kafka cannot be used, in one sentence that names the variables to look at.

librdkafka's calls only return that they failed; the reason arrives separately, through its error callback
or only through its log, mixed with reports without information (`_ALL_BROKERS_DOWN`). So the reports of one
client are collected here, and the most specific one is kept until something succeeds.
"""

from __future__ import annotations

import time

from confluent_kafka import KafkaError

from trainer.errors import ServiceError
from trainer.messaging.kafka import patience
from trainer.messaging.kafka.reasons import Reason, Reasons, Specificity
from trainer.settings.groups.kafka import KafkaSettings


class Failures:
    """The failure reports of one client."""

    def __init__(self, kafka: KafkaSettings, topic_variable: str, operation: str) -> None:
        """Collect for a client that needs to `operation` (write to, read) the topic of a variable."""
        self._reasons = Reasons(kafka, topic_variable, operation)
        self._topic_variable = topic_variable
        self._reason: Reason | None = None
        self._missed_since: float | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether a retry is pointless: a wrong password, certificate, topic or permission."""
        if self._reason is None or self._reason.specificity is not Specificity.REFUSAL:
            return False
        return not self._reason.is_missing_topic or self.has_looked_twice

    @property
    def has_looked_twice(self) -> bool:
        """Whether a topic was missing for long enough to be called missing."""
        return self._missed_since is not None and time.monotonic() - self._missed_since >= patience.SECOND_LOOK_AFTER_S

    def note(self, error: KafkaError) -> None:
        """Note a report of the error callback, or the error of a message or a call."""
        self._keep(self._reasons.of_error(error))

    def note_line(self, line: str) -> None:
        """Note a line of librdkafka's log: some reports are nowhere else."""
        reason = self._reasons.of_line(line)
        if reason is not None:
            self._keep(reason)

    def note_missing_topic(self, variable: str | None = None) -> None:
        """Note that the brokers answer, and show no topic of this variable (by default the client's own)."""
        sentence = self._reasons.missing_topic(variable or self._topic_variable)
        self._keep(Reason(Specificity.REFUSAL, sentence, is_missing_topic=True))

    def clear(self) -> None:
        """Forget the reports: something succeeded."""
        self._reason = self._missed_since = None

    def error(self) -> ServiceError:
        """The most specific reason."""
        return ServiceError(self._reasons.silence() if self._reason is None else self._reason.sentence)

    def unusable_config(self, error: KafkaError) -> ServiceError:
        """The client did not accept its configuration."""
        return self._reasons.unusable_config(error)

    def _keep(self, reason: Reason) -> None:
        if reason.is_missing_topic and self._missed_since is None:
            self._missed_since = time.monotonic()
        if self._reason is None or reason.specificity >= self._reason.specificity:
            self._reason = reason
