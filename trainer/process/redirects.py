"""Where a server sends us to, as far as it may be shown: no redirect is followed, since that would hand on our keys."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_HOST = re.compile(r"[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]")


def shown_address(target: str) -> str | None:
    """Scheme, host and port of an address, None where it has no host: what else it holds may be a secret or a trick.

    >>> shown_address("https://me:pw@minio:9000/b?X-Amz-Signature=s"), shown_address("/login"), shown_address("minio.eu")
    ('https://minio:9000', None, 'minio.eu')
    """
    try:
        parts = urlsplit(target if "://" in target or target.startswith("/") else f"//{target}")
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        port = "" if parts.port is None else f":{parts.port}"
    except ValueError:
        return None
    if not _HOST.fullmatch(host):
        return None
    return f"{parts.scheme}://{host}{port}" if parts.scheme in ("http", "https") else f"{host}{port}"
