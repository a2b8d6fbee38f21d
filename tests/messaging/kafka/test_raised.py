"""The client's own error is found in whatever confluent-kafka raises."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError, KafkaException

from trainer.messaging.kafka.raised import RAISED, error_in

FATAL = KafkaError(KafkaError.CLUSTER_AUTHORIZATION_FAILED, "Failed to acquire idempotence PID", fatal=True)


def test_an_error_that_the_library_forgot_is_found() -> None:
    """As it came out of `flush`: a SystemError, which Python raises from the error that was left set."""
    forgotten = SystemError("<method '__enter__' of '_thread.lock' objects> returned a result with an exception set")
    forgotten.__cause__ = KafkaException(FATAL)
    assert isinstance(forgotten, RAISED)
    assert error_in(forgotten) is FATAL
    assert error_in(KafkaException(FATAL)) is FATAL


def test_a_defect_of_the_interpreter_is_none_of_the_client() -> None:
    """It goes on its way."""
    with pytest.raises(SystemError, match="bad internal call"):
        error_in(SystemError("bad internal call"))
