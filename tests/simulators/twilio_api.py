"""Twilio's Messages API over real HTTP: Basic auth, 201 with the message, errors by code (20003, 21211, 21610, 20429), and its list of messages.

It shares no code with the adapter that it tests. twilio.com/docs/messaging/api/message-resource, twilio.com/docs/api/errors.
"""

import base64
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec

ACCOUNT, TOKEN, SENDER = "AC" + "0" * 32, "a-token", "+16135550100"


class Fault(Enum):
    """What goes wrong with the next message."""

    SILENT_AFTER_ACCEPT = auto()
    """It is taken, and the answer doesn't come."""
    LIMITED = auto()
    """429."""
    DOWN = auto()
    """503, and nothing is taken."""


@dataclass
class TwilioApi:
    """What was taken, and what to refuse."""

    url: str = ""
    taken: list[dict[str, str]] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    listed: int = 0
    silence: threading.Event = field(default_factory=threading.Event)
    """Set: a silent fault breaks the connection."""

    def bodies(self) -> list[tuple[str, str]]:
        return [(message["to"], message["body"]) for message in self.taken]

    def take(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """The answer to a message."""
        if self.faults and self.faults[0] in (Fault.LIMITED, Fault.DOWN):
            return (429, _error(20429, 429)) if self.faults[0] is Fault.LIMITED else (503, _error(20503, 503))
        if not re.fullmatch(r"\+[1-9]\d{7,14}", form.get("To", "")):
            return 400, _error(21211, 400)
        if not form.get("Body"):
            return 400, _error(21602, 400)
        if form["To"] in self.stopped:
            return 400, _error(21610, 400)
        message = {
            "sid": f"SM{len(self.taken):032}",
            "to": form["To"],
            "from": form["From"],
            "body": form["Body"],
            "status": "queued",
            "date_created": formatdate().replace("-0000", "+0000"),
        }
        self.taken.append(message)
        return 201, message


def _error(code: int, status: int) -> dict[str, Any]:
    return {"code": code, "message": "no", "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}


class _Handler(BaseHTTPRequestHandler):
    api: TwilioApi
    expected = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self._is_known():
            answer = self.api.take({name: values[0] for name, values in parse_qs(body).items()})
            if self.api.faults and self.api.faults.pop(0) is Fault.SILENT_AFTER_ACCEPT:
                self.api.silence.wait(5)
                self.close_connection = True
                return
            self._answer(*answer)

    def do_GET(self) -> None:
        if self._is_known():
            self.api.listed += 1
            to = parse_qs(urlsplit(self.path).query)["To"][0]
            self._answer(200, {"messages": [message for message in reversed(self.api.taken) if message["to"] == to], "page_size": 50})

    def _is_known(self) -> bool:
        if self.headers.get("Authorization") != self.expected:
            self._answer(401, _error(20003, 401))
        elif urlsplit(self.path).path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            self._answer(404, _error(20404, 404))
        else:
            return True
        return False

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = msgspec.json.encode(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent."""


@contextmanager
def twilio_api() -> Iterator[TwilioApi]:
    """One, on loopback."""
    api = TwilioApi()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"api": api}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield api
    finally:
        api.silence.set()
        server.shutdown()
        server.server_close()
