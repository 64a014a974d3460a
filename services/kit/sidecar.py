"""Health, readiness and metrics of a process that isn't an HTTP service: the same three paths and shapes as kit/http.py, from a thread."""

import json
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from services.kit import metrics

Reasons = Callable[[], Mapping[str, str]]
"""Gives each thing that is not ready and why; empty means ready. Called in another thread: it only reads."""


class Pulse:
    """When a loop last turned. A process whose loop hangs is alive, but of no use: readiness asks for this, not for the process."""

    def __init__(self, what: str, stuck_after_s: float) -> None:
        self._what, self._stuck_after_s = what, stuck_after_s
        self._beat_at: float | None = None

    def beat(self) -> None:
        """The loop has turned."""
        self._beat_at = time.monotonic()

    def stop(self) -> None:
        """The loop is no longer under way."""
        self._beat_at = None

    def reasons(self) -> dict[str, str]:
        """Why this loop isn't ready; empty when it is."""
        return self.hung() if self._beat_at is not None else {self._what: "is not under way: it starts, stops, or waits for Redis"}

    def hung(self) -> dict[str, str]:
        """Why this process is no longer alive: its loop is under way, and doesn't turn. Empty otherwise."""
        beat_at = self._beat_at
        idle_s = 0.0 if beat_at is None else time.monotonic() - beat_at
        return {self._what: f"last turned {idle_s:.0f} s ago"} if idle_s > self._stuck_after_s else {}


def serve(service: str, host: str, port: int, reasons: Reasons, hung: Reasons = dict) -> ThreadingHTTPServer:
    """Answer on `host`:`port` (0: any free one) from a daemon thread until the process ends. Raises OSError where the port is taken.

    `reasons` are those of `/readyz`, `hung` those of `/healthz`: this thread would go on answering while the loop doesn't turn.
    """
    server = _Server((host, port), _handler(service, reasons, hung))
    Thread(target=server.serve_forever, name=f"{service}-sidecar", daemon=True).start()
    return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def _handler(service: str, reasons: Reasons, hung: Reasons) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # seconds: a client that says nothing must not keep a thread

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/metrics":
                body, kind = metrics.exposition()
                self._answer(200, body, kind)
            elif path == "/healthz":
                why = dict(hung())
                self._json(503 if why else 200, {"service": service, "status": "hung", "reasons": why} if why else {"service": service, "status": "alive"})
            elif path == "/readyz":
                why = dict(reasons())
                self._json(503 if why else 200, {"service": service, "ready": not why, "reasons": why})
            else:
                self._json(404, {"title": "Not found", "detail": "This process answers /healthz, /readyz and /metrics."}, "application/problem+json")

        def _json(self, status: int, members: Mapping[str, Any], kind: str = "application/json") -> None:
            self._answer(status, json.dumps(members).encode(), kind)

        def _answer(self, status: int, body: bytes, kind: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Probes come every few seconds: they are not worth a line each."""

    return Handler
