"""The one guard of every HTTP service: beyond what can be served in time, refuse early and cheaply; what was let in is finished (I9).

Pure ASGI, outermost: a refused request costs no body, no framework and no authentication. Why so, and what it was weighed against: docs/decisions.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit import metrics
from services.kit.http import Problem
from services.kit.limit import Bounds, Limit
from services.kit.line import Line, Waiting
from services.kit.prompt import Posted, Prompt
from services.kit.refusal import BUSY, Refusal, refused, send_refused
from services.kit.settings import Settings

UNGUARDED = frozenset({"/healthz", "/readyz", "/metrics"})
"""Answered however busy: who looks after us must see us."""

Pressure = Callable[[bool], Refusal | None]
"""What speaks, at this moment, against taking one more request; the argument tells whether it is bulk."""

Told = Callable[[Refusal | None], None]
"""Hears why a request is refused; None: it is let in."""
Shed = Callable[[str, int], None]
"""Hears which platform's requests were refused, and how many since it heard last."""
LET_IN = "surgecast.let_in"
"""Where a request's scope says that it holds a place: since when, and whether as bulk."""


class Guard:
    """Lets in as many requests as are served in time; bulk before single updates is what it refuses.

    A place is held while a request is worked on: not while its body is on the way, nor once its answer has begun, so that slow clients hold none.
    Bulk whose body has come asks for its place once more: many large bodies that come whole together are no reason to refuse single updates.
    """

    def __init__(
        self,
        app: ASGIApp,
        service: str,
        settings: Settings,
        pressure: Pressure = lambda _bulk: None,
        is_bulk: Callable[[Scope], bool] = lambda _scope: False,
        monotonic: Callable[[], float] = time.perf_counter,
        own: Mapping[str, Refusal] = MappingProxyType({}),
        shed: Shed = lambda _platform, _count: None,
        prompt: Prompt | None = None,
    ) -> None:
        """`is_bulk` tells from a request's head whether it is large and can wait. `own` are what is said on some paths, whatever speaks against a request.
        `prompt` answers what needs no waiting; none of it is bulk.
        """
        self._prompt = prompt or Prompt(service, {})
        self.prompted = self._prompt.paths
        """Where a server that has a request whole may ask for a `prompt` answer."""
        self.app, self._service, self._retry_after_max_s = app, service, settings.guard_retry_after_max_s
        self._pressure, self._is_bulk, self._monotonic = pressure, is_bulk, monotonic
        self._own, self._shed = own, shed
        self._limit = Limit(_bounds(settings), monotonic())
        self._line = Line(self._limit, settings.guard_queue_max, settings.guard_queue_s, monotonic)
        self._turn: float | None = None
        self._leaving = 0
        self._reading: float | None = None
        self._answered = 0
        self._window_s = settings.guard_window_s
        self._refused: dict[tuple[bool, str, str], int] = {}
        """Refusals not counted in the metrics yet: that is done once a window."""
        metrics.GUARD_LIMIT.labels(service).set(self._limit.value)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in UNGUARDED:
            await self.app(scope, receive, send)
            return
        if LET_IN not in scope and (refusal := await self._asked(scope)) is not None:
            await send_refused(refusal, self._retry_after_max_s, send)
            return
        began, bulk = scope.pop(LET_IN)
        visit = _Visit(self, receive, send, began, bulk)
        try:
            await self.app(scope, visit.receive, visit.send)
        finally:
            visit.worked_on()

    def refuses(self, head: Scope) -> Refusal | None:
        """Why a request is refused whose head is `head` (type, method, path and headers), where that is certain; else None, and it may `ask`.

        A server that asks this first need not make anything of what is refused: it is told at once, and counted.
        """
        if self._leaving:
            self._turned()
        bulk = self._is_bulk(head)
        refusal = self._pressure(bulk)
        if refusal is None and self._limit.full(bulk) and (bulk or self._line.full()):
            refusal = BUSY
        if refusal is None or head["path"] in UNGUARDED:
            return None
        return self._counts(bulk, self._own.get(head["path"], refusal))

    def ask(self, scope: Scope, told: Told) -> Waiting | None:
        """Decide on the request whose head is `scope`: `told` hears it, at once, or after a moment in line, which is given back so that it can be left.

        A server that asks before it calls the application is spared most of what a refusal costs. Who is let in must come in, with this very `scope`.
        It asks as it reads, between two turns of the event loop: the places of the last are free.
        """
        if self._leaving:
            self._turned()
        return self._ask(scope, told)

    def prompt(self, posted: Posted) -> Response | None:
        """The answer to a request that has come whole and that `refuses` had nothing against; None where it takes longer or no place is free: then `ask`.

        Its place is free only as the turn of the event loop ends: what is read in one turn is one burst, and each has waited for those before it.
        """
        if not self._limit.take():
            return None
        if self._reading is None:
            self._reading = self._monotonic()
            asyncio.get_running_loop().call_soon(self._read)
        began = self._reading
        self._answered += 1
        answer = self._prompt.answer(posted)
        if answer is None:
            self._answered -= 1
            self._limit.give_back()
        else:
            self._took(began)
        return answer

    def _read(self) -> None:
        """All that could be read in this turn was."""
        self._reading = None
        self._limit.give_back(self._answered)
        self._answered = 0
        self._line.let_in()

    def _ask(self, scope: Scope, told: Told) -> Waiting | None:
        if scope["path"] in UNGUARDED:
            told(None)
            return None
        bulk, began = self._is_bulk(scope), self._began()
        refusal = self._pressure(bulk)
        if refusal is None:
            if self._limit.take(bulk):
                self._decided(scope, began, bulk, told, None)
                return None
            if not bulk and (waiting := self._line.wait(lambda got: self._decided(scope, began, bulk, told, None if got else BUSY))):
                return waiting
            refusal = BUSY
        self._decided(scope, began, bulk, told, refusal)
        return None

    def _decided(self, scope: Scope, began: float, bulk: bool, told: Told, refusal: Refusal | None) -> None:
        if refusal is None:
            scope[LET_IN] = began, bulk
        else:
            refusal = self._counts(bulk, self._own.get(scope["path"], refusal))
        told(refusal)

    def _counts(self, bulk: bool, refusal: Refusal) -> Refusal:
        """A counter of the metrics takes as long as a tenth of a whole refusal does; adding up here does not."""
        if not self._refused:
            asyncio.get_running_loop().call_later(self._window_s, self._counted)
        kind = bulk, refusal.name, refusal.platform
        self._refused[kind] = self._refused.get(kind, 0) + 1
        return refusal

    def _counted(self) -> None:
        counted, self._refused = self._refused, {}
        for (bulk, reason, platform), count in counted.items():
            metrics.GUARD_REFUSED.labels(self._service, "bulk" if bulk else "single", reason).inc(count)
            if platform:
                self._shed(platform, count)

    async def _asked(self, scope: Scope) -> Refusal | None:
        """The same for a server that doesn't ask: in the request's task, within a turn."""
        decided: asyncio.Future[Refusal | None] = asyncio.get_running_loop().create_future()

        def told(refusal: Refusal | None) -> None:
            if not decided.done():
                decided.set_result(refusal)
            elif refusal is None:
                self._limit.give_back()

        waiting = self._ask(scope, told)
        try:
            return await decided
        except asyncio.CancelledError:
            if waiting is not None:
                waiting.leave()
            if LET_IN in scope and not decided.cancelled():  # let in at the very moment that it was given up
                self._limit.give_back()
            raise

    def _began(self) -> float:
        """When this turn of the event loop began to serve: what comes in one turn is one burst, and each request has waited for those before it."""
        if self._turn is None:
            self._turn = self._monotonic()
            asyncio.get_running_loop().call_soon(self._turned)
        return self._turn

    def _turned(self) -> None:
        """Places become free as a turn ends: a handler that never waits would otherwise have given its own back before the next request looks."""
        self._turn = None
        self._limit.give_back(self._leaving)
        self._leaving = 0
        self._line.let_in()

    def awaits(self) -> float:
        """A request waits for the next piece of its body, from the moment that is returned on. Meanwhile its place is free."""
        self._limit.taken -= 1
        return self._monotonic()

    def awaited(self, since: float) -> float:
        """The piece is there; it took so many seconds. The request has its place again, whether or not one is free (see `stays`)."""
        self._limit.taken += 1
        return self._monotonic() - since

    def stays(self, bulk: bool) -> bool:
        """Whether a request whose body has come whole may be worked on; if not, it has no place any more."""
        if not bulk:
            return True
        self._limit.give_back()
        if self._limit.take(bulk):
            return True
        self._counts(bulk, BUSY)
        return False

    def busy(self) -> Problem:
        """503, for a request that has come too far to be refused unread."""
        return refused(BUSY, self._retry_after_max_s)

    def leave(self, began: float, bulk: bool) -> None:
        """A request that was let in at `began` was worked on."""
        self._began()
        self._leaving += 1
        if not bulk:
            self._took(began)

    def _took(self, began: float) -> None:
        now = self._monotonic()
        if self._limit.sample(now - began, now):
            metrics.GUARD_LIMIT.labels(self._service).set(self._limit.value)


class _Visit:
    """One request inside."""

    __slots__ = ("_began", "_bulk", "_guard", "_inside", "_receive", "_send")

    def __init__(self, guard: Guard, receive: Receive, send: Send, began: float, bulk: bool) -> None:
        self._guard, self._receive, self._send, self._began, self._bulk, self._inside = guard, receive, send, began, bulk, True

    async def receive(self) -> Message:
        """The next piece of the body. How long it takes to come is the sender's doing, and no measure of ours.

        Raises `Problem` 503, to be answered by the application, with the last piece of a bulk body that there is no place for any more.
        """
        if not self._inside:
            return await self._receive()
        since = self._guard.awaits()
        try:
            message = await self._receive()
        finally:
            self._began += self._guard.awaited(since)
        if message["type"] == "http.request" and not message.get("more_body", False) and not self._guard.stays(self._bulk):
            self._inside = False
            raise self._guard.busy()
        return message

    def send(self, message: Message) -> Awaitable[None]:
        """Pass on a piece of the answer; when the first comes, the work is done. No coroutine: what is below is awaited."""
        if self._inside:
            self.worked_on()
        return self._send(message)

    def worked_on(self) -> None:
        """Give the place back, once."""
        if self._inside:
            self._inside = False
            self._guard.leave(self._began, self._bulk)


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        start=settings.guard_start,
        least=settings.guard_min,
        most=settings.guard_max,
        target_s=settings.guard_target_s,
        window_s=settings.guard_window_s,
        bulk_share=settings.guard_bulk_share,
    )
