"""Answers of cursors whose rows stay text mean what the whole answer says."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import make_settings
from tests.graph.test_dump_edges import listed
from trainer.graph.arango.answers import decode_around_rows
from trainer.graph.arango.connection import Connection
from trainer.graph.arango.edges import edges_of, edges_query
from trainer.graph.arango.faults import Fault
from trainer.graph.arango.reading import decode_rows, names_query

from .served import HURRIED

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(-9, 9) | st.sampled_from(['],"hasMore":', '{"result":[', "", '"', "\\"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["hasMore", "result", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(rows=st.lists(JSON, max_size=3), rest=JSON, first=st.booleans())
def test_rows_are_told_from_what_is_around_them(rows: list[Any], rest: Any, first: bool) -> None:
    """Whatever the rows hold, and wherever `result` stands, rows and rest come out as JSON says."""
    answer = {"result": rows} if first else {"error": False, "result": rows}
    answer |= {"hasMore": True, "id": "7", "extra": rest}
    found = decode_around_rows(orjson.dumps(answer))
    text = b"".join(found.pop("result"))
    assert orjson.loads(b"[" + text + b"]") == answer.pop("result")
    assert found == answer


@pytest.mark.parametrize("body", [b'{"error":true,"errorNum":1600}', b'{"result":{"a":1}}', b"[1]", b'"x"'])
def test_other_answers_are_plain_json(body: bytes) -> None:
    """An answer without rows is left as it is."""
    assert decode_around_rows(body) == orjson.loads(body)


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"result":[1],"hasMore":', b'{"result":[1'])
def test_no_json_is_an_error(body: bytes) -> None:
    """What is no JSON around the rows is a ValueError, as for any parser."""
    with pytest.raises(ValueError, match=r"JSON|unexpected|document|literal"):
        decode_around_rows(body)


def test_rows_that_are_no_json_are_asked_for_anew() -> None:
    """Broken rows come to light when the cursor has moved on, so the query is to be run again."""
    connection = Connection(make_settings(graph_path=None, arango_url="http://localhost:1").arango, HURRIED)
    with pytest.raises(Fault, match="cannot be read") as raised:
        decode_rows(connection, names_query("v"), b'"a",')
    assert raised.value.cure == "restart"


HANDLES = st.text('v/ш"\\a', max_size=5)
WEIGHTS = st.none() | st.integers(-3, 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)


@given(data=st.data(), weighted=st.booleans())
def test_rows_of_edges_are_what_json_says(data: st.DataObject, weighted: bool) -> None:
    """Handles with quotes and escapes, of any alphabet, and weights of any kind come out as the parser has them."""
    row = st.tuples(HANDLES, HANDLES, *([WEIGHTS] if weighted else []))
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    weight = "w" if weighted else None
    connection = Connection(make_settings(graph_path=None, arango_url="http://localhost:1").arango, HURRIED)
    found = edges_of(connection, edges_query("e", weight, 10), orjson.dumps(rows)[1:-1], weight)
    assert listed(found.sources) == [one[0] for one in rows]
    assert listed(found.targets) == [one[1] for one in rows]
    assert found.weights == ([one[2] for one in rows] if weighted else [])
