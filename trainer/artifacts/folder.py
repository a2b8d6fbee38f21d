"""Artifacts in a local folder, each written to a temporary file that is then renamed."""

from __future__ import annotations

import glob
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from trainer.artifacts.disk_faults import advice, make_readable, try_folder
from trainer.artifacts.store import Artifact
from trainer.errors import ServiceError, SettingsError


def paths_of_run(output_path: str) -> dict[Artifact, Path]:
    """The model at OUTPUT_PATH; everything else beside it."""
    model = Path(output_path)
    return {
        "model": model,
        "metrics": model.with_name("metrics.json"),
        "report": model.with_name("report.html"),
        "predictions": model.with_name("predictions.csv.gz"),
        "checkpoint": model.parent / "checkpoints" / "last.ckpt",
        "lease": model.parent / "checkpoints" / "owner.json",
        "stop": model.parent / "checkpoints" / "stop.json",
    }


class FolderStore:
    """Artifacts at paths of their own; `paths_of_run` has those of a run."""

    def __init__(self, paths: Mapping[Artifact, Path]) -> None:
        """Keep artifacts at these paths; nothing is written yet."""
        self._paths = dict(paths)
        self._created: list[Path] = []

    def check(self) -> None:
        """See `ArtifactStore.check`; the first path counts."""
        path = next(iter(self._paths.values()))
        folder = path.absolute().parent
        nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
        shown = f"OUTPUT_PATH={str(path)!r}"
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise SettingsError(f"{shown} cannot be written: {nearest} is not a writable folder.")
        error = try_folder(nearest)
        if error is not None:
            raise ServiceError(
                f"{shown} cannot be written to {nearest} ({error.strerror}); {advice(error)}."
            ) from error

    def location(self, artifact: Artifact) -> str:
        """See `ArtifactStore.location`."""
        return str(self._paths[artifact])

    def get(self, artifact: Artifact) -> bytes | None:
        """See `ArtifactStore.get`."""
        try:
            return self._paths[artifact].read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ServiceError(f"{self._paths[artifact]} could not be read ({error.strerror}).") from error

    def put(self, artifact: Artifact, content: bytes) -> None:
        """See `ArtifactStore.put`."""
        path = self._paths[artifact]
        try:
            self._make_folder(path.parent)
            _write(path, content)
        except OSError as error:
            raise ServiceError(f"{path} could not be written ({error.strerror}); {advice(error)}.") from error

    def delete(self, artifact: Artifact) -> None:
        """See `ArtifactStore.delete`; folders that were created for artifacts and are empty again go too."""
        path = self._paths[artifact]
        try:
            path.unlink(missing_ok=True)
            _remove_leftovers(path)
            created = {*self._created, *(path.parent for role, path in self._paths.items() if role == "checkpoint")}
            for folder in sorted(created, key=lambda folder: len(folder.parts), reverse=True):
                if folder.is_dir() and not any(folder.iterdir()):
                    folder.rmdir()
        except OSError as error:
            raise ServiceError(f"{path} could not be removed ({error.strerror}).") from error

    def _make_folder(self, folder: Path) -> None:
        self._created += [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)


def _write(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        make_readable(Path(temporary))
        Path(temporary).replace(path)
        _remove_leftovers(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _remove_leftovers(path: Path) -> None:
    """Remove temporary files of processes that were killed; one that still writes has lost its lease."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*"):
        leftover.unlink(missing_ok=True)
