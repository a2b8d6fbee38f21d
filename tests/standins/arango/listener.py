"""Sockets and threads: one thread per connection, keep-alive, and the power to cut everything at once."""

import contextlib
import socket
import socketserver
import ssl
from threading import Lock, Thread
from typing import BinaryIO, cast

from ..ports import free_port
from .dispatch import Dispatcher
from .wire import UnreadableError, read_request

_IDLE_TIMEOUT_S = 300


class Listener:
    """A listening socket that can go away and come back on the same port."""

    def __init__(self, dispatcher: Dispatcher, tls: ssl.SSLContext | None) -> None:
        """Choose a free port, one that no client is given as its own while nobody listens, and listen."""
        self._dispatcher = dispatcher
        self._tls = tls
        self.port = free_port()
        self.open()

    def open(self) -> None:
        """Listen, on the same port as before if there was one."""
        self._server = _Server(("127.0.0.1", self.port), self._dispatcher, self._tls)
        self.port = self._server.server_address[1]
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), name="arango-listener", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Refuse new connections and cut those there are."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.cut()


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], dispatcher: Dispatcher, tls: ssl.SSLContext | None) -> None:
        self.dispatcher = dispatcher
        self.tls = tls
        self._lock = Lock()
        self._connections: set[socket.socket] = set()
        super().__init__(address, _Connection)

    def get_request(self) -> tuple[socket.socket, object]:
        connection, peer = super().get_request()
        if self.tls is not None:
            # The handshake runs in the connection's thread: a client that stalls must not stop the others.
            connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._lock:
            self._connections.add(connection)
        return connection, peer

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        with self._lock:
            self._connections.discard(cast(socket.socket, request))
        super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: clients of a failing server break off as they like, and defects are kept elsewhere."""

    def cut(self) -> None:
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Connection(socketserver.StreamRequestHandler):
    # A reply that waits for the acknowledgement of the one before costs 40 ms on loopback.
    disable_nagle_algorithm = True
    timeout = _IDLE_TIMEOUT_S

    def setup(self) -> None:
        super().setup()
        if isinstance(self.connection, ssl.SSLSocket):
            self.connection.do_handshake()

    def handle(self) -> None:
        dispatcher = cast(_Server, self.server).dispatcher
        while True:
            try:
                request = read_request(cast(BinaryIO, self.rfile))
            except UnreadableError as exc:
                self.connection.sendall(exc.reply.encode(keep_alive=False))
                return
            if request is None:
                return
            delivery = dispatcher.answer(request)
            if delivery.reply is None:
                return
            data = delivery.reply.encode(keep_alive=request.keep_alive)
            if delivery.is_truncated:
                self.connection.sendall(data[: len(data) - max(1, len(delivery.reply.body) // 2)])
                return
            self.connection.sendall(data)
            if not request.keep_alive:
                return
