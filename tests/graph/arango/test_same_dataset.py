"""The same documents make the same dataset from a folder, from ArangoDB and for a model that predicts, rows in any order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import orjson
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.composed import attributes_in_use, build_dataset
from tests.conftest import make_settings, write_collection, write_graph
from trainer.dataset.dataset import Dataset
from trainer.dataset.schema import Schema
from trainer.dataset.transfer.known_labels import read_known_labels
from trainer.dataset.transfer.other_graph import build_inputs
from trainer.errors import TrainerError
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.dump.source import DumpSource
from trainer.graph.graph import Graph

from .served import serve_stand_in

Documents = Mapping[str, Sequence[Mapping[str, Any]]]
COLLECTIONS = ("candles_btc", "candles_eth")
NUM = 14
NOTHING = st.sampled_from([None, "", "nan"])
PLACEHOLDERS = st.sampled_from(["--", "n/a", "null", "5%"])
WHOLE = st.integers(-3, 9)
LARGE = st.integers(2**53 - 2, 2**53 + 4)
BEYOND = st.sampled_from([2**63, 2**64 - 1, "123456789012345678901"])
REAL = st.sampled_from([0.5, -1.25, 3.0, 1e-8, 1e20])
NUMERALS = st.one_of(WHOLE.map(str), st.sampled_from(["0.5", "1e-8", ".5", "-1.250"]))
TRUTH = st.one_of(st.booleans(), st.sampled_from(["true", "False"]))
CODES = st.sampled_from(["007", "010", "00"])
WORDS = st.sampled_from(["up", "down", "flat"])
ALONE = st.one_of(WHOLE, LARGE, st.none()).map(lambda value: [value])
ALONE_TEXTS = st.one_of(NUMERALS, WORDS).map(lambda value: [value])
PAIRS = st.lists(st.one_of(st.none(), st.integers(0, 9)), min_size=2, max_size=2)
OBJECTS = st.fixed_dictionaries({}, optional={"x": st.one_of(WHOLE, NUMERALS, PLACEHOLDERS), "deep": st.just({"z": 1})})
FORMS = [WHOLE, LARGE, BEYOND, REAL, NUMERALS, TRUTH, CODES, WORDS, ALONE, PAIRS, NOTHING, PLACEHOLDERS, OBJECTS]
OF_LABELS = [WHOLE, LARGE, REAL, NUMERALS, TRUTH, CODES, WORDS, ALONE, ALONE_TEXTS, NOTHING, PLACEHOLDERS]
SPELLINGS: list[Callable[[int], Any]] = [
    lambda n: 1_717_200_000 + n,
    lambda n: str(1_717_200_000_000 + n),
    "2024-06-01T00:00:{:02}Z".format,
    "2024/06/01 00:00:{:02} UTC".format,
]
ATTRIBUTES = ("a", "b", "c", "ind")
CHOICES = st.fixed_dictionaries(
    {
        "features": st.sampled_from([[], [], ["a", "b"], ["c", "ind.x"]]),
        "target": st.sampled_from(["y", "y", "y", "ind.y"]),
        "target_missing": st.sampled_from([[], ["-1"], ["3"], ["n/a", "007"]]),
        "split": st.sampled_from(["auto", "random"]),
    }
)


@dataclass(frozen=True)
class Made:
    """What was made of a graph: all facts of a dataset, or the sentence that says why there is none."""

    dataset: Dataset | None
    facts: dict[str, Any]


@st.composite
def columns(draw: st.DrawFn, forms: Sequence[st.SearchStrategy[Any]]) -> list[Any]:
    """The values of an attribute, of up to three forms, of which the first is the commonest."""
    chosen = draw(st.lists(st.sampled_from(forms), min_size=1, max_size=3))
    return draw(st.lists(st.one_of(chosen[0], chosen[0], *chosen), min_size=2 * NUM, max_size=2 * NUM))


@st.composite
def times(draw: st.DrawFn) -> list[Any]:
    """Times one after the other, as numbers or texts, of which few are none."""
    spelled: Callable[[int], Any] = draw(st.sampled_from(SPELLINGS))
    lost = draw(st.sets(st.integers(0, 2 * NUM - 1), max_size=2))
    return [draw(st.sampled_from(["n/a", None])) if n in lost else spelled(n) for n in range(2 * NUM)]


@st.composite
def documents(draw: st.DrawFn) -> Documents:
    """Two collections of one entity; an attribute may be absent from some documents, or from one of the collections."""
    values = {name: draw(columns([OBJECTS] if name == "ind" else FORMS)) for name in ATTRIBUTES}
    if draw(st.integers(0, 3)) == 0:
        values["ind"] = draw(columns([OBJECTS, *FORMS]))
    values |= {"y": draw(columns(OF_LABELS)), "ts": draw(times())}
    inner = draw(columns(OF_LABELS))
    lacking = draw(st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from([*COLLECTIONS, 2, 5]), max_size=2))
    whole: dict[str, list[dict[str, Any]]] = {name: [] for name in COLLECTIONS}
    for row in range(2 * NUM):
        name = COLLECTIONS[row % 2]
        document: dict[str, Any] = {"_key": f"{name[-3:]}{row:02}", "p": row % 5, "q": row * row % 17 / 4}
        for attribute, column in values.items():
            lacks = lacking.get(attribute)
            if lacks != name and not (isinstance(lacks, int) and row % lacks == 0):
                document[attribute] = column[row]
        if isinstance(document.get("ind"), dict):
            document["ind"] = document["ind"] | {"y": inner[row]}
        whole[name].append(document)
    return whole


def write(folder: Path, whole: Documents) -> Path:
    """A dump with the graph `g`: each candle leads to the next one of the other symbol."""
    for name, rows in whole.items():
        write_collection(folder, name, rows)
    handles = sorted(f"{name}/{row['_key']}" for name, rows in whole.items() for row in rows)
    edges = [
        {"_key": str(n), "_from": one, "_to": other}
        for n, (one, other) in enumerate(zip(handles, [*handles[3:], *handles[:3]], strict=True))
    ]
    write_collection(folder, "leads", edges, edge=True)
    write_graph(folder, "g", [{"collection": "leads", "from": [*COLLECTIONS], "to": [*COLLECTIONS]}])
    return folder


def made(graph: Graph, values: Mapping[str, Any]) -> Made:
    """The dataset of the graph with these settings."""
    try:
        result = build_dataset(graph, make_settings(**values, target_collection=[*COLLECTIONS]))
    except TrainerError as error:
        return Made(None, {"refused": str(error)})
    facts = {
        "x": {name: (vertices.x.tobytes(), vertices.ids()) for name, vertices in result.inputs.vertices.items()},
        "y": (result.y.dtype, result.y.tobytes(), result.target.labelled.tolist()),
        "classes": list(map(repr, result.target.classes or [])),
        "split": (result.split.method, result.split.part.tobytes(), result.split.boundaries),
        "features": [asdict(feature) for feature in result.inputs.features],
        "decisions": result.decisions,
        "warnings": result.inputs.warnings,
    }
    return Made(result, facts)


def from_folder(folder: Path, attribute_filter: AttributeFilter) -> Graph:
    """The graph `g` of a dump."""
    return DumpSource(folder).load(["g"], attribute_filter, lambda vertices, edges: None)


def assert_predicts_the_same(graph: Graph, dataset: Dataset, schema: Schema) -> None:
    """Inputs and labels of the graph, read with what a model keeps, are those that it learned from."""
    inputs = build_inputs(graph, schema)
    for name, vertices in dataset.inputs.vertices.items():
        assert inputs.vertices[name].x.tobytes() == vertices.x.tobytes(), name
        assert inputs.vertices[name].ids() == vertices.ids()
    labels, warnings = read_known_labels(graph, inputs.vertices[inputs.target_type], schema.target)
    assert not warnings
    assert labels.known.tolist() == dataset.target.labelled.tolist()
    assert labels.y[labels.known].tolist() == dataset.target.y[labels.known].tolist()


@given(documents(), CHOICES, st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_folder_database_and_prediction_agree(whole: Documents, values: dict[str, Any], random: Random) -> None:
    """Of any mix of forms, and the folder in another order of rows."""
    attribute_filter = attributes_in_use(make_settings(**values))
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name) / "one", whole)
        shuffled = {each: random.sample(rows, len(rows)) for each, rows in whole.items()}
        other = write(Path(name) / "other", shuffled)
        first = made(from_folder(folder, attribute_filter), values)
        event(first.facts["refused"][:70] if first.dataset is None else first.dataset.target.task)
        assert made(from_folder(other, attribute_filter), values).facts == first.facts, "rows in another order"
        with serve_stand_in(folder) as served:
            assert made(served.load(attribute_filter), values).facts == first.facts, "the database"
            if first.dataset is None:
                return
            schema = Schema.from_plain(orjson.loads(orjson.dumps(first.dataset.schema.describe())))
            needed = schema.attribute_filter()
            assert_predicts_the_same(from_folder(other, needed), first.dataset, schema)
            assert_predicts_the_same(served.load(needed), first.dataset, schema)
