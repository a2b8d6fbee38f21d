"""Certificates for TLS tests: one that a client should trust, and the two ways in which it should not."""

import datetime
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

WRONG_HOST = "broker.elsewhere.test"
_LONG_AGO, _AGO = (datetime.datetime(year, 1, 1, tzinfo=datetime.UTC) for year in (2020, 2021))


@dataclass(frozen=True, kw_only=True)
class Pki:
    """Paths of PEM files; server files hold the key and the chain."""

    ca_path: Path
    """The authority that signed both server certificates."""
    other_ca_path: Path
    """An authority that signed neither."""
    server_path: Path
    """A certificate for `localhost` and 127.0.0.1."""
    expired_ca_path: Path
    """An authority whose time is over."""
    expired_path: Path
    """A certificate of the right authority whose time is over."""
    wrong_host_path: Path
    """A certificate of the right authority for another host."""


def make_pki(folder: Path) -> Pki:
    """Create two authorities and two server certificates in the folder."""
    pki = Pki(
        ca_path=folder / "ca.pem",
        other_ca_path=folder / "other-ca.pem",
        server_path=folder / "server.pem",
        expired_ca_path=folder / "expired-ca.pem",
        expired_path=folder / "expired.pem",
        wrong_host_path=folder / "wrong-host.pem",
    )
    authority = trustme.CA(organization_name="Test authority")
    authority.cert_pem.write_to_path(pki.ca_path)
    trustme.CA(organization_name="Another authority").cert_pem.write_to_path(pki.other_ca_path)
    pki.expired_ca_path.write_bytes(_expired_authority())
    for path, hosts in ((pki.server_path, ("localhost", "127.0.0.1")), (pki.wrong_host_path, (WRONG_HOST,))):
        authority.issue_cert(*hosts).private_key_and_cert_chain_pem.write_to_path(path)
    expired = authority.issue_cert("localhost", "127.0.0.1", not_before=_LONG_AGO, not_after=_AGO)
    expired.private_key_and_cert_chain_pem.write_to_path(pki.expired_path)
    return pki


def _expired_authority() -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Expired authority")])
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), _LONG_AGO, _AGO)
    certificate = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return certificate.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


def server_context(certificate_path: Path) -> ssl.SSLContext:
    """Return the TLS side of a server that presents this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_path)
    return context
