"""Names for Kubernetes out of names that are not for Kubernetes."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.queue.names import job_name, label_value, main, service_name, set_name

DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
LABEL_VALUE = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
look_alikes = st.text("aA_-. я", min_size=1, max_size=60)


@given(st.text(min_size=1) | look_alikes)
def test_any_queue_id_gives_a_dns_name(queue_id: str) -> None:
    """The Job's name is a DNS-1123 label that leaves room for the pod's suffix."""
    for name in (job_name(queue_id), job_name(queue_id, 1722348000.123)):
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


@given(st.lists(st.none() | st.floats(1.0, 4e9).map(lambda seconds: round(seconds, 3)), unique=True))
def test_each_start_of_a_queue_has_its_own_name(starts: list[float | None]) -> None:
    """The same start has the same name, whichever form of run it is; starts a millisecond apart are different ones."""
    for name in (job_name, service_name, set_name):
        assert len({name("a", started_s) for started_s in starts}) == len(starts)
        assert [name("a", started_s) for started_s in starts] == [name("a", started_s) for started_s in starts]


def test_names_stay_the_same_between_versions() -> None:
    """They are part of what other programs compute, so they are written down here."""
    queue_id = "gnn-btcusdt-5m-2024_06_01-abc123"
    assert job_name(queue_id) == "gnn-btcusdt-5m-2024-06-01-abc123-6297addf5e1a7b65"
    digest = hashlib.sha256(f"{queue_id}\n1722348000123000".encode()).hexdigest()[:16]
    assert job_name(queue_id, 1722348000.123) == f"gnn-btcusdt-5m-2024-06-01-abc123-{digest}"


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
    value = label_value(text)
    assert LABEL_VALUE.fullmatch(value)
    assert value.endswith(hashlib.sha256(text.encode()).hexdigest()[:16])


@pytest.mark.parametrize("timestamp", [[], [""], ["1722348000.123"], ["1722348000123"]])
def test_names_for_the_template_are_printed(timestamp: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints both names in a form that a shell can read; the time may count any unit."""
    assert main(["a_b", *timestamp]) == 0
    started_s = 1722348000.123 if "".join(timestamp) else None
    assert capsys.readouterr().out.splitlines() == [f"JOB_NAME={job_name('a_b', started_s)}", "QUEUE_LABEL=a_b"]


@pytest.mark.parametrize("arguments", [[], [""], ["a", "yesterday"], ["a", "-1"], ["a", "1", "2"]])
def test_names_of_no_start_are_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence and code 2, and nothing that a shell would set."""
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
