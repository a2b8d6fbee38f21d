"""What a broker means when it refuses a request: which refusals pass by themselves, and what to do about the others."""

from __future__ import annotations

from confluent_kafka import KafkaError

MISSING_TOPIC = frozenset(
    {
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.UNKNOWN_TOPIC_ID,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError._UNKNOWN_PARTITION,
    }
)
NO_RIGHT = frozenset({KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED})
LOGIN = frozenset({KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED})

_PASSING = frozenset(
    {
        # A leader is elected, or this client does not know yet who it is.
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.REPLICA_NOT_AVAILABLE,
        KafkaError.FENCED_LEADER_EPOCH,
        KafkaError.UNKNOWN_LEADER_EPOCH,
        KafkaError.OFFSET_NOT_AVAILABLE,
        KafkaError.PREFERRED_LEADER_NOT_AVAILABLE,
        # Brokers start, or are away from each other.
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.BROKER_NOT_AVAILABLE,
        KafkaError.NETWORK_EXCEPTION,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.NOT_ENOUGH_REPLICAS,
        KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND,
        KafkaError.NOT_CONTROLLER,
        KafkaError.STALE_CTRL_EPOCH,
        # The disk of one broker, which a replica may stand in for.
        KafkaError.KAFKA_STORAGE_ERROR,
        # A quota.
        KafkaError.THROTTLING_QUOTA_EXCEEDED,
        # The broker forgot this producer; a fresh one is not concerned.
        KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER,
        KafkaError.DUPLICATE_SEQUENCE_NUMBER,
        KafkaError.INVALID_PRODUCER_EPOCH,
        KafkaError.UNKNOWN_PRODUCER_ID,
        # A session of fetches, which the client begins anew.
        KafkaError.FETCH_SESSION_ID_NOT_FOUND,
        KafkaError.INVALID_FETCH_SESSION_EPOCH,
        # What the broker itself could not name, such as an internal failure.
        KafkaError.UNKNOWN,
    }
)
_ADVICE = {
    KafkaError.MSG_SIZE_TOO_LARGE: "raise max.message.bytes of the topic (an event has up to some kilobytes)",
    KafkaError.RECORD_LIST_TOO_LARGE: "raise segment.bytes of the topic",
    KafkaError.INVALID_TIMESTAMP: "set the clocks right, or raise message.timestamp.before.max.ms and"
    " message.timestamp.after.max.ms of the topic",
    KafkaError.NOT_ENOUGH_REPLICAS: "bring the other brokers back, or lower min.insync.replicas of the topic",
    KafkaError.NOT_ENOUGH_REPLICAS_AFTER_APPEND: "bring the other brokers back, or lower min.insync.replicas of the topic",
    KafkaError.KAFKA_STORAGE_ERROR: "look at the disks of the brokers",
    KafkaError.LEADER_NOT_AVAILABLE: "a partition of the topic has no leader; look at its replicas",
    KafkaError.UNSUPPORTED_VERSION: "this needs Apache Kafka 2.1 or later",
    KafkaError.UNSUPPORTED_FOR_MESSAGE_FORMAT: "this needs Apache Kafka 2.1 or later",
    KafkaError.INVALID_RECORD: "look at the rules for records of the topic",
    KafkaError.POLICY_VIOLATION: "look at the policies of the brokers",
}


def is_answer(code: int) -> bool:
    """Whether an error code is the broker's own: librdkafka's are negative."""
    return code > 0 or code == KafkaError.UNKNOWN


def passes_by_itself(code: int) -> bool:
    """Whether the same request may succeed a moment later."""
    return code in _PASSING


def advice(code: int) -> str:
    """What to do about it, to end a sentence; empty where the broker's words are all there is."""
    found = _ADVICE.get(code)
    return f"; {found}" if found else ""
