"""Whether a file of CAs can be used, found out before anything is sent: one rule for every service."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

from trainer.bounds import settings as bounds
from trainer.bounds.bound import shown
from trainer.settings.problem import Problem

SYSTEM_VARIABLE = "SSL_CERT_FILE"
"""OpenSSL's own variable for the CAs of the whole process."""


def check_ca_file(name: str, path: str | None) -> Iterator[Problem]:
    """The problem of the CA file that a setting names, if it names one."""
    if not path:
        return
    if not os.path.isfile(path):  # noqa: PTH113 - no error for an endless name
        yield Problem(name, path, "should be a PEM file, and there is none")
        return
    if Path(path).stat().st_size > bounds.LONGEST_CA_FILE_BYTES:
        yield Problem(name, path, f"should be a PEM file of at most {shown(bounds.LONGEST_CA_FILE_BYTES)}")
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(cafile=path)
    except ssl.SSLError:
        yield Problem(name, path, "should be a PEM file with a CA certificate, and it holds none that can be read")
        return
    except OSError as error:
        yield Problem(name, path, f"should be a PEM file, and it cannot be read ({error.strerror})")
        return
    ends = [str(certificate["notAfter"]) for certificate in context.get_ca_certs()]
    if ends and all(ssl.cert_time_to_seconds(end) < time.time() for end in ends):
        last = max(ends, key=ssl.cert_time_to_seconds)
        right = f"should hold a CA certificate that is valid, and the last of its {len(ends)} expired on {last}"
        yield Problem(name, path, right)


def check_system_cas(own: str | None) -> Iterator[Problem]:
    """The problem of SSL_CERT_FILE, where it counts: for an https service without a CA file of its own."""
    if not own:
        yield from check_ca_file(SYSTEM_VARIABLE.lower(), os.environ.get(SYSTEM_VARIABLE))
