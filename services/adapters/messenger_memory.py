"""Messenger in memory: the twin of `messenger_http`, with the Send API's limits."""

from collections.abc import Mapping
from typing import Any

from services.kernel.ports.messenger import Sending


class MemoryMessenger:
    """Keeps what was sent, in its order. `replies` are what becomes of the next messages; then all are sent."""

    def __init__(self, locales: Mapping[str, str] | None = None) -> None:
        self.sent: list[tuple[str, Mapping[str, Any]]] = []
        self.typed: list[str] = []
        self.replies: list[Sending] = []
        self._locales = dict(locales or {})

    async def send(self, to: str, message: Mapping[str, Any]) -> Sending:
        """Meets `MessengerApi.send`."""
        reply = self.replies.pop(0) if self.replies else Sending.SENT
        if reply is Sending.SENT and len(message.get("text", "")) > 2_000:
            reply = Sending.REFUSED
        if reply is Sending.SENT:
            self.sent.append((to, message))
        return reply

    async def typing(self, to: str) -> None:
        """Meets `MessengerApi.typing`."""
        self.typed.append(to)

    async def locale(self, of: str) -> str:
        """Meets `MessengerApi.locale`."""
        return self._locales.get(of, "")

    async def close(self) -> None:
        """Meets `MessengerApi.close`."""
