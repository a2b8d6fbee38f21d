"""What travels between ranks is what the cut of the graph says, and along time that is little."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.composed import build_dataset
from tests.conftest import EXAMPLE, make_settings
from tests.ranks.shared_fits import share_fit
from tests.training.conftest import fitting
from tests.training.typed import dense_dataset
from trainer.dataset.dataset import Dataset
from trainer.preparation import load_graph
from trainer.process.stop import StopToken
from trainer.ranks.parts import Partition
from trainer.ranks.ranges import cut, order


def halo_rows(dataset: Dataset, size: int) -> list[int]:
    """How many vertices of others each rank's edges come from, counted edge by edge."""
    ((kind, edges),) = dataset.inputs.edges.items()
    ranges = Partition(dataset, size, [kind], [kind[0]]).ranges[kind[0]]
    owner = np.empty(len(dataset.inputs.target_vertices), dtype=np.int64)
    for rank in range(size):
        owner[ranges.rows(rank)] = rank
    source, target = edges.index
    foreign = owner[source] != owner[target]
    return [len(np.unique(source[foreign & (owner[target] == rank)])) for rank in range(size)]


@pytest.mark.parametrize(
    ("model_type", "once"),
    [("GraphSAGE", [2]), ("GCN", [1, 2]), ("GAT", [2]), ("GATv2", [2])],
    ids=lambda value: str(value),
)
@pytest.mark.parametrize("size", [2, 3])
def test_rows_sent_are_the_cut(size: int, model_type: str, once: list[int]) -> None:
    """Inputs once, as GCN's degrees; then in each epoch the narrow side of the second layer: forward, backward, evaluation."""
    dataset, epochs = dense_dataset("binary"), 3
    settings = make_settings(**fitting("binary", model_type=model_type, heads=1, epochs=epochs, hidden_channels=16))
    shared = share_fit(dataset, settings, size)
    rows = sum(halo_rows(dataset, size))
    assert rows
    width_out, bytes_of_float = 1, 4
    exchanges = [sent for of_rank in shared.sent for sent in of_rank]
    of_vectors = [sent for sent in exchanges if sent.is_vectors]
    assert sum(sent.rows for sent in of_vectors) == rows * (len(once) + 3 * epochs)
    expected = rows * bytes_of_float * (sum(once) + 3 * epochs * width_out)
    assert sum(sent.num_bytes for sent in of_vectors) == expected


def test_ranks_of_the_example_market_hardly_hear_of_one_another() -> None:
    """Eight ranks in the order of time: each receives at most a hundredth of the vertices in an exchange."""
    settings = make_settings(graph_path=str(EXAMPLE), graph_name="market_5m", target=None)
    graph = load_graph(
        settings.graph, settings.arango, settings.data, settings.split, StopToken(), lambda vertices, edges: None
    )
    dataset = build_dataset(graph, settings)
    num = len(dataset.inputs.target_vertices)
    assert max(halo_rows(dataset, 8)) <= 0.01 * num
    in_order_of_keys = _without_time(dataset)
    assert max(halo_rows(in_order_of_keys, 8)) > 0.1 * num, "else the order would not matter here"


@pytest.mark.parametrize(
    ("work", "size", "bounds"),
    [
        ([1, 1, 1, 1], 2, [0, 2, 4]),
        ([1, 1, 1, 9], 2, [0, 3, 4]),
        ([9, 1, 1, 1], 2, [0, 1, 4]),
        ([1, 1], 3, None),
        ([], 3, [0, 0, 0, 0]),
        ([5], 2, None),
    ],
)
def test_ranges_have_about_the_same_work(work: list[int], size: int, bounds: list[int] | None) -> None:
    """Nothing is left out, none is twice, and no rank has much more than its share."""
    found = cut(np.array(work, dtype=np.int64), size)
    assert found[0] == 0
    assert found[-1] == len(work)
    assert (np.diff(found) >= 0).all()
    assert bounds is None or found.tolist() == bounds


def test_random_ranges_have_about_the_same_work() -> None:
    """To within the work of one vertex."""
    work = np.random.default_rng(1).integers(1, 50, 5000)
    shares = np.add.reduceat(work, cut(work, 7)[:-1])
    assert np.abs(shares - work.sum() / 7).max() <= 50


def test_rows_in_order_stay_where_they_are() -> None:
    """Nothing is moved, and no permutation held, where rows are in the order of time; groups come before time."""
    times: NDArray[Any] = np.array([1, 2, 2, 3])
    assert order(times, None) is None
    assert order(None, None) is None
    found = order(times, np.array([1, 0, 1, 0]))
    assert found is not None
    assert found.tolist() == [1, 3, 0, 2]


def _without_time(dataset: Dataset) -> Dataset:
    own = dataset.inputs.target_vertices
    vertices = dataset.inputs.vertices | {own.name: replace(own, time=None, collections=("c",))}
    return replace(dataset, inputs=replace(dataset.inputs, vertices=vertices))
