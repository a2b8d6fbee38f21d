"""No training calls the parts of CUDA that `.ci/trim` takes out of the image, so that a GPU needs none of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tests.training.conftest import TASKS, run_fit
from tests.training.typed import dense_dataset, typed_dataset
from trainer.registry.frameworks import FRAMEWORKS
from trainer.registry.models import MODELS

ABSENT = re.compile(
    r"cudnn|convolution|conv\d|_norm\b|batch_norm|rnn|lstm|gru|attention|ctc_loss|grid_sampler"
    r"|linalg|cholesky|svd|qr\b|lstsq|inverse|\blu_|_lu_|solve|eigh?\b|geqrf|ormqr|logdet|symeig"
)
"""Operations that call cuDNN or cuSOLVER on a GPU, by their names in ATen; a norm of a vector is none of them."""


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the name of each operation, those of the way back included."""

    def __init__(self) -> None:
        """Has seen nothing yet."""
        super().__init__()  # type: ignore[no-untyped-call]
        self.names: set[str] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Note it and do it."""
        self.names.add(func.name().removeprefix("aten::"))
        return func(*args, **kwargs or {})


def absent_operations(work: Callable[[], object]) -> set[str]:
    """Operations of the work that would call what the image lacks."""
    with Recorder() as recorder:
        work()
    assert recorder.names
    return {name for name in recorder.names if ABSENT.search(name)}


@pytest.mark.parametrize("model_type", MODELS)
@pytest.mark.parametrize("types", ["one type", "several types"])
def test_no_model_calls_what_the_image_lacks(model_type: str, types: str) -> None:
    """Whatever the task, sampled or not, with dropout, forwards and backwards."""
    dataset = dense_dataset if types == "one type" else typed_dataset
    common: dict[str, Any] = {"model_type": model_type, "heads": 2, "dropout": 0.2, "epochs": 1, "weight_decay": 0.1}
    for task, sampled in zip(TASKS, [{}, {"batch_size": 8, "num_neighbors": [2, 2]}, {}], strict=True):
        values = common | sampled
        assert absent_operations(lambda: run_fit(task, dataset=dataset(task, **values), **values)) == set()  # noqa: B023 - called at once


def test_frameworks_on_gpus_are_those_seen_here() -> None:
    """Another one that can use a GPU has to be tried above too."""
    assert [name for name, row in FRAMEWORKS.items() if not row.no_gpu] == ["pyg"]


@pytest.mark.parametrize(
    "work",
    [
        lambda: torch.conv1d(torch.ones(1, 1, 4), torch.ones(1, 1, 2)),
        lambda: torch.nn.BatchNorm1d(2)(torch.ones(3, 2)),
        lambda: torch.nn.LSTM(2, 2)(torch.ones(1, 1, 2)),
        lambda: torch.linalg.inv(torch.eye(2)),
        lambda: torch.linalg.svd(torch.eye(2)),
    ],
    ids=["convolution", "batch norm", "recurrent", "inverse", "decomposition"],
)
def test_what_calls_them_is_noticed(work: Callable[[], object]) -> None:
    """The name of each kind of operation is known."""
    assert absent_operations(work)
