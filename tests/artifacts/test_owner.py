"""Two runs of one queue over a real store: only the owner replaces what is there."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.artifacts.conftest import Behind
from tests.artifacts.stores import BUCKET, s3_store
from tests.standins.endpoints import S3Endpoint
from tests.standins.s3_front import Fault, Request, first, refusal
from trainer.artifacts.lease import Lease, SupersededError
from trainer.artifacts.run_folder import RunFolder
from trainer.artifacts.saving import save_run
from trainer.artifacts.store import Artifact, ArtifactStore, ChangedError

Open = Callable[[], ArtifactStore]
CONTENTS: dict[Artifact, bytes] = {"model": b"weights", "report": b"<html>"}


@pytest.fixture(params=["folder", "s3"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """Opens the same store again and again, as each of two runs does."""
    if request.param == "folder":
        return lambda: RunFolder(str(tmp_path / "out" / "model.pt"))
    s3: S3Endpoint = request.getfixturevalue("s3")
    s3.create_bucket(BUCKET)
    queue_id = f"q-{uuid.uuid4().hex[:12]}"
    return lambda: s3_store(s3, queue_id=queue_id)


def finish(store: ArtifactStore, lease: Lease, mark: bytes) -> None:
    """Save a result that carries a mark."""
    contents: dict[Artifact, bytes] = {role: content + mark for role, content in CONTENTS.items()}
    save_run(store, lease, "q", contents, lambda stored: b"metrics" + mark)


def finish_anew(store: ArtifactStore) -> None:
    """Another run takes over, and finishes."""
    lease = Lease(store)
    lease.take()
    finish(store, lease, b" of the newer")
    lease.release()


def test_only_the_version_that_was_seen_is_replaced(opened: Open) -> None:
    """Whoever comes later with an older view changes nothing."""
    store = opened()
    store.replace("lease", b"first", None)
    seen = store.version("lease")
    with pytest.raises(ChangedError):
        store.replace("lease", b"not over another", None)
    store.replace("lease", b"second", seen)
    with pytest.raises(ChangedError):
        store.replace("lease", b"late", seen)
    assert store.get("lease") == b"second"


@pytest.mark.parametrize("size", [0, 1, 9 << 20])
def test_what_is_staged_is_not_seen(opened: Open, size: int) -> None:
    """Until it is committed, over what was seen only; then it is there, byte for byte."""
    store = opened()
    store.put("model", b"older")
    seen = store.version("model")
    content = b"m" * size
    staged = store.stage("model", content)
    assert store.get("model") == b"older"
    with pytest.raises(ChangedError):
        staged.commit(None)
    version = staged.commit(seen)
    assert (store.get("model"), store.version("model")) == (content, version)
    late = store.stage("model", b"late")
    with pytest.raises(ChangedError):
        late.commit(seen)
    late.discard()
    assert store.get("model") == content


def test_what_is_discarded_leaves_nothing(opened: Open, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Neither a file nor an unfinished upload."""
    store = opened()
    store.stage("model", b"m").discard()
    assert store.get("model") is None
    if isinstance(store, RunFolder):
        assert list((tmp_path / "out").iterdir()) == []
    else:
        client = request.getfixturevalue("s3").client()
        key = store.location("model").removeprefix(f"s3://{BUCKET}/")
        assert client.list_multipart_uploads(Bucket=BUCKET, Prefix=key).get("Uploads", []) == []
        client.close()


def test_a_run_that_wakes_up_changes_nothing(opened: Open) -> None:
    """The newer run is gone, and its claim with it."""
    older, newer = opened(), opened()
    paused, lease = Lease(older), Lease(newer)
    paused.take()
    lease.take()
    finish(newer, lease, b" of the newer")
    lease.release()
    with pytest.raises(SupersededError):
        finish(older, paused, b" of the paused")
    for artifact in ("model", "report", "metrics"):
        content = older.get(artifact)
        assert content is not None
        assert content.endswith(b" of the newer")


@pytest.mark.parametrize(
    ("older", "newer", "steps_back"),
    [(1.0, 2.0, True), (2.0, 2.0, False), (2.0, 1.0, False), (None, 2.0, False), (1.0, None, False)],
)
def test_a_pod_of_an_older_start_leaves_the_queue_to_a_later_one(
    opened: Open, older: float | None, newer: float | None, steps_back: bool
) -> None:
    """Whatever the order of the pods; a retry of the same start takes over, and so does a run of which nobody knows when."""
    Lease(opened(), newer).take()
    retry = Lease(opened(), older)
    if steps_back:
        with pytest.raises(SupersededError):
            retry.take()
    else:
        retry.take()


@pytest.mark.parametrize("claim", [b"", b"{", b"[]", b'{"ordered_at": "soon"}', b'{"ordered_at": null}'])
def test_a_claim_that_says_no_time_is_taken_over(opened: Open, claim: bytes) -> None:
    """Of an earlier version, or damaged."""
    opened().put("lease", claim)
    Lease(opened(), 1.0).take()


def test_a_claim_that_was_removed_is_made_again(opened: Open) -> None:
    """The run goes on and stores its result."""
    store = opened()
    lease = Lease(store)
    lease.take()
    store.delete("lease")
    finish(store, lease, b"")
    assert store.get("metrics") == b"metrics"


# What only a store behind a network can do.


def queue_of(store: ArtifactStore) -> str:
    """The QUEUE_ID of a store in the bucket."""
    return store.location("model").removeprefix(f"s3://{BUCKET}/").removesuffix(".pt")


@pytest.mark.usefixtures("bucket", "short_waits")
@pytest.mark.parametrize("older", [False, True], ids=["first", "replaces"])
@pytest.mark.parametrize("part", [".pt?", "report.html?", "metrics.json?"])
def test_a_run_that_was_paused_between_look_and_write_is_refused_by_the_store(
    s3: S3Endpoint, behind: Behind, part: str, older: bool
) -> None:
    """Another run finishes while the completion of an upload is on its way, to an empty place or over an older result."""
    newer = s3_store(s3)
    if older:
        for artifact in ("model", "report", "metrics"):
            newer.put(artifact, b"of an older run")
    done: list[Request] = []

    def take_over(request: Request) -> Fault | None:
        if request.method == "POST" and "uploadId=" in request.path and part in request.path and not done:
            done.append(request)
            finish_anew(newer)
        return None

    store = s3_store(s3, minio_endpoint=behind(take_over).endpoint, queue_id=queue_of(newer))
    paused = Lease(store)
    paused.take()
    with pytest.raises(SupersededError):
        finish(store, paused, b" of the paused")
    assert done
    assert newer.get("model") == b"weights of the newer"
    assert newer.get("report") == b"<html> of the newer"
    assert newer.get("metrics") == b"metrics of the newer"


@pytest.mark.usefixtures("bucket", "short_waits")
@pytest.mark.parametrize("part", ["owner.json", ".pt?uploadId", "report.html?uploadId", "metrics.json?uploadId"])
def test_an_answer_that_is_lost_is_no_other_run(s3: S3Endpoint, behind: Behind, part: str) -> None:
    """The second try of the same write finds the first one's object, which is not what it may replace."""
    is_claim = part == "owner.json"
    lost = first(1, Fault(lose_answer=True), part)
    gone = first(
        1, refusal(404, "NoSuchUpload"), part
    )  # what MinIO says to the second try; others say that all is well

    def choose(request: Request) -> Fault | None:
        if request.method != ("PUT" if is_claim else "POST"):
            return None
        return lost(request) or (None if is_claim else gone(request))

    front = behind(choose)
    store = s3_store(s3, minio_endpoint=front.endpoint)
    lease = Lease(store)
    lease.take()
    finish(store, lease, b"")
    assert len(front.spoilt) == (1 if is_claim else 2)
    assert store.get("metrics") == b"metrics"
    assert sum("?uploads" in request.path for request in front.requests) == 3, "no content travelled twice"


@pytest.mark.usefixtures("bucket", "short_waits")
def test_an_answer_that_is_lost_while_a_claim_is_made_again_is_no_other_run(s3: S3Endpoint, behind: Behind) -> None:
    """The claim was removed by somebody; the second try of making it finds the first one's object."""
    armed = threading.Event()
    lost = first(1, Fault(lose_answer=True), "PUT")
    front = behind(lambda request: lost(request) if armed.is_set() and "owner.json" in request.path else None)
    store = s3_store(s3, minio_endpoint=front.endpoint)
    lease = Lease(store)
    lease.take()
    store.delete("lease")
    armed.set()
    finish(store, lease, b"")
    assert len(front.spoilt) == 1
    assert store.get("metrics") == b"metrics"


@pytest.mark.usefixtures("bucket", "short_waits")
def test_parts_that_the_store_has_lost_are_sent_again(s3: S3Endpoint) -> None:
    """A clean-up of the bucket between two steps of the end costs nothing."""
    store = s3_store(s3)
    staged = store.stage("model", b"weights")
    store.abort(staged)
    staged.commit(None)
    assert store.get("model") == b"weights"


@pytest.mark.usefixtures("bucket", "short_waits")
@pytest.mark.parametrize(("status", "code"), [(501, b"NotImplemented"), (400, b"InvalidArgument")])
def test_a_store_that_refuses_conditions_is_written_without(
    s3: S3Endpoint, behind: Behind, status: int, code: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The look before each write has to do, and the log says so."""
    caplog.set_level("INFO")
    refusal = Fault(status=status, body=b"<?xml version='1.0'?><Error><Code>" + code + b"</Code></Error>")
    newer = s3_store(s3)
    store = s3_store(s3, minio_endpoint=behind(first(1, refusal, "PUT")).endpoint, queue_id=queue_of(newer))
    lease = Lease(store)
    lease.take()
    assert "ignores or refuses If-Match" in caplog.text
    finish(store, lease, b"")
    later = Lease(newer)
    later.take()
    with pytest.raises(SupersededError):
        finish(store, lease, b" late")
    assert newer.get("model") == b"weights"


@pytest.mark.usefixtures("bucket", "short_waits")
def test_over_a_store_without_conditions_the_look_before_each_write_counts(s3: S3Endpoint, behind: Behind) -> None:
    """Another run finishes while the parts of this one's result are on their way."""
    newer = s3_store(s3)
    done: list[Request] = []

    def choose(request: Request) -> Fault | None:
        if {"if-match", "if-none-match"} & request.headers.keys():
            return refusal(501, "NotImplemented")
        if request.method == "POST" and "metrics.json?uploads" in request.path and not done:
            done.append(request)
            finish_anew(newer)
        return None

    store = s3_store(s3, minio_endpoint=behind(choose).endpoint, queue_id=queue_of(newer))
    paused = Lease(store)
    paused.take()
    with pytest.raises(SupersededError):
        finish(store, paused, b" of the paused")
    assert done
    assert newer.get("model") == b"weights of the newer"
    assert newer.get("metrics") == b"metrics of the newer"
