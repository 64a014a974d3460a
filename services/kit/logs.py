"""Logs as data: an event name (`<service>.<past_participle>`), facts as keys. For people on a terminal, JSON lines elsewhere.

Bind what a unit of work is about with `bound(request_id=..., position=...)`; never log customers' words, names or addresses.
"""

import logging
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TextIO

import structlog
from structlog.contextvars import bound_contextvars as bound
from structlog.contextvars import merge_contextvars

__all__ = ["REQUEST_ID", "Sparing", "bound", "configure", "log"]

log: Any = structlog.get_logger()
REQUEST_ID: ContextVar[str] = ContextVar("request_id")
"""Of the request under way. Set for each, where `bound` would cost as much as the rest of observing it."""


def configure(service: str, level: str = "info") -> None:
    """Send this process's logs, and those of the libraries in it, to standard error."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Any] = [
        merge_contextvars,
        _of_request,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(service),
    ]
    last: Any = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(Unfailing(sys.stderr)),  # type: ignore[arg-type]  # it writes and flushes, and needs no more
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, last],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=max(number, logging.WARNING), force=True)


class Sparing:
    """Lines that strangers can cause, each costing more than the request that caused it: one of a kind in a while, with how many were left out before it."""

    def __init__(self, every_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._every_s, self._monotonic = every_s, monotonic
        self._next: dict[tuple[str, str], float] = {}
        self._left_out: dict[tuple[str, str], int] = {}

    def info(self, event: str, reason: str, **facts: Any) -> None:
        """Log `event`, unless one for that `reason` was logged just now. Reasons come from a closed set: each is remembered."""
        kind, now = (event, reason), self._monotonic()
        if now < self._next.get(kind, now):
            self._left_out[kind] = self._left_out.get(kind, 0) + 1
            return
        self._next[kind] = now + self._every_s
        if left_out := self._left_out.pop(kind, 0):
            facts["left_out"] = left_out
        log.info(event, reason=reason, **facts)


class Unfailing:
    """A file for logs: a line that can't be written (a full disk, a reader that has gone) is dropped, and whoever logs goes on."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write `text`, if it can be."""
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        """Pass on what is buffered, if it can be."""
        with suppress(OSError):
            self._file.flush()


def _of_request(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    if (request_id := REQUEST_ID.get(None)) is not None:
        event.setdefault("request_id", request_id)
    return event


def _named(service: str) -> Any:
    def add(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
        event["service"] = service
        return event

    return add
