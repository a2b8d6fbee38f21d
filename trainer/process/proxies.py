"""One rule about proxies for every service that is reached over HTTP, whatever its client would do by itself.

The variables are those of curl and Python: `http_proxy` for http addresses and `https_proxy` for https ones, `all_proxy`
for both, each in capitals too, and `no_proxy` with hosts, domains, `host:port` and networks that are reached directly.
"""

from __future__ import annotations

import os
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

_VARIABLES = ("http_proxy", "https_proxy", "all_proxy")


class Proxy(NamedTuple):
    """A proxy; its address may hold a password and is never shown.

    Attributes:
        variable: names it.
        url: with its scheme.
    """

    variable: str
    url: str

    def __repr__(self) -> str:
        """Only where it comes from."""
        return f"the proxy of {self.variable}"

    @property
    def is_usable(self) -> bool:
        """Whether it is an HTTP proxy at an address."""
        try:
            parts = urlsplit(self.url)
            is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
            unquote(parts.netloc).encode("latin-1")  # as the HTTP libraries send user and password
            return is_address and self.url.isascii() and self.url.isprintable()
        except ValueError:
            return False


def proxy_for(url: str) -> Proxy | None:
    """The proxy for requests to `url`, None when they go directly."""
    named = _named(urlsplit(url).scheme)
    if named is None:
        return None
    from requests.utils import should_bypass_proxies  # knows networks, which Python's own function does not

    return None if should_bypass_proxies(url, None) else named


def proxy_logins() -> list[tuple[str, str]]:
    """User and password of each proxy that is named, as the address holds them and as they are meant."""
    logins = []
    for variable in {*_VARIABLES, *map(str.upper, _VARIABLES)}:
        try:
            parts = urlsplit(os.environ.get(variable, "").strip())
        except ValueError:
            continue
        user, password = parts.username or "", parts.password or ""
        if password:
            logins += [(user, password), (unquote(user), unquote(password))]
    return logins


def _named(scheme: str) -> Proxy | None:
    for name in (f"{scheme}_proxy", "all_proxy"):
        for variable in (name, name.upper()):
            value = os.environ.get(variable, "").strip()
            if value:
                return Proxy(variable, value if "://" in value else f"http://{value}")
    return None
