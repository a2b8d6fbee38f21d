"""How a program of ours leaves: with a sentence on standard error where something is wrong, and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn


def fail(sentence: str, exit_code: int) -> int:
    """Say on the last line of standard error what is wrong and what to do; returns the exit code."""
    sys.stdout.flush()
    print(f"gnn-trainer: {' '.join(sentence.split())}", file=sys.stderr)
    return exit_code


def leave_with(main: Callable[[Sequence[str]], int]) -> NoReturn:
    """Run `main` with the command line, and end the process with its exit code."""
    try:
        sys.exit(main(sys.argv[1:]))
    except BrokenPipeError:  # `--help | head`; Python would complain once more when it flushes at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
