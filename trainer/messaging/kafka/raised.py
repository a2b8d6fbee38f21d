"""What confluent-kafka raises when the client has met an error.

A fatal error is raised wherever callbacks are served. Where the library goes on to run Python code before it returns, Python
sees the error as one that was forgotten, and raises a SystemError from it.
"""

from __future__ import annotations

from confluent_kafka import KafkaError, KafkaException

RAISED = (KafkaException, SystemError)
"""What to catch around a call that serves callbacks."""


def error_in(raised: BaseException) -> KafkaError:
    """The client's error in what was raised.

    Raises:
        SystemError: it is none of the client's.
    """
    cause = raised.__cause__ if isinstance(raised, SystemError) else raised
    if not isinstance(cause, KafkaException):
        raise raised
    error: KafkaError = cause.args[0]
    return error
