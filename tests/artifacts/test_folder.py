"""Artifacts in a folder that somebody else has touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from trainer.artifacts.folder import FolderStore, StagedFile
from trainer.artifacts.run_folder import RunFolder
from trainer.artifacts.store import Artifact
from trainer.errors import ServiceError


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """The store of a run with its model in `tmp_path`."""
    return RunFolder(str(tmp_path / "model.pt"))


CALLS: dict[str, Callable[[FolderStore], object]] = {
    "read": lambda store: store.get("metrics"),
    "written": lambda store: store.put("metrics", b"{}"),
    "removed": lambda store: store.delete("metrics"),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_folder_where_an_artifact_belongs_is_told(store: FolderStore, tmp_path: Path, call: str) -> None:
    """The sentence names it and what could not be done; nothing is left half-written."""
    (tmp_path / "metrics.json").mkdir()
    with pytest.raises(ServiceError, match=rf"metrics\.json could not be {call} \("):
        CALLS[call](store)
    assert [path.name for path in tmp_path.iterdir()] == ["metrics.json"]


def test_what_a_killed_process_left_behind_is_removed(store: FolderStore, tmp_path: Path) -> None:
    """Half of an artifact, under the name that it had while it was written; other files stay."""
    for name in (".metrics.json.a1b2c3d4", ".model.pt.a1b2c3d4", "notes.txt"):
        (tmp_path / name).write_text("half")
    store.put("metrics", b"{}")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".model.pt.a1b2c3d4", "metrics.json", "notes.txt"]
    store.delete("model")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["metrics.json", "notes.txt"]


class Tidied(FolderStore):
    """A folder in which another run ends, and removes what it takes for leftovers of killed ones, at the worst moment."""

    num_tidied = 0

    def stage(self, artifact: Artifact, content: bytes) -> StagedFile:
        """See `ArtifactStore.stage`; the first temporary file is gone at once."""
        staged = super().stage(artifact, content)
        if not self.num_tidied:
            staged.discard()
        self.num_tidied += 1
        return staged


def test_a_file_that_another_run_took_for_a_leftover_is_written_again(tmp_path: Path) -> None:
    """Neither lost nor an error."""
    store = Tidied({"lease": tmp_path / "checkpoints" / "owner.json"})
    store.replace("lease", b"mine", None)
    assert store.num_tidied == 2
    assert store.get("lease") == b"mine"
