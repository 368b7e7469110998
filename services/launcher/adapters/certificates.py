"""Certificates by which programs know NATS and PostgreSQL: signed by an authority whose key is thrown away at once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFETIME: Final = timedelta(days=2 * 365)
_BACKDATED: Final = timedelta(minutes=5)
"""Clocks differ."""


def certificates(servers: Mapping[str, Sequence[str]], *, now: datetime) -> dict[str, str]:
    """Files in PEM: `ca.pem`, and NAME.pem and NAME-key.pem for each server, good for its host names for two years.

    All are replaced together: who signed them signs nothing else, ever.
    """
    authority = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Ujuzi, made {now:%Y-%m-%d %H:%M}")])
    signed = _certificate(
        authority, authority, name, name, now, x509.BasicConstraints(ca=True, path_length=0)
    )
    files = {"ca.pem": _pem(signed)}
    for server, hosts in servers.items():
        key = ec.generate_private_key(ec.SECP256R1())
        files[f"{server}.pem"] = _pem(
            _certificate(
                key,
                authority,
                x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hosts[0])]),
                name,
                now,
                x509.BasicConstraints(ca=False, path_length=None),
                x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts]),
                # A NATS server is also the client of the others of its cluster.
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
            )
        )
        files[f"{server}-key.pem"] = key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()
    return files


def _certificate(
    key: ec.EllipticCurvePrivateKey,
    authority: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    issuer: x509.Name,
    now: datetime,
    *extensions: x509.ExtensionType,
) -> x509.Certificate:
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), critical=False
        )
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
    if key is authority:
        builder = builder.add_extension(_SIGNS, critical=True)
    return builder.sign(authority, SHA256())


_SIGNS: Final = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()
