"""Why Kafka cannot be used, in one sentence that names the variables to look at.

librdkafka's calls only return that they failed; the reason arrives separately, through its error callback
or only through its log, mixed with reports without information (`_ALL_BROKERS_DOWN`). So the reports of one
client are collected here, and the most specific one is kept until something succeeds.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from confluent_kafka import KafkaError

from trainer.errors import ServiceError
from trainer.messaging.kafka.config import security_protocol
from trainer.settings.groups.kafka import KafkaSettings

_BROKER_NAME = re.compile(r"^\S+/\S+: ")
_CIRCUMSTANCES = re.compile(r"\s*\((after|install|\d+ identical)[^)]*\)")
_CONNECT = re.compile(r"^Connect to \S+ failed: ")
_HANG_UP = re.compile(r"closed by peer|Disconnected|Connection reset")
_CERTIFICATE = "certificate verify failed"
_MECHANISMS = "supported mechanisms: "


class Specificity(IntEnum):
    """How much a report explains."""

    NOTHING = 0
    HUNG_UP = 1
    NETWORK = 2
    REFUSAL = 3


class _Reason(NamedTuple):
    specificity: Specificity
    sentence: str


class Failures:
    """The failure reports of one client."""

    def __init__(self, kafka: KafkaSettings, topic_variable: str, operation: str) -> None:
        """Collect for a client that needs to `operation` (write to, read) the topic of a variable."""
        self._kafka = kafka
        self._topic_variable = topic_variable
        self._operation = operation
        self._reason: _Reason | None = None

    @property
    def is_refusal(self) -> bool:
        """Whether a retry is pointless: a wrong password, certificate, topic or permission."""
        return self._reason is not None and self._reason.specificity is Specificity.REFUSAL

    def note(self, error: KafkaError) -> None:
        """Note a report of the error callback, or the error of a message or a call."""
        self._keep(self._explain(error))

    def note_line(self, line: str) -> None:
        """Note a line of librdkafka's log: a broker that hangs up is reported nowhere else."""
        if _HANG_UP.search(line):
            self._keep(_Reason(Specificity.HUNG_UP, f"{self._brokers} hung up; {self._listener}."))

    def clear(self) -> None:
        """Forget the reports: something succeeded."""
        self._reason = None

    def error(self) -> ServiceError:
        """The most specific reason."""
        if self._reason is None:
            return ServiceError(f"{self._brokers} did not answer in time; {self._listener}.")
        return ServiceError(self._reason.sentence)

    def missing_topic(self, variable: str) -> ServiceError:
        """There is no such topic, or none that we may access."""
        topic = f"{variable}={getattr(self._kafka, variable.lower())}"
        return ServiceError(
            f"{self._brokers} shows no topic {topic}: it does not exist, or {self._user} may not see it."
        )

    def unusable_config(self, error: KafkaError) -> ServiceError:
        """The client did not accept its configuration."""
        if "ssl.ca.location" in error.str():
            return ServiceError(f"CA_PATH={self._kafka.ca_path} cannot be read as a PEM file with a CA certificate.")
        return ServiceError(f"The settings for Kafka cannot be used: {_plain(error.str())}.")

    @property
    def _brokers(self) -> str:
        return f"Kafka at KAFKA_BOOTSTRAP_SERVERS={self._kafka.kafka_bootstrap_servers}"

    @property
    def _user(self) -> str:
        return "KAFKA_USER" if self._kafka.kafka_user else "a client without KAFKA_USER"

    @property
    def _listener(self) -> str:
        set_ = {True: "set", False: "not set"}
        return (
            f"it should be a {security_protocol(self._kafka)} listener, since KAFKA_USER is"
            f" {set_[bool(self._kafka.kafka_user)]} and CA_PATH is {set_[bool(self._kafka.ca_path)]}"
        )

    def _keep(self, reason: _Reason) -> None:
        if self._reason is None or reason.specificity >= self._reason.specificity:
            self._reason = reason

    def _explain(self, error: KafkaError) -> _Reason:
        code, text = error.code(), error.str()
        topic = f"{self._topic_variable}={getattr(self._kafka, self._topic_variable.lower())}"
        # A failed handshake comes as _SSL or as _TRANSPORT, whichever thread is first.
        if _CERTIFICATE in text:
            return _Reason(
                Specificity.REFUSAL,
                f"The certificate of {self._brokers} is not trusted: it is not signed by the CA in"
                f" CA_PATH={self._kafka.ca_path}, or it was made for another host name.",
            )
        if code in (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED):
            return _Reason(Specificity.REFUSAL, self._login(text))
        if code in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED):
            return _Reason(Specificity.REFUSAL, f"{self._brokers} does not let {self._user} {self._operation} {topic}.")
        if code in (KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC):
            return _Reason(Specificity.REFUSAL, str(self.missing_topic(self._topic_variable)))
        if code in (KafkaError._SSL, KafkaError._TRANSPORT, KafkaError._RESOLVE) and "Failed to get" not in text:
            return _Reason(Specificity.NETWORK, f"{self._brokers} cannot be reached: {_plain(text)}.")
        return _Reason(
            Specificity.NOTHING, f"{self._brokers} did not answer in time ({_plain(text)}); {self._listener}."
        )

    def _login(self, text: str) -> str:
        if _MECHANISMS in text:
            offered = _plain(text.partition(_MECHANISMS)[2])
            mechanism = f"KAFKA_SASL_MECHANISM={self._kafka.kafka_sasl_mechanism}"
            return f"{self._brokers} does not offer {mechanism}, only {offered}."
        return f"{self._brokers} refused the login: KAFKA_USER or KAFKA_PASSWORD is wrong."


def _plain(text: str) -> str:
    """A report without the broker's internal name and the circumstances."""
    return _CONNECT.sub("", _CIRCUMSTANCES.sub("", _BROKER_NAME.sub("", text))).strip(" .")
