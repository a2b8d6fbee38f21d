"""The document in `graph_metadata`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.standins.arango import Collection, Fault, When
from tests.standins.arango.faults import Kind
from trainer.errors import ServiceError
from trainer.graph.arango.connection import Connection
from trainer.graph.arango.cursor import batches
from trainer.graph.arango.decoding import decode_rows
from trainer.graph.arango.metadata import COLLECTION, document_key, write_graph_metadata
from trainer.graph.arango.queries import Query

from .served import PASSWORD, ServedGraph, StandInGraph


def _stored(served: ServedGraph) -> list[dict[str, Any]]:
    """What a reader finds, without what the database adds."""
    connection = Connection(served.settings().arango)
    query = Query(COLLECTION, "FOR d IN @@c RETURN d", {"@c": COLLECTION})
    documents = [document for rows in batches(connection, query) for document in decode_rows(rows, connection.server)]
    connection.close()
    return [{name: value for name, value in document.items() if name not in ("_id", "_rev")} for document in documents]


def test_repeat_replaces_the_document(market: ServedGraph) -> None:
    """The collection is made, and a second run with the same QUEUE_ID leaves one document, its own."""
    arango = market.settings().arango
    write_graph_metadata(arango, "gnn-7", {"epoch": 1, "old": True})
    write_graph_metadata(arango, "gnn-7", {"epoch": 2, "metrics": {"loss": 0.5}})
    assert _stored(market) == [{"_key": "gnn-7", "epoch": 2, "metrics": {"loss": 0.5}}]


@pytest.mark.parametrize("kind", ["drop-before", "drop-after", "unavailable", "conflict", "truncate", "bad-gateway"])
def test_transient_fault_is_survived(spoiled_market: StandInGraph, kind: Kind) -> None:
    """After a fault that passes there is one document."""
    spoiled_market.server.databases["market"].add(COLLECTION, Collection())
    fault = spoiled_market.server.faults.add(Fault(kind, When("document", times=2)))
    write_graph_metadata(spoiled_market.settings().arango, "gnn-7", {"epoch": 1})
    assert fault.num_hits == 2
    assert _stored(spoiled_market) == [{"_key": "gnn-7", "epoch": 1}]


def test_lost_response_to_the_creation_is_survived(spoiled_market: StandInGraph) -> None:
    """A collection that was made although the response got lost is no obstacle."""
    fault = spoiled_market.server.faults.add(Fault("drop-after", When("collection")))
    write_graph_metadata(spoiled_market.settings().arango, "gnn-7", {"epoch": 1})
    assert fault.num_hits == 1
    assert _stored(spoiled_market) == [{"_key": "gnn-7", "epoch": 1}]


def test_right_to_one_collection_is_enough(spoiled_market: StandInGraph) -> None:
    """Where the collection exists, the right to write into it is all that is needed."""
    spoiled_market.server.databases["market"].add(COLLECTION, Collection())
    write_graph_metadata(spoiled_market.settings(arango_user="writer").arango, "gnn-7", {"epoch": 1})
    assert _stored(spoiled_market) == [{"_key": "gnn-7", "epoch": 1}]


@pytest.mark.parametrize(
    ("exists", "values", "sentence"),
    [
        (True, {"arango_user": "reader"}, "'reader' has no right to write graph_metadata .*; grant it"),
        (False, {"arango_user": "reader"}, "'reader' has no right to (write|create) graph_metadata .*; grant it"),
        (False, {"arango_password": "wrong"}, "check ARANGO_USER, ARANGO_PASSWORD"),
        (False, {"arango_db": "nowhere"}, "There is no database 'nowhere'"),
    ],
)
def test_refusal_is_a_sentence(
    spoiled_market: StandInGraph, exists: bool, values: dict[str, Any], sentence: str
) -> None:
    """Whatever the reason, it is a ServiceError that the caller can turn into a warning."""
    if exists:
        spoiled_market.server.databases["market"].add(COLLECTION, Collection())
    arango = spoiled_market.settings(**values).arango
    with pytest.raises(ServiceError, match=f"The document in graph_metadata was not written: .*{sentence}") as raised:
        write_graph_metadata(arango, "gnn-7", {"epoch": 1})
    assert PASSWORD not in str(raised.value)


def test_keys_are_legal_and_apart() -> None:
    """A legal QUEUE_ID is the key; others are made legal without meeting one another."""
    assert document_key("gnn:7@a.b_c-d") == "gnn:7@a.b_c-d"
    odd = [document_key(queue_id) for queue_id in ("a/b", "a b", "я", "x" * 255, "x" * 256, "")]
    assert len(set(odd)) == len(odd)
    assert all(len(key.encode()) <= 254 and key.isascii() and "/" not in key and " " not in key for key in odd)
