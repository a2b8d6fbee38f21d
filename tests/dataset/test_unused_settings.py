"""Settings that have no effect are warned of."""

from __future__ import annotations

from typing import Any

import pytest

from tests.composed import build_dataset
from tests.conftest import make_settings
from tests.dataset.test_several_graphs import DAYS, daily
from tests.dataset.typed_graphs import candles, chain, levels, typed_graph
from trainer.errors import DataError
from trainer.graph.graph import Graph

DAYS_NAMED = ",".join(f"g_{day}" for day in DAYS)


def one_graph() -> Graph:
    """Candles one after the other, and levels without edges to them."""
    return typed_graph({"c": candles("A", 30), "levels": levels(3)}, {"next": chain("c", candles("A", 30))})


def warnings_of(graph: Graph, **values: Any) -> list[str]:
    """The warnings that say so."""
    warnings = build_dataset(graph, make_settings(target="price_up", **values)).inputs.warnings
    return [text for text in warnings if "no effect" in text or "one batch" in text]


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"num_neighbors": [5]}, "NUM_NEIGHBORS has no effect: BATCH_SIZE=0"),
        ({"split": "random", "embargo": 600}, "EMBARGO=600 has no effect"),
    ],
)
def test_setting_without_effect_is_warned_of(values: dict[str, Any], word: str) -> None:
    """One sentence that names it."""
    (sentence,) = warnings_of(one_graph(), **values)
    assert word in sentence


@pytest.mark.parametrize("values", [{"num_neighbors": [5], "batch_size": 8}, {"embargo": 600}, {"batch_size": 512}, {}])
def test_settings_with_effect_are_not_warned_of(values: dict[str, Any]) -> None:
    """A setting that works needs no warning."""
    assert warnings_of(one_graph(), **values) == []


def test_batch_of_more_graphs_than_there_are_is_warned_of() -> None:
    """BATCH_SIZE=512 of three days is no mini-batch."""
    (sentence,) = warnings_of(daily()[0], graph_name=DAYS_NAMED, batch_size=512)
    assert "BATCH_SIZE=512 counts graphs" in sentence
    assert warnings_of(daily()[0], graph_name=DAYS_NAMED, batch_size=1) == []
    assert warnings_of(daily()[0], graph_name=DAYS_NAMED, batch_size=512, num_neighbors=[5]) == []


def test_feature_of_vertices_out_of_reach_is_refused() -> None:
    """The attribute exists, and no edge could carry it to the target: the sentence says both."""
    with pytest.raises(DataError, match=r"'strength' of FEATURES is an attribute of levels alone, and no edges lead"):
        build_dataset(one_graph(), make_settings(target="price_up", features=["close", "strength"]))
