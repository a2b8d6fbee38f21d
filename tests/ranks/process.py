"""A rank that is a process: it learns with the others, and leaves as it is told."""

from __future__ import annotations

import os
import sys
from typing import Any

import numpy as np
import torch

from tests.conftest import make_settings
from tests.ranks.shared_fits import training_of
from tests.training.conftest import fitting
from tests.training.typed import typed_dataset
from trainer.errors import TrainerError
from trainer.process.stop import StopToken
from trainer.ranks.place import Place
from trainer.ranks.ranks import Ranks
from trainer.ranks.together import Together
from trainer.training.fit import fit

SETTINGS = {"epochs": 3, "dropout": 0.2, "heads": 2, "model_type": "GATv2"}


def main(rank: int, size: int, port: int, timeout_s: float, how: str, path: str) -> None:
    """Learn, and write what rank 0 has learned; then end."""
    torch.set_num_threads(1)
    found: dict[str, Any] = {}
    try:
        ranks = Together(Place(rank, size, "127.0.0.1", port), timeout_s)
        found["said"] = _talk(ranks)
        result = fit(*_training(ranks), lambda record, eta_s: None)
        found |= {"weights": result.state_dict, "outputs": result.outputs, "losses": result.losses}
        ranks.meet("the end of the lesson")
        _end(ranks, how)
        ranks.leave()
    except TrainerError as error:
        found["error"] = (error.exit_code, str(error))
    torch.save(found, f"{path}/{rank}.pt")
    sys.stdout.flush()
    os._exit(0)  # as the program ends


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


def _end(ranks: Ranks, how: str) -> None:
    if ranks.rank == 1 and how == "with a word":
        ranks.fail(3, "There are no labels.")
        os._exit(3)
    if ranks.rank == 1 and how == "killed":
        os.kill(os.getpid(), 9)
    if ranks.rank == 1 and how == "frozen":
        os.kill(os.getpid(), 19)
    if how != "well":
        ranks.sum(torch.ones(2))


if __name__ == "__main__":
    main(*(kind(text) for kind, text in zip((int, int, int, float, str, str), sys.argv[1:], strict=True)))
