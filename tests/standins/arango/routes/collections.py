"""The list of collections, what one is like, and making a new one."""

import random
import re
import unicodedata

from ..errors import ApiError
from ..instance import Call, ok
from ..store import Collection
from ..wire import Reply

_FORBIDDEN = re.compile(r"[/:\x00-\x1f\x7f]")


def index(call: Call) -> Reply:
    """Answer `GET /_api/collection`; the order is unspecified."""
    with call.database.lock:
        collections = list(call.database.collections.values())
    kept = [c for c in collections if not (c.is_system and call.flag("excludeSystem"))]
    random.Random(call.database_name).shuffle(kept)
    return ok({"result": [_summary(collection) for collection in kept]})


def info(call: Call) -> Reply:
    """Answer `GET /_api/collection/{c}`."""
    return ok(_summary(_readable(call)))


def properties(call: Call) -> Reply:
    """Answer `GET /_api/collection/{c}/properties`."""
    return ok(_properties(_readable(call)))


def number(call: Call) -> Reply:
    """Answer `GET /_api/collection/{c}/count`."""
    collection = _readable(call)
    location = f"/_db/{call.database_name}/_api/collection/{collection.name}/count"
    fields = _properties(collection, count=len(collection.by_key))
    return ok(fields, headers=(("Location", location),))


def create(call: Call) -> Reply:
    """Answer `POST /_api/collection` with 200, not 201."""
    body = call.json()
    call.instance.guard.may_create(call.user, call.database_name)
    if not isinstance(body, dict) or body.get("type", 2) not in (2, 3):
        raise ApiError(10, "bad parameter")
    name = body.get("name")
    if not isinstance(name, str) or not _is_name(name, is_system=body.get("isSystem") is True):
        raise ApiError(1208)
    with call.database.lock:
        if name in call.database.collections:
            raise ApiError(1207)
        collection = Collection(body.get("type", 2), wait_for_sync=body.get("waitForSync") is True)
        call.database.add(name, collection)
    return ok(_properties(collection))


def _readable(call: Call) -> Collection:
    collection = call.collection(call.segments[2])
    call.instance.guard.may_read(call.user, call.database_name, collection.name)
    return collection


def _summary(collection: Collection) -> dict[str, object]:
    return {
        "id": collection.id,
        "name": collection.name,
        "status": 3,
        "type": collection.type,
        "isSystem": collection.is_system,
        "globallyUniqueId": _unique_id(collection),
    }


def _properties(collection: Collection, **counted: int) -> dict[str, object]:
    return {
        "writeConcern": 1,
        "waitForSync": collection.wait_for_sync,
        "usesRevisionsAsDocumentIds": True,
        "syncByRevision": True,
        "statusString": "loaded",
        "id": collection.id,
        "isSmartChild": False,
        "schema": None,
        "name": collection.name,
        "type": collection.type,
        "status": 3,
        **counted,
        "cacheEnabled": False,
        "isSystem": collection.is_system,
        "internalValidatorType": 0,
        "globallyUniqueId": _unique_id(collection),
        "keyOptions": {"allowUserKeys": True, "type": "traditional", "lastValue": 69110},
        "computedValues": None,
        "objectId": str(int(collection.id) + 1),
    }


def _unique_id(collection: Collection) -> str:
    return collection.name if collection.is_system else f"hCE7E3D83E06B/{collection.id}"


def _is_name(name: str, *, is_system: bool) -> bool:
    return (
        0 < len(name.encode()) <= 256
        and unicodedata.is_normalized("NFC", name)
        and _FORBIDDEN.search(name) is None
        and name == name.strip()
        and (is_system if name[0] == "_" else name[0] not in ".0123456789")
    )
