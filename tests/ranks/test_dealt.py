"""What rank 0 lets go of when it has dealt out the graph."""

from __future__ import annotations

import weakref
from typing import Any

import pytest

from tests.conftest import make_settings
from tests.standins.rank_threads import RankThread, run_ranks
from tests.training.conftest import fitting
from tests.training.typed import dense_dataset, typed_dataset
from trainer.frameworks.open import open_backend
from trainer.models.describe import describe_model
from trainer.process.stop import StopToken


@pytest.mark.parametrize("make", [dense_dataset, typed_dataset], ids=["one relation", "several types"])
def test_the_edges_of_the_whole_graph_are_freed(make: Any) -> None:
    """Each rank has those of its range; the dataset that rank 0 keeps for its record has none, but all relations."""
    settings = make_settings(**fitting("binary"))

    def work(ranks: RankThread) -> None:
        prepared, indices = None, []
        if ranks.rank == 0:
            dataset = make()
            relations = list(dataset.inputs.edges)
            indices = [weakref.ref(edges.index) for edges in dataset.inputs.edges.values()]
            prepared = describe_model(settings.model, dataset.inputs, dataset.target.num_outputs), dataset
        backend = open_backend("pyg")
        training = backend.share_training(prepared, settings.training, settings.sampling, StopToken(), ranks)
        assert training.run_epoch() is not None
        assert [index() for index in indices] == [None] * len(indices), "something holds them still"
        if ranks.rank == 0:
            assert list(dataset.inputs.edges) == relations

    run_ranks(2, work)
