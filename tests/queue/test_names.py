"""Names for Kubernetes out of names that are not for Kubernetes."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.queue.names import job_name, label_value

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
look_alikes = st.text("aA_-. я", min_size=1, max_size=60)


@given(st.text(min_size=1) | look_alikes)
def test_any_queue_id_gives_a_dns_name(queue_id: str) -> None:
    """The Job's name is a DNS-1123 label that leaves room for the pod's suffix."""
    name = job_name(queue_id)
    assert DNS_LABEL.fullmatch(name)
    assert len(f"{name}-abcde") <= 63


@given(look_alikes, look_alikes)
def test_different_queue_ids_never_share_a_name(one: str, other: str) -> None:
    """Queue ids that differ only in case, in signs or past the cut have different Jobs."""
    assert (job_name(one) == job_name(other)) is (one == other)


def test_queue_id_that_looks_like_a_made_name_is_another_job() -> None:
    """A queue that is called like another queue's Job does not take its name."""
    made = job_name("gnn-btcusdt-5m-2024_06_01-abc123")
    assert job_name(made) != made


def test_name_stays_the_same_between_versions() -> None:
    """The name is part of what other programs compute, so it is written down here."""
    expected = "gnn-btcusdt-5m-2024-06-01-abc123-6297addf5e1a7b65"
    assert job_name("gnn-btcusdt-5m-2024_06_01-abc123") == expected


def test_queue_id_without_a_latin_letter_has_a_readable_name() -> None:
    """Where nothing can be kept, the service's name stands before the hash."""
    assert re.fullmatch(r"gnn-trainer-[0-9a-f]{16}", job_name("граф"))


@given(st.text(min_size=1) | look_alikes)
def test_any_text_gives_a_label_value(text: str) -> None:
    """A label value keeps to the letters and the length that Kubernetes allows."""
    value = label_value(text)
    assert LABEL_VALUE.fullmatch(value)
    assert len(value) <= 63


@pytest.mark.parametrize("text", ["BTCUSDT", "gnn-btcusdt-5m-2024_06_01-abc123", "a", "a" * 63])
def test_valid_label_value_is_kept(text: str) -> None:
    """What a label may hold is not changed, so that people can select by it."""
    assert label_value(text) == text


@pytest.mark.parametrize("text", ["a" * 64, "BTC/USDT", "-a", "a_", "btc usdt\n"])
def test_other_label_values_get_a_stand_in(text: str) -> None:
    """What a label may not hold is replaced, hash included."""
    assert label_value(text) == job_name(text, fallback="x")


def test_names_for_the_template_are_printed() -> None:
    """The command prints both names in a form that a shell can read."""
    command = [sys.executable, "-m", "trainer.queue.names", "a_b"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == [f"JOB_NAME={job_name('a_b')}", "QUEUE_LABEL=a_b"]
