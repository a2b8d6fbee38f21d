"""How a retry shows in the log: one sentence, whichever adapter tries again."""

from __future__ import annotations

import logging

from stamina.instrumentation import RetryDetails, set_on_retry_hooks

_log = logging.getLogger("gnn_trainer")


def show_retries_in_log() -> None:
    """Let stamina log a sentence for each retry, in place of its own record."""
    set_on_retry_hooks([_show])


def _show(details: RetryDetails) -> None:
    cause = " ".join(str(details.caused_by).split())
    _log.warning(f"Trying again in {details.wait_for:.1f} s (retry {details.retry_num}): {cause}")
