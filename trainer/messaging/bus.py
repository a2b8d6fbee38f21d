"""Which bus the events of a run go to, and how the log looks beside it."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING

from trainer.events import Bus
from trainer.messaging.throttle import ThrottledBus
from trainer.settings import Settings

if TYPE_CHECKING:
    from rich.console import Console


def is_text(settings: Settings) -> bool:
    """Whether a person reads the output, rather than a log collector."""
    return settings.log_format == "text" or (settings.log_format == "auto" and sys.stdout.isatty())


def open_bus(settings: Settings) -> Bus:
    """The terminal for a person, the log for everybody else; also sets up the log."""
    if not is_text(settings):
        from pythonjsonlogger.json import JsonFormatter

        from trainer.messaging.log import LogBus

        formatter = JsonFormatter(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger"},
            timestamp=True,
            json_ensure_ascii=False,
        )
        _set_up_logging(settings, logging.StreamHandler(sys.stdout), formatter)
        return ThrottledBus(LogBus())
    from rich.logging import RichHandler

    from trainer.messaging.terminal import LineBus, TerminalBus

    console = open_console()
    if console.is_terminal:
        _set_up_logging(settings, RichHandler(console=console, show_path=False), logging.Formatter("%(message)s"))
        return TerminalBus(console)
    _set_up_logging(
        settings, logging.StreamHandler(sys.stdout), logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    )
    return ThrottledBus(LineBus(console))


def open_console() -> Console:
    """Standard output for a person."""
    from rich.console import Console

    return Console(file=sys.stdout)


def _set_up_logging(settings: Settings, handler: logging.Handler, formatter: logging.Formatter) -> None:
    handler.setFormatter(formatter)
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
