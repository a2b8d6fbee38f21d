"""A thousand classes: measures that fit into a small file, and a page that stays readable."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.conftest import write_collection, write_graph
from tests.report.changes import replaced
from tests.runs.here import Run, finished_here
from trainer.report import render

NUM, CLASSES = 6000, 1000


def write_catalogue(folder: Path, classes: int, num: int, spell: str = "goods {}") -> Path:
    """Products in a ring, whose two numbers say something of their class."""
    rng = np.random.default_rng(0)
    codes = np.concatenate([np.arange(classes), rng.integers(0, classes, num - classes)])
    x = rng.normal(size=(num, 2)) + np.stack([codes / classes, codes % 7], axis=1)
    products = [
        {"_key": str(place), "a": one, "b": other, "label": spell.format(code)}
        for place, (code, (one, other)) in enumerate(zip(codes.tolist(), x.tolist(), strict=True))
    ]
    ring = [
        {"_key": str(place), "_from": f"products/{place}", "_to": f"products/{(place + 1) % num}"}
        for place in range(num)
    ]
    write_collection(folder, "products", products)
    write_collection(folder, "bought_with", ring, edge=True)
    write_graph(folder, "catalogue", [{"collection": "bought_with", "from": ["products"], "to": ["products"]}])
    return folder


def learn(tmp_path: Path, classes: int, num: int, **spelling: str) -> Run:
    """One epoch over a catalogue."""
    dump = write_catalogue(tmp_path / "dump", classes, num, **spelling)
    return finished_here(tmp_path, "--graph_path", dump, "--target", "label", "--epochs", 1, "--hidden_channels", 8)


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run with a thousand classes."""
    return learn(tmp_path_factory.mktemp("thousand"), CLASSES, NUM)


def test_the_record_of_a_thousand_classes_is_small(thousand: Run) -> None:
    """Below 2 MB; a matrix of all pairs in each part would have more than a hundred."""
    assert (thousand.folder / "metrics.json").stat().st_size < 2_000_000


def test_the_record_has_each_class_and_the_commonest_mistakes(thousand: Run) -> None:
    """The numbers of every class, and pairs that were taken for one another, in place of the matrix."""
    for part in ("train", "val", "test"):
        measures = thousand.metrics["metrics"][part]
        assert "confusion_matrix" not in measures
        assert len(measures["class_counts"]) == CLASSES
        assert sum(measures["class_counts"].values()) == measures["num"]
        assert {len(values) for values in measures["by_class"].values()} == {CLASSES}
        pairs = measures["most_confused"]
        assert 0 < len(pairs) <= 50
        assert all(pair["true"] != pair["predicted"] and pair["vertices"] > 0 for pair in pairs)
        assert [pair["vertices"] for pair in pairs] == sorted((pair["vertices"] for pair in pairs), reverse=True)


def test_baselines_of_many_classes_have_no_table(thousand: Run) -> None:
    """Boosting, a tree for each class in each iteration, is left out, and this is said in the record and on the page."""
    baselines = thousand.metrics["baselines"]
    assert baselines.keys() == {"majority_class", "linear"}
    assert {"by_class", "class_counts", "confusion_matrix"}.isdisjoint(baselines["linear"]["test"])
    reason = thousand.metrics["baselines_left_out"]["gradient_boosting"]
    assert "1,000 classes are too many" in reason
    assert reason in (thousand.folder / "report.html").read_text(encoding="utf-8")


def test_the_page_shows_the_largest_classes(thousand: Run) -> None:
    """Fifty rows by class and twenty mistakes, and where the others are."""
    html = (thousand.folder / "report.html").read_text(encoding="utf-8")
    assert "The 50 largest of 1,000 classes; metrics.json has them all." in html
    assert "Commonest mistakes" in html
    assert len(html) < 2_000_000


@pytest.mark.parametrize(("classes", "has_matrix"), [(50, True), (51, False)])
def test_the_matrix_goes_up_to_fifty_classes(tmp_path: Path, classes: int, has_matrix: bool) -> None:
    """Above, the pairs stand in for it."""
    measures = learn(tmp_path, classes, classes * 8).metrics["metrics"]["test"]
    assert ("confusion_matrix" in measures, "most_confused" in measures) == (has_matrix, not has_matrix)


def test_mistakes_are_named_as_in_the_documents(thousand: Run) -> None:
    """A pair has the labels, not their places; a class of truth values is spelled as in JSON."""
    (pair, *_) = thousand.metrics["metrics"]["test"]["most_confused"]
    assert {pair["true"], pair["predicted"]} <= {*thousand.metrics["classes"]}
    record = thousand.record
    measures: Any = record.metrics.test
    pairs = [measures.most_confused[0].model_copy(update={"true": True, "predicted": "<b>"})]
    html = render(replaced(record, "metrics.test.most_confused", pairs))
    assert ">true<" in html
    assert "&lt;b&gt;" in html
