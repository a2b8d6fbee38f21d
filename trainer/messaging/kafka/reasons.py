"""librdkafka's reports as sentences for the person who started the run.

What a broker answers is told as its answer, an address that fails is named, and only what nobody answered is called
silence.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import NamedTuple

from confluent_kafka import KafkaError

from trainer.errors import ServiceError
from trainer.messaging.kafka.answers import LOGIN, MISSING_TOPIC, NO_RIGHT, advice, is_answer, passes_by_itself
from trainer.messaging.kafka.config import security_protocol
from trainer.settings.groups.kafka import KafkaSettings

_BROKER_NAME = re.compile(r"(?:\w+://)?(?P<address>\S+:\d+)/(?P<node>bootstrap|\d+): ")
_CIRCUMSTANCES = re.compile(r"\s*\((?:after|\d+ identical) .*\)$|\s*\(install[^)]*\)")
_CONNECT = re.compile(r"^Connect to \S+ failed: ")
_FAILED_CALL = re.compile(r"^Failed to [^:]*: ")
_LOCAL = "Local: "
_HANG_UP = re.compile(r"closed by peer|Disconnected|Connection reset")
_NO_ANSWER = re.compile(r"Timed out ApiVersionRequest|Timed out \d+ in-flight")
_RETRIED = re.compile(
    r"(?:encountered error|acquire idempotence PID from broker \S+): (?!Local:)(?:Broker: )?(?P<words>[^(:]+)"
)
_BROKER_SAYS = "Broker: "
_CERTIFICATE = "certificate verify failed"
_MECHANISMS = "supported mechanisms: "
_CODES = {KafkaError(code).str().removeprefix(_BROKER_SAYS): code for code in range(1, 140)}
"""The code behind the words of a broker, for reports that exist only as lines of the log."""


class Specificity(IntEnum):
    """How much a report explains."""

    NOTHING = 0
    HUNG_UP = 1
    NETWORK = 2
    ANSWER = 3
    """The broker said no, but may say yes a moment later."""
    REFUSAL = 4


class Reason(NamedTuple):
    """Why something failed."""

    specificity: Specificity
    sentence: str
    is_missing_topic: bool = False


class Reasons:
    """What the reports of one client mean, in the words of its settings."""

    def __init__(self, kafka: KafkaSettings, topic_variable: str, operation: str) -> None:
        """Explain to whom wants to `operation` (write to, read) the topic of a variable."""
        self._kafka = kafka
        self._topic_variable = topic_variable
        self._operation = operation

    def silence(self) -> str:
        """Nobody said anything."""
        return f"{self._brokers} did not answer in time; {self._listener}."

    def missing_topic(self, variable: str) -> str:
        """There is no such topic, or none that we may access."""
        return f"{self._brokers} shows no topic {self._topic(variable)}: it does not exist, or {self._user} may not see it."

    def unusable_config(self, error: KafkaError) -> ServiceError:
        """The client did not accept its configuration."""
        if "ssl.ca.location" in error.str():
            return ServiceError(f"CA_PATH={self._kafka.ca_path} cannot be read as a PEM file with a CA certificate.")
        return ServiceError(f"The settings for Kafka cannot be used: {_plain(error.str())}.")

    def of_error(self, error: KafkaError) -> Reason:
        """What the error of a callback, a message or a call means."""
        code, text = error.code(), error.str()
        # A failed handshake comes as _SSL or as _TRANSPORT, whichever thread is first.
        if _CERTIFICATE in text:
            sentence = (
                f"The certificate of {self._brokers} is not trusted: it is not signed by the CA in"
                f" CA_PATH={self._kafka.ca_path}, or it was made for another host name."
            )
            return Reason(Specificity.REFUSAL, sentence)
        if code in LOGIN:
            return Reason(Specificity.REFUSAL, self._login(text))
        if code in MISSING_TOPIC:
            return Reason(Specificity.REFUSAL, self.missing_topic(self._topic_variable), is_missing_topic=True)
        if is_answer(code):
            return self._answer(code, _plain(text.rpartition(_BROKER_SAYS)[2]))
        if code == KafkaError._UNSUPPORTED_FEATURE:
            sentence = (
                f"{self._brokers} answers, but not as a broker that serves clients ({_plain(text)}): name the port of a"
                " broker's listener, not that of a controller."
            )
            return Reason(Specificity.REFUSAL, sentence)
        if code == KafkaError._BAD_MSG:
            sentence = f"{self._brokers} answers, but not as Kafka does ({_plain(text)}); {self._listener}."
            return Reason(Specificity.NETWORK, sentence)
        if code in (KafkaError._SSL, KafkaError._TRANSPORT, KafkaError._RESOLVE) and "Failed to get" not in text:
            return Reason(Specificity.NETWORK, self._unreachable(text))
        sentence = f"{self._brokers} did not answer in time ({_plain(text)}); {self._listener}."
        return Reason(Specificity.NOTHING, sentence)

    def of_line(self, line: str) -> Reason | None:
        """What a line of librdkafka's log means: a hang-up and a refusal that it retries are reported nowhere else."""
        if found := _RETRIED.search(line):
            words = found["words"].strip()
            code = _CODES.get(words, KafkaError.UNKNOWN)
            return Reason(Specificity.ANSWER, self._answer(code, words).sentence)
        if _NO_ANSWER.search(line) and (advertised := self._advertised(line)):
            return Reason(Specificity.NETWORK, f"{advertised}, which does not answer; {self._listener}.")
        if _HANG_UP.search(line):
            who = self._advertised(line) or self._brokers
            hung_up = f"{who}, which hung up" if who != self._brokers else f"{who} hung up"
            return Reason(Specificity.HUNG_UP, f"{hung_up}; {self._listener}.")
        return None

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

    def _topic(self, variable: str) -> str:
        return f"{variable}={getattr(self._kafka, variable.lower())}"

    def _answer(self, code: int, words: str) -> Reason:
        topic = self._topic(self._topic_variable)
        if code in NO_RIGHT:
            return Reason(Specificity.REFUSAL, f"{self._brokers} does not let {self._user} {self._operation} {topic}.")
        specificity = Specificity.ANSWER if passes_by_itself(code) else Specificity.REFUSAL
        sentence = f"{self._brokers} refused to let us {self._operation} {topic}: {words}{advice(code)}."
        return Reason(specificity, sentence)

    def _advertised(self, text: str) -> str | None:
        """Who is meant, when it is not an address of ours but one that a broker has told."""
        name = _BROKER_NAME.search(text)
        if name is None or name["node"] == "bootstrap" or name["address"] in self._addresses:
            return None
        return f"{self._brokers} names {name['address']} as the address of broker {name['node']} (its advertised.listeners)"

    @property
    def _addresses(self) -> list[str]:
        return (self._kafka.kafka_bootstrap_servers or "").split(",")

    def _unreachable(self, text: str) -> str:
        if advertised := self._advertised(text):
            return f"{advertised}, which cannot be reached: {_plain(text)}."
        name = _BROKER_NAME.search(text)
        which = f"{name['address']}: " if name and len(self._addresses) > 1 else ""
        return f"{self._brokers} cannot be reached: {which}{_plain(text)}."

    def _login(self, text: str) -> str:
        if _MECHANISMS not in text:
            return f"{self._brokers} refused the login: KAFKA_USER or KAFKA_PASSWORD is wrong."
        offered = _plain(text.partition(_MECHANISMS)[2])
        mechanism = f"KAFKA_SASL_MECHANISM={self._kafka.kafka_sasl_mechanism}"
        if offered:
            return f"{self._brokers} does not offer {mechanism}, only {offered}."
        return (
            f"{self._brokers} takes no login (SASL) at this listener: name a {security_protocol(self._kafka)} listener,"
            " or do not set KAFKA_USER."
        )


def _plain(text: str) -> str:
    """A report without the broker's internal name and the circumstances."""
    text = _CIRCUMSTANCES.sub("", text).strip()
    name = _BROKER_NAME.match(text)
    text = text[name.end() :] if name else text
    text = _FAILED_CALL.sub("", _CONNECT.sub("", text))
    return text.removeprefix(_LOCAL).strip(" .")
