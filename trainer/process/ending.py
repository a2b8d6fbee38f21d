"""The end of the process: at once, whatever threads are still busy with what nobody waits for any more.

A run that is stopped or refused early may leave threads behind: one that loads torch, one that waits for a database, one
that computes. Python would wait for the first and tear down the libraries under the last, which C++ answers with an abort.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from traceback import format_exception
from types import TracebackType
from typing import NoReturn

from trainer.process.printable import one_line, several_lines
from trainer.process.secrets import hidden
from trainer.process.streams import secure_streams


def leave(exit_code: int) -> NoReturn:
    """End the process with this exit code, after flushing its output.

    Everything is stored and said by then. Python would tear down torch for seconds first, and a stopped pod has few.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(exit_code)


def fail(sentence: str, exit_code: int) -> int:
    """Write to the last line of standard error what is wrong and what to do; returns the exit code."""
    sys.stdout.flush()
    print(f"gnn-trainer: {one_line(hidden(' '.join(sentence.split())))}", file=sys.stderr)
    return exit_code


def run_program(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Call `main` with the command line, and end the process with its exit code."""
    secure_streams()
    sys.excepthook = _print_traceback
    threading.excepthook = _print_traceback_of_thread
    leave(main(sys.argv[1:]))


def _print_traceback(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """A defect outside the run; the text of an error may hold anything."""
    print(several_lines(hidden("".join(format_exception(kind, error, traceback)))), end="", file=sys.stderr)


def _print_traceback_of_thread(end: threading.ExceptHookArgs) -> None:
    if end.exc_value is not None:
        _print_traceback(end.exc_type, end.exc_value, end.exc_traceback)
