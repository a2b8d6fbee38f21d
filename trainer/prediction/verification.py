"""Whether a model file is the one that the metrics of its run describe."""

from __future__ import annotations

import hashlib
import logging
from pathlib import PurePath

from trainer.artifacts.run_folder import named_model, sha256_of_model
from trainer.artifacts.store import ArtifactStore, UnusableError
from trainer.errors import DataError, ServiceError

_log = logging.getLogger("gnn_trainer")


def verify_model(store: ArtifactStore, content: bytes) -> None:
    """Compare a model with the SHA-256 that `metrics.json` of its run holds, where there is one.

    Args:
        store: of `model` and `metrics`.
        content: of the model file.

    Raises:
        DataError: it is another model, or the metrics are none.
    """
    model, place = store.location("model"), store.location("metrics")
    try:
        metrics = store.get("metrics")
    except UnusableError as error:
        raise DataError(
            f"Whether {model} is what its run has written cannot be checked: {str(error).rstrip('.')}, to predict without the check."
        ) from error
    except ServiceError as error:
        _log.warning(f"Whether {model} is what its run has written cannot be checked: {error}")
        return
    if metrics is None or named_model(metrics) not in (None, PurePath(model).name):  # a model that was moved or renamed
        return
    sha256 = sha256_of_model(metrics)
    if sha256 is None:
        raise DataError(
            f"{place} cannot be read as the record of a run, so that {model} cannot be checked; train again, or remove it to "
            "predict without the check."
        )
    if sha256 != hashlib.sha256(content).hexdigest():
        raise DataError(
            f"{model} is not the model that {place} describes (another SHA-256): one of them was replaced, or is being "
            "replaced; train again, or predict once more when the run has ended."
        )
