"""A forward proxy for HTTP, as HTTP_PROXY names one: requests by whole addresses, and tunnels for https."""

import base64
import contextlib
import http.client
import select
import socket
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from tests.waits import LONG_S

from .http_server import LoopbackServer

_PER_HOP = {"connection", "transfer-encoding", "content-length", "proxy-authorization", "proxy-connection"}


class HttpProxy(LoopbackServer):
    """Listens on a loopback port while the context lasts."""

    def __init__(self, user_and_password: str = "") -> None:
        """Start to listen; with `user:password`, everybody else is refused with 407."""
        self.asked_for: list[str] = []
        """The hosts, with their ports, that were asked for, one for each request or tunnel."""
        proxy, wanted = self, f"Basic {base64.b64encode(user_and_password.encode()).decode()}"

        class Handler(_Handler):
            def admits(self, place: str) -> bool:
                if user_and_password and self.headers.get("proxy-authorization") != wanted:
                    self.send_response(407)
                    self.send_header("Proxy-Authenticate", "Basic")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    self.close_connection = True
                    return False
                proxy.asked_for.append(place)
                return True

        super().__init__(Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def admits(self, place: str) -> bool:
        raise NotImplementedError

    def pass_on(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not self.admits(parts.netloc):
            return
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 80, timeout=LONG_S)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in _PER_HOP}
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        with contextlib.closing(connection):
            connection.request(self.command, target, body or None, headers)
            answer = connection.getresponse()
            content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _PER_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = pass_on  # noqa: N815

    def do_CONNECT(self) -> None:
        if not self.admits(self.path):
            return
        host, _, port = self.path.rpartition(":")
        self.close_connection = True
        with socket.create_connection((host, int(port)), 20) as upstream:
            self.send_response(200)
            self.end_headers()
            ends = {self.connection: upstream, upstream: self.connection}
            while True:
                for end in select.select(list(ends), [], [], 20)[0]:
                    data = end.recv(65_536)
                    if not data:
                        return
                    ends[end].sendall(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
