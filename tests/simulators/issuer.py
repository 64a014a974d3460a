"""An identity provider over real HTTP, with real keys and bad days: discovery, a JWK set, a token endpoint (client credentials, RFC 6749 section 4.4).

It shares no code with the adapter that it tests.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import get_default_algorithms

AUDIENCE = "https://surgecast.example/ingest"
CLIENT, CLIENT_SECRET = "oms-east", "s3cret"
_MAKERS = {
    "RS": lambda: rsa.generate_private_key(65_537, 2_048),
    "ES": lambda: ec.generate_private_key(ec.SECP256R1()),
    "Ed": ed25519.Ed25519PrivateKey.generate,
}


class Fault(Enum):
    """What goes wrong with each answer, until it is mended."""

    DOWN = auto()
    """503."""
    NOT_JSON = auto()
    NO_KEYS = auto()
    HUGE = auto()
    """One byte after the other without end."""
    DRIP = auto()
    """A byte every tenth of a second."""
    REDIRECT = auto()
    """To the same document elsewhere."""
    OTHER_ISSUER = auto()
    """The discovery document is another issuer's."""
    PLAIN_KEYS = auto()
    """It says that its keys are at an address without TLS."""


class SimulatedIssuer:
    """Signs, publishes, rotates."""

    def __init__(self, url: str) -> None:
        self.url, self.fault, self.asked = url, None, 0
        self.private: dict[str, tuple[str, Any]] = {}
        self.published: list[dict[str, Any]] = []
        self.rotate("rsa-1", "RS256")

    def rotate(self, kid: str, algorithm: str, *, keep: bool = False, publish: bool = True) -> None:
        """Sign with a new key from now on; forget those before, unless they are kept."""
        private = _MAKERS[algorithm[:2]]()
        self.private[kid] = algorithm, private
        shown = json.loads(get_default_algorithms()[algorithm].to_jwk(private.public_key()))
        shown |= {"kid": kid, "use": "sig", "alg": algorithm}
        self.published = [*(self.published if keep else []), *([shown] if publish else [])]
        self.kid = kid

    def token(self, *, kid: str | None = None, head: dict[str, Any] | None = None, without: str = "", **claims: Any) -> str:
        """A token of the newest key, or of the one named, for `CLIENT`; `claims` in place of the usual ones."""
        now = int(time.time())
        usual = {"iss": self.url, "aud": AUDIENCE, "sub": "svc-oms", "client_id": CLIENT, "iat": now, "exp": now + 300}
        said = {**usual, "scope": "surgecast:events surgecast:snapshots openid", **claims}
        said.pop(without, None)
        algorithm, private = self.private[kid or self.kid]
        return jwt.encode(said, private, algorithm, {"kid": kid or self.kid, **(head or {})})

    def public_pem(self) -> bytes:
        """The newest key, as anyone can have it."""
        public = self.private[self.kid][1].public_key()
        return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def document(self, path: str) -> bytes:
        """What is served at `path`."""
        if path == "/.well-known/openid-configuration":
            issuer = self.url + ("/other" if self.fault is Fault.OTHER_ISSUER else "")
            keys = "http://keys.example/jwks" if self.fault is Fault.PLAIN_KEYS else f"{self.url}/jwks"
            return json.dumps({"issuer": issuer, "jwks_uri": keys, "token_endpoint": f"{self.url}/token"}).encode()
        if self.fault is Fault.NO_KEYS:
            return b'{"keys": [{"kty": "oct", "kid": "rsa-1", "k": "c2VjcmV0", "alg": "HS256"}, {"kty": "RSA", "kid": "rsa-1", "n": "?"}, 7]}'
        return json.dumps({"keys": self.published}).encode()


def forged(claims: dict[str, Any], head: dict[str, Any], signature: bytes = b"") -> str:
    """A token put together by hand, as no library would."""
    parts = (json.dumps(head).encode(), json.dumps(claims).encode(), signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


class _Server(ThreadingHTTPServer):
    idp: SimulatedIssuer

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.ending = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        idp = self.server.idp
        idp.asked += 1
        if idp.fault is Fault.DOWN:
            self.send_error(503)
        elif idp.fault is Fault.REDIRECT:
            self.send_response(302)
            self.send_header("Location", f"{idp.url}/elsewhere")
            self.end_headers()
        elif idp.fault is Fault.HUGE:
            self._without_end(b" " * 100_000, 0)
        elif idp.fault is Fault.DRIP:
            self._without_end(b" ", 0.1)
        else:
            self._answer(b"<html>" if idp.fault is Fault.NOT_JSON else idp.document(self.path))

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        good = form == {"grant_type": ["client_credentials"], "client_id": [CLIENT], "client_secret": [CLIENT_SECRET], "audience": [AUDIENCE]}
        token = {"access_token": self.server.idp.token(), "token_type": "Bearer", "expires_in": 300}
        self._answer(json.dumps(token if good else {"error": "invalid_client"}).encode(), 200 if good else 401)

    def _answer(self, body: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _without_end(self, piece: bytes, wait_s: float) -> None:
        self.send_response(200)
        self.end_headers()
        while not self.server.ending.wait(wait_s):
            try:
                self.wfile.write(piece)
            except OSError:
                return

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def issuer() -> Iterator[SimulatedIssuer]:
    """One that serves on loopback."""
    with _Server() as server:
        server.idp = SimulatedIssuer(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.idp
        finally:
            server.ending.set()
            server.shutdown()
            thread.join()
