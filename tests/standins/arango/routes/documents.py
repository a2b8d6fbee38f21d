"""Writing documents, one or several, and reading one back."""

from collections import Counter

import orjson

from ..errors import ApiError
from ..instance import Call
from ..store import EDGE, Collection, has_ends, is_key, next_tick
from ..values import Document, Json, as_stored
from ..wire import Reply

_MODES = ("conflict", "ignore", "replace", "update")


def read(call: Call) -> Reply:
    """Answer `GET /_api/document/{c}/{key}`."""
    collection = call.collection(call.segments[2])
    call.instance.guard.may_read(call.user, call.database_name, collection.name)
    document = collection.by_key.get(call.segments[3])
    if document is None:
        raise ApiError(1202, "document not found")
    return Reply(200, orjson.dumps(collection.full(document)), (("Etag", f'"{collection.revision(document)}"'),))


def insert(call: Call) -> Reply:
    """Answer `POST /_api/document/{c}`: 201 if synced, else 202."""
    body = call.json()
    collection = call.collection(call.segments[2])
    if "conflict" in call.due:
        raise ApiError(1200, "write-write conflict")
    if "read-only" in call.due:
        raise ApiError(1004, f"read only: {collection.name} [write]")
    call.instance.guard.may_write(call.user, call.database_name, collection.name)
    mode = _mode(call)
    status = 201 if collection.wait_for_sync or call.flag("waitForSync") else 202
    if isinstance(body, list):
        return _several(call, collection, body, mode, status)
    written = _write(call, collection, body, mode)
    location = f"/_db/{call.database_name}/_api/document/{written['_id']}"
    headers = (("Etag", f'"{written["_rev"]}"'), ("Location", location))
    return Reply(status, orjson.dumps({} if call.flag("silent") else written), headers)


def _mode(call: Call) -> str:
    mode = call.query.get("overwriteMode", "replace" if call.flag("overwrite") else "conflict")
    if mode not in _MODES:
        raise ApiError(10, "bad parameter")
    return mode


def _several(call: Call, collection: Collection, bodies: list[Json], mode: str, status: int) -> Reply:
    results: list[dict[str, Json]] = []
    errors: Counter[str] = Counter()
    for body in bodies:
        try:
            results.append(_write(call, collection, body, mode))
        except ApiError as exc:
            errors[str(exc.number)] += 1
            results.append({"error": True, "errorNum": exc.number, "errorMessage": exc.message})
    headers = (("X-Arango-Error-Codes", orjson.dumps(errors).decode()),) if errors else ()
    return Reply(status, orjson.dumps([] if call.flag("silent") else results), headers)


def _write(call: Call, collection: Collection, body: Json, mode: str) -> dict[str, Json]:
    document = _accepted(collection, body)
    key = str(document["_key"])
    with collection.lock:
        old = collection.by_key.get(key)
        if old is not None and mode == "conflict":
            where = "in index primary of type primary over '_key'"
            raise ApiError(1210, f"unique constraint violated - {where}; conflicting key: {key}")
        if old is not None and mode == "ignore":
            return _receipt(collection, old)
        if old is not None and mode == "update":
            document = _merged(old, document)
        document["_rev"] = call.instance.next_revision()
        collection.put(document)
    receipt = _receipt(collection, document)
    if old is not None:
        receipt["_oldRev"] = collection.revision(old)
        if call.flag("returnOld"):
            receipt["old"] = collection.full(old)
    if call.flag("returnNew"):
        receipt["new"] = collection.full(document)
    return receipt


def _accepted(collection: Collection, body: Json) -> Document:
    if not isinstance(body, dict):
        raise ApiError(1227)
    key = body.get("_key", str(next_tick()))
    if not is_key(key):
        raise ApiError(1221)
    if collection.type == EDGE and not has_ends(body):
        raise ApiError(1233)
    return {"_key": key} | {name: as_stored(value) for name, value in body.items() if name not in ("_id", "_rev")}


def _receipt(collection: Collection, document: Document) -> dict[str, Json]:
    key = document["_key"]
    return {"_id": f"{collection.name}/{key}", "_key": key, "_rev": collection.revision(document)}


def _merged(old: Document, new: Document) -> Document:
    merged = dict(old)
    for name, value in new.items():
        before = merged.get(name)
        merged[name] = _merged(before, value) if isinstance(before, dict) and isinstance(value, dict) else value
    return merged
