"""Servers that answer without end, or far too much: each ends with one sentence that names the bound, in little memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.standins import endless
from tests.standins.arango import Fault as ArangoFault
from tests.standins.arango import When
from tests.standins.s3_front import Fault, Request, S3Front
from trainer.bounds import arango as bounds
from trainer.bounds import parsed
from trainer.errors import DataError, ServiceError, TrainerError
from trainer.graph.arango import patience

from .same_graph import assert_same_graph
from .served import EVERYTHING, StandInGraph

MIB = 2**20
ROWS, END = b'{"result":[', b'],"hasMore":false,"error":false,"code":201}'
Answer = Callable[[], Iterable[bytes]]


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bounds as they are, a hundred times smaller."""
    monkeypatch.setattr(bounds, "MOST_ANSWER_BYTES", MIB)
    monkeypatch.setattr(parsed, "UNCOUNTED_BYTES", MIB // 4)
    monkeypatch.setattr(parsed, "MOST_PARSED_BYTES", 4 * MIB)
    monkeypatch.setattr(patience, "ATTEMPTS", 2)


def whole(body: bytes) -> Answer:
    """An answer of this body."""
    return lambda: [endless.head(f"Content-Length: {len(body)}"), body]


def sentence(served: StandInGraph, answer: Answer, asked: str = "POST /_db/market/_api/cursor") -> str:
    """How a load ends when such requests are answered like this."""

    def choose(request: Request) -> Fault | None:
        return Fault(stream=answer) if f"{request.method} {request.path}".startswith(asked) else None

    at = urlsplit(served.url)
    with S3Front(str(at.hostname), at.port or 0, choose) as front, pytest.raises(TrainerError) as raised:
        served.load(EVERYTHING, arango_url=front.endpoint)
    assert isinstance(raised.value, ServiceError | DataError)
    return str(raised.value).replace(front.endpoint, "URL")


TOO_LONG = (
    "ArangoDB at URL sent more than 1 MiB in one answer; see which document is so large, or what answers in its place."
)


@pytest.mark.parametrize(
    "answer",
    [
        lambda: endless.body_without_end(ROWS),
        lambda: endless.body_without_end(status="500 Oh"),
        lambda: endless.packed(ROWS + b'"', 3 * MIB, b'"' + END),
        lambda: endless.packed(ROWS + b'"', 3 * MIB, b'"' + END, "deflate"),
        lambda: endless.packed_twice(3 * MIB),
        lambda: endless.trailers_without_end(ROWS + END),
        lambda: itertools.chain([endless.head("Content-Length: 1" + 30 * "0")], itertools.repeat(b" " * 1000)),
        whole(ROWS + b'"' + b"x" * 2 * MIB + b'"' + END),
    ],
    ids=["chunks", "refusal", "gzip", "deflate", "packed twice", "trailers", "length", "text"],
)
@pytest.mark.parametrize("asked", ["POST /_db/market/_api/cursor", "GET /_db/market/_api/gharial"])
def test_an_answer_without_end(spoiled_market: StandInGraph, answer: Answer, asked: str) -> None:
    """Whatever was asked; of a query once more in smaller batches, at last one by one."""
    assert sentence(spoiled_market, answer, asked) == TOO_LONG


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (endless.headers_without_end, "sent more than 65,536 bytes of headers in one answer"),
        (endless.goes_on_without_end, "sent more than 65,536 bytes of headers in one answer"),
        (lambda: itertools.repeat(b"x" * 1000), "sent more than 65,536 bytes of headers in one answer"),
        (endless.chunk_size_without_end, "broke off"),  # urllib3 has a bound of its own
        (
            lambda: itertools.chain([b"HTTP/1.1 200 OK\r\n"], itertools.repeat(b"X: x\r\n")),
            "sent more than 100 headers in one answer",
        ),
    ],
    ids=["one header", "continue", "status line", "chunk size", "headers"],
)
def test_headers_without_end(spoiled_market: StandInGraph, answer: Answer, words: str) -> None:
    """Nobody sees a byte of the content."""
    assert words in sentence(spoiled_market, answer)


@pytest.mark.parametrize(
    "rows",
    [b'{"":0},' * 60_000 + b"0", b"[" * 200_000 + b"]" * 200_000, b'"",' * 100_000 + b"0"],
    ids=["objects", "deep", "texts"],
)
@pytest.mark.parametrize("start", [ROWS, b'{"x":1,"result":['], ids=["usual", "other"])
def test_an_answer_that_takes_much_more_than_its_length(
    spoiled_market: StandInGraph, rows: bytes, start: bytes
) -> None:
    """Small objects take 34 times as much when they are parsed."""
    assert "sent values that take more than" in sentence(spoiled_market, whole(start + rows + END))


@pytest.mark.parametrize(
    "body",
    [
        ROWS + b"[" * 5000 + b"]" * 5000 + END,
        ROWS + b'["k",1e999]' + END,
        ROWS + b'["k",' + b"9" * 100_000 + b"]" + END,
        ROWS + b"1,2,3" + END,
        ROWS + b'["c00","x"],["c01"]' + END,
        b'{"result":{"a":1},"hasMore":false}',
        b'{"result":5,"hasMore":false}',
        b'{"result":[1],"hasMore":true,"id":[],"nextBatchId":{}}',
        b"[]",
    ],
    ids=["deep", "infinity", "digits", "numbers", "ragged", "object", "number", "ids", "list"],
)
def test_an_answer_of_another_shape(spoiled_market: StandInGraph, body: bytes) -> None:
    """Also one of which python-arango makes something else."""
    assert "an answer that cannot be read" in sentence(spoiled_market, whole(body))


@pytest.mark.parametrize(
    ("seconds", "slow_s", "words"),
    [(60.0, 0.02, "sent less than 60,000 bytes in "), (0.02, 60.0, "sent an answer for more than ")],
    ids=["rate", "in all"],
)
def test_an_answer_drop_by_drop(
    spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch, seconds: float, slow_s: float, words: str
) -> None:
    """A byte now and then is no answer, neither in the headers nor in the content."""
    monkeypatch.setattr(bounds, "ANSWER_S", seconds)
    monkeypatch.setattr(bounds, "SLOW_S", slow_s)
    for start in (endless.head("Content-Length: 1000000"), b"HTTP/1.1 200 OK\r\nX: "):
        assert words in sentence(spoiled_market, lambda start=start: endless.drop_by_drop(start, 0.005))  # type: ignore[misc]


def test_a_slow_answer_within_the_bounds_is_taken(
    spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rate above the bound is enough, however long it takes."""
    monkeypatch.setattr(bounds, "SLOW_S", 0.001)
    monkeypatch.setattr(bounds, "SLOWEST_BYTES", 1)

    def slowly() -> Iterator[bytes]:
        body = b'{"result":[]' + b" " * 50 + b',"hasMore":false,"error":false,"code":201}'
        yield endless.head(f"Content-Length: {len(body)}")
        for place in range(0, len(body), 10):
            yield body[place : place + 10]

    at = urlsplit(spoiled_market.url)
    with S3Front(
        str(at.hostname), at.port or 0, lambda request: Fault(stream=slowly) if request.method == "POST" else None
    ) as front:
        assert spoiled_market.load(EVERYTHING, arango_url=front.endpoint).num_vertices == 0


def test_a_cursor_without_end_of_empty_batches(spoiled_market: StandInGraph) -> None:
    """It always has more."""
    fault = spoiled_market.server.faults.add(ArangoFault("empty-batch", When("cursor-next", times=10_000)))
    with pytest.raises(ServiceError, match="batches of candles without end: 20 in a row were empty; see in its log"):
        spoiled_market.load(EVERYTHING)
    assert fault.num_hits < 200


def test_a_cursor_without_end_of_documents(spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    """More than twice what the server counts, which it is asked for only then."""
    monkeypatch.setattr(bounds, "UNCOUNTED_DOCUMENTS", 40)
    batch = b",".join(b'["c%02d"%b]' % (n, b",1" * 10) for n in range(10))
    body = ROWS + batch + b'],"hasMore":true,"id":"7","nextBatchId":"2","error":false,"code":200}'
    said = sentence(spoiled_market, whole(body), "POST /_db/market/_api/cursor/")
    assert "sends documents of candles without end: more than 46, twice what it counts" in said


def test_the_count_of_a_large_collection_is_no_bound(
    spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the server counts may all come."""
    expected = spoiled_market.load(EVERYTHING)
    monkeypatch.setattr(bounds, "UNCOUNTED_DOCUMENTS", 7)
    assert_same_graph(spoiled_market.load(EVERYTHING), expected)


def test_large_documents_are_asked_for_in_smaller_batches(
    spoiled_market: StandInGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No honest graph is refused: a batch is longer than an answer may be, and no document is."""
    expected = spoiled_market.load(EVERYTHING)
    monkeypatch.setattr(bounds, "MOST_ANSWER_BYTES", 1500)
    assert_same_graph(spoiled_market.load(EVERYTHING, batch_size=10_000), expected)
    sizes = {query["batchSize"] for query in spoiled_market.queries("candles")}
    assert {10_000, 312, 9} <= sizes
