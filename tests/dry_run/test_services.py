"""A dry run opens the database that the graph comes from, and no other service."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select

import pytest

from tests.conftest import EXAMPLE
from tests.dry_run.doors import dry_run, result_of
from tests.jobs.world import GRAPH, SECRETS, open_arango
from tests.standins.arango import ArangoStandIn

KEYS = {
    "KAFKA_USER": "trainer",
    "KAFKA_PASSWORD": "kafka-secret-Pw77",
    "MINIO_ACCESS_KEY": "access-Kk31",
    "MINIO_SECRET_KEY": "s3-secret-Xy52",
    "MINIO_BUCKET": "gnn-checkpoints",
}


@contextmanager
def unvisited() -> Iterator[str]:
    """Host and port where somebody listens, and to which nobody may connect."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        visitors, _, _ = select([listener], [], [], 0)
        assert not visitors, "somebody connected"


@pytest.fixture(scope="module")
def arango() -> Iterator[ArangoStandIn]:
    """A database with the example market."""
    with open_arango() as server:
        yield server


def of_database(server: ArangoStandIn) -> dict[str, str]:
    """The variables that name it."""
    password = SECRETS["ARANGO_PASSWORD"]
    return {
        "ARANGO_URL": server.url,
        "ARANGO_DB": "streamforge",
        "ARANGO_USER": "root",
        "ARANGO_PASSWORD": password,
        "GRAPH_NAME": GRAPH,
    }


def test_neither_kafka_nor_the_store_is_opened(tmp_path: Path) -> None:
    """Although the variables of both are set, as in a pod; QUEUE_ID is not needed."""
    with unvisited() as kafka, unvisited() as store:
        addresses = {"KAFKA_BOOTSTRAP_SERVERS": kafka, "MINIO_ENDPOINT": store}
        ended = dry_run(tmp_path, env=addresses | KEYS | {"GRAPH_PATH": str(EXAMPLE)})
        assert result_of(ended)["graph_name"] == "market_5m"


def test_a_graph_from_the_database_gives_the_same(tmp_path: Path, arango: ArangoStandIn) -> None:
    """As the same graph in a folder; no secret is shown, and WRITE_GRAPH_METADATA writes nothing."""
    before = {name: len(kept.documents) for name, kept in arango.databases["streamforge"].collections.items()}
    with unvisited() as kafka, unvisited() as store:
        variables = of_database(arango) | KEYS | {"KAFKA_BOOTSTRAP_SERVERS": kafka, "MINIO_ENDPOINT": store}
        ended = dry_run(tmp_path / "arango", "--write_graph_metadata", env=variables)
    result, same = result_of(ended), result_of(dry_run(tmp_path / "folder", "--graph_path", EXAMPLE))
    for name in ("task", "target", "classes", "features", "split", "leaks", "model", "graph"):
        assert result[name] == same[name], name
    for secret in (SECRETS["ARANGO_PASSWORD"], KEYS["KAFKA_PASSWORD"], KEYS["MINIO_SECRET_KEY"]):
        assert secret not in ended.stdout + ended.stderr
    after = {name: len(kept.documents) for name, kept in arango.databases["streamforge"].collections.items()}
    assert after == before


def test_a_database_that_refuses_ends_it_with_4(tmp_path: Path, arango: ArangoStandIn) -> None:
    """With the variable to look at, and without the password."""
    ended = dry_run(tmp_path, env=of_database(arango) | {"ARANGO_PASSWORD": "wrong-Ab12"})
    assert (ended.exit_code, ended.stdout) == (4, "")
    assert "ARANGO_PASSWORD" in ended.last_error_line
    assert "wrong-Ab12" not in ended.stderr


def test_an_unknown_graph_in_the_database_ends_it_with_3(tmp_path: Path, arango: ArangoStandIn) -> None:
    """As in a run."""
    ended = dry_run(tmp_path, env=of_database(arango) | {"GRAPH_NAME": "nope"})
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert "nope" in ended.last_error_line


@pytest.mark.parametrize(
    ("variables", "named"),
    [({"MINIO_ENDPOINT": "ftp://store"}, "MINIO_ENDPOINT"), ({"KAFKA_BOOTSTRAP_SERVERS": "no port"}, "KAFKA")],
    ids=["store", "kafka"],
)
def test_wrong_settings_of_services_are_still_wrong(tmp_path: Path, variables: dict[str, str], named: str) -> None:
    """A dry run is the place to learn of them."""
    ended = dry_run(tmp_path, env=KEYS | variables | {"GRAPH_PATH": str(EXAMPLE)})
    assert ended.exit_code == 2
    assert named in ended.last_error_line
