"""The lines of the log: one a record, without secrets, and without what steers a terminal."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from tests.process.test_printable import SAMPLES, steers
from trainer.messaging.open import open_console, open_log
from trainer.process.secrets import keep_secret
from trainer.settings.groups.log import LogSettings

SECRET = "hunter2-Пароль"


@pytest.fixture(autouse=True)
def kept() -> Iterator[None]:
    """A secret of the process; afterwards there is none, and the log is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    keep_secret([SECRET])
    yield
    keep_secret([])
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.raiseExceptions = True


def log_of(log_format: str, *words: str) -> str:
    """What stands in the log after a warning, a line of a library and a traceback that hold these words."""
    stream = io.StringIO()
    open_log(LogSettings(log_format=log_format), stream)
    for word in words:
        logging.getLogger("gnn_trainer").warning("The attribute %s is odd.", word)
        logging.getLogger("a.library").error(f"cannot reach http://u:{word}@h")
        try:
            raise ValueError(f"bad answer: {word}")
        except ValueError:
            logging.getLogger("gnn_trainer").exception("A defect")
    return stream.getvalue()


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_no_secret_reaches_the_log(log_format: str) -> None:
    """In no message, of whoever, and in no traceback."""
    shown = log_of(log_format, SECRET, json.dumps(SECRET)[1:-1], "\n".join(SECRET))
    assert "***" in shown
    assert SECRET not in shown
    assert not any(letters in shown for letters in ("Пароль", "hunter2", "\\u041f", "\\\\u041f"))


def test_a_text_log_prints_only_what_prints() -> None:
    """And a record is one line, but for its traceback."""
    shown = log_of("text", *SAMPLES)
    assert not steers(shown.replace("\n", ""))
    lines = shown.splitlines()
    assert sum(line.endswith("is odd.") for line in lines) == len(SAMPLES)
    assert sum(line.startswith("ValueError: bad answer: ") for line in lines) == len(SAMPLES)


def test_a_json_log_holds_the_same_texts_escaped() -> None:
    """Whoever reads it gets them back; what a terminal shows of it does not steer it."""
    shown = log_of("json", *SAMPLES)
    assert not steers(shown.replace("\n", ""))
    records = [json.loads(line) for line in shown.splitlines()]
    texts = [record["message"] for record in records if record["level"] == "WARNING"]
    assert texts == [f"The attribute {sample} is odd." for sample in SAMPLES]
    assert all("Traceback" in record["exc_info"] for record in records if record["message"] == "A defect")


def test_a_console_shows_texts_and_no_markup() -> None:
    """Neither colours nor emoji by name, and nothing that steers it."""
    stream = io.StringIO()
    console = open_console(stream)
    console.print("[red]b[/red] :smile: [link=http://h]x[/link]")
    for sample in SAMPLES:
        console.print(sample)
    assert stream.getvalue().startswith("[red]b[/red] :smile: [link=http://h]x[/link]\n")
    assert not steers(stream.getvalue().replace("\n", ""))
