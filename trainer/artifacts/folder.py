"""Artifacts in a local folder, each written to a temporary file that is then renamed."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from trainer.artifacts.disk_faults import advice, make_readable, try_folder
from trainer.artifacts.lengths import is_record, longest
from trainer.artifacts.store import Artifact, ChangedError, UnusableError, Version
from trainer.errors import ServiceError, SettingsError
from trainer.process.regular_files import NotRegularError, TooLongError, open_regular, read_regular

Content = TypeVar("Content")

_TRIES = 5
"""Another run may remove an empty folder, or a temporary file, in the moment in which this one needs it."""


class FolderStore:
    """Artifacts at paths of their own."""

    def __init__(self, paths: Mapping[Artifact, Path]) -> None:
        """Keep artifacts at these paths; nothing is written yet."""
        self._paths = dict(paths)
        self._created: list[Path] = []

    def check(self) -> None:
        """See `ArtifactStore.check`; the first path counts."""
        path = next(iter(self._paths.values()))
        folder = path.absolute().parent
        # Path.exists() raises where a folder above may not be entered.
        nearest = next(parent for parent in (folder, *folder.parents) if os.path.exists(parent))  # noqa: PTH110
        shown = f"OUTPUT_PATH={str(path)!r}"
        if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
            raise SettingsError(f"{shown} cannot be written: {nearest} is not a writable folder.")
        error = try_folder(nearest, path.name)
        if error is not None:
            raise ServiceError(
                f"{shown} cannot be written to {nearest} ({error.strerror}); {advice(error)}."
            ) from error

    def location(self, artifact: Artifact) -> str:
        """See `ArtifactStore.location`."""
        return str(self._paths[artifact])

    def begin_end(self) -> None:
        """See `ArtifactStore.begin_end`."""

    def get(self, artifact: Artifact, most_bytes: int | None = None) -> bytes | None:
        """See `ArtifactStore.get`."""
        path = self._paths[artifact]
        content = _read(path, lambda: read_regular(path, most_bytes or longest(artifact)))
        if content is not None and not is_record(artifact, content):
            raise UnusableError(f"{path} holds far more than the record of a run; move it away.")
        return content

    def digest(self, artifact: Artifact) -> str | None:
        """See `ArtifactStore.digest`."""
        return _read(self._paths[artifact], lambda: sha256_of(self._paths[artifact]))

    def version(self, artifact: Artifact) -> Version | None:
        """See `ArtifactStore.version`; a renamed file is another one, whatever it holds."""
        try:
            status = self._paths[artifact].stat()
        except (FileNotFoundError, NotADirectoryError):  # that nothing can be written there is said by `check`
            return None
        except OSError as error:
            raise ServiceError(f"{self._paths[artifact]} could not be read ({error.strerror}).") from error
        return f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"

    def put(self, artifact: Artifact, content: bytes) -> None:
        """See `ArtifactStore.put`."""
        staged = self.stage(artifact, content)
        try:
            staged.move()
        except BaseException:
            staged.discard()
            raise

    def replace(self, artifact: Artifact, content: bytes, over: Version | None) -> None:
        """See `ArtifactStore.replace`; of several runs that create a file, one succeeds."""
        for _ in range(_TRIES):
            staged = self.stage(artifact, content)
            try:
                if over is not None:
                    staged.commit(over)
                elif not staged.create():
                    continue
            finally:
                staged.discard()
            return
        raise ChangedError

    def stage(self, artifact: Artifact, content: bytes) -> StagedFile:
        """See `ArtifactStore.stage`: a temporary file beside the artifact."""
        path = self._paths[artifact]
        with _said(path):
            for _ in range(_TRIES):
                self._make_folder(path.parent)
                with suppress(FileNotFoundError):  # another run removed the empty folder
                    return StagedFile(self, artifact, path, _write_aside(path, content))
            raise FileNotFoundError(errno.ENOENT, f"{path.parent} is removed again and again")

    def delete(self, artifact: Artifact) -> None:
        """See `ArtifactStore.delete`; folders that were created for artifacts and are empty again go too."""
        path = self._paths[artifact]
        try:
            path.unlink(missing_ok=True)
            _remove_leftovers(path)
            created = {*self._created, *(path.parent for role, path in self._paths.items() if role == "checkpoint")}
            for folder in sorted(created, key=lambda folder: len(folder.parts), reverse=True):
                _remove_if_empty(folder)
        except OSError as error:
            raise ServiceError(f"{path} could not be removed ({error.strerror}).") from error

    def _make_folder(self, folder: Path) -> None:
        self._created += [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)


class StagedFile:
    """See `Staged`."""

    def __init__(self, store: FolderStore, artifact: Artifact, path: Path, temporary: Path) -> None:
        """A content that was written to `temporary`."""
        self._store, self._artifact, self._path, self._temporary = store, artifact, path, temporary

    @property
    def artifact(self) -> Artifact:
        """See `Staged.artifact`."""
        return self._artifact

    def commit(self, over: Version | None) -> Version:
        """See `Staged.commit`; files know no conditions, so that the look and the renaming are two steps."""
        if self._store.version(self._artifact) != over or not self._temporary.exists():
            raise ChangedError
        self.move()
        return self._store.version(self._artifact) or ""

    def move(self) -> None:
        """Give the content its name, whatever is there."""
        with _said(self._path):
            self._temporary.replace(self._path)
            _remove_leftovers(self._path)

    def create(self) -> bool:
        """Give the content its name if no file has it, in one step.

        Returns:
            False when the temporary file is gone: another run has taken it for one of a killed process.
        """
        with _said(self._path):
            try:
                os.link(self._temporary, self._path)
            except FileExistsError:
                raise ChangedError from None
            except OSError:  # a file system without hard links
                if self._path.exists():
                    raise ChangedError from None
                if not self._temporary.exists():
                    return False
                self._temporary.replace(self._path)
        return True

    def discard(self) -> None:
        """See `Staged.discard`."""
        with suppress(OSError):
            self._temporary.unlink()


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal, read piece by piece.

    Raises:
        OSError: see `open_regular`.
    """
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read(path: Path, read: Callable[[], Content]) -> Content | None:
    try:
        return read()
    except (FileNotFoundError, NotADirectoryError):  # that nothing can be written there is said by `check`
        return None
    except (NotRegularError, TooLongError) as error:
        raise UnusableError(f"{path} could not be read ({error.strerror}); move it away.") from error
    except OSError as error:
        raise ServiceError(f"{path} could not be read ({error.strerror}).") from error


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ServiceError(f"{path} could not be written ({error.strerror}); {advice(error)}.") from error


def _write_aside(path: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        make_readable(temporary)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _remove_leftovers(path: Path) -> None:
    """Remove temporary files of processes that were killed; one that still writes has lost its claim."""
    name = re.compile(
        re.escape(f".{path.name}.") + "[a-z0-9_]{8}"
    )  # as tempfile makes them; other models' names begin alike
    with suppress(FileNotFoundError):  # another run removed the empty folder
        for leftover in path.parent.glob(f".{glob.escape(path.name)}.*"):
            if name.fullmatch(leftover.name):
                leftover.unlink(missing_ok=True)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # it is not empty, or gone
        folder.rmdir()
