"""Texts as moments, one by one and many at once."""

from __future__ import annotations

import time

import numpy as np
import pytest

from trainer.dataset.time.texts import INTEGER, MOMENT, PLACEHOLDER, REAL, UNREADABLE, read_texts


def instant(text: str) -> str | None:
    """The moment in UTC to the nanosecond, None where the text is none."""
    read = read_texts([text])
    return str(np.datetime64(int(read.whole[0]), "ns")) if read.form[0] == MOMENT else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-06-01", "2024-06-01T00:00:00.000000000"),
        ("2024-06", "2024-06-01T00:00:00.000000000"),
        ("2024/6/1 1:02", "2024-06-01T01:02:00.000000000"),
        ("2024.06.01 10:20:30,5", "2024-06-01T10:20:30.500000000"),
        ("2024-06-01t10:20:30z", "2024-06-01T10:20:30.000000000"),
        ("  2024-06-01T10:20:30Z ", "2024-06-01T10:20:30.000000000"),
        ("2024-06-01T10:20:30.123456789Z", "2024-06-01T10:20:30.123456789"),
        ("2024-06-01T10:20:30.1234567891234Z", "2024-06-01T10:20:30.123456789"),
        ("2024-06-01T03:00:00+03:00", "2024-06-01T00:00:00.000000000"),
        ("2024-06-01T03:00:00+0300", "2024-06-01T00:00:00.000000000"),
        ("2024-06-01T03:00:00+03", "2024-06-01T00:00:00.000000000"),
        ("2024-05-31 19:00:00 -0500", "2024-06-01T00:00:00.000000000"),
        ("2024-06-01T03:00+03:00[Europe/Moscow]", "2024-06-01T00:00:00.000000000"),
        ("2024-06-01 03:00:00 +0300 MSK", "2024-06-01T00:00:00.000000000"),
        ("2024-06-01 00:00:00 GMT", "2024-06-01T00:00:00.000000000"),
        ("20240601T000000Z", "2024-06-01T00:00:00.000000000"),
        ("20240601T0000", "2024-06-01T00:00:00.000000000"),
        ("20240601 00:00:00.250", "2024-06-01T00:00:00.250000000"),
        ("20240601000000Z", "2024-06-01T00:00:00.000000000"),
        ("2024-W22-6", "2024-06-01T00:00:00.000000000"),
        ("Sat, 01 Jun 2024 00:00:00 GMT", "2024-06-01T00:00:00.000000000"),
        ("1-Jun-2024", "2024-06-01T00:00:00.000000000"),
        ("June 1, 2024", "2024-06-01T00:00:00.000000000"),
        ("Sat Jun 01 2024 03:00:00 GMT+0300 (Moscow Standard Time)", "2024-06-01T00:00:00.000000000"),
        ("2024-05-31T24:00:00", "2024-06-01T00:00:00.000000000"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000000"),
        ("1850-02-28 23:59:59", "1850-02-28T23:59:59.000000000"),
        ("2024-02-29", "2024-02-29T00:00:00.000000000"),
    ],
)
def test_moment_is_read(text: str, expected: str) -> None:
    """ISO 8601 and what is as clear."""
    assert instant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "01/06/2024",
            "06-01-2024",
            "1.6.2024",
            "24-06-01",
            "2024-13-01",
            "2024-02-30",
            "2023-02-29",
            "2024-06-01T25:00",
        ),
        *(
            "2024-06-01T10:60",
            "2024-06-01T10:00+25:00",
            "2024-06-01 10:00 EST",
            "12:30",
            "noon",
            "2024-06/01",
            "x" * 100,
        ),
        *("２０２４-06-01", "2024-06\n01", "June", "2024-06-01T00:00\u212a", "2024-W60-1", "32 Jun 2024"),
    ],
)
def test_text_that_is_no_clear_moment(text: str) -> None:
    """A day or a month first could be either; a day that does not exist is none."""
    assert read_texts([text]).form[0] == UNREADABLE


@pytest.mark.parametrize("text", ["9999-W01-1", "0001-01-01", "0000-00-00", "9999-99-99", "NaT", "NULL", "-", "1e400"])
def test_text_that_means_no_time(text: str) -> None:
    """Words, and dates at the ends of the calendar."""
    assert read_texts([text]).form[0] == PLACEHOLDER


@pytest.mark.parametrize(
    ("text", "whole", "real"),
    [("1717200000", 1717200000, 0), ("-5", -5, 0), ("1e9", 10**9, 0), ("1717200000.5", 0, 1717200000.5), ("5.0", 5, 0)],
)
def test_number_in_a_text(text: str, whole: int, real: float) -> None:
    """An epoch may be stored as a text; eighteen digits are exact."""
    read = read_texts([text, "123456789012345678"])
    assert (read.form[0], read.whole[0], read.real[0]) == (REAL if real else INTEGER, whole, real)
    assert read.whole[1] == 123456789012345678


def test_many_different_texts_are_read_at_once() -> None:
    """A second for a million; here a tenth of them, with room for a busy machine."""
    texts = [f"{moment}Z" for moment in np.datetime64("2024-06-01T00:00:00") + np.arange(100_000)]
    begin = time.process_time()
    read = read_texts(texts)
    spent_s = time.process_time() - begin
    assert (np.diff(read.whole) == 10**9).all()
    assert spent_s < 1, f"{spent_s:.1f} s"
