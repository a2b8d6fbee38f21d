"""Nothing that comes from elsewhere steers a terminal, forges a line or reads otherwise than it is written."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trainer.process.ending import fail
from trainer.process.printable import escaped_json, one_line, several_lines

ANY_TEXT = st.text(st.characters(), max_size=40)
"""Lone surrogates too, as names of files hold them."""
SAMPLES = (
    "a\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "c\x9b2J",
    "bell\x07\x08\x7f",
    "line\r\nline\x0b\x0c\x85\u2028\u2029",
    "\u202egnp.exe\u202c",
    "\u2066isolated\u2069",
    "zero\u200bwidth\ufeff",
    "tag\U000e0041",
    "half \udc80",
    "null\0",
)


def steers(text: str) -> bool:
    """Whether a character is more than a glyph or a blank."""
    return any(unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for char in text)


@pytest.mark.parametrize("text", SAMPLES)
def test_what_does_not_print_is_shown_by_its_code(text: str) -> None:
    """The rest of the text stays, and one text is one line."""
    shown = one_line(text)
    assert not steers(shown)
    assert all(word in shown for word in re.findall(r"[a-z]+", text))


@given(ANY_TEXT)
@example("Цена, 価格, Größe, 🙂")
def test_texts_that_print_stay(text: str) -> None:
    """Whatever the language."""
    assert one_line(text) == text if text.isprintable() else not steers(one_line(text))
    assert several_lines(f"{text}\n{text}").count("\n") == text.count("\n") * 2 + 1


@given(st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=3))
def test_json_means_the_same_escaped(content: dict[str, str]) -> None:
    """Only the spelling differs, and nothing in it steers a terminal."""
    text = json.dumps(content, ensure_ascii=False)
    assert json.loads(escaped_json(text)) == content
    assert not steers(escaped_json(text).replace("\n", ""))


@pytest.mark.parametrize("text", SAMPLES)
def test_the_last_line_of_an_error_is_one_line(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is wrong, and whoever worded it."""
    assert fail(f"The attribute {text} is wrong.", 3) == 3
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert not steers(shown.rstrip("\n"))
