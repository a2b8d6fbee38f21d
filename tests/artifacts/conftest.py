"""A real store for the tests of artifacts, and the ways in which it can be spoilt."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.artifacts.stores import BUCKET, address_of
from tests.standins.endpoints import S3Endpoint
from tests.standins.s3_front import Choice, Fault, S3Front
from tests.standins.tcp_proxy import CuttableProxy
from trainer.artifacts import s3_patience

Behind = Callable[[Choice], S3Front]
Narrow = Callable[[int, Fault], S3Front]


@pytest.fixture
def bucket(s3: S3Endpoint) -> str:
    """The bucket is there unless a test names another."""
    return s3.create_bucket(BUCKET)


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again soon, so that the tests are quick."""
    monkeypatch.setattr(s3_patience, "FIRST_WAIT_S", 0.05)
    monkeypatch.setattr(s3_patience, "JITTER_S", 0.05)


@pytest.fixture
def proxy(s3: S3Endpoint) -> Iterator[CuttableProxy]:
    """A network to the store that can be cut."""
    with CuttableProxy(*address_of(s3)) as proxy:
        yield proxy


@pytest.fixture
def behind(s3: S3Endpoint) -> Iterator[Behind]:
    """Put a server before the store that spoils the requests that a test chooses."""
    fronts: list[S3Front] = []

    def start(choose: Choice) -> S3Front:
        fronts.append(S3Front(*address_of(s3), choose))
        return fronts[-1]

    yield start
    for front in fronts:
        front.__exit__(None, None, None)


@pytest.fixture
def narrow(s3: S3Endpoint) -> Iterator[Narrow]:
    """Put a server before the store that lets so many requests through at once, and refuses the others."""
    fronts: list[S3Front] = []

    def start(most_at_once: int, too_many: Fault) -> S3Front:
        fronts.append(S3Front(*address_of(s3), lambda request: None, most_at_once=most_at_once, too_many=too_many))
        return fronts[-1]

    yield start
    for front in fronts:
        front.__exit__(None, None, None)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up after half a second."""
    monkeypatch.setattr(s3_patience, "QUICK_PATIENCE_S", 0.5)
    monkeypatch.setattr(s3_patience, "PUT_PATIENCE_S", 0.5)


@pytest.fixture
def reader(s3: S3Endpoint) -> dict[str, str]:
    """The keys of somebody who may only read."""
    keys = s3.reader()
    if keys is None:
        pytest.skip("the named store gives no temporary keys")
    return keys.settings()
