"""The document about a run in `graph_metadata`, for those who look for models by graph."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from trainer.errors import ServiceError
from trainer.graph.arango.connection import Connection, Patience
from trainer.graph.arango.faults import DUPLICATE_NAME, UNKNOWN_COLLECTION, Fault
from trainer.settings.groups.arango import ArangoSettings

COLLECTION = "graph_metadata"
_ILLEGAL_IN_KEY = re.compile(r"[^A-Za-z0-9_\-.@()+,=;$!*'%:]")
_MAX_KEY_BYTES = 254


def write_graph_metadata(
    arango: ArangoSettings, queue_id: str, document: Mapping[str, Any], patience: Patience | None = None
) -> None:
    """Store a document under the QUEUE_ID, in place of an earlier one; the collection is made when missing.

    Raises:
        ServiceError: it could not be stored.
    """
    connection = Connection(arango, patience or Patience())
    try:
        _write(connection, {**document, "_key": document_key(queue_id)})
    except Fault as fault:
        raise ServiceError(f"The document in {COLLECTION} was not written: {fault.as_error()}") from fault
    finally:
        connection.close()


def document_key(queue_id: str) -> str:
    """A legal `_key`: the text itself, or its legal part with a hash that keeps it apart from others.

    >>> document_key("gnn-trainer-7"), document_key("a/b")
    ('gnn-trainer-7', 'a_b-c14cddc033f64b9d')
    """
    legal = _ILLEGAL_IN_KEY.sub("_", queue_id)
    if legal == queue_id and 0 < len(legal) <= _MAX_KEY_BYTES:
        return queue_id
    digest = hashlib.sha256(queue_id.encode()).hexdigest()[:16]
    return f"{legal[: _MAX_KEY_BYTES - len(digest) - 1]}-{digest}"


def _write(connection: Connection, document: dict[str, Any]) -> None:
    collection = connection.database.collection(COLLECTION)

    def insert() -> object:
        return collection.insert(document, overwrite_mode="replace")

    task = f"write {COLLECTION}"
    try:
        connection.ask(task, insert)
        return
    except Fault as fault:
        if fault.number != UNKNOWN_COLLECTION:
            raise
    try:
        connection.ask(f"create {COLLECTION}", lambda: connection.database.create_collection(COLLECTION))
    except Fault as fault:
        if fault.number != DUPLICATE_NAME:  # another run was faster, or our own first try got through
            raise
    connection.ask(task, insert)
