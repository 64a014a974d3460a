"""Whether Alexa signed a request: over its bytes as they came, before anything in them is read."""

import binascii
from collections.abc import Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from services.voice.platforms.alexa.address import certificate_url
from services.voice.platforms.alexa.refused import Reason, Refused

SIGNATURE_MAX_CHARS = 1_024
_URL, _SIGNATURE = b"signaturecertchainurl", b"signature-256"
_PADDING, _HASH = PKCS1v15(), SHA256()


class Signed(Struct, frozen=True):
    """What the head of a request says of its signature: nothing of it is proved."""

    url: str
    """Of the certificate of the key."""
    signature: bytes


def check(signature: bytes, body: bytes, key: RSAPublicKey) -> None:
    """Raises `Refused` unless `signature` is one of `body` by `key`."""
    try:
        key.verify(signature, body, _PADDING, _HASH)
    except InvalidSignature:
        raise Refused(Reason.SIGNATURE, "the signature is not one of this body") from None


def signed(headers: Sequence[tuple[bytes, bytes]]) -> Signed:
    """What is in `Signature-256` and `SignatureCertChainUrl`. The old `Signature`, of SHA-1, proves nothing. Raises `Refused`."""
    named = dict(headers)
    if len(named) != len(headers):
        names = [name for name, _ in headers]
        for name, shown in ((_URL, "SignatureCertChainUrl"), (_SIGNATURE, "Signature-256")):
            if names.count(name) > 1:
                raise Refused(Reason.HEADERS, f"{shown} comes twice")
    said, signature = named.get(_URL), named.get(_SIGNATURE)
    if said is None or signature is None:
        raise Refused(Reason.HEADERS, f"{'SignatureCertChainUrl' if said is None else 'Signature-256'} is missing; does a proxy in front of us drop it?")
    if len(signature) > SIGNATURE_MAX_CHARS:
        raise Refused(Reason.HEADERS, "Signature-256 is longer than any signature")
    try:
        url, found = said.decode("ascii"), binascii.a2b_base64(signature, strict_mode=True)
    except ValueError:
        raise Refused(Reason.HEADERS, "Signature-256 is no base64, or SignatureCertChainUrl no ASCII") from None
    return Signed(certificate_url(url), found)
