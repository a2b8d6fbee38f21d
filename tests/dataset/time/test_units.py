"""Numbers that look like times, by their size and their form."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trainer.dataset.time.units import looks_like_epochs

NOW = 1_717_200_000
STEPS = np.arange(50) * 300


@pytest.mark.parametrize(
    "values",
    [
        NOW + STEPS,
        (NOW + STEPS) * 10**3 + 299_999,
        (NOW + STEPS) * 10**6,
        (NOW + STEPS) * 10**9,
        (NOW + STEPS).astype(float),
        NOW + STEPS + 0.123,
        np.append((NOW + STEPS) * 10**3, [0, -1]),
        np.append((NOW + STEPS) * 10**3, [2**63 - 1]),
        np.append((NOW + STEPS).astype(float), np.nan),
        np.append(NOW + STEPS, (NOW + STEPS) * 1000),
        20_240_601 + np.arange(30),
        202_406_010_000 + np.arange(60),
    ],
)
def test_epochs_are_recognised(values: Any) -> None:
    """Of every unit, as integers or doubles, with gaps and placeholders, and calendar numbers."""
    assert looks_like_epochs(values)


@pytest.mark.parametrize(
    "values",
    [
        np.zeros(5),
        np.full(5, np.nan),
        np.array([], dtype=np.int64),
        np.arange(1000),
        np.full(60, 1e308),
        np.array([2**63 - 1, -(2**63)]),
        np.geomspace(1e6, 1e13, 50),
        np.linspace(7e8, 2.7e9, 50) + 0.5,
        np.linspace(1e8, 4e8, 50).round(),
        np.random.default_rng(0).normal(size=1000),
        np.arange(20_240_000, 20_250_000),
        np.array([60_000, 120_000, 5_000_000]),
    ],
)
def test_other_numbers_are_no_epochs(values: Any) -> None:
    """Counts, prices, volumes that spread over years of epochs, durations."""
    assert not looks_like_epochs(values)
