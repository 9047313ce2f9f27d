"""A made-up EHR to try an installation with: `tenant` writes its key and a tenants file, `token` prints a signed token of it.

Its key is made here and stands in a file, so it must not stay among the tenants of a service that real patients' data come to."""

import argparse
import sys
import time
import uuid
from pathlib import Path

import yaml
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jose import jwk, jwt

ISSUER, KID, ALGORITHM = "https://ehr.example.org/oauth", "try-1", "RS384"


def write_tenant(base: str, key: Path, tenants: Path) -> None:
    """The private key for the caller, its public half for the service."""
    pem = rsa.generate_private_key(65537, 3072).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    key.touch(mode=0o600)
    key.write_bytes(pem)
    public = {**jwk.construct(pem.decode(), ALGORITHM).public_key().to_dict(), "kid": KID}
    services = ("patient-view", "encounter-start", "order-sign")
    audiences = [f"{base}/cds-services", *(f"{base}/cds-services/trial-eligibility-{name}" for name in services)]
    issuer = {"iss": ISSUER, "audiences": audiences, "jwks": {"keys": [public]}}
    tenant = {"id": "try", "name": "A made-up hospital", "issuers": [issuer]}
    tenants.write_text(yaml.safe_dump({"tenants": [tenant]}, sort_keys=False), encoding="utf-8")


def token(audience: str, key: Path) -> str:
    """Good once and for five minutes."""
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": audience, "iat": now, "exp": now + 300, "jti": uuid.uuid4().hex}
    return str(jwt.encode(claims, key.read_text(encoding="utf-8"), ALGORITHM, headers={"kid": KID}))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("tenant", help="write a key and a tenants file")
    one.add_argument("base", help="https://cds.example.org")
    one.add_argument("key", type=Path)
    one.add_argument("tenants", type=Path)
    one = commands.add_parser("token", help="print a token")
    one.add_argument("audience", help="the URL that will be called")
    one.add_argument("key", type=Path)
    given = parser.parse_args()
    if given.command == "tenant":
        write_tenant(given.base.rstrip("/"), given.key, given.tenants)
    else:
        print(token(given.audience, given.key))
    return 0


if __name__ == "__main__":
    sys.exit(main())
