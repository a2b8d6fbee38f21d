"""Handles find their vertices as they would in a dict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from trainer.graph.building import vertex_index
from trainer.graph.building.texts import Texts
from trainer.graph.building.vertex_index import VertexIndex
from trainer.graph.graph import VertexTable

KEYS = st.text("ab:ш0", min_size=1, max_size=4) | st.text("kя", min_size=6, max_size=40)
NAMES = st.lists(st.sampled_from(["v", "vv", "candles_btcusdt", "свечи"]), min_size=1, max_size=3, unique=True)


def table(name: str, keys: Sequence[str]) -> VertexTable:
    """A table without columns."""
    return VertexTable(name, np.array(sorted(key.encode() for key in keys), dtype=np.bytes_), {}, [])


def expected(tables: Sequence[VertexTable], handles: Sequence[str]) -> list[int]:
    """What a dict finds."""
    names = [f"{one.name}/{key.decode()}" for one in tables for key in one.keys.tolist()]
    return [dict(zip(names, range(len(names)), strict=True)).get(handle, -1) for handle in handles]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[VertexTable], list[str]]:
    """Tables, and handles of their vertices, of near misses and of nothing."""
    tables = [table(name, sorted(draw(st.sets(KEYS, max_size=20)))) for name in draw(NAMES)]
    known = [f"{one.name}/{key.decode()}" for one in tables for key in one.keys.tolist()]
    strange = st.sampled_from(["", "/", "v", "v/", "w/a", "v/" + "long" * 200])
    near = st.sampled_from(known or [""]).flatmap(lambda handle: st.sampled_from([handle[:-1], handle + "a", handle]))
    return tables, draw(st.lists(near | strange, max_size=30))


@given(graphs())
def test_found_as_in_a_dict(graph: tuple[list[VertexTable], list[str]]) -> None:
    """Whatever the keys, each handle gets the number that a dict has for it."""
    tables, handles = graph
    assert VertexIndex(tables).numbers(Texts.of(handles)).tolist() == expected(tables, handles)


def _all_the_same(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return np.full(len(words), 2**64 - 1, dtype=np.uint64)


def _few(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (words[:, 0] % np.uint64(3)) << np.uint64(62)


@pytest.mark.parametrize("hash_words", [_all_the_same, _few])
def test_equal_hashes_are_no_equal_handles(monkeypatch: pytest.MonkeyPatch, hash_words: object) -> None:
    """Where all hashes collide, and the last slot runs over into the first, bytes decide."""
    monkeypatch.setattr(vertex_index, "hash_words", hash_words)
    tables = [table("v", [f"k{number}" for number in range(300)]), table("w", ["k1", "é" * 120])]
    handles = [f"{name}/k{number}" for name in "vwx" for number in range(310)] + ["w/" + "é" * 120, "w/" + "é" * 119]
    assert VertexIndex(tables).numbers(Texts.of(handles)).tolist() == expected(tables, handles)


def test_many_vertices_are_all_found() -> None:
    """A hundred thousand vertices are found in any order, and as many others are not."""
    keys = [f"BTC-1m-{number}" for number in range(1_500_000_000, 1_500_000_000 + 60 * 100_000, 60)]
    tables = [table("candles", keys)]
    order = np.random.default_rng(1).permutation(len(keys))
    index = VertexIndex(tables)
    assert index.numbers(Texts.of([f"candles/{keys[row]}" for row in order])).tolist() == order.tolist()
    assert (index.numbers(Texts.of([f"candles/{key}x" for key in keys])) == -1).all()


def test_rows_of_running_numbers() -> None:
    """A running number says which table the vertex is in, and which row; empty tables have none."""
    tables = [table("a", "xy"), table("b", []), table("c", "z")]
    table_index, row = VertexIndex(tables).locate(np.array([0, 1, 2]))
    assert (table_index.tolist(), row.tolist()) == ([0, 0, 2], [0, 1, 0])
