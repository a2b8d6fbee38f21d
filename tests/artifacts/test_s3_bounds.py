"""Stores that answer without end, or far too much: a sentence that names the bound, in little memory."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterable

import pytest

from tests.artifacts.conftest import Behind
from tests.artifacts.stores import s3_store, sentence_of
from tests.standins import endless
from tests.standins.endpoints import S3Endpoint
from tests.standins.s3_front import Fault, Request
from trainer.artifacts.s3 import S3Store
from trainer.artifacts.store import Artifact
from trainer.bounds import artifacts
from trainer.bounds import s3 as bounds

pytestmark = pytest.mark.usefixtures("bucket", "short_waits", "impatient")

MIB = 2**20
ETAG = 'ETag: "a"'
Answer = Callable[[], Iterable[bytes]]
READ: tuple[Artifact, ...] = ("metrics", "lease", "stop", "checkpoint", "model")


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds as they are, a hundred times smaller."""
    for name in ("LONGEST_NOTE_BYTES", "LONGEST_METRICS_BYTES", "LONGEST_MODEL_BYTES", "LONGEST_CHECKPOINT_BYTES"):
        monkeypatch.setattr(artifacts, name, MIB)
    monkeypatch.setattr(bounds, "MOST_ANSWER_BYTES", MIB // 4)


def spoilt(s3: S3Endpoint, behind: Behind, answer: Answer, *methods: str) -> S3Store:
    """A store that answers requests of these methods like this."""

    def choose(request: Request) -> Fault | None:
        return Fault(stream=answer) if request.method in methods else None

    return s3_store(s3, minio_endpoint=behind(choose).endpoint)


def whole(body: bytes, *headers: str, status: str = "200 OK") -> Answer:
    """An answer of this body."""
    return lambda: [endless.head(f"Content-Length: {len(body)}", *headers, status=status), body]


@pytest.mark.parametrize("artifact", READ)
@pytest.mark.parametrize(
    "answer",
    [
        lambda: endless.body_without_end(b"{", ETAG),
        lambda: itertools.chain([endless.head(f"Content-Length: {9 * MIB}", ETAG)], itertools.repeat(b" " * MIB)),
        lambda: itertools.chain([endless.head(ETAG)], itertools.repeat(b" " * MIB)),
    ],
    ids=["chunks", "length", "until it closes"],
)
def test_an_object_without_end(s3: S3Endpoint, behind: Behind, artifact: Artifact, answer: Answer) -> None:
    """Whatever is read as a whole."""
    store = spoilt(s3, behind, answer, "GET")
    assert "sent more than 1 MiB; see what has stored it, or answers in its place" in sentence_of(
        lambda: store.get(artifact)
    )


@pytest.mark.parametrize("status", ["403 No", "404 None", "500 Oh", "301 There"])
@pytest.mark.parametrize("call", ["get", "put", "digest", "version"])
def test_a_refusal_without_end(s3: S3Endpoint, behind: Behind, call: str, status: str) -> None:
    """It is no object, and has less room."""
    store = spoilt(s3, behind, lambda: endless.body_without_end(status=status), "GET", "PUT")
    calls = {
        "get": lambda: store.get("model"),
        "put": lambda: store.put("model", b"x"),
        "digest": lambda: store.digest("model"),
        "version": lambda: store.version("model"),
    }
    assert "sent more than 262,144 bytes" in sentence_of(calls[call])


@pytest.mark.parametrize("answer", [endless.headers_without_end, endless.goes_on_without_end])
def test_headers_without_end(s3: S3Endpoint, behind: Behind, answer: Answer) -> None:
    """Nobody sees a byte of the content."""
    store = spoilt(s3, behind, answer, "GET")
    assert "sent more than 65,536 bytes of headers" in sentence_of(lambda: store.get("model"))


def test_a_list_without_end_is_passed_over(s3: S3Endpoint, behind: Behind) -> None:
    """Unfinished uploads are looked for, and a run can do without."""

    def choose(request: Request) -> Fault | None:
        is_list = request.method == "GET" and "?uploads" in request.path
        return Fault(stream=lambda: endless.body_without_end(b"<ListMultipartUploadsResult>")) if is_list else None

    front = behind(choose)
    s3_store(s3, minio_endpoint=front.endpoint).check()
    assert front.spoilt


@pytest.mark.parametrize("status", ["200 OK", "403 No"])
def test_entities_are_not_expanded(s3: S3Endpoint, behind: Behind, status: str) -> None:
    """A few letters that an XML parser makes gigabytes of."""
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE E [<!ENTITY a0 "ha">{entities}]><Error><Code>&a9;</Code></Error>'.encode()
    store = spoilt(s3, behind, whole(bomb, status=status), "PUT")
    assert "does not answer as an S3 store does" in sentence_of(lambda: store.put("model", b"x"))


def test_an_object_drop_by_drop(s3: S3Endpoint, behind: Behind, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then is no checkpoint."""
    monkeypatch.setattr(bounds, "SLOW_S", 0.02)
    start = endless.head("Content-Length: 1000000", ETAG)
    store = spoilt(s3, behind, lambda: endless.drop_by_drop(start, 0.005), "GET")
    assert "sent less than 60,000 bytes in" in sentence_of(lambda: store.get("checkpoint"))


def test_an_answer_drop_by_drop(s3: S3Endpoint, behind: Behind, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store may let wait while it puts parts together, but not for ever."""
    monkeypatch.setattr(bounds, "ANSWER_S", 0.05)
    store = spoilt(s3, behind, lambda: endless.drop_by_drop(endless.head("Content-Length: 99"), 0.005), "PUT")
    assert "sent an answer for more than" in sentence_of(lambda: store.put("model", b"x"))


def test_a_digest_takes_an_object_of_any_length(s3: S3Endpoint) -> None:
    """What is not read as a whole is not bounded."""
    content = bytes(range(256)) * 6 * 4096
    store = s3_store(s3)
    assert store.digest("predictions") is None
    store.put("predictions", content)
    assert store.digest("predictions") == hashlib.sha256(content).hexdigest()


def test_a_checkpoint_may_be_as_long_as_its_model_needs(s3: S3Endpoint) -> None:
    """The run says how long."""
    store = s3_store(s3)
    store.put("checkpoint", bytes(2 * MIB))
    assert "sent more than 1 MiB" in sentence_of(lambda: store.get("checkpoint"))
    assert store.get("checkpoint", 2 * MIB) == bytes(2 * MIB)
