"""A certificate authority for development, in the data folder and for its owner alone: it signs as Amazon does, for whoever trusts it."""

import base64
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from services.cli.alexa_dev import ROOT, ROOT_KEY, SIGNER_KEY, SIGNER_NAME
from services.cli.failure import Failure
from services.cli.up.folder import write_private
from services.voice.platforms.alexa.address import FOLDER, HOST
from services.voice.platforms.alexa.chain import NAME

ROOT_DAYS, SIGNER_DAYS = 3_650, 30


class Signer:
    """Signs requests as Alexa does."""

    def __init__(self, folder: Path, now: datetime) -> None:
        """With what is in `folder`; made where it is missing or ends within a day. Raises `Failure` where it can't be kept there."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._key, name = _signer(folder, now)
        except (OSError, ValueError) as error:
            raise Failure(f"The development authority in {folder} can't be used: {error}. Remove that folder to have it made anew.") from None
        self._url = f"https://{HOST}{FOLDER}{name}"

    def headers(self, body: bytes) -> dict[str, str]:
        """The headers that go with `body`."""
        signature = self._key.sign(body, padding.PKCS1v15(), hashes.SHA256())
        return {"SignatureCertChainUrl": self._url, "Signature-256": base64.b64encode(signature).decode(), "Content-Type": "application/json;charset=UTF-8"}


def _signer(folder: Path, now: datetime) -> tuple[rsa.RSAPrivateKey, str]:
    """The key that signs, and the name of the file with its certificate."""
    named = folder / SIGNER_NAME
    if named.exists() and (folder / SIGNER_KEY).exists():
        name = named.read_text().strip()
        certificate = x509.load_pem_x509_certificate((folder / name).read_bytes())
        if certificate.not_valid_after_utc > now + timedelta(days=1):
            return _read(folder / SIGNER_KEY), name
    root, root_key = _root(folder, now)
    key = rsa.generate_private_key(65_537, 2_048)
    certificate = _certificate(NAME, key, root.subject, root_key, now, SIGNER_DAYS, authority=False)
    name = f"development-{certificate.serial_number:x}.pem"  # another one each time: who knows a key by its address knows no other
    write_private(folder / name, _pem(certificate))
    write_private(folder / SIGNER_KEY, _private(key))
    write_private(named, name + "\n")
    return key, name


def _root(folder: Path, now: datetime) -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    if (folder / ROOT).exists() and (folder / ROOT_KEY).exists():
        return x509.load_pem_x509_certificate((folder / ROOT).read_bytes()), _read(folder / ROOT_KEY)
    key = rsa.generate_private_key(65_537, 2_048)
    root = _certificate("Surgecast development", key, None, key, now, ROOT_DAYS, authority=True)
    write_private(folder / ROOT_KEY, _private(key))
    write_private(folder / ROOT, _pem(root))
    return root, key


def _certificate(
    name: str, key: rsa.RSAPrivateKey, issuer: x509.Name | None, issuer_key: rsa.RSAPrivateKey, now: datetime, days: int, *, authority: bool
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .add_extension(x509.KeyUsage(True, False, not authority, False, False, authority, authority, False, False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not authority:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return made.sign(issuer_key, hashes.SHA256())


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


def _private(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _read(path: Path) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(path.read_bytes(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ValueError(f"{path.name} holds no RSA key")
    return key
