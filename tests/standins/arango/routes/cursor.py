"""Queries: creating a cursor, its next batch, the same batch again, the end."""

from typing import Any, TypeGuard

import orjson

from ..cursors import Cursor, CursorOptions
from ..errors import ApiError
from ..instance import Call
from ..queries import Answer, parse
from ..wire import Reply

_DEFAULT_BATCH_SIZE = 1000
_DEFAULT_TTL_S = 30.0


def create(call: Call) -> Reply:
    """Answer `POST /_api/cursor` with 201."""
    body = _body(call)
    options = _options(body, last_batch_has_id=call.instance.last_batch_has_id)
    answer = _answer(call, body["query"], body.get("bindVars") or {})
    if not options.stream:
        _check_memory(answer, _option(body, "memoryLimit"))
    with call.instance.cursors.create(call.owner, answer, options) as cursor:
        return Reply(201, _next_batch(call, cursor, 201))


def advance(call: Call) -> Reply:
    """Answer `POST /_api/cursor/{id}[/{batch}]` and its deprecated twin with PUT."""
    parts = call.segments[2:]
    is_post = call.request.method == "POST"
    if is_post and len(parts) > 2:
        raise ApiError(400, "expecting POST /_api/cursor/<cursor-id>/<batch-id>")
    if len(parts) != 1 and not (is_post and len(parts) == 2):
        raise ApiError(400, f"expecting {call.request.method} /_api/cursor/<cursor-id>")
    if "expire" in call.due:
        call.instance.cursors.expire(parts[0])
    with call.instance.cursors.hold(parts[0], call.owner) as cursor:
        if len(parts) == 1:
            return Reply(200, _next_batch(call, cursor, 200))
        if parts[1] == str(cursor.batch_id):
            if not cursor.options.allow_retry:
                raise ApiError(400, "expecting allowRetry option to be true")
            call.pause()
            return Reply(200, cursor.last_batch)
        if parts[1] == str(cursor.batch_id + 1) and cursor.has_more:
            return Reply(200, _next_batch(call, cursor, 200))
        raise ApiError(1600, "batch id not found")


def delete(call: Call) -> Reply:
    """Answer `DELETE /_api/cursor/{id}` with 202."""
    parts = call.segments[2:]
    if len(parts) != 1:
        raise ApiError(400, "expecting DELETE /_api/cursor/<cursor-id>")
    call.instance.cursors.delete(parts[0], call.owner)
    return Reply(202, orjson.dumps({"id": parts[0], "error": False, "code": 202}))


def _next_batch(call: Call, cursor: Cursor, code: int) -> bytes:
    call.pause()
    if "killed" in call.due or "memory" in call.due:
        cursor.is_dead = True
        raise ApiError(1500, "AQL: query killed (while executing)") if "killed" in call.due else _memory()
    return cursor.batch(code, is_empty="empty-batch" in call.due)


def _body(call: Call) -> dict[str, Any]:
    if not call.request.body:
        raise ApiError(1502)
    body = call.json()
    if not isinstance(body, dict) or not body:
        raise ApiError(600)
    if not isinstance(body.get("query"), str) or not body["query"]:
        raise ApiError(1502)
    if not isinstance(body.get("bindVars", {}), dict | None):
        raise ApiError(17, "expecting object for <bindVars>")
    return body


def _options(body: dict[str, Any], *, last_batch_has_id: bool) -> CursorOptions:
    batch_size = body.get("batchSize", _DEFAULT_BATCH_SIZE)
    if not _is_number(batch_size):
        batch_size = _DEFAULT_BATCH_SIZE
    if batch_size <= 0:
        raise ApiError(17, "expecting positive value for <batchSize>")
    ttl = body.get("ttl")
    inner = _inner(body)
    stream = body.get("stream") is True or inner.get("stream") is True
    return CursorOptions(
        batch_size=int(batch_size),
        ttl_s=float(ttl) if _is_number(ttl) and ttl > 0 else _DEFAULT_TTL_S,
        stream=stream,
        wants_count=body.get("count") is True and not stream,
        # The server reads allowRetry inside `options` only, although clients send it twice.
        allow_retry=inner.get("allowRetry") is True,
        last_batch_has_id=last_batch_has_id,
    )


def _option(body: dict[str, Any], name: str) -> object:
    inner = _inner(body)
    return inner[name] if name in inner else body.get(name)


def _inner(body: dict[str, Any]) -> dict[str, Any]:
    inner = body.get("options")
    return inner if isinstance(inner, dict) else {}


def _answer(call: Call, text: str, binds: dict[str, Any]) -> Answer:
    query = parse(text, binds)
    if query.collection not in call.database.collections:
        raise ApiError(1203, f"AQL: collection or view not found: {query.collection} (while parsing)")
    call.instance.guard.may_read(call.user, call.database_name, query.collection, prefix="AQL: ")
    return query.run(call.database.collections[query.collection])


def _check_memory(answer: Answer, limit: object) -> None:
    # Only a query that does not stream holds its whole result at once.
    if _is_number(limit) and 0 < limit < len(orjson.dumps(answer.slice(0, len(answer)))):
        raise _memory()


def _memory() -> ApiError:
    return ApiError(32, "AQL: query would use more memory than allowed (while executing)")


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)
