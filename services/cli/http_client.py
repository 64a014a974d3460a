"""Whose request it is, for what is answered without a scope: the same as uvicorn's application for trusted proxies makes of it, by that application itself."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from services.kit.within import at_once

Client = tuple[str, int] | None
Headers = Sequence[tuple[bytes, bytes]]


def hosts(proxies: Collection[str]) -> Callable[[Client, Headers], str]:
    """What tells the host that asks, of whoever is connected and what `proxies` among them say in a request's headers; '' where nobody has one."""
    if not proxies:
        return lambda client, _headers: client[0] if client else ""
    proxied: Any = ProxyHeadersMiddleware(_nothing, list(proxies))  # type: ignore[arg-type]  # it passes on what it is given

    def host(client: Client, headers: Headers) -> str:
        scope: Any = {"type": "http", "client": client, "headers": headers}
        at_once(proxied(scope, None, None))
        return scope["client"][0] if scope["client"] else ""

    return host


async def _nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    pass
