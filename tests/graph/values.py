"""JSON values of every form that columns may have to hold."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

INTEGERS = st.integers(-(2**63), 2**64 - 1)  # what the JSON parser makes of integers; larger ones become doubles
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NUMERIC_TEXTS = st.one_of(st.integers(-999, 999).map(str), st.floats(-1e6, 1e6).map(str), st.just(" 7.50 "))
TEXTS = st.sampled_from(
    ["up", "down", "UP", " up ", "x1", "nan", "inf", "", "  ", "--", "null", "N/A", "5%", "1,234.5", "007", "00"]
)
BOOLEAN_TEXTS = st.sampled_from(["true", "False", "TRUE"])
SINGLES = st.one_of(st.none(), st.booleans(), INTEGERS, FLOATS, NUMERIC_TEXTS, TEXTS, BOOLEAN_TEXTS)
SMALL = st.one_of(st.integers(-99, 99), st.floats(-1e6, 1e6), st.none())
VECTORS = st.one_of(st.lists(SMALL, min_size=2, max_size=2), st.lists(SMALL, max_size=3))
ANY_JSON: st.SearchStrategy[Any] = st.one_of(SINGLES, VECTORS, st.just({}), st.just({"a": 1}), st.just([["b"]]))
STRATEGIES = [  # of few types each: a free mix is nearly always unusable
    st.one_of(st.none(), st.booleans(), BOOLEAN_TEXTS),
    st.one_of(st.none(), INTEGERS),
    st.one_of(st.none(), st.booleans(), INTEGERS, FLOATS),
    st.one_of(st.none(), INTEGERS, FLOATS, NUMERIC_TEXTS, st.sampled_from(["", "nan"])),
    st.one_of(st.none(), NUMERIC_TEXTS, TEXTS),
    st.one_of(st.none(), st.lists(SMALL, min_size=3, max_size=3)),
    st.one_of(st.none(), VECTORS),
    st.one_of(st.none(), INTEGERS, TEXTS),
    ANY_JSON,
]
