"""ArangoDB fails in the middle of a run: no row is lost or doubled, or the run says what is wrong.

The further faults are tested on the source alone, in `tests/graph/arango`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.jobs.world import GRAPH, SECRETS, World, assert_well_told
from tests.runs.running import WithLimits
from tests.standins.arango import ArangoStandIn, Collection, Database, Fault, User, When

NUM_VERTICES, NUM_EDGES = 25_000, 45_000
IMPATIENT = WithLimits({"trainer.graph.arango.patience.FIRST_WAIT_S": 0.05})
"""How long the program really tries is tested on the source."""
SHORT = {"EPOCHS": "1", "MODEL_TYPE": "GraphSAGE", "TARGET": "price_up", "FEATURES": "close"}


@pytest.fixture
def arango() -> Iterator[ArangoStandIn]:
    """A graph of several batches per collection."""
    vertices = [
        {"_key": f"c{n:06}", "close": (n * 7919 % 1000) / 10, "ts": 1_717_200_000_000 + n * 1000, "price_up": n % 2}
        for n in range(NUM_VERTICES)
    ]
    edges = [
        {
            "_key": str(n),
            "_from": f"candles/c{n % NUM_VERTICES:06}",
            "_to": f"candles/c{(n * 31 + n // NUM_VERTICES) % NUM_VERTICES:06}",
        }
        for n in range(NUM_EDGES)
    ]
    database = Database(
        {"candles": Collection(2, vertices), "next": Collection(3, edges)},
        [{"name": GRAPH, "edgeDefinitions": [{"collection": "next", "from": ["candles"], "to": ["candles"]}]}],
    )
    with ArangoStandIn({"streamforge": database}, {"root": User(SECRETS["ARANGO_PASSWORD"])}, seed=5) as server:
        yield server


@pytest.mark.parametrize(
    ("kind", "when"),
    [
        ("drop-after", When("cursor-next", collection="next", batch=3)),
        ("unavailable", When("cursor-next", times=2)),
        ("expire", When("cursor-next", collection="next", batch=3)),
        ("truncate", When("cursor-next", collection="candles", batch=2)),
        ("bad-gateway", When("cursor-next", collection="next", batch=2)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_passing_fault_loses_and_doubles_nothing(world: World, kind: str, when: When) -> None:
    """Whatever breaks for a moment, the graph has every vertex and every edge once."""
    fault = world.arango.faults.add(Fault(kind, when))  # type: ignore[arg-type]
    ended = world.run(**SHORT)
    assert ended.exit_code == 0, ended.stderr + ended.stdout
    assert fault.num_hits, "the fault never happened"
    graph = world.metrics()["graph"]
    edges = graph["edge_collections"]["next"]
    assert (graph["vertices"], edges["edges"], edges["duplicates"]) == (NUM_VERTICES, NUM_EDGES, 0)


@pytest.mark.parametrize(
    ("kind", "when", "word"),
    [
        ("killed", When("cursor-next", collection="next", batch=3, times=50), "killed"),
        ("memory", When("cursor-create", collection="candles", times=50), "memory"),
    ],
)
def test_a_lasting_fault_ends_the_run(world: World, kind: str, when: When, word: str) -> None:
    """The run says what the database said, stores nothing, and asks to be tried again."""
    world.arango.faults.add(Fault(kind, when))  # type: ignore[arg-type]
    ended = world.run(**SHORT)
    assert ended.exit_code == 4, ended.stderr + ended.stdout
    assert word in ended.last_error_line
    events = world.events()
    assert_well_told(events, "error")
    assert (events[-1]["error_code"], events[-1]["model_type"]) == (4, "GraphSAGE")
    assert word in events[-1]["error_message"]
    assert world.stored() == {}


@pytest.mark.parametrize(
    ("changes", "exit_code", "word"),
    [
        ({"ARANGO_PASSWORD": "wrong-Pw7"}, 4, "ARANGO_PASSWORD"),
        ({"ARANGO_DB": "nowhere"}, 3, "nowhere"),
        ({"GRAPH_NAME": "another_graph"}, 3, GRAPH),
        ({"FEATURES": "closing"}, 3, "close"),
        ({"ARANGO_URL": "http://127.0.0.1:9"}, 4, "127.0.0.1:9"),
    ],
)
def test_what_is_not_there_is_named(world: World, changes: dict[str, str], exit_code: int, word: str) -> None:
    """Wrong password, database, graph, attribute, address: a sentence with the culprit, and the right code."""
    ended = world.run(IMPATIENT, **SHORT | changes)
    assert ended.exit_code == exit_code, ended.stderr + ended.stdout
    assert word in ended.last_error_line
    assert "Traceback" not in ended.stderr + ended.stdout
    assert "wrong-Pw7" not in ended.stderr + ended.stdout
    assert_well_told(world.events(), "error")
