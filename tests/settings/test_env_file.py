"""A `.env` file is read as it stands, or refused by the number of its line; it is never passed over in part."""

from __future__ import annotations

import codecs
import os
from pathlib import Path

import pytest

from tests.settings.conftest import REQUIRED, Load
from tests.settings.test_problems import refusal
from trainer.errors import SettingsError
from trainer.settings.definition import Settings
from trainer.settings.sources import load_settings


def load_bytes(folder: Path, content: bytes) -> Settings:
    """Settings with a `.env` of these bytes."""
    (folder / ".env").write_bytes(content)
    return load_settings([], REQUIRED, folder / ".env")


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_every_form_of_a_text_file_is_read(tmp_path: Path, encoding: str, mark: bytes, line_end: str) -> None:
    """What the editors and shells of all systems save, the first line and the last one too."""
    lines = (
        "SYMBOL=Привет",
        "",
        "# a comment",
        "EPOCHS=7",
        "export SEED=9",
        "TASK = binary # or not",
        "TARGET=price_up",
    )
    settings = load_bytes(tmp_path, mark + line_end.join(lines).encode(encoding))
    assert (settings.queue.symbol, settings.data.target) == ("Привет", "price_up")
    assert (settings.training.epochs, settings.training.seed, settings.training.task) == (7, 9, "binary")
    assert settings.doubts == ()


@pytest.mark.parametrize(
    "value", ["${HOME}", "'${HOME}'", '"${HOME}"', "${NOT_THERE:-x}", '"a ${HOME} b"', "$HOME", "a$$b", "'$(id)'"]
)
def test_nothing_is_put_in_the_place_of_a_reference(load: Load, value: str) -> None:
    """As docker reads the file; `${…}` is said, once."""
    settings = load(env_file=f"SYMBOL={value}\n")
    assert settings.queue.symbol == value.strip("'\"")
    assert ["${…}" in doubt for doubt in settings.doubts] == ([True] if "${" in value else [])


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("EPOCHS 7\n", 1),
        ("\n\n  \nEPOCHS: 7\n", 4),
        ("SEED=1\nhunter2\n", 2),
        ("SEED=1\r\n\r\nEPOCHS\r\n", 3),
        ("export EPOCHS\n", 1),
        ("SEED=1\nSYMBOL='hunter2\n", 2),
        ('SEED=1\nSYMBOL="hunter2\nEPOCHS=3\n', 2),
        ('SYMBOL="hunter2\nEPOCHS=3"\n', 1),
        ('SYMBOL="a"hunter2\n', 1),
        ("=hunter2\n", 1),
        ("SEED=1\nSYMBOL=a\0b\n", 2),
        ("'EPOCHS=3\n", 1),
    ],
)
def test_a_line_that_cannot_be_read_is_named_by_its_number(load: Load, content: str, line: int) -> None:
    """And not repeated: it may hold a password."""
    sentence = refusal(load, env_file=content)
    assert f"line {line} of " in sentence or f"lines {line}, " in sentence
    assert "hunter2" not in sentence


def test_all_lines_that_cannot_be_read_are_named_beside_other_problems(load: Load) -> None:
    """Once for all of them."""
    sentence = refusal(load, "--epochs", "ten", env_file="a b\nSEED=1\n" + "c\n" * 7)
    assert sentence.startswith("2 settings are wrong: lines 1, 3, 4, 5, 6 and 3 more of ")
    assert "EPOCHS='ten'" in sentence


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("SYMBOL=Привет\n".encode("cp1251"), "is not text in UTF-8 (line 1)"),
        ("SEED=1\nSYMBOL=Größe\n".encode("latin-1"), "is not text in UTF-8 (line 2)"),
        ("SEED=1\n".encode("utf-16-le"), "cannot be read"),
        (codecs.BOM_UTF16_LE + b"S\0E", "is not text in UTF-8 (line 1)"),
        (b"\x00" * 20, "cannot be read"),
    ],
)
def test_a_file_that_is_no_text_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    """Another encoding, or no text at all."""
    with pytest.raises(SettingsError) as refused:
        load_bytes(tmp_path, content)
    assert words in str(refused.value)


def test_what_is_there_and_no_file_is_refused(load: Load, tmp_path: Path) -> None:
    """A folder, as docker makes one for a mount without a source, a link that leads nowhere, a FIFO."""
    file = tmp_path / ".env"
    file.mkdir()
    assert "is not a file; a folder may be there" in refusal(load)
    file.rmdir()
    file.symlink_to(tmp_path / "nowhere")
    assert "cannot be read (No such file or directory)" in refusal(load)
    file.unlink()
    file.symlink_to(file)
    assert "cannot be read (Too many levels of symbolic links)" in refusal(load)
    file.unlink()
    os.mkfifo(file)
    assert "is not a file" in refusal(load)


def test_a_name_that_stands_there_twice_is_said(load: Load) -> None:
    """The last line counts."""
    settings = load(env_file="EPOCHS=3\nSEED=1\nEPOCHS=4\n\nEPOCHS=5\n")
    assert settings.training.epochs == 5
    (doubt,) = settings.doubts
    assert "sets EPOCHS in lines 1, 3, 5; the last one counts" in doubt


def test_names_that_are_no_settings_are_said_once(load: Load) -> None:
    """With the name that was meant; aliases, and variables of our other programs, are known."""
    known = "KAFKA_CA_PATH=ca.crt\nMODEL=m.pt\nIMAGE_PREFIXES=registry/\n"
    settings = load(env_file=f"{known}EPOCHZ=3\nHTTP_PROXY=http://u:hunter2@p\nepochs=3\nNUM_NEIGHBOURS=3\n")
    (doubt,) = settings.doubts
    assert doubt.startswith("No settings, and without effect in ")
    assert (
        "EPOCHZ in line 4 (did you mean EPOCHS?), HTTP_PROXY in line 5, epochs in line 6 (did you mean EPOCHS?)"
        in doubt
    )
    assert "NUM_NEIGHBOURS in line 7 (did you mean NUM_NEIGHBORS?)" in doubt
    assert "hunter2" not in doubt


def test_a_piece_of_a_key_is_not_taken_for_a_name(load: Load) -> None:
    """A key of several lines that lost its quotes ends in `=`, as Base64 does."""
    (doubt,) = load(env_file=f"{'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj' * 2}=\nab/cd+ef==\n").doubts
    assert "the name in line 1, the name in line 2" in doubt
