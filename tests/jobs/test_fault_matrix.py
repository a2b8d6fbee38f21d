"""Every service breaks in every way at every moment of a run: how the run ends, what it says, and what it leaves.

Each cell is a whole run. The moments are counted in what the run sends, never in seconds.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT
from tests.jobs.world import BUCKET, GRAPH, SECRETS, World, assert_well_told
from tests.runs.running import WithLimits
from tests.standins.arango import ArangoStandIn, Collection, Database, User
from tests.standins.endpoints import KafkaEndpoint, S3Endpoint
from tests.standins.faulty_proxy import Fault, FaultyProxy
from tests.waits import LONG_S, unhurried

Service = Literal["ArangoDB", "Kafka", "S3"]
Moment = Literal["before started", "loading", "training", "checkpoint", "save", "last event"]

GONE = (Fault.REFUSED, Fault.SILENT, Fault.WRONG)
"""Faults that last; from the others a service comes back."""

WHEN: dict[Moment, str] = {
    "before started": "before the run starts",
    "loading": "while the graph is loaded",
    "training": "during the training",
    "checkpoint": "when a checkpoint is stored",
    "save": "when the result is stored",
    "last event": "when the terminal event is sent",
}
SOME = (Fault.REFUSED, Fault.KILLED)
FAULTS: dict[Service, dict[Moment, tuple[Fault, ...]]] = {
    "ArangoDB": {
        "before started": tuple(Fault),
        "loading": tuple(Fault),
        "training": (Fault.REFUSED,),
        "checkpoint": (Fault.REFUSED,),
        "save": tuple(Fault),
        "last event": (Fault.REFUSED,),
    },
    "Kafka": {
        "before started": tuple(Fault),
        "loading": SOME,
        "training": tuple(Fault),
        "checkpoint": SOME,
        "save": SOME,
        "last event": tuple(Fault),
    },
    "S3": {
        "before started": tuple(Fault),
        "loading": SOME,
        "training": SOME,
        "checkpoint": tuple(Fault),
        "save": tuple(Fault),
        "last event": SOME,
    },
}
"""Every fault where a run talks to the service, some where it does not."""
CELLS = [
    (service, moment, fault)
    for service, moments in FAULTS.items()
    for moment, faults in moments.items()
    for fault in faults
]

NUM_VERTICES = 60
ARANGO, KAFKA, S3 = "trainer.graph.arango.patience", "trainer.messaging.kafka.patience", "trainer.artifacts.s3_patience"
SOON: dict[str, float] = {
    f"{ARANGO}.FIRST_WAIT_S": 0.1,
    f"{KAFKA}.FETCH_WAIT_MS": 50,
    f"{KAFKA}.RECONNECT_AFTER_MS": 100,
    f"{S3}.FIRST_WAIT_S": 0.05,
    f"{S3}.JITTER_S": 0.05,
}
"""In all cells: the same tries at shorter intervals."""
IMPATIENT: dict[Service, dict[str, float]] = {
    "ArangoDB": {f"{ARANGO}.LONGEST_WAIT_S": 0.2, f"{ARANGO}.TOTAL_S": 0.7},
    "Kafka": {
        f"{KAFKA}.END_TIMEOUT_S": 1.0,
        f"{KAFKA}.LAST_CHANCE_S": 0.3,
        f"{KAFKA}.CLOSE_TIMEOUT_S": 0.3,
        f"{KAFKA}.RETIRE_S": 0.4,
        f"{KAFKA}.LAST_REPORTS_S": 0.2,
    },
    "S3": {
        f"{S3}.LONGEST_WAIT_S": 0.2,
        f"{S3}.QUICK_PATIENCE_S": 0.7,
        f"{S3}.PUT_PATIENCE_S": 0.7,
        f"{S3}.END_PATIENCE_S": 0.7,
    },
}
"""How long a service that never comes back is waited for; as long as it is there the first try succeeds, however late."""
ANSWER_S = 0.7
"""How long a service that will fall silent may say nothing; before, one that is only slow is asked again."""


def limits(service: Service, moment: Moment, fault: Fault) -> WithLimits:
    """The limits of a cell: the program's own wherever they are not waited out."""
    short = dict(SOON)
    if fault in GONE:
        short |= IMPATIENT[service]
    if fault in GONE and service == "Kafka" and moment == "before started":
        short[f"{KAFKA}.START_TIMEOUT_S"] = 1.5
    if fault is Fault.SILENT and service != "Kafka":
        short[f"{ARANGO if service == 'ArangoDB' else S3}.READ_TIMEOUT_S"] = unhurried(ANSWER_S)
    return WithLimits(short)


@dataclass(frozen=True)
class Ending:
    """How a run ends.

    Attributes:
        exit_code: of the process.
        last_word: the status of the terminal event; None where nobody can be told.
        stored: what is in the bucket, without the checkpoint and the lease.
    """

    exit_code: int
    last_word: str | None
    stored: frozenset[str] = frozenset()


ALL = frozenset({".pt", "/metrics.json", "/report.html"})
FINISHED = Ending(0, "finished", ALL)
FAILED = Ending(4, "error")


def expected(service: Service, moment: Moment, fault: Fault) -> Ending:
    """The right ending: what is still needed of a service that is gone decides."""
    if fault not in GONE:
        return FINISHED
    if service == "ArangoDB":
        return FAILED if moment in ("before started", "loading") else FINISHED
    if service == "Kafka":
        return Ending(4, None, frozenset() if moment == "before started" else ALL)
    return FINISHED if moment == "last event" else FAILED


@pytest.fixture(scope="module")
def small_arango() -> Iterator[ArangoStandIn]:
    """A graph that is loaded and trained in no time."""
    vertices = [
        {"_key": f"c{n}", "close": n * 7 % 10, "ts": 1_717_200_000_000 + n * 1000, "price_up": n % 2}
        for n in range(NUM_VERTICES)
    ]
    edges = [
        {"_key": str(n), "_from": f"candles/c{n}", "_to": f"candles/c{(n + 1) % NUM_VERTICES}"}
        for n in range(NUM_VERTICES)
    ]
    database = Database(
        {"candles": Collection(2, vertices), "next": Collection(3, edges), "graph_metadata": Collection()},
        [{"name": GRAPH, "edgeDefinitions": [{"collection": "next", "from": ["candles"], "to": ["candles"]}]}],
    )
    with ArangoStandIn({"streamforge": database}, {"root": User(SECRETS["ARANGO_PASSWORD"])}, seed=5) as server:
        yield server


def proxy_of(url: str) -> FaultyProxy:
    """The network to the service at an address."""
    address = urlsplit(url if "//" in url else f"//{url}")
    assert address.hostname is not None
    assert address.port is not None
    return FaultyProxy(address.hostname, address.port)


@pytest.fixture(scope="module")
def networks(small_arango: ArangoStandIn, kafka: KafkaEndpoint, s3: S3Endpoint) -> Iterator[dict[Service, FaultyProxy]]:
    """The network to each service."""
    with (
        proxy_of(small_arango.url) as arango_network,
        proxy_of(kafka.bootstrap_servers) as kafka_network,
        proxy_of(s3.endpoint) as s3_network,
    ):
        yield {"ArangoDB": arango_network, "Kafka": kafka_network, "S3": s3_network}


@pytest.fixture(scope="module")
def matrix_topics(kafka: KafkaEndpoint) -> tuple[str, str]:
    """Topics that no other test uses."""
    names = (f"events-{uuid.uuid4().hex[:8]}", f"control-{uuid.uuid4().hex[:8]}")
    for name in names:
        kafka.create_topic(name)
    return names


@pytest.fixture
def small_world(
    tmp_path: Path,
    small_arango: ArangoStandIn,
    kafka: KafkaEndpoint,
    s3: S3Endpoint,
    networks: dict[Service, FaultyProxy],
    matrix_topics: tuple[str, str],
) -> Iterator[World]:
    """The three services, each behind its network."""
    s3.create_bucket(BUCKET)
    yield World(
        tmp_path / "run",
        small_arango,
        kafka,
        s3,
        {"KAFKA_BOOTSTRAP_SERVERS": networks["Kafka"].address},
        events_topic=matrix_topics[0],
        control_topic=matrix_topics[1],
    )
    for network in networks.values():
        network.disarm()


def arm(
    networks: dict[Service, FaultyProxy], world: World, service: Service, moment: Moment, fault: Fault
) -> FaultyProxy:
    """Break a service at a moment; returns the network that sees the moment."""
    bucket = f"/{BUCKET}/{world.queue_id}"
    watched: dict[Moment, tuple[Service, bytes]] = {
        "before started": (service, b""),
        "loading": ("ArangoDB", b"/_api/cursor"),
        "training": ("Kafka", b'"status":"training"'),
        "checkpoint": ("S3", f"PUT {bucket}/checkpoints/last.ckpt".encode()),
        "save": ("S3", f"PUT {bucket}.pt".encode()),
        "last event": ("Kafka", b'"finished":true'),
    }
    seen_by, trigger = watched[moment]
    networks[seen_by].arm(trigger, fault, networks[service])
    return networks[seen_by]


@pytest.mark.parametrize(
    ("service", "moment", "fault"),
    [pytest.param(*cell, id="-".join(cell)) for cell in CELLS],
)
def test_run_ends_rightly(
    service: Service, moment: Moment, fault: Fault, small_world: World, networks: dict[Service, FaultyProxy]
) -> None:
    """Exit code, last word and objects are the right ones, whatever breaks."""
    world = small_world
    seen_by = arm(networks, world, service, moment, fault)
    run = world.start(
        limits(service, moment, fault),
        TARGET="price_up",
        MODEL_TYPE="GraphSAGE",
        HIDDEN_CHANNELS="8",
        EPOCHS="300" if moment == "checkpoint" else "5",  # long enough for a checkpoint, on a fast machine too
        CHECKPOINT_EVERY="0.1",
        WRITE_GRAPH_METADATA="true",
        ARANGO_URL=f"http://{networks['ArangoDB'].address}",
        MINIO_ENDPOINT=networks["S3"].address,
        TMPDIR=str(world.folder),
    )
    ended = run.wait(LONG_S)
    right = expected(service, moment, fault)
    assert seen_by.has_fired, f"the moment never came: {ended.stdout}{ended.stderr}"
    assert ended.exit_code == right.exit_code, ended.stdout + ended.stderr
    stored = frozenset(name for name in world.stored() if not name.startswith("/checkpoints/"))
    assert stored == right.stored, ended.stdout + ended.stderr
    if right.last_word is None:
        assert "KAFKA_BOOTSTRAP_SERVERS" in ended.last_error_line
    else:
        assert_well_told(world.events(quiet_s=0.3), right.last_word)


def table() -> str:
    """The right endings as the operations page prints them."""
    lines = [
        "| service | breaks | for good (refused, silent, another answers) | and comes back (reset, slow, restarted) |",
        "| --- | --- | --- | --- |",
    ]
    for service, moments in FAULTS.items():
        for moment in moments:
            endings = [expected(service, moment, fault) for fault in (Fault.REFUSED, Fault.RESET)]
            lines.append(f"| {service} | {WHEN[moment]} | {' | '.join(map(in_words, endings))} |")
    return "\n".join(lines)


def in_words(ending: Ending) -> str:
    """An ending for a reader."""
    word = f"`{ending.last_word}`" if ending.last_word else "nobody can be told"
    return f"{ending.exit_code}, {word}, {'result stored' if ending.stored else 'no result'}"


def test_operations_page_has_the_table() -> None:
    """What the page promises is what the cells assert."""
    assert table() in (ROOT / "docs" / "operations.md").read_text()
