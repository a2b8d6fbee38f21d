"""Responses of cursors, with their rows left as text, mean what a JSON parser says."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.graph.test_dump_edges import listed
from trainer.graph.arango.decoding import decode_around_rows, decode_rows
from trainer.graph.arango.edges import decode_edges
from trainer.graph.arango.request_errors import RequestError, Server

SERVER = Server("http://localhost:1", "market", "root")
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(-9, 9) | st.sampled_from(['],"hasMore":', '{"result":[', "", '"', "\\"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["hasMore", "result", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(rows=st.lists(JSON, max_size=3), rest=JSON, first=st.booleans())
def test_rows_are_separated_from_what_is_around_them(rows: list[Any], rest: Any, first: bool) -> None:
    """Whatever the rows hold, and wherever `result` stands, rows and rest come out as JSON says."""
    response = {"result": rows} if first else {"error": False, "result": rows}
    response |= {"hasMore": True, "id": "7", "extra": rest}
    decoded = decode_around_rows(orjson.dumps(response))
    text = b"".join(decoded.pop("result"))
    assert orjson.loads(b"[" + text + b"]") == response.pop("result")
    assert decoded == response


@pytest.mark.parametrize("body", [b'{"error":true,"errorNum":1600}', b'{"result":{"a":1}}', b"[1]", b'"x"'])
def test_other_responses_are_plain_json(body: bytes) -> None:
    """A response without rows is left as it is."""
    assert decode_around_rows(body) == orjson.loads(body)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"result":[1],"hasMore":', b'{"result":[1'])
def test_no_json_is_an_error(body: bytes) -> None:
    """What is no JSON around the rows is a ValueError, as for any parser."""
    with pytest.raises(ValueError, match=r"JSON|unexpected|document|literal"):
        decode_around_rows(body)


def test_rows_that_are_no_json_need_a_new_query() -> None:
    """Broken rows come to light when the cursor has moved on, so that the query has to run again."""
    with pytest.raises(RequestError, match="cannot be read") as raised:
        decode_rows(b'"a",', SERVER)
    assert raised.value.remedy == "rerun"


HANDLES = st.text('v/ш"\\a', max_size=5)
WEIGHTS = st.none() | st.integers(-3, 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)


@given(data=st.data(), weighted=st.booleans())
def test_rows_of_edges_are_what_json_says(data: st.DataObject, weighted: bool) -> None:
    """Handles with quotes and escapes, of any alphabet, and weights of any kind come out as the parser has them."""
    row = st.tuples(HANDLES, HANDLES, *([WEIGHTS] if weighted else []))
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    weight = "w" if weighted else None
    edges = decode_edges(orjson.dumps(rows)[1:-1], weight, SERVER)
    assert listed(edges.sources) == [row[0] for row in rows]
    assert listed(edges.targets) == [row[1] for row in rows]
    assert edges.weights == ([row[2] for row in rows] if weighted else [])
