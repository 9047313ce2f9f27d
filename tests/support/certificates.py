"""Certificates for tests: a site's own authority, and a server's certificate for a name."""

from __future__ import annotations

import datetime
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


def authority(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """(the file of an authority, the TLS context of a server that it names so)."""
    issuer_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "the hospital's own authority")])
    own = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    root = _signed(issuer, issuer, issuer_key, issuer_key, x509.BasicConstraints(ca=True, path_length=0))
    leaf = _signed(own, issuer, key, issuer_key, x509.SubjectAlternativeName([x509.DNSName(name)]))
    trusted, both = folder / "authority.pem", folder / "server.pem"
    trusted.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    both.write_bytes(pem + leaf.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return trusted, context


def _signed(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, by: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    identified = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    known = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    for one, critical in ((extension, isinstance(extension, x509.BasicConstraints)), (identified, False), (known, False)):
        builder = builder.add_extension(one, critical)
    return builder.sign(by, hashes.SHA256())
