"""The end of the process: at once, whatever threads are still busy with what nobody waits for any more.

A run that is stopped or refused early may leave threads behind: one that loads torch, one that waits for a database, one
that computes. Python would wait for the first and tear down the libraries under the last, which C++ answers with an abort.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import NoReturn


def leave(exit_code: int) -> NoReturn:
    """End the process with this exit code; all that was said is written first."""
    if threading.active_count() > 1:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(exit_code)
    sys.exit(exit_code)
