"""The document about a run in `graph_metadata`, for those who look for models by graph."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from trainer.errors import ServiceError
from trainer.graph.arango.connection import Connection
from trainer.graph.arango.request_errors import DUPLICATE_NAME, UNKNOWN_COLLECTION, RequestError
from trainer.settings.groups.arango import ArangoSettings

COLLECTION = "graph_metadata"
_ILLEGAL_IN_KEY = re.compile(r"[^A-Za-z0-9_\-.@()+,=;$!*'%:]")
_MAX_KEY_BYTES = 254


def write_graph_metadata(arango: ArangoSettings, queue_id: str, document: Mapping[str, Any]) -> None:
    """Store a document under the QUEUE_ID, in place of an earlier one; the collection is made when missing.

    Raises:
        ServiceError: it could not be stored.
    """
    connection = Connection(arango)
    try:
        _write(connection, {**document, "_key": document_key(queue_id)})
    except RequestError as error:
        raise ServiceError(f"The document in {COLLECTION} was not written: {error.as_trainer_error()}") from error
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
    task = f"write {COLLECTION}"
    insert = partial(connection.database.collection(COLLECTION).insert, document, overwrite_mode="replace")
    try:
        connection.request(task, insert)
        return
    except RequestError as error:
        if error.number != UNKNOWN_COLLECTION:
            raise
    try:
        connection.request(f"create {COLLECTION}", lambda: connection.database.create_collection(COLLECTION))
    except RequestError as error:
        if error.number != DUPLICATE_NAME:  # another run was faster, or our own first attempt got through
            raise
    connection.request(task, insert)
