"""An S3 store that is away, slow or breaks off; the faults are real ones, between the client and SeaweedFS."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import pytest

from tests.artifacts.conftest import Behind
from tests.artifacts.stores import BUCKET, MIB, s3_store, sentence_of
from tests.standins.endpoints import S3Endpoint
from tests.standins.s3_front import Fault, first, slow_down
from tests.standins.tcp_proxy import CuttableProxy
from tests.waits import FOREVER_S, LONG_S
from trainer.artifacts import s3_patience
from trainer.artifacts.s3 import S3Store

pytestmark = pytest.mark.usefixtures("bucket", "short_waits")


def test_a_store_that_comes_back_is_waited_for(proxy: CuttableProxy, s3: S3Endpoint) -> None:
    """A put that begins while the store is away ends with the object stored."""
    store = s3_store(s3, minio_endpoint=proxy.address)
    proxy.cut()
    back = threading.Timer(1.0, proxy.restore)
    back.start()
    store.put("model", b"patience")
    back.join()
    assert store.get("model") == b"patience"


def test_a_check_waits_a_little_too(proxy: CuttableProxy, s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that restarts while the run starts does not end the run."""
    monkeypatch.setattr(s3_patience, "QUICK_PATIENCE_S", LONG_S)
    store = s3_store(s3, minio_endpoint=proxy.address)
    proxy.cut()
    back = threading.Timer(0.5, proxy.restore)
    back.start()
    store.check()
    back.join()


def test_an_upload_cut_in_the_middle_of_a_part_arrives_whole(behind: Behind, s3: S3Endpoint) -> None:
    """A connection that breaks inside a part costs a second try and not a byte."""
    front = behind(first(1, Fault(cut=True), "partNumber=3"))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    content = os.urandom(MIB) * 40
    store.put("model", content)
    assert len(front.spoilt) == 1
    assert store.get("model") == content


def test_an_upload_survives_a_network_that_goes_in_its_middle(proxy: CuttableProxy, s3: S3Endpoint) -> None:
    """All connections break while parts are on their way, none is taken for a second; the object is whole."""
    store = s3_store(s3, minio_endpoint=proxy.address)
    content = os.urandom(MIB) * 40
    key = store.location("model").removeprefix(f"s3://{BUCKET}/")
    client, upload = s3.client(), threading.Thread(target=store.put, args=("model", content))
    upload.start()
    try:
        while not client.list_multipart_uploads(Bucket=BUCKET, Prefix=key).get("Uploads"):
            assert upload.is_alive()
        proxy.cut()
        time.sleep(1)  # several tries to send a part
        assert upload.is_alive()
    finally:
        client.close()
        proxy.restore()
        upload.join()
    assert store.get("model") == content


def test_an_answer_that_was_lost_is_asked_for_again(behind: Behind, s3: S3Endpoint) -> None:
    """When the store completed an upload but could not say so, the object is stored all the same."""
    front = behind(first(1, Fault(lose_answer=True), "POST /artifacts-of-tests/q-lost.pt?uploadId"))
    store = s3_store(s3, queue_id="q-lost", minio_endpoint=front.endpoint)
    content = os.urandom(MIB) * 17
    store.put("model", content)
    assert len(front.spoilt) == 1
    assert store.get("model") == content


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_passing_answers_are_met_by_another_try(behind: Behind, s3: S3Endpoint, status: int) -> None:
    """Each answer that may be another one a moment later, web pages of a gateway too, does no harm."""
    front = behind(first(2, Fault(status=status, body=b"<html><p>Bad gateway<br>")))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    store.put("metrics", b"{}")
    assert len(front.spoilt) == 2
    assert store.get("metrics") == b"{}"


@pytest.mark.parametrize("call", [S3Store.check, lambda store: store.get("model"), lambda store: store.delete("model")])
def test_every_call_is_tried_again(behind: Behind, s3: S3Endpoint, call: Callable[[S3Store], object]) -> None:
    """A store that asks to slow down is obeyed by all calls."""
    front = behind(first(1, slow_down()))
    call(s3_store(s3, minio_endpoint=front.endpoint))
    assert len(front.spoilt) == 1


def test_one_layer_tries_again(behind: Behind, s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a retry budget there is one request: boto3 repeats none of its own."""
    monkeypatch.setattr(s3_patience, "QUICK_PATIENCE_S", 0.0)
    front = behind(first(99, slow_down()))
    sentence_of(s3_store(s3, minio_endpoint=front.endpoint).check)
    assert len(front.requests) == 1


def test_retry_budget_counts_from_the_first_fault(
    behind: Behind, s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload that took longer than the retry budget and then broke off is tried once more."""
    monkeypatch.setattr(s3_patience, "PUT_PATIENCE_S", 0.5)
    broken = first(1, Fault(cut=True), "uploadId")

    def choose(request: object) -> Fault | None:
        fault = broken(request)  # type: ignore[arg-type]
        if fault:
            time.sleep(0.8)
        return fault

    front = behind(choose)
    s3_store(s3, minio_endpoint=front.endpoint).put("model", bytes(17 * MIB))
    assert len(front.spoilt) == 1


def test_result_of_a_training_is_worth_more_patience(
    behind: Behind, s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end small calls wait as long as large ones: the first of them meets the store that is away."""
    monkeypatch.setattr(s3_patience, "QUICK_PATIENCE_S", 0.0)
    front = behind(first(3, slow_down()))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    store.begin_end()
    store.get("lease")
    assert len(front.spoilt) == 3


def test_patience_at_the_end_is_one_for_all_calls(
    behind: Behind, s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it is used up, a further call is tried once."""
    monkeypatch.setattr(s3_patience, "END_PATIENCE_S", 0.5)
    front = behind(first(99, slow_down()))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    store.begin_end()
    sentence_of(lambda: store.put("report", b"x"))
    num_spoilt = len(front.spoilt)
    sentence_of(lambda: store.put("metrics", b"{}"))
    assert len(front.spoilt) == num_spoilt + 1


def test_a_check_without_a_store_ends_in_time(
    proxy: CuttableProxy, s3: S3Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever starts a run learns soon that the store is away, and where it was looked for: a model is waited for longer."""
    monkeypatch.setattr(s3_patience, "QUICK_PATIENCE_S", 1.0)
    monkeypatch.setattr(s3_patience, "PUT_PATIENCE_S", FOREVER_S)
    monkeypatch.setattr(s3_patience, "END_PATIENCE_S", FOREVER_S)
    proxy.cut()
    start = time.monotonic()
    sentence = sentence_of(s3_store(s3, minio_endpoint=proxy.address).check)
    assert time.monotonic() - start >= 1
    assert f"the S3 store at MINIO_ENDPOINT='{proxy.address}' could not be reached" in sentence


def test_a_store_that_never_answers_ends_in_time(
    proxy: CuttableProxy, s3: S3Endpoint, impatient: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network that swallows everything is reported as a time-out."""
    monkeypatch.setattr(s3_patience, "READ_TIMEOUT_S", 0.4)
    proxy.stall()
    sentence = sentence_of(s3_store(s3, minio_endpoint=proxy.address).check)
    proxy.resume()
    assert "timed out" in sentence


def test_an_exhausted_put_says_what_and_why(behind: Behind, s3: S3Endpoint, impatient: None) -> None:
    """The sentence names the object and the last answer."""
    front = behind(first(999, slow_down()))
    store = s3_store(s3, queue_id="q-8", minio_endpoint=front.endpoint)
    sentence = sentence_of(lambda: store.put("model", b"x"))
    assert sentence == (
        f"s3://{BUCKET}/q-8.pt could not be written: the S3 store at MINIO_ENDPOINT='{front.endpoint}' "
        "keeps failing (last answer: 503 SlowDown); run again once it has recovered."
    )
    assert len(front.spoilt) > 1


def test_connections_that_always_break_are_reported(behind: Behind, s3: S3Endpoint, impatient: None) -> None:
    """A store that closes every connection is another trouble than one that is away."""
    front = behind(first(999, Fault(cut=True)))
    store = s3_store(s3, minio_endpoint=front.endpoint)
    assert "broke off the connection" in sentence_of(lambda: store.put("model", bytes(17 * MIB)))


def test_a_failed_replacement_keeps_the_earlier_object(behind: Behind, s3: S3Endpoint, impatient: None) -> None:
    """An upload that never completes changes nothing of what is stored."""
    s3_store(s3, queue_id="q-kept").put("model", b"earlier")
    front = behind(first(999, Fault(cut=True), "partNumber=2"))
    store = s3_store(s3, queue_id="q-kept", minio_endpoint=front.endpoint)
    sentence_of(lambda: store.put("model", bytes(17 * MIB)))
    assert store.get("model") == b"earlier"
