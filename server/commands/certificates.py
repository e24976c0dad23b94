"""A private certificate authority of one site, for the broker's and the proxy's TLS.

A site with certificates of its own puts those into the same files instead.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from server.commands.secret_files import SecretFiles

AUTHORITY_YEARS = 10


class Authority:
    """Signs the site's certificates; its key stays in the secrets folder."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self._certificate = certificate
        self._key = key

    @classmethod
    def read(cls, files: SecretFiles) -> Self | None:
        """The authority made earlier, or None."""
        certificate, key = files.read("ca.crt"), files.read("ca.key")
        if certificate is None or key is None:
            return None
        loaded = serialization.load_pem_private_key(key.encode(), password=None)
        if not isinstance(loaded, ec.EllipticCurvePrivateKey):
            raise TypeError(f"{files.path('ca.key')}: not an elliptic-curve key")
        return cls(x509.load_pem_x509_certificate(certificate.encode()), loaded)

    @classmethod
    def create(cls, files: SecretFiles, *, now: datetime) -> Self:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Plantroom site authority")])
        until = now + timedelta(days=365 * AUTHORITY_YEARS)
        certificate = (
            _certificate(name, name, key.public_key(), now=now, until=until)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        files.keep("ca.key", _pem(key))
        files.keep("ca.crt", certificate.public_bytes(serialization.Encoding.PEM).decode())
        return cls(certificate, key)

    def issue(self, names: Sequence[str], *, now: datetime, until: datetime) -> tuple[str, str]:
        """A server certificate for these host names or addresses: (certificate, key), both PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        certificate = (
            _certificate(subject, self._certificate.subject, key.public_key(), now=now, until=until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False
            )
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return certificate.public_bytes(serialization.Encoding.PEM).decode(), _pem(key)


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, *, now: datetime, until: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # a device whose clock is a day behind still accepts it
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(until)
    )


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
