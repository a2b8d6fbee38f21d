"""The files of a run in a folder that may hold several models.

The first model has the plain names (`metrics.json`, `report.html`, …), each further one has names that begin with its own.
Whoever creates `checkpoints/owner.json` first has the plain names; later `metrics.json` says whose they are.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any

import orjson

from trainer.artifacts.folder import FolderStore, sha256_of
from trainer.artifacts.lengths import is_record, longest
from trainer.artifacts.store import Artifact, ChangedError, Version
from trainer.process.regular_files import read_regular

_MARKS: tuple[Artifact, ...] = ("metrics", "report", "checkpoint", "lease")
"""Files that show that a model has names of its own."""
_TRIES = 10


def paths_of_run(output_path: str) -> dict[Artifact, Path]:
    """The paths of a run as they are now: plain names where they are this model's or nobody's, else names of its own.

    Args:
        output_path: the setting OUTPUT_PATH, the path of the model.
    """
    model = Path(output_path)
    own = _own_names(model)
    if any(_is_there(own[role]) for role in _MARKS):
        return own
    return _plain_names(model) if _owner_of_plain_names(model) in (None, model.name) else own


class RunFolder(FolderStore):
    """The artifacts of a run at and beside OUTPUT_PATH; whose the plain names are is settled when the run claims them."""

    def __init__(self, output_path: str) -> None:
        """Look at what is there; nothing is written yet."""
        super().__init__(paths_of_run(output_path))
        self._output_path = output_path
        self._is_settled = False

    def replace(self, artifact: Artifact, content: bytes, over: Version | None) -> None:
        """See `ArtifactStore.replace`; a first claim finds other names when another run was faster, and is made again."""
        if artifact != "lease" or self._is_settled:
            super().replace(artifact, content, over)
            return
        self._require_same_names()
        super().replace(artifact, content, over)
        if _is_of_another(self._paths):  # it was claimed and finished in the meantime
            super().delete("lease")
            self._require_same_names()
        self._is_settled = True

    def _require_same_names(self) -> None:
        paths = paths_of_run(self._output_path)
        if paths != self._paths:
            self._paths = paths
            raise ChangedError

    def delete(self, artifact: Artifact) -> None:
        """See `ArtifactStore.delete`; a checkpoint without metrics would not show whose it is, so that the claim stays and says so."""
        if artifact == "lease" and self._paths["checkpoint"].exists() and not self._paths["metrics"].exists():
            self.put("lease", orjson.dumps({"run": None, "model": self._paths["model"].name}))
        else:
            super().delete(artifact)


def named_model(metrics: bytes) -> str | None:
    """The file name of the model that a metrics.json is about; None where it says none."""
    plain = _object_in(metrics)
    settings = plain.get("settings")
    path = settings.get("output_path") if isinstance(settings, dict) else None
    return PurePath(path).name if isinstance(path, str) else None


def is_model_of(metrics: bytes, model: Path) -> bool:
    """Whether a metrics.json holds the SHA-256 of this model file."""
    sha256 = sha256_of_model(metrics)
    try:
        return sha256 is not None and sha256_of(model) == sha256
    except OSError:
        return False


def sha256_of_model(metrics: bytes) -> str | None:
    """The SHA-256 of the model that a metrics.json of any version names, None if it names none."""
    described = _object_in(metrics).get("model")
    sha256 = described.get("sha256") if isinstance(described, dict) else None
    return sha256 if isinstance(sha256, str) and re.fullmatch("[0-9a-f]{64}", sha256) else None


def names_weights(metrics: bytes) -> bool:
    """Whether a metrics.json names weights in a format of their own beside its model."""
    artifacts = _object_in(metrics).get("artifacts")
    return isinstance(artifacts, dict) and "weights" in artifacts


def _plain_names(model: Path) -> dict[Artifact, Path]:
    checkpoints = model.parent / "checkpoints"
    return {
        "model": model,
        "weights": _weights(model),
        "metrics": model.with_name("metrics.json"),
        "report": model.with_name("report.html"),
        "predictions": model.with_name("predictions.csv.gz"),
        "checkpoint": checkpoints / "last.ckpt",
        "lease": checkpoints / "owner.json",
        "stop": checkpoints / "stop.json",
    }


def _own_names(model: Path) -> dict[Artifact, Path]:
    checkpoints, stem = model.parent / "checkpoints", model.stem
    return {
        "model": model,
        "weights": _weights(model),
        "metrics": model.with_name(f"{stem}.metrics.json"),
        "report": model.with_name(f"{stem}.report.html"),
        "predictions": model.with_name(f"{stem}.predictions.csv.gz"),
        # `last.ckpt` is a plain name
        "checkpoint": checkpoints / ("last.pt.ckpt" if stem == "last" else f"{stem}.ckpt"),
        "lease": checkpoints / f"{stem}.owner.json",
        "stop": checkpoints / f"{stem}.stop.json",
    }


def _weights(model: Path) -> Path:
    """Beside the model under its own name, for a folder may hold several; Keras loads no file with another ending."""
    return model.with_name(f"{model.stem}.weights.h5")


def _owner_of_plain_names(model: Path) -> str | None:
    """The file name of the model that has the plain names of a folder, None if they are free."""
    plain = _plain_names(model)
    holder = _object_in(_content(plain, "lease")).get("model")
    if isinstance(holder, str):
        return holder
    metrics = _content(plain, "metrics")
    named = named_model(metrics)
    if named is not None and model.with_name(named).exists():
        return named
    # Without metrics of their own, these may be the model that metrics.json is about: renamed, or of an earlier version.
    others = [path for path in _models_in(model.parent) if not _own_names(path)["metrics"].exists()]
    renamed = next((path.name for path in others if is_model_of(metrics, path)), None)
    if renamed is not None or named == model.name or _is_there(model):
        return renamed or model.name
    return others[0].name if others and any(plain[role].exists() for role in _MARKS) else None


def _is_of_another(paths: Mapping[Artifact, Path]) -> bool:
    named, model = named_model(_content(paths, "metrics")), paths["model"]
    return named not in (None, model.name) and model.with_name(str(named)).exists()


def _content(paths: Mapping[Artifact, Path], artifact: Artifact) -> bytes:
    try:
        content = read_regular(paths[artifact], longest(artifact))
    except OSError:
        return b""
    return content if is_record(artifact, content) else b""


def _models_in(folder: Path) -> list[Path]:
    """The models of a folder; none where it may not be looked into, which `check` finds."""
    try:
        return sorted(folder.glob("*.pt"))
    except OSError:
        return []


def _is_there(path: Path) -> bool:
    """Whether a file is there; `Path.exists` raises where a folder above may not be entered, which `check` finds."""
    return os.path.exists(path)  # noqa: PTH110


def _object_in(content: bytes) -> dict[str, Any]:
    try:
        plain = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return plain if isinstance(plain, dict) else {}
