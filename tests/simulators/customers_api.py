"""A utility's customers API over real HTTP, with tokens that end and bad days. It shares no code with the adapter that it tests."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote

CLIENT, SECRET = "surgecast", "s3cr:et"


class Fault(Enum):
    """What goes wrong with each answer about a customer, until it is mended."""

    THROTTLED = auto()
    """429."""
    DOWN = auto()
    """503."""
    REFUSES = auto()
    """401, whatever the token."""
    SLOW = auto()
    """Never answers."""
    TRUNCATED = auto()
    """Ends in the midst of the body."""
    HUGE = auto()
    """Without end."""
    REDIRECT = auto()
    NOT_JSON = auto()
    NO_CUSTOMER = auto()
    """JSON of another shape."""
    OTHER_CUSTOMER = auto()
    NO_TOKENS = auto()
    """The token endpoint refuses us."""


class SimulatedApi:
    """Knows customers, as JSON by their ids; gives tokens and takes them back."""

    def __init__(self, url: str, customers: dict[str, Any]) -> None:
        self.url, self.customers, self.fault = url, customers, None
        self.lives_s: float | None = 300.0
        self.tokens: set[str] = set()
        self.given = self.asked = 0

    def expire(self) -> None:
        """No token that was given is good any more."""
        self.tokens.clear()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    api: SimulatedApi

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.ending = threading.Event()


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        api, form = self.server.api, parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        named = base64.b64decode(self.headers.get("Authorization", "").removeprefix("Basic ")).decode().split(":")
        if api.fault is Fault.NO_TOKENS or [unquote(part) for part in named] != [CLIENT, SECRET] or form["grant_type"] != ["client_credentials"]:
            return self._answer({"error": "invalid_client"}, 401)
        api.given += 1
        token = f"token-{api.given}"
        api.tokens.add(token)
        lives = {} if api.lives_s is None else {"expires_in": api.lives_s}
        return self._answer({"access_token": token, "token_type": "Bearer", **lives})

    def do_GET(self) -> None:
        api, fault = self.server.api, self.server.api.fault
        api.asked += 1
        if fault in (Fault.THROTTLED, Fault.DOWN):
            return self._answer({}, 429 if fault is Fault.THROTTLED else 503)
        if fault is Fault.REFUSES or self.headers.get("Authorization", "").removeprefix("Bearer ") not in api.tokens:
            return self._answer({}, 401)
        if fault is Fault.SLOW:
            self.close_connection = True
            self.server.ending.wait(30)
            return None
        if fault is Fault.REDIRECT:
            return self._answer({}, 302, Location=f"{api.url}/elsewhere")
        customer = api.customers.get(unquote(self.path.removeprefix("/v1/customers/")))
        if customer is None:
            return self._answer({}, 404)
        return self._badly(customer, fault)

    def _badly(self, customer: Any, fault: Fault | None) -> None:
        body = json.dumps({**customer, "id": "another"} if fault is Fault.OTHER_CUSTOMER else customer).encode()
        if fault is Fault.NOT_JSON:
            body = b"<html>"
        if fault is Fault.NO_CUSTOMER:
            body = b'{"id": "cust-1", "premises": 7}'
        self.send_response(200)
        self.send_header("Content-Length", "1000000000" if fault is Fault.HUGE else str(len(body)))
        self.end_headers()
        self.close_connection = fault in (Fault.TRUNCATED, Fault.HUGE)
        self.wfile.write(body[:20] if fault is Fault.TRUNCATED else body)
        while fault is Fault.HUGE and not self.server.ending.is_set():
            try:
                self.wfile.write(b" " * 100_000)
            except OSError:
                return

    def _answer(self, said: Any, status: int = 200, **headers: str) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def customers_api(customers: dict[str, Any]) -> Iterator[SimulatedApi]:
    """One that serves on loopback."""
    with _Server() as server:
        server.api = SimulatedApi(f"http://127.0.0.1:{server.server_port}", customers)
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server.api
        finally:
            server.ending.set()
            server.shutdown()
            thread.join()
