"""A certificate authority of our own, and requests signed as Amazon signs: it shares no code with what verifies them."""

import base64
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SKILL = "amzn1.ask.skill.x"
CERTIFICATE_URL = "https://s3.amazonaws.com/echo.api/echo-api-cert-16.pem"
ALEXA = "echo-api.amazon.com"


@cache
def rsa_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key a name, for the whole run: making them is what takes long."""
    return rsa.generate_private_key(65_537, bits)


class Authority:
    """A root, an intermediate, and what it issues. `now` is in the middle of their time."""

    def __init__(self, now: datetime, name: str = "test") -> None:
        self.now, self.name = now, name
        self.root_key, self.middle_key = rsa_key(f"{name} root"), rsa_key(f"{name} middle")
        self.root = self._certificate(f"{name} root", self.root_key, None, self.root_key, authority=True)
        self.middle = self._certificate(f"{name} middle", self.middle_key, self.root, self.root_key, authority=True, depth=0)

    def chain(self, *names: str, starts: float = -1, days: float = 30, key: Any = None, middle: bool = True) -> bytes:
        """PEM of a certificate for `names` (Alexa's, where none is given), and of what leads from it to the root."""
        leaf = self._certificate(names[0] if names else ALEXA, key or rsa_key("leaf"), self.middle, self.middle_key, names or (ALEXA,), starts, days)
        return pem(leaf) + (pem(self.middle) if middle else b"")

    def _certificate(
        self,
        name: str,
        key: Any,
        issuer: x509.Certificate | None,
        issuer_key: rsa.RSAPrivateKey,
        names: tuple[str, ...] = (),
        starts: float = -1,
        days: float = 30,
        *,
        authority: bool = False,
        depth: int | None = None,
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(True, False, not authority, False, False, authority, authority, False, False)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + timedelta(days=starts))
            .not_valid_after(self.now + timedelta(days=days))
            .add_extension(x509.BasicConstraints(authority, depth), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )
        if names:
            made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
            made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        return made.sign(issuer_key, hashes.SHA256())


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)


def elliptic() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def signed(body: bytes, url: str = CERTIFICATE_URL, key: rsa.RSAPrivateKey | None = None) -> dict[str, str]:
    """The headers that Alexa sends with `body`; the old one of SHA-1 among them, which proves nothing."""
    signature = (key or rsa_key("leaf")).sign(body, padding.PKCS1v15(), hashes.SHA256())
    return {
        "SignatureCertChainUrl": url,
        "Signature-256": base64.b64encode(signature).decode(),
        "Signature": "bm90aGluZw==",
        "Content-Type": "application/json",
    }


def encoded(request: dict[str, Any]) -> bytes:
    """As it travels: with letters beyond ASCII as they are."""
    return json.dumps(request, ensure_ascii=False).encode("utf-8", "surrogatepass")


def stamp(moment: datetime) -> str:
    """As Alexa tells times."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
