"""Artifacts in a local folder, each written aside and then moved to its name."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from trainer.errors import ServiceError, SettingsError


class FolderStore:
    """The model at OUTPUT_PATH; metrics.json and report.html beside it."""

    def __init__(self, output_path: str) -> None:
        """Use the folder of `output_path`; nothing is written yet."""
        model = Path(output_path)
        self._paths = {
            "model": model,
            "metrics": model.with_name("metrics.json"),
            "report": model.with_name("report.html"),
        }

    def check(self) -> None:
        """See `ArtifactStore.check`; leaves no trace."""
        folder = self._paths["model"].absolute().parent
        nearest = next(path for path in (folder, *folder.parents) if path.exists())
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise SettingsError(
                f"OUTPUT_PATH={str(self._paths['model'])!r} cannot be written: {nearest} is no writable folder."
            )

    def location(self, artifact: str) -> str:
        """See `ArtifactStore.location`."""
        return str(self._paths[artifact])

    def save(self, model: bytes, report: bytes, metrics: bytes) -> None:
        """See `ArtifactStore.save`."""
        contents = {"model": model, "report": report, "metrics": metrics}
        try:
            self._paths["model"].parent.mkdir(parents=True, exist_ok=True)
            self._paths["metrics"].unlink(missing_ok=True)  # an older run's mark of completeness
            for artifact, content in contents.items():
                _write(self._paths[artifact], content)
        except OSError as error:
            raise ServiceError(
                f"{error.filename or self._paths['model']} could not be written ({error.strerror}); make room and run again."
            ) from error


def _write(path: Path, content: bytes) -> None:
    descriptor, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise
