"""A rank that is a process: it talks and learns with the others."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tests.conftest import make_settings
from tests.ranks.shared_fits import training_of
from tests.training.conftest import fitting
from tests.training.typed import typed_dataset
from trainer.process.stop import StopToken
from trainer.ranks.place import Place
from trainer.ranks.ranks import Ranks
from trainer.ranks.together import Together
from trainer.training.fit import fit

SETTINGS = {"epochs": 3, "dropout": 0.2, "heads": 2, "model_type": "GATv2"}


def main(place: Sequence[str]) -> int:
    """Talk and learn, and leave what was found in the working folder; ends as the program ends.

    Args:
        place: rank, number of ranks, port, seconds to wait for the other.
    """
    rank, size, port = map(int, place[:3])
    torch.set_num_threads(1)
    ranks = Together(Place(rank, size, "127.0.0.1", port), float(place[3]))
    said = _talk(ranks)
    result = fit(*_training(ranks), lambda record, eta_s: None)
    found = {"said": said, "weights": result.state_dict, "outputs": result.outputs, "losses": result.losses}
    ranks.meet("the end of the lesson")
    ranks.leave()
    torch.save(found, f"{rank}.pt")
    os._exit(0)


def _talk(ranks: Ranks) -> list[Any]:
    """Each call of the protocol once, with more and fewer rows than the other."""
    rank, size = ranks.rank, ranks.size
    rows = torch.arange(6.0).reshape(3, 2) + 10 * rank
    sent, received = ([1, 2], [1, 0]) if rank == 0 else ([0, 3], [2, 3])
    filled = torch.zeros(5)
    filled[[slice(0, 2), slice(2, 5)][rank]] = rank + 1.0
    ranks.fill(filled, [0, 2, 5])
    gathered = ranks.gather(rows[: rank + 1])
    part = ranks.deal((lambda of: np.full(3, of)) if rank == 0 else None)
    return [
        ranks.same({"array": np.arange(4), "none": None} if rank == 0 else None),
        ranks.same(None if rank == 0 else 7),
        ranks.all_of((rank, size)),
        ranks.exchange(rows, sent, received).tolist(),
        filled.tolist(),
        None if gathered is None else gathered.tolist(),
        part.tolist(),
    ]


def _training(ranks: Ranks) -> tuple[Any, int, int, StopToken]:
    settings, stop = make_settings(**fitting("multiclass", **SETTINGS)), StopToken()
    return training_of(typed_dataset("multiclass"), settings, ranks, stop), settings.training.epochs, 0, stop
