"""An HTTP server on a loopback port while a context lasts, each connection in a thread of its own."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from .ports import free_port


class LoopbackServer:
    """Listens from the beginning; `address` is its host and port."""

    def __init__(self, handler: type[BaseHTTPRequestHandler]) -> None:
        """Start to listen; every request is given to a handler of this class."""
        self._server = ThreadingHTTPServer(("127.0.0.1", free_port()), handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def __enter__(self) -> Self:
        """Return the server, which listens already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
