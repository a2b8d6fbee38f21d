"""A small market served by the ArangoDB stand-in, and the ways to talk to it."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
import requests
from arango.client import ArangoClient
from arango.http import DefaultHTTPClient

from tests.waits import LONG_S

from .arango import ArangoStandIn, Collection, Database, User

Post = Callable[..., requests.Response]

READ_KEYS: Mapping[str, Any] = {
    "query": "FOR d IN @@c RETURN [d.@a0]",
    "bindVars": {"@c": "candles", "a0": "_key"},
}
"""The body of a query that reads the keys of all candles, each in an array of its own."""


@pytest.fixture
def arango() -> Iterator[ArangoStandIn]:
    """A server with the database `market`: ten candles, nine edges, one graph."""
    candles = [{"_key": f"c{i}", "close": 1.5 * i, "ts": 60 * i, "meta": {"exchange": "x"}} for i in range(10)]
    edges = [{"_key": f"e{i}", "_from": f"candles/c{i}", "_to": f"candles/c{i + 1}", "w": 1.0} for i in range(9)]
    definition = {"collection": "next", "from": ["candles"], "to": ["candles"]}
    market = Database(
        {"candles": Collection(2, candles), "next": Collection(3, edges), "graph_metadata": Collection()},
        [{"name": "g", "edgeDefinitions": [definition], "orphanCollections": ["alone"]}],
    )
    users = {
        "root": User("secret"),
        "reader": User("secret", {"market": "ro"}),
        "writer": User("secret", {"market": "ro"}, {"market": {"graph_metadata": "rw"}}),
        "blind": User("secret", {"market": "rw"}, {"market": {"candles": "none", "next": "ro"}}),
        "stranger": User("secret", {"other": "rw"}),
    }
    with ArangoStandIn({"market": market}, users, seed=7) as server:
        yield server


@pytest.fixture
def http() -> Iterator[requests.Session]:
    """A bare HTTP session, signed in as root."""
    with requests.Session() as session:
        session.auth = ("root", "secret")
        yield session


@pytest.fixture
def post(arango: ArangoStandIn, http: requests.Session) -> Post:
    """POST to a path of the database `market`."""

    def send(path: str, body: Any = None, **arguments: Any) -> requests.Response:
        return http.post(f"{arango.url}/_db/market/_api/{path}", json=body, timeout=LONG_S, **arguments)

    return send


@pytest.fixture
def connect(arango: ArangoStandIn) -> Iterator[Callable[..., Any]]:
    """Open the database `market` with python-arango; a dropped connection is met by one immediate repeat."""
    clients = []

    def open_database(user: str = "root", password: str = "secret", **arguments: Any) -> Any:
        client = ArangoClient(
            arango.url,
            http_client=DefaultHTTPClient(retry_attempts=0, request_timeout=LONG_S),
            resolver_max_tries=2,
        )
        clients.append(client)
        return client.db("market", user, password, **arguments)

    yield open_database
    for client in clients:
        client.close()


@pytest.fixture
def market(connect: Callable[..., Any]) -> Any:
    """The database `market`, opened as root."""
    return connect()
