"""A login in front of a broker that has none: TLS and SASL SCRAM-SHA-512, then the broker's own bytes.

Tansu's own TLS and SASL do not work, and a client's `SASL_SSL` path is worth testing with the real client. A
broker behind the gateway must advertise the gateway's address, because clients move on to the advertised one.
"""

import ssl
from collections.abc import Mapping
from typing import Any, NamedTuple

from scramp import ScramException, ScramMechanism

from . import kafka_frames as frames
from .kafka_frames import Request
from .tcp_proxy import CuttableProxy, Stream

MECHANISM = "SCRAM-SHA-512"
_REFUSED = f"Authentication failed due to invalid credentials with SASL mechanism {MECHANISM}"


class Login(NamedTuple):
    """One finished attempt to log in."""

    username: str
    accepted: bool


class SaslSslGateway(CuttableProxy):
    """Forwards a client to the broker once it has logged in over TLS; can be cut and stalled as any proxy."""

    def __init__(
        self,
        upstream_host: str,
        upstream_port: int,
        *,
        users: Mapping[str, str],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Start to listen; `users` maps names to passwords. Without `tls` the login is `SASL_PLAINTEXT`."""
        self.logins: list[Login] = []
        self._mechanism = ScramMechanism(MECHANISM)
        self._credentials = {user: self._mechanism.make_auth_info(password) for user, password in users.items()}
        super().__init__(upstream_host, upstream_port, tls=tls)

    async def _admit(self, client: Stream, upstream: Stream) -> bool:
        versions = await _versions_with_login(upstream)
        mechanism_agreed = False
        while True:
            request = Request.parse(await frames.read_frame(client.reader))
            if request.api_key == frames.API_VERSIONS:
                client.writer.write(request.answer(frames.api_versions_body(request, versions)))
            elif request.api_key == frames.SASL_HANDSHAKE:
                mechanism_agreed = frames.parse_mechanism(request) == MECHANISM
                error = 0 if mechanism_agreed else frames.UNSUPPORTED_SASL_MECHANISM
                client.writer.write(request.answer(frames.handshake_body(error, MECHANISM)))
            elif request.api_key == frames.SASL_AUTHENTICATE and mechanism_agreed:
                return await self._authenticate(client, request)
            else:
                # What a broker does with a request out of turn: it hangs up.
                return False
            await client.writer.drain()

    async def _authenticate(self, client: Stream, request: Request) -> bool:
        attempt = _ScramAttempt(self._mechanism, self._credentials)
        try:
            first = attempt.challenge(frames.parse_token(request))
            client.writer.write(request.answer(frames.authenticate_body(request, token=first)))
            await client.writer.drain()
            request = Request.parse(await frames.read_frame(client.reader))
            if request.api_key != frames.SASL_AUTHENTICATE:
                return False
            body = frames.authenticate_body(request, token=attempt.verdict(frames.parse_token(request)))
            accepted = True
        except ScramException:
            body = frames.authenticate_body(request, error=frames.SASL_AUTHENTICATION_FAILED, message=_REFUSED)
            accepted = False
        self.logins.append(Login(attempt.username, accepted))
        client.writer.write(request.answer(body))
        await client.writer.drain()
        return accepted


class _ScramAttempt:
    """The server's half of one SCRAM exchange."""

    def __init__(self, mechanism: ScramMechanism, credentials: Mapping[str, Any]) -> None:
        self.username = ""
        self._credentials = credentials
        self._server = mechanism.make_server(self._credentials_of)

    def challenge(self, client_first: str) -> str:
        self._server.set_client_first(client_first)
        server_first: str = self._server.get_server_first()
        return server_first

    def verdict(self, client_final: str) -> str:
        self._server.set_client_final(client_final)
        server_final: str = self._server.get_server_final()
        return server_final

    def _credentials_of(self, username: str) -> Any:
        self.username = username
        if username not in self._credentials:
            raise ScramException(f"There is no user {username}.")
        return self._credentials[username]


async def _versions_with_login(upstream: Stream) -> dict[int, tuple[int, int]]:
    upstream.writer.write(frames.api_versions_request())
    await upstream.writer.drain()
    versions = frames.parse_api_versions(await frames.read_frame(upstream.reader))
    return versions | {frames.SASL_HANDSHAKE: (0, 1), frames.SASL_AUTHENTICATE: (0, 1)}
