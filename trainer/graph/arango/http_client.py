"""The HTTP client under python-arango: bodies as bytes, bounds on bytes and time, no retries, no redirects.

Of the environment it takes the proxies only, by the one rule of `trainer.process.proxies`.
python-arango swallows the reason why a connection failed, and retries requests that must not be sent again
blindly; so every failure to get a response leaves this module as an exception that it does not know.
"""

from __future__ import annotations

import io
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

import requests
from arango.http import HTTPClient
from arango.response import Response
from requests.adapters import HTTPAdapter
from requests.auth import HTTPBasicAuth
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from trainer.bounds import arango as bounds
from trainer.process.bounded_answers import AnswerBoundError, AnswerBounds, BoundedConnection, bounded
from trainer.process.proxies import proxy_for

_PIECE_BYTES = 1 << 20


class UnansweredError(Exception):
    """A request that got no complete response; the cause is the error of `requests`, or an `AnswerBoundError`."""


class _PlainConnection(BoundedConnection, HTTPConnection):
    pass


class _TlsConnection(BoundedConnection, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _BoundedAdapter(HTTPAdapter):
    """Connections whose answers end."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        _use_bounded(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> ProxyManager:
        manager: ProxyManager = super().proxy_manager_for(proxy, **kwargs)
        _use_bounded(manager)
        return manager


def _use_bounded(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}


class SingleAttemptClient(HTTPClient):
    """One attempt per request, with a limit for connecting and one for each wait for bytes."""

    def __init__(self, connect_timeout_s: float, read_timeout_s: float) -> None:
        """Set the limits."""
        self._timeouts = (connect_timeout_s, read_timeout_s)

    def create_session(self, host: str) -> requests.Session:
        """See `HTTPClient.create_session`."""
        # The driver's own adapters retry and hide a response 503 behind an error, even with 0 retries.
        session = requests.Session()
        # Otherwise REQUESTS_CA_BUNDLE overrides our CA, and ~/.netrc takes effect.
        session.trust_env = False
        for scheme in ("http://", "https://"):
            session.mount(scheme, _BoundedAdapter())
        proxy = proxy_for(host)
        if proxy is not None:
            session.proxies = {urlsplit(host).scheme: proxy.url}
        return session

    def send_request(
        self,
        session: requests.Session,
        method: str,
        url: str,
        headers: MutableMapping[str, str] | None = None,
        params: MutableMapping[str, str] | None = None,
        data: Any = None,
        auth: tuple[str, str] | None = None,
    ) -> Response:
        """See `HTTPClient.send_request`.

        Raises:
            UnansweredError: there was no complete response.
        """
        # requests would encode texts as Latin-1; ArangoDB reads UTF-8.
        credentials = HTTPBasicAuth(auth[0].encode(), auth[1].encode()) if auth else None
        limits = _limits()
        try:
            with (
                bounded(limits),
                session.request(
                    method,
                    url,
                    params=params,
                    data=data,
                    headers=headers,
                    auth=credentials,
                    timeout=self._timeouts,
                    # It would go on without the password, or to a stranger with what was asked.
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                # In large pieces; requests itself would take ten thousand bytes at a time.
                body: Any = _content(response, limits)
        except (requests.RequestException, OSError, AnswerBoundError) as error:
            raise UnansweredError(str(error)) from error
        # The deserializer takes bytes, which spares a copy of each batch as a text.
        return Response(method, str(response.url), response.headers, response.status_code, response.reason, body)


def _limits() -> AnswerBounds:
    return AnswerBounds(
        bounds.MOST_ANSWER_BYTES,
        bounds.MOST_HEADER_BYTES,
        bounds.ANSWER_S,
        bounds.SLOW_S,
        bounds.SLOWEST_BYTES,
    )


def _content(response: requests.Response, limits: AnswerBounds) -> bytes:
    length = response.headers.get("content-length", "")
    if length.isdecimal() and (len(length) > 18 or int(length) > limits.most_bytes):
        raise limits.too_long()
    content = io.BytesIO()  # which hands its bytes on without a copy
    for piece in response.iter_content(_PIECE_BYTES):
        if content.write(piece) and content.tell() > limits.most_bytes:
            raise limits.too_long()
    return content.getvalue()
