"""Responses of a cursor, with their rows left as text, so that the next batch can be requested before they are parsed."""

from __future__ import annotations

from typing import Any

import orjson

from trainer.bounds.parsed import is_too_rich
from trainer.graph.arango.request_errors import TOO_RICH, Server, beyond_bounds, unreadable
from trainer.process.bounded_answers import AnswerBoundError

_BEFORE_ROWS = b'{"result":['
_AFTER_ROWS = b'],"hasMore":'


def decode_around_rows(body: bytes) -> Any:
    """A response as JSON, except for `result`: a list of one text, its rows with commas between, or of none.

    >>> decode_around_rows(b'{"result":[["a",1],["b",2]],"hasMore":false}')
    {'hasMore': False, 'result': [b'["a",1],["b",2]']}
    """
    end = body.rfind(_AFTER_ROWS)
    if end >= 0 and body.startswith(_BEFORE_ROWS):
        try:
            # Were this position within the rows, their brackets would not close in what follows.
            response = orjson.loads(b'{"hasMore":' + body[end + len(_AFTER_ROWS) :])
        except orjson.JSONDecodeError:
            pass
        else:
            rows = body[len(_BEFORE_ROWS) : end]
            return response | {"result": [rows] if rows else []}
    if is_too_rich(body):
        raise AnswerBoundError(TOO_RICH)
    response = orjson.loads(body)
    if isinstance(response, dict) and isinstance(response.get("result"), list):
        response["result"] = [orjson.dumps(response["result"])[1:-1]] if response["result"] else []
    return response


def decode_rows(rows: bytes, server: Server) -> list[Any]:
    """The rows of a batch.

    Raises:
        RequestError: they are no JSON, with the remedy `rerun`, since the cursor has moved on; or too much of it, with the
            remedy `smaller`.
    """
    if is_too_rich(rows):
        raise beyond_bounds(AnswerBoundError(TOO_RICH), server)
    try:
        values: list[Any] = orjson.loads(b"[" + rows + b"]")
    except orjson.JSONDecodeError as error:
        raise unreadable(server, "rerun") from error
    return values
