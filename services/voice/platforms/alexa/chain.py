"""What a chain of certificates must be for its key to sign for Alexa."""

from datetime import datetime
from pathlib import Path

import certifi
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import DNSName, load_pem_x509_certificates
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from msgspec import Struct

from services.voice.platforms.alexa.refused import Reason, Refused

NAME = "echo-api.amazon.com"
CHAIN_MAX, KEY_MIN_BITS = 10, 2048


class Signer(Struct, frozen=True):
    """A key that signs for Alexa."""

    key: RSAPublicKey
    good_until: datetime
    """When the first certificate of its chain expires."""


class Roots:
    """The certificate authorities that are trusted, read when first needed: that takes 10 ms and more."""

    def __init__(self, file: Path | None) -> None:
        """`file`: PEM of those trusted in place of the public ones."""
        self._file = file
        self._store: Store | None = None

    def store(self) -> Store:
        """Raises `Refused` where the file can't be used."""
        if self._store is None:
            try:
                self._store = Store(load_pem_x509_certificates(Path(self._file or certifi.where()).read_bytes()))
            except (OSError, ValueError) as error:
                raise Refused(Reason.CHAIN, f"the trusted roots can't be read from {self._file} (SURGECAST_ALEXA_ROOTS): {error}") from None
        return self._store


def signer(pem: bytes, roots: Roots, now: datetime) -> Signer:
    """The key of the first certificate in `pem`, once it is proved that at `now` it speaks for Alexa. Takes 0.2 ms. Raises `Refused`."""
    try:
        leaf, *others = load_pem_x509_certificates(pem)
    except ValueError:
        raise Refused(Reason.CHAIN, "what was fetched is no PEM of certificates") from None
    if len(others) >= CHAIN_MAX:
        raise Refused(Reason.CHAIN, f"the chain has {len(others) + 1} certificates")
    try:
        proved = PolicyBuilder().store(roots.store()).time(now).build_server_verifier(DNSName(NAME)).verify(leaf, others)
    except VerificationError as error:
        raise Refused(Reason.CHAIN, f"the chain is not one of {NAME}'s that is good now: {error}") from None
    key = leaf.public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < KEY_MIN_BITS:
        raise Refused(Reason.CHAIN, "the certificate's key is not an RSA key of a size that is safe")
    return Signer(key, min(certificate.not_valid_after_utc for certificate in proved))
