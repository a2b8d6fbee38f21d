"""Databases that hold the content of a dump folder: of the stand-in, or of the server that variables name."""

from __future__ import annotations

import os
import ssl
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arango.client import ArangoClient

from tests.composed import attributes_in_use
from tests.conftest import EVERYTHING as EVERYTHING
from tests.conftest import make_settings
from tests.standins.arango import ArangoStandIn, Collection, User, load_dump
from trainer.graph.arango.connection import quoted
from trainer.graph.arango.source import ArangoSource
from trainer.graph.attribute_filter import AttributeFilter
from trainer.graph.graph import Graph
from trainer.graph.source import Progress
from trainer.settings.definition import Settings

PASSWORD = "hush-Пароль-7"
USERS: Mapping[str, User] = {
    "root": User(PASSWORD),
    "reader": User(PASSWORD, {"market": "ro"}),
    "writer": User(PASSWORD, {"market": "ro"}, {"market": {"graph_metadata": "rw"}}),
    "blind": User(PASSWORD, {"market": "ro"}, {"market": {"next": "none"}}),
    "stranger": User(PASSWORD, {"elsewhere": "rw"}),
}


@dataclass(frozen=True)
class ServedGraph:
    """A database whose content came from a dump folder."""

    folder: Path
    url: str
    database: str
    user: str
    password: str

    def settings(self, **values: Any) -> Settings:
        """Settings of a run on the database, some of them replaced."""
        server = {
            "graph_path": None,
            "arango_url": self.url,
            "arango_db": self.database,
            "arango_user": self.user,
            "arango_password": self.password,
        }
        return make_settings(**{**server, **values})

    def load(
        self,
        attribute_filter: AttributeFilter | None = None,
        progress: Progress = lambda vertices, edges: None,
        batch_size: int = 5,
        names: Sequence[str] = (),
        **values: Any,
    ) -> Graph:
        """Load the graph with the attributes that the settings ask for, in small batches."""
        settings = self.settings(**values)
        attribute_filter = attribute_filter or attributes_in_use(settings)
        source = ArangoSource(settings.arango, batch_size)
        return source.load(names or settings.graph.graph_names, attribute_filter, progress)


@dataclass(frozen=True)
class StandInGraph(ServedGraph):
    """A database of a stand-in, whose requests can be seen and spoiled."""

    server: ArangoStandIn

    def queries(self, collection: str) -> list[dict[str, Any]]:
        """The bodies of the queries that were sent on a collection."""
        created = [record.json for record in self.server.log if record.path == "/_api/cursor"]
        return [body for body in created if body["bindVars"]["@c"] == collection]


@contextmanager
def serve_stand_in(
    folder: Path, database: str = "market", *, tls: ssl.SSLContext | None = None, last_batch_has_id: bool = False
) -> Iterator[StandInGraph]:
    """A stand-in with the content of the folder."""
    content = {database: load_dump(folder)}
    with ArangoStandIn(content, USERS, seed=3, tls=tls, last_batch_has_id=last_batch_has_id) as server:
        yield StandInGraph(folder, server.url, database, "root", PASSWORD, server)


@contextmanager
def serve(folder: Path) -> Iterator[ServedGraph]:
    """The server of TEST_ARANGO_URL if it is set, with a database of its own for the folder; else a stand-in."""
    url = os.environ.get("TEST_ARANGO_URL")
    if not url:
        with serve_stand_in(folder) as served:
            yield served
        return
    user, password = os.environ.get("TEST_ARANGO_USER", "root"), os.environ.get("TEST_ARANGO_PASSWORD", "")
    client = ArangoClient(url)
    system: Any = client.db("_system", user, password)
    name = f"test_{uuid.uuid4().hex[:12]}"
    system.create_database(name)
    try:
        _fill(client.db(name, user, password), folder)
        yield ServedGraph(folder, url, name, user, password)
    finally:
        system.delete_database(name)
        client.close()


def _fill(database: Any, folder: Path) -> None:
    content = load_dump(folder)
    for name, collection in content.collections.items():
        if not name.startswith("_"):
            database.create_collection(name, edge=collection.type == 3)
            _insert(database.collection(quoted(name)), collection)
    for name, graph in content.graphs.items():
        definitions: Sequence[Mapping[str, Any]] = graph["edgeDefinitions"]  # type: ignore[assignment]
        edges = [
            {
                "edge_collection": edge["collection"],
                "from_vertex_collections": edge["from"],
                "to_vertex_collections": edge["to"],
            }
            for edge in definitions
        ]
        database.create_graph(name, edge_definitions=edges, orphan_collections=graph["orphanCollections"])


def _insert(target: Any, collection: Collection) -> None:
    computed = ("_id", "_rev")
    documents = [{k: v for k, v in document.items() if k not in computed} for document in collection.documents]
    if documents:
        results = target.insert_many(documents)
        refused = [result for result in results if isinstance(result, Exception)]
        assert not refused, refused[0]
