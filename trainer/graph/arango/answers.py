"""The answer of a cursor with its rows left as text, so that the next batch can be asked for before they are parsed."""

from __future__ import annotations

from typing import Any

import orjson

_BEFORE_ROWS = b'{"result":['
_AFTER_ROWS = b'],"hasMore":'


def decode_around_rows(body: bytes) -> Any:
    """An answer as JSON, except for `result`: a list of one text, its rows with commas between, or of none.

    >>> decode_around_rows(b'{"result":[["a",1],["b",2]],"hasMore":false}')
    {'hasMore': False, 'result': [b'["a",1],["b",2]']}
    """
    end = body.rfind(_AFTER_ROWS)
    if end >= 0 and body.startswith(_BEFORE_ROWS):
        try:
            # Were this place within the rows, their brackets would not close in what follows.
            answer = orjson.loads(b'{"hasMore":' + body[end + len(_AFTER_ROWS) :])
        except orjson.JSONDecodeError:
            pass
        else:
            rows = body[len(_BEFORE_ROWS) : end]
            return answer | {"result": [rows] if rows else []}
    answer = orjson.loads(body)
    if isinstance(answer, dict) and isinstance(answer.get("result"), list):
        answer["result"] = [orjson.dumps(answer["result"])[1:-1]] if answer["result"] else []
    return answer
