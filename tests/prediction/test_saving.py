"""A table of predictions and its measures: never half of both, never in place of something else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.schemas import validate_prediction_record
from trainer.artifacts.folder import FolderStore
from trainer.artifacts.store import Artifact
from trainer.errors import ServiceError, SettingsError
from trainer.prediction.saving import save_predictions
from trainer.record import LabelsRecord, PredictionRecord, RegressionMeasures, UsedModel

RECORD = PredictionRecord(
    schema_version=1,
    status="predicted",
    graph_name="g",
    created_at="2024-06-01T00:00:00+00:00",
    model=UsedModel(location="m.pt", sha256="0" * 64, queue_id="q", graph_name="f"),
    task="regression",
    target=LabelsRecord(name="y", type="v", labelled=2, unknown=0, unlabelled=1),
    classes=None,
    metrics=RegressionMeasures(num=2, mae=0.5, rmse=0.5, r2=None),
    warnings=[],
    artifacts={},
)


@pytest.fixture
def paths(tmp_path: Path) -> dict[Artifact, Path]:
    """A table and its measures."""
    return {"predictions": tmp_path / "t.csv.gz", "metrics": tmp_path / "t.metrics.json"}


def test_the_measures_name_their_table(paths: dict[Artifact, Path]) -> None:
    """By its hash, in a file that keeps to the schema."""
    save_predictions(FolderStore(paths), b"table", RECORD)
    assert paths["predictions"].read_bytes() == b"table"
    content = paths["metrics"].read_bytes()
    validate_prediction_record(content)
    assert json.loads(content)["artifacts"] == {"predictions": hashlib.sha256(b"table").hexdigest()}


def test_measures_of_an_older_table_go(paths: dict[Artifact, Path]) -> None:
    """A graph without labels leaves its table alone."""
    store = FolderStore(paths)
    save_predictions(store, b"one", RECORD)
    save_predictions(store, b"two", None)
    assert paths["predictions"].read_bytes() == b"two"
    assert not paths["metrics"].exists()


class Full(FolderStore):
    """A folder that takes no table."""

    def put(self, artifact: Artifact, content: bytes) -> None:
        """See `ArtifactStore.put`."""
        if artifact == "predictions":
            raise ServiceError("full")
        super().put(artifact, content)


def test_a_table_that_cannot_be_stored_has_no_measures(paths: dict[Artifact, Path]) -> None:
    """Neither its own, nor those of the table that it should have replaced."""
    save_predictions(FolderStore(paths), b"one", RECORD)
    with pytest.raises(ServiceError):
        save_predictions(Full(paths), b"two", RECORD)
    assert not paths["metrics"].exists()


@pytest.mark.parametrize("other", [{"status": "finished"}, ["predicted"], "no JSON"])
def test_another_file_is_not_replaced(paths: dict[Artifact, Path], other: Any) -> None:
    """Such as metrics.json of a run whose model has the name of the table; nothing is written."""
    content = other if isinstance(other, str) else json.dumps(other)
    paths["metrics"].write_text(content)
    with pytest.raises(SettingsError, match=r"t\.metrics\.json is there and not of predictions"):
        save_predictions(FolderStore(paths), b"table", RECORD)
    assert not paths["predictions"].exists()
    save_predictions(FolderStore(paths), b"table", None)
    assert paths["metrics"].read_text() == content
