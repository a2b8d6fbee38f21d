"""Whatever graph comes: no crash, counts that add up, and predictions that do not depend on the order of the rows."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from tests.conftest import EXAMPLE
from tests.runs.here import Run, assert_same_predictions, finished_here, run_here
from tests.runs.random_graphs import TARGETS, RandomGraph, random_graphs

STREAMFORGE = EXAMPLE.parent / "streamforge_5m"
MODELS = ("GraphSAGE", "GAT", "GCN", "GIN", "GATv2", "GraphConv", "PNA", "EdgeCNN")
WAYS: tuple[tuple[str, ...], ...] = ((), ("--batch_size", "7", "--num_neighbors", "3"))
FEW = settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def train(graph: RandomGraph, *flags: str, order: list[int] | None = None) -> tuple[Run, dict[str, dict[str, str]]]:
    """A run of one epoch, and its predictions if it ended well."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        graph.write(out / "dump", order)
        always = ("--graph_name", "g", "--graph_path", out / "dump", "--epochs", "1", "--save_predictions", "true")
        run = run_here(out, *always, "--hidden_channels", "8", "--heads", "2", "--target", "y", *flags)
        if run.exit_code:
            return run, {}
        _check_counts(run, graph)
        return run, run.predictions


def _check_counts(run: Run, graph: RandomGraph) -> None:
    """The metrics hold every document once, as vertex, edge or dangling edge."""
    metrics = run.metrics
    found = metrics["graph"]
    used = {name for one in graph.definitions for name in (*one["from"], *one["to"])} | set(graph.orphans)
    assert {name: facts["vertices"] for name, facts in found["vertex_collections"].items()} == {
        name: len(graph.vertices[name]) for name in used
    }
    for name, edges in graph.edges.items():
        facts = found["edge_collections"][name]
        assert facts["dangling"] == graph.dangling(name)
        assert facts["edges"] + facts["dangling"] == len(edges)
    assert found["vertices"] == sum(len(graph.vertices[name]) for name in used)
    assert sum(metrics["split"]["counts"].values()) == len(graph.vertices[TARGETS])
    assert len(run.predictions) == len(graph.vertices[TARGETS])


@given(graph=random_graphs(), model=st.sampled_from(MODELS), way=st.sampled_from(WAYS))
@FEW
def test_a_random_graph_trains_or_is_refused_in_one_sentence(
    graph: RandomGraph, model: str, way: tuple[str, ...]
) -> None:
    """Exit code 0 with counts that add up, or 3 with a sentence; never a traceback."""
    run, _ = train(graph, "--model_type", model, *way)
    assert "Traceback" not in run.stderr + run.stdout
    assert run.exit_code in (0, 3), run.sentence
    event(f"exit code {run.exit_code}")
    if run.exit_code:
        assert re.fullmatch(r"gnn-trainer: \S.*\.", run.sentence), run.sentence


@given(graph=random_graphs(), model=st.sampled_from(MODELS), order=st.lists(st.integers(0, 99), min_size=1, max_size=9))
@FEW
def test_predictions_do_not_depend_on_the_order_of_the_rows(graph: RandomGraph, model: str, order: list[int]) -> None:
    """Documents in another order give the same predictions, exactly."""
    one, mine = train(graph, "--model_type", model)
    other, theirs = train(graph, "--model_type", model, order=order)
    assert (one.exit_code, one.sentence) == (other.exit_code, other.sentence)
    assume(one.exit_code == 0)
    assert mine == theirs


def test_the_example_needs_its_other_types(tmp_path: Path) -> None:
    """On the StreamForge example a GraphSAGE finds what no model without the graph can."""
    flags = ("--graph_path", STREAMFORGE, "--graph_name", "streamforge_5m", "--target", "price_up", "--epochs", "40")
    run = finished_here(tmp_path, *flags, "--features", "price_change", "volume", "type", "strength").metrics
    assert run["baselines"]["linear"]["test"]["accuracy"] < 0.6
    assert run["metrics"]["test"]["accuracy"] > 0.7


def test_the_days_of_the_example_train_together(tmp_path: Path) -> None:
    """Three named graphs, one model, a day for each part."""
    names = ",".join(f"btc_graph_5m_2024_06_0{day}" for day in (1, 2, 3))
    flags = ("--graph_path", EXAMPLE.parent / "btc_days_5m", "--graph_name", names, "--target", "price_up")
    ratios = ("--split", "graph", "--val_ratio", "0.33", "--test_ratio", "0.33", "--save_predictions", "true")
    run = finished_here(tmp_path, *flags, *ratios)
    assert run.metrics["graph_name"] == names
    assert len(run.predictions) == 3 * 288
    assert_same_predictions(run, run, tolerance=0.0)
