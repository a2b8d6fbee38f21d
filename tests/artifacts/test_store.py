"""What every store promises: the same tests over a folder and over a bucket."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import get_args

import pytest

from tests.artifacts.stores import BUCKET, keys_in_bucket, s3_store
from tests.standins.endpoints import S3Endpoint
from trainer.artifacts.folder import FolderStore
from trainer.artifacts.run_folder import RunFolder
from trainer.artifacts.store import Artifact, ArtifactStore

ALL: tuple[Artifact, ...] = get_args(Artifact)
MIB = 1 << 20


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ArtifactStore:
    """An empty store, a folder and a bucket."""
    if request.param == "folder":
        return RunFolder(str(tmp_path / "out" / "model.pt"))
    s3: S3Endpoint = request.getfixturevalue("s3")
    s3.create_bucket(BUCKET)
    return s3_store(s3)


def test_artifacts_come_back(store: ArtifactStore) -> None:
    """What was put is what is got; all artifacts of a run live side by side."""
    for artifact in ALL:
        store.put(artifact, artifact.encode())
    assert [store.get(artifact) for artifact in ALL] == [artifact.encode() for artifact in ALL]
    assert len({store.location(artifact) for artifact in ALL}) == len(ALL)


def test_an_absent_artifact_is_none(store: ArtifactStore) -> None:
    """What was never put is nothing, and no error."""
    assert [store.get(artifact) for artifact in ALL] == [None] * len(ALL)


def test_an_empty_artifact_is_not_an_absent_one(store: ArtifactStore) -> None:
    """No bytes are a content too."""
    store.put("lease", b"")
    assert store.get("lease") == b""


def test_a_later_put_replaces_the_content(store: ArtifactStore) -> None:
    """The last content counts, also when it is shorter."""
    store.put("checkpoint", b"a long first content")
    store.put("checkpoint", b"second")
    assert store.get("checkpoint") == b"second"


def test_a_deleted_artifact_is_gone(store: ArtifactStore) -> None:
    """Only the artifact that was named goes."""
    store.put("checkpoint", b"c")
    store.put("lease", b"o")
    store.delete("checkpoint")
    assert (store.get("checkpoint"), store.get("lease")) == (None, b"o")


def test_deleting_nothing_is_fine(store: ArtifactStore) -> None:
    """An absent artifact stays absent without an error."""
    for artifact in ALL:
        store.delete(artifact)
    assert [store.get(artifact) for artifact in ALL] == [None] * len(ALL)


def test_a_large_content_arrives_whole(store: ArtifactStore) -> None:
    """Content that S3 takes in parts comes back byte for byte."""
    content = os.urandom(MIB) * 40 + b"the end"
    store.put("model", content)
    assert store.get("model") == content


def test_the_check_leaves_no_trace(store: ArtifactStore, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Neither an artifact, nor a file, nor a key, nor a started upload is there after a check."""
    store.check()
    assert [store.get(artifact) for artifact in ALL] == [None] * len(ALL)
    assert list(tmp_path.iterdir()) == []
    if not isinstance(store, FolderStore):
        s3: S3Endpoint = request.getfixturevalue("s3")
        key = store.location("model").removeprefix(f"s3://{BUCKET}/")
        client = s3.client()
        assert client.list_multipart_uploads(Bucket=BUCKET, Prefix=key).get("Uploads", []) == []
        client.close()
        assert keys_in_bucket(s3, key.removesuffix(".pt")) == []


def test_the_check_keeps_what_is_there(store: ArtifactStore) -> None:
    """The model of an earlier run survives the check of the next one."""
    store.put("model", b"earlier")
    store.check()
    assert store.get("model") == b"earlier"


def test_a_reader_never_sees_half_a_content(store: ArtifactStore) -> None:
    """While an artifact is replaced over and over, whoever reads it gets one whole content."""
    contents = {bytes([letter]) * 500_000 for letter in b"abcd"}
    store.put("checkpoint", b"a" * 500_000)
    is_enough = threading.Event()

    def replace() -> None:
        while not is_enough.is_set():
            for content in sorted(contents):
                store.put("checkpoint", content)

    writer = threading.Thread(target=replace)
    writer.start()
    contents_read: list[bytes | None] = []
    try:
        while writer.is_alive() and (len(contents_read) < 30 or len(set(contents_read)) == 1):
            contents_read.append(store.get("checkpoint"))
    finally:
        is_enough.set()
        writer.join()
    assert set(contents_read) <= contents
    assert len(set(contents_read)) > 1, "the writer failed"
