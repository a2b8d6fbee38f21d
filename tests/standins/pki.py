"""Certificates for TLS tests: one that a client should trust, and the two ways in which it should not."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

WRONG_HOST = "broker.elsewhere.test"


@dataclass(frozen=True, kw_only=True)
class Pki:
    """Paths of PEM files; server files hold the key and the chain."""

    ca_path: Path
    """The authority that signed both server certificates."""
    other_ca_path: Path
    """An authority that signed neither."""
    server_path: Path
    """A certificate for `localhost` and 127.0.0.1."""
    wrong_host_path: Path
    """A certificate of the right authority for another host."""


def make_pki(folder: Path) -> Pki:
    """Create two authorities and two server certificates in the folder."""
    pki = Pki(
        ca_path=folder / "ca.pem",
        other_ca_path=folder / "other-ca.pem",
        server_path=folder / "server.pem",
        wrong_host_path=folder / "wrong-host.pem",
    )
    authority = trustme.CA(organization_name="Test authority")
    authority.cert_pem.write_to_path(pki.ca_path)
    trustme.CA(organization_name="Another authority").cert_pem.write_to_path(pki.other_ca_path)
    for path, hosts in ((pki.server_path, ("localhost", "127.0.0.1")), (pki.wrong_host_path, (WRONG_HOST,))):
        authority.issue_cert(*hosts).private_key_and_cert_chain_pem.write_to_path(path)
    return pki


def server_context(certificate_path: Path) -> ssl.SSLContext:
    """Return the TLS side of a server that presents this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_path)
    return context
