"""Addresses of services: whether they can be used, and what is wrong with one that cannot.

An address that fails may hold a password in any place of it, so that the words about it never repeat it.
"""

from __future__ import annotations

import re

_LAST_PORT = 65535
_HOST = r"(?:[^\s:/@?#&=%\[\]]+|\[[0-9a-fA-F:.]+\])"
_HTTP_ADDRESS = re.compile(rf"https?://{_HOST}(?::(?P<port>\d{{1,5}}))?/?")
_HOST_AND_PORT = re.compile(rf"{_HOST}:(?P<port>\d{{1,5}})")
_SCHEME = re.compile(r"^\s*[\w+.-]+://")
_SHOWN_BROKER = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}")
_HOST_NAME = re.compile(
    r"[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?|[0-9a-fA-F.]*:[0-9a-fA-F:.]+|\[[0-9a-fA-F:.]+\]"
)
_IP_ADDRESS = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")


def is_http_address(url: str) -> bool:
    """Whether a text is http:// or https://, a host, and maybe a port."""
    found = _HTTP_ADDRESS.fullmatch(url)
    return found is not None and (found["port"] is None or 1 <= int(found["port"]) <= _LAST_PORT)


def is_broker(server: str) -> bool:
    """Whether a text is host:port."""
    found = _HOST_AND_PORT.fullmatch(server)
    return found is not None and 1 <= int(found["port"]) <= _LAST_PORT


def is_host(text: str) -> bool:
    """Whether a text can be the name or the IP address of a host."""
    return _HOST_NAME.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether a text that should be a path is an address."""
    return _SCHEME.match(text) is not None


def is_bucket(name: str) -> bool:
    """Whether a text can be the name of a bucket: Amazon's rules, which the others follow."""
    return _BUCKET.fullmatch(name) is not None and _IP_ADDRESS.fullmatch(name) is None and ".." not in name


def http_flaw(url: str) -> str:
    """What is wrong with an address that is not one of http, without repeating it."""
    if "@" in url:
        return "it holds a user or a password, which have settings of their own"
    scheme, separator, rest = url.partition("://")
    if not separator:
        return "it does not begin with http:// or https://"
    if scheme not in ("http", "https"):
        return "its scheme is neither http nor https"
    return _flaw_after_scheme(rest)


def broker_flaw(servers: list[str]) -> str:
    """What is wrong with a list of brokers, without repeating it."""
    number, server = next((number, each) for number, each in enumerate(servers, start=1) if not is_broker(each))
    which = "it" if len(servers) == 1 else f"its entry {number}"
    if not server:
        return f"{which} is empty"
    if re.fullmatch(_HOST, server):
        return f"{which} has no port"
    return f"in {which}, {_flaw_after_scheme(server)}" if number > 1 else _flaw_after_scheme(server)


def without_scheme(servers: list[str]) -> str | None:
    """The brokers as they should be written, where schemes are all that is wrong; empty where they had better not be shown."""
    bare = [_SCHEME.sub("", server).rstrip("/") for server in servers]
    if not all(map(is_broker, bare)):
        return None
    return ",".join(bare) if all(map(_SHOWN_BROKER.fullmatch, bare)) else ""


def _flaw_after_scheme(rest: str) -> str:
    authority, path = re.match(r"([^/?#]*)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr]
    found = re.fullmatch(rf"{_HOST}(?::(?P<port>.*))?", authority, re.DOTALL)
    if path.strip("/"):
        return "something follows after host and port"
    if found is None:
        return "its host is missing, or holds what no host has"
    if found["port"] is not None:
        return "its port is no number from 1 to 65535"
    return "something follows after host and port"
