"""The target that labels make, as the tests of labels see it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.composed import judged
from tests.conftest import make_graph, make_settings
from trainer.dataset.labels.target import Target, find_target
from trainer.dataset.warned import Warned


def warned_target(labels: Sequence[Any], **values: Any) -> Warned[Target]:
    """The target that these labels under the name `y` make, and the warnings."""
    table = judged(make_graph([{"y": label} for label in labels]))
    settings = make_settings(**{"target": "y"} | values)
    return find_target(settings.data, settings.training, table)


def given_back(target: Target) -> list[Any]:
    """The label of each vertex as the target has it; None without one."""
    assert target.classes is not None
    pairs = zip(target.y.tolist(), target.labelled.tolist(), strict=True)
    return [target.classes[index] if labelled else None for index, labelled in pairs]
