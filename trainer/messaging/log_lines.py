"""The lines of the log: without the secrets of this process, and without characters that do not print.

Most texts in them come from elsewhere, such as the names of a graph and the words of a server; libraries write lines too.
"""

from __future__ import annotations

import logging
from types import TracebackType
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from trainer.process.printable import Lines, escaped_json, one_line, several_lines
from trainer.process.secrets import hidden

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class TextLines(logging.Formatter):
    """A message in one line, or in those that it was made of; the lines of a traceback below it."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """See `logging.Formatter`."""
        printable = several_lines if isinstance(record.msg, Lines) else one_line
        record.message = printable(hidden(record.message))
        return super().formatMessage(record)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - logging's name
        """See `logging.Formatter`."""
        return several_lines(hidden(super().formatException(ei)))


class JsonLines(JsonFormatter):
    """A record as one JSON object, whatever characters its texts hold."""

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """See `BaseJsonFormatter`."""
        for name in log_data.keys() & {"message", "exc_info"}:
            log_data[name] = hidden(str(log_data[name]))
        return super().process_log_record(log_data)

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        """See `BaseJsonFormatter`."""
        return escaped_json(super().jsonify_log_record(log_data))
