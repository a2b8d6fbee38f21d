"""Folders that are not like others: rights that cannot be set, a disk that is full, writing that fails."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from trainer.artifacts.folder import FolderStore
from trainer.errors import ServiceError


def _store(folder: Path) -> FolderStore:
    return FolderStore({"model": folder / "model.pt", "metrics": folder / "metrics.json"})


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP, errno.EINVAL])
def test_rights_that_cannot_be_set_are_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """FUSE and CIFS refuse chmod; what is stored there has the rights of the mount."""

    def refuse(*arguments: object, **options: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "chmod", refuse)
    monkeypatch.setattr(Path, "chmod", refuse)
    store = _store(tmp_path / "out")
    store.check()
    store.put("model", b"content")
    assert store.get("model") == b"content"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "make room and run again"),
        (errno.EDQUOT, "make room and run again"),
        (errno.EIO, "see whether files can be created"),
        (errno.EROFS, "see whether files can be created"),
    ],
)
@pytest.mark.parametrize("call", ["check", "put"])
def test_a_disk_that_fails_is_told_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str, call: str
) -> None:
    """Before the training too: the check writes, syncs and renames; room is asked for where there is none."""

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    store = _store(tmp_path)
    with pytest.raises(ServiceError, match=words) as told:
        store.check() if call == "check" else store.put("model", b"x")
    assert os.strerror(number) in str(told.value)
    assert list(tmp_path.iterdir()) == []
