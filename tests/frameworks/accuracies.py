"""How good a framework's models are on a small graph of papers."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from tests.composed import build_dataset, fit
from tests.conftest import make_settings
from tests.frameworks.citations import SETTINGS, citations
from trainer.dataset.dataset import Dataset
from trainer.training.evaluate import evaluate

SIZE: dict[str, Any] = {"hidden_channels": 32, "learning_rate": 0.01, "epochs": 50}


def accuracy(framework: str, model_type: str) -> float:
    """Of the test part, the mean of three seeds; chance is 0.25."""
    chosen = SETTINGS | SIZE | {"framework": framework, "model_type": model_type}
    fits = [fit(_papers(), make_settings(**chosen, seed=seed)) for seed in (1, 2, 3)]
    found = [evaluate(fitted, _papers()).metrics["test"] for fitted in fits]
    return float(np.mean([part["accuracy"] for part in found if part is not None]))


@cache
def _papers() -> Dataset:
    """Few labels, many words, and edges that mislead."""
    return build_dataset(citations(800, 4, 120, 0.2, seed=1), make_settings(**SETTINGS))
