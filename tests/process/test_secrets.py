"""A secret is found in whatever form somebody else quotes it."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.process.secrets import MASK, Secrets

SECRETS = ("hunter2", 'p@ss w/ö"rd\\x', "a%41b+c", "пароль-7", "😀key😀", "tok+en/==", "x\\nbcd&lt;", "line\nbreak")
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda secret: secret,
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "percent-encoded twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "as a form": quote_plus,
    "each byte": lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()),
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON in UTF-8": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "JSON in JSON": lambda secret: json.dumps(json.dumps(secret)[1:-1])[1:-1],
    "JSON with slashes escaped": lambda secret: secret.replace("/", "\\/"),
    "each letter escaped": lambda secret: (
        "".join(f"\\u{ord(char):04X}" for char in secret if ord(char) < 1 << 16) or secret
    ),
    "HTML": html.escape,
    "HTML by numbers": lambda secret: "".join(f"&#x{ord(char):x};" for char in secret),
    "Python": lambda secret: repr(secret)[1:-1],
    "Python in ASCII": lambda secret: ascii(secret)[1:-1],
    "over two lines": lambda secret: f"{secret[:3]}\n    {secret[3:]}",
    "a letter a line": "\r\n".join,
    "Basic": lambda secret: base64.b64encode(f"root:{secret}".encode()).decode(),
    "Base64": lambda secret: base64.b64encode(secret.encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_secret_is_hidden_in_each_spelling(spelling: str) -> None:
    """What stands around it stays."""
    for secret in SECRETS:
        if spelling == "each letter escaped" and max(secret) > "\uffff":
            continue
        spelt = SPELLINGS[spelling](secret)
        shown = Secrets([secret], ["root"]).hidden(f"cannot reach [{spelt}] at h:1")
        assert spelt not in shown, secret
        assert shown.startswith("cannot reach [***"), secret
        assert shown.endswith("] at h:1"), secret


@given(st.text(min_size=4), st.text(), st.text())
def test_no_secret_is_left_as_it_is(secret: str, before: str, after: str) -> None:
    """Whatever it holds and wherever it stands; of blanks alone there is nothing to hide."""
    shown = Secrets([secret]).hidden(f"{before}{secret}{after}")
    assert MASK in shown


@given(st.text())
def test_a_text_without_secrets_stays(text: str) -> None:
    """Nothing is rewritten by being looked through."""
    assert Secrets().hidden(text) == text
    assert Secrets(["\ue000never\ue001there"]).hidden(text) == text


def test_too_short_a_secret_is_none() -> None:
    """It would be found in ordinary words."""
    assert Secrets(["a", "", "abc"]).hidden("a bag of abc") == "a bag of abc"


def test_several_secrets_in_one_text() -> None:
    """Each occurrence, also where one holds the other."""
    assert Secrets(["hunter2", "hunter22"]).hidden("hunter22, hunter2 and hunter2") == "***, *** and ***"
