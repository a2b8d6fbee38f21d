"""The ArangoDB stand-in's door: sign-in, levels, databases, graphs, collections, documents."""

import base64
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from arango.exceptions import AQLQueryExecuteError, ServerConnectionError

from tests.waits import LONG_S

from .arango import ArangoStandIn, Database, User
from .conftest import READ_KEYS

UNAUTHORIZED = '{"error":true,"errorNum":11,"errorMessage":"not authorized to execute this request","code":401}'


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Basic !!!",
        "Basic " + base64.b64encode(b"root:wrong").decode(),
        "Basic " + base64.b64encode(b"nobody:secret").decode(),
        "Basic " + base64.b64encode(b"stranger:secret").decode(),
        "bearer a.b.c",
        "Digest x",
    ],
)
@pytest.mark.parametrize("path", ["/_db/market/_api/collection", "/_db/market/_api/nothing"])
def test_unauthorized(arango: ArangoStandIn, authorization: str, path: str) -> None:
    """Without good credentials every path answers 401/11 in the order of the communication layer."""
    reply = requests.get(arango.url + path, headers={"Authorization": authorization}, timeout=LONG_S)
    assert (reply.status_code, reply.text) == (401, UNAUTHORIZED)


def test_unknown_database_depends_on_the_default_level(arango: ArangoStandIn) -> None:
    """Who may see any database learns that one is missing, others do not."""
    url = f"{arango.url}/_db/nothing/_api/collection"
    known = requests.get(url, auth=("root", "secret"), timeout=LONG_S)
    expected = '{"error":true,"errorNum":1228,"errorMessage":"database not found","code":404}'
    assert (known.status_code, known.text) == (404, expected)
    assert requests.get(url, auth=("reader", "secret"), timeout=LONG_S).text == UNAUTHORIZED


def test_verify_reports_bad_credentials(connect: Callable[..., Any]) -> None:
    """`verify=True` fails with 401/11."""
    with pytest.raises(ServerConnectionError) as caught:
        connect("root", "wrong", verify=True)
    assert (caught.value.http_code, caught.value.error_code) == (401, 11)


def test_jwt_signs_in(arango: ArangoStandIn, connect: Callable[..., Any]) -> None:
    """The token carries what the client checks, and later requests pass with it."""
    market = connect(auth_method="jwt", verify=True)
    assert market.collection("candles").count() == 10
    assert [r.path for r in arango.log] == [
        "/_open/auth",
        "/_api/collection",
        "/_api/collection/candles/count",
    ]
    url = f"{arango.url}/_open/auth"
    token = requests.post(url, json={"username": "root", "password": "secret"}, timeout=LONG_S).json()
    assert list(token) == ["jwt"]
    claims = jwt.decode(token["jwt"], options={"verify_signature": False})
    assert (claims["iss"], claims["preferred_username"]) == ("arangodb", "root")
    assert claims["exp"] - claims["iat"] == 3600


def test_expired_token_is_renewed_by_the_client(arango: ArangoStandIn, connect: Callable[..., Any]) -> None:
    """A 401/11 makes a JWT connection fetch a new token once."""
    market = connect(auth_method="jwt")
    arango.expire_tokens()
    assert market.version() == "3.12.4"
    assert [r.status for r in arango.log] == [200, 401, 200, 200]


def test_token_expires() -> None:
    """After its lifetime a token is worth nothing."""
    with ArangoStandIn({}, {"root": User("x")}, jwt_lifetime_s=-5) as server:
        body = {"username": "root", "password": "x"}
        token = requests.post(f"{server.url}/_open/auth", json=body, timeout=LONG_S).json()["jwt"]
        headers = {"Authorization": f"bearer {token}"}
        assert requests.get(f"{server.url}/_api/version", headers=headers, timeout=LONG_S).text == UNAUTHORIZED


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b'{"username":"root","password":"no"}', 401, "Wrong credentials"),
        (b'{"username":"root"}', 400, "invalid JSON"),
        (b"nonsense", 400, "invalid JSON"),
    ],
)
def test_bad_sign_in(arango: ArangoStandIn, body: bytes, status: int, message: str) -> None:
    """Sign-in answers in the order of a handler, with the HTTP status as error number."""
    reply = requests.post(f"{arango.url}/_open/auth", data=body, timeout=LONG_S)
    expected = {"code": status, "error": True, "errorMessage": message, "errorNum": status}
    assert list(reply.json().items()) == list(expected.items())


@pytest.mark.parametrize(
    ("user", "method", "path", "body", "status", "number"),
    [
        ("reader", "GET", "collection", None, 200, None),
        ("reader", "POST", "cursor", READ_KEYS, 201, None),
        ("reader", "POST", "document/candles", {}, 403, 1004),
        ("reader", "POST", "collection", {"name": "new"}, 403, 11),
        ("writer", "POST", "document/graph_metadata", {}, 202, None),
        ("writer", "POST", "document/candles", {}, 403, 1004),
        ("blind", "GET", "collection", None, 200, None),
        ("blind", "GET", "collection/candles", None, 403, 11),
        ("blind", "GET", "collection/candles/count", None, 403, 11),
        ("blind", "GET", "collection/candles/properties", None, 403, 11),
        ("blind", "POST", "cursor", READ_KEYS, 403, 11),
        ("blind", "GET", "gharial", None, 200, None),
        ("blind", "GET", "gharial/g/vertex", None, 200, None),
        ("blind", "POST", "document/candles", {}, 403, 11),
        ("blind", "POST", "document/next", {"_from": "a/b", "_to": "a/b"}, 403, 1004),
        ("blind", "POST", "document/graph_metadata", {}, 202, None),
        ("blind", "POST", "collection", {"name": "new"}, 200, None),
    ],
)
def test_permissions(
    arango: ArangoStandIn, user: str, method: str, path: str, body: Any, status: int, number: int | None
) -> None:
    """Levels of databases and collections decide as the recorded matrix says."""
    url = f"{arango.url}/_db/market/_api/{path}"
    reply = requests.request(method, url, json=body, auth=(user, "secret"), timeout=LONG_S)
    assert (reply.status_code, reply.json().get("errorNum")) == (status, number)


def test_client_sees_forbidden_collection(connect: Callable[..., Any]) -> None:
    """AQL on a collection without any level names it."""
    with pytest.raises(AQLQueryExecuteError, match=r"AQL: forbidden: candles \[read\]"):
        connect("blind").aql.execute(READ_KEYS["query"], bind_vars=READ_KEYS["bindVars"])


def test_paths_and_methods(arango: ArangoStandIn, http: requests.Session) -> None:
    """An unknown path is 404/404, a wrong method 405/405, each with its own key order."""
    unknown = http.get(f"{arango.url}/_db/market/_api/traversal", timeout=LONG_S)
    text = '{"error":true,"code":404,"errorNum":404,"errorMessage":"unknown path \'/_api/traversal\'"}'
    assert (unknown.status_code, unknown.text) == (404, text)
    wrong = http.delete(f"{arango.url}/_db/market/_api/version", timeout=LONG_S)
    text = '{"code":405,"error":true,"errorMessage":"method not supported","errorNum":405}'
    assert (wrong.status_code, wrong.text) == (405, text)


def test_header_block(arango: ArangoStandIn, http: requests.Session) -> None:
    """Headers come in the database's order and case."""
    reply = http.get(f"{arango.url}/_api/version", timeout=LONG_S)
    assert list(reply.headers)[:2] == ["X-Arango-Queue-Time-Seconds", "Strict-Transport-Security"]
    assert list(reply.headers)[-4:] == ["Server", "Connection", "Content-Type", "Content-Length"]
    assert reply.headers["Content-Type"] == "application/json; charset=utf-8"
    assert reply.text == '{"server":"arango","license":"community","version":"3.12.4"}'


def test_open_paths_and_current_database(arango: ArangoStandIn, market: Any) -> None:
    """Availability needs no sign-in; the current database is that of the path."""
    reply = requests.get(f"{arango.url}/_admin/server/availability", timeout=LONG_S)
    assert reply.text == '{"error":false,"code":200,"mode":"default"}'
    assert market.properties()["name"] == "market"


def test_graphs(market: Any) -> None:
    """A graph lists its ends, orphans included; an unknown one is not there."""
    graph = market.graph("g")
    assert graph.vertex_collections() == ["alone", "candles"]
    assert graph.edge_collections() == ["next"]
    assert graph.edge_definitions()[0]["edge_collection"] == "next"
    assert [g["name"] for g in market.graphs()] == ["g"]
    assert (market.has_graph("g"), market.has_graph("h")) == (True, False)


def test_unknown_graph(arango: ArangoStandIn, http: requests.Session) -> None:
    """An unknown graph is 404/1924 and named."""
    reply = http.get(f"{arango.url}/_db/market/_api/gharial/h/vertex", timeout=LONG_S)
    assert reply.text == '{"code":404,"error":true,"errorMessage":"graph \'h\' not found","errorNum":1924}'


def test_collections(market: Any) -> None:
    """System collections are listed with the others; types are told apart."""
    listed = {c["name"]: c for c in market.collections()}
    assert (listed["next"]["type"], listed["candles"]["type"]) == ("edge", "document")
    assert listed["_graphs"]["system"] is True
    assert market.collection("candles").properties()["name"] == "candles"
    assert market.has_collection("nothing") is False


def test_log_keeps_bodies(arango: ArangoStandIn, market: Any) -> None:
    """Every request is recorded with its user, query, body and status."""
    market.collection("graph_metadata").insert({"_key": "a"}, overwrite_mode="replace")
    (record,) = arango.log
    assert (record.method, record.database, record.path) == (
        "POST",
        "market",
        "/_api/document/graph_metadata",
    )
    assert (record.query["overwriteMode"], record.json, record.user) == ("replace", {"_key": "a"}, "root")
    assert record.status == 202


def test_database_name_is_decoded(http: requests.Session) -> None:
    """The database prefix is percent-decoded."""
    with ArangoStandIn({"мой рынок": Database()}, {"root": User("secret")}) as server:
        reply = http.get(f"{server.url}/_db/мой рынок/_api/database/current", timeout=LONG_S)
        assert reply.json()["result"]["name"] == "мой рынок"
