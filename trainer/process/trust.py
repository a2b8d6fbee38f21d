"""Whose certificates are trusted, and whether a server speaks TLS at all: the same for every https service."""

from __future__ import annotations

import socket
import ssl

HANDSHAKE_TIMEOUT_S = 3.0


def trusted_cas(own: str | None) -> str | bool:
    """The PEM file of the CAs to trust, True for those of the HTTP library.

    Args:
        own: the file that a setting of the service names; it counts alone. Otherwise it is the file that OpenSSL's own
            SSL_CERT_FILE names, or the system's where that is not set.
    """
    return own or ssl.get_default_verify_paths().cafile or True


def speaks_tls(host: str, port: int) -> bool:
    """Whether a server answers a TLS handshake, whoever signed its certificate; nothing is sent to it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, port), HANDSHAKE_TIMEOUT_S) as connection,
            context.wrap_socket(connection, server_hostname=host),
        ):
            return True
    except ssl.SSLError as error:
        # A server that asks for a certificate of ours refuses, in TLS.
        return "ALERT" in str(error.reason)
    except (OSError, ValueError):
        return False
