"""Warnings of all steps reach the reader, in the order of the steps."""

from __future__ import annotations

from typing import Any

from tests.composed import build_dataset
from tests.conftest import make_settings
from tests.dataset.typed_graphs import typed_graph


def test_warnings_are_in_the_order_of_the_steps() -> None:
    """Those of the source first, then labels, types, times, parts, settings, features and edges."""
    start = 1_717_200_000
    seconds: list[dict[str, Any]] = [
        {"_key": f"a{n:02}", "ts": start + n, "y": n % 2, "a": n % 5, "same": 1} for n in range(20)
    ]
    seconds[19]["y"] = 7
    milliseconds = [{"_key": "b", "ts": start * 1000, "a": 1, "same": 1}, {"_key": "c", "a": 2, "same": 1, "y": 1}]
    graph = typed_graph(
        {"c_1": seconds, "c_2": milliseconds, "s": [{"_key": "0", "p": 1}]},
        {"next": [("c_1/a00", "c_1/a01", 0.5), ("c_1/a05", "c_1/a02"), ("c_1/a05", "c_1/nowhere")]},
    )
    settings = make_settings(edge_weight="weight", model_type="GraphConv", num_neighbors=[5])
    assert build_dataset(graph, settings).inputs.warnings == [
        "1 edges of next are dangling and were dropped.",
        "TARGET is not set; 'y' is predicted.",
        "s: no edges lead from there to the target, they are left out.",
        "The times of c ('ts') are stored in s (20) and in ms (1); they count, and EMBARGO too, in ms.",
        "1 labelled vertices have no 'ts' and are in no part.",
        "The training part has no vertex of class 7; it cannot be learned.",
        "The validation part has 3 labels and the test part has 3 labels: measures of fewer than 30 are uncertain; "
        "label more vertices, or set VAL_RATIO, TEST_RATIO or SPLIT otherwise.",
        "NUM_NEIGHBORS has no effect: BATCH_SIZE=0 trains on the whole graph at once, with all neighbours.",
        "'same' is constant in the training part and is left out.",
        "1 of 2 edges of next (c to c) have no weight and get 1.",
        "1 of 2 edges of next (c to c) carry the future into the past, so that a model sees what it would not know; "
        "MESSAGES=causal drops them.",
        "19 of the 21 labelled vertices of c have no incoming edge from another vertex, so that each is judged by its own "
        "attributes; if the edges should lead to them, store reversed edges as well.",
    ]
