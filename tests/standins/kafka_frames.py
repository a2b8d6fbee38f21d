"""The few Kafka frames that are exchanged before a client is logged in.

Layouts follow Kafka's protocol guide: ApiVersions 0-4, SaslHandshake 0-1, SaslAuthenticate 0-1. Everything
later is forwarded as bytes and needs no knowledge here.
"""

import asyncio
import struct
from dataclasses import dataclass

API_VERSIONS = 18
SASL_HANDSHAKE = 17
SASL_AUTHENTICATE = 36

UNSUPPORTED_SASL_MECHANISM = 33
UNSUPPORTED_VERSION = 35
SASL_AUTHENTICATION_FAILED = 58

_MAX_FRAME_BYTES = 1 << 20
_FIRST_FLEXIBLE_API_VERSIONS = 3
LAST_API_VERSIONS = 4


@dataclass(frozen=True)
class Request:
    """One request: its header, and the body's bytes after it."""

    api_key: int
    api_version: int
    correlation_id: int
    body: bytes

    @classmethod
    def parse(cls, frame: bytes) -> "Request":
        """Read the header of a frame whose header is not a flexible one, or whose body is not needed."""
        api_key, api_version, correlation_id, client_id_bytes = struct.unpack_from(">hhih", frame)
        return cls(api_key, api_version, correlation_id, frame[10 + max(client_id_bytes, 0) :])

    def answer(self, body: bytes) -> bytes:
        """Return the frame that answers this request with a body."""
        return _framed(struct.pack(">i", self.correlation_id) + body)


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """Return the next frame without its length."""
    (num_bytes,) = struct.unpack(">i", await reader.readexactly(4))
    if not 0 < num_bytes <= _MAX_FRAME_BYTES:
        raise ConnectionAbortedError(f"A frame of {num_bytes} bytes is not one of a login.")
    return await reader.readexactly(num_bytes)


def api_versions_request() -> bytes:
    """Return the frame that asks a broker for its versions, in the oldest layout."""
    return _framed(struct.pack(">hhih", API_VERSIONS, 0, 0, -1))


def parse_api_versions(frame: bytes) -> dict[int, tuple[int, int]]:
    """Read a broker's answer in the oldest layout: API key to its first and last version."""
    _, error, count = struct.unpack_from(">ihi", frame)
    if error:
        raise ConnectionAbortedError(f"The broker answered ApiVersions with error {error}.")
    return {key: (first, last) for key, first, last in struct.iter_unpack(">hhh", frame[10 : 10 + 6 * count])}


def api_versions_body(request: Request, versions: dict[int, tuple[int, int]]) -> bytes:
    """Return the answer to a client's ApiVersions request in the layout of the version it asked for."""
    if request.api_version > LAST_API_VERSIONS:
        return struct.pack(">hi", UNSUPPORTED_VERSION, 1) + struct.pack(">hhh", API_VERSIONS, 0, LAST_API_VERSIONS)
    flexible = request.api_version >= _FIRST_FLEXIBLE_API_VERSIONS
    # A flexible array states its length plus one; each entry and the whole end with a count of tags.
    end = b"\0" if flexible else b""
    count = _varint(len(versions) + 1) if flexible else struct.pack(">i", len(versions))
    entries = b"".join(struct.pack(">hhh", key, *versions[key]) + end for key in sorted(versions))
    throttle_ms = struct.pack(">i", 0) if request.api_version >= 1 else b""
    return struct.pack(">h", 0) + count + entries + throttle_ms + end


def parse_mechanism(request: Request) -> str:
    """Return the mechanism that a SaslHandshake asks for."""
    (num_bytes,) = struct.unpack_from(">h", request.body)
    return request.body[2 : 2 + num_bytes].decode()


def handshake_body(error: int, mechanism: str) -> bytes:
    """Return the answer to a SaslHandshake, which names the one mechanism there is."""
    return struct.pack(">hi", error, 1) + _string(mechanism)


def parse_token(request: Request) -> str:
    """Return the SASL message that a SaslAuthenticate carries."""
    (num_bytes,) = struct.unpack_from(">i", request.body)
    return request.body[4 : 4 + num_bytes].decode()


def authenticate_body(request: Request, *, error: int = 0, message: str | None = None, token: str = "") -> bytes:
    """Return the answer to a SaslAuthenticate: the server's next SASL message, or why it failed."""
    lifetime_ms = struct.pack(">q", 0) if request.api_version >= 1 else b""
    data = token.encode()
    return struct.pack(">h", error) + _string(message) + struct.pack(">i", len(data)) + data + lifetime_ms


def _framed(payload: bytes) -> bytes:
    return struct.pack(">i", len(payload)) + payload


def _string(text: str | None) -> bytes:
    if text is None:
        return struct.pack(">h", -1)
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
