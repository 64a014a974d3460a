"""The guard of every HTTP service, before an application that works for as long as a test tells it to."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from services.kit import metrics
from services.kit.guard import Guard
from services.kit.http import Problem
from services.kit.refusal import Refusal
from services.kit.settings import Settings
from tests.examples import examples

GONE = Refusal("journal-unavailable", "Journal unavailable", "The journal can't be reached")


class Stage:
    """A guard with few places. The application reads the body, waits for `go`, and answers."""

    def __init__(self, pressure: Callable[[bool], Refusal | None] = lambda _bulk: None, **settings: Any) -> None:
        told = {"guard_start": 2, "guard_min": 1, "guard_queue_max": 0, "guard_window_s": 0.01, **settings}
        self.go = asyncio.Event()
        self.inside = self.bodies_read = self.finished = 0
        self.guard = Guard(self._app, "test", Settings(_env_file=None, **told), pressure, lambda scope: scope["path"] == "/bulk")

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/crash":
            raise RuntimeError
        self.inside += 1
        try:
            message = await receive()
        except Problem as problem:
            await problem.response()(scope, receive, send)
            return
        if message["type"] == "http.disconnect":
            return
        self.bodies_read += 1
        await self.go.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        self.finished += 1

    async def ask(self, path: str = "/", receive: Receive | None = None) -> dict[str, Any]:
        """The answer: its status, headers and body."""
        said: list[Any] = []

        async def whole() -> Any:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            said.append(message)

        await self.guard({"type": "http", "method": "POST", "path": path, "headers": []}, receive or whole, send)
        return {**said[0], "body": said[1]["body"]} if said else {}

    def asking(self, path: str = "/", receive: Receive | None = None) -> "asyncio.Future[dict[str, Any]]":
        return asyncio.ensure_future(self.ask(path, receive))


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def on_loop(story: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await story()

    return lambda: asyncio.run(bounded())


def refused_count(kind: str, reason: str) -> float:
    return float(metrics.GUARD_REFUSED.labels("test", kind, reason)._value.get())


def test_beyond_the_places_there_are_it_is_refused_unread_and_what_was_let_in_is_finished() -> None:
    async def story() -> None:
        stage, before = Stage(), refused_count("single", "busy")
        inside = [stage.asking() for _ in range(2)]
        await settled()
        answers = [await stage.ask() for _ in range(60)]
        assert {answer["status"] for answer in answers} == {503}
        assert stage.bodies_read == 2, "a refused body is not read"
        headers = dict(answers[0]["headers"])
        problem = json.loads(answers[0]["body"])
        assert headers[b"content-type"] == b"application/problem+json"
        assert (problem["type"], problem["status"]) == ("urn:surgecast:problem:busy", 503)
        assert f"in {headers[b'retry-after'].decode()} s" in problem["detail"]
        assert {dict(answer["headers"])[b"retry-after"] for answer in answers} == {b"1", b"2", b"3"}, "not all come back together"
        await counted("single", before + 60)
        stage.go.set()
        assert [(await one)["status"] for one in inside] == [200, 200]
        await settled()
        assert (await stage.ask())["status"] == 200

    on_loop(story)()


async def counted(kind: str, total: float) -> None:
    """Refusals are counted once a window, all that there were."""
    while refused_count(kind, "busy") < total:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.001)
    assert refused_count(kind, "busy") == total


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_health_and_metrics_are_answered_however_busy(path: str) -> None:
    async def story() -> None:
        stage = Stage(pressure=lambda _bulk: GONE)
        stage.go.set()
        assert (await stage.ask())["status"] == 503
        assert (await stage.ask(path))["status"] == 200

    on_loop(story)()


def test_bulk_is_refused_first() -> None:
    async def story() -> None:
        stage = Stage(guard_start=4, pressure=lambda bulk: GONE if bulk and stage.finished else None)
        inside = [stage.asking("/bulk") for _ in range(3)]
        await settled()
        assert [one.done() and one.result()["status"] for one in inside] == [False, False, 503]
        single = [stage.asking() for _ in range(3)]
        await settled()
        assert [one.done() and one.result()["status"] for one in single] == [False, False, 503]
        stage.go.set()
        await asyncio.gather(*inside, *single)
        await settled()
        assert (await stage.ask("/bulk"))["status"] == 503, "pressure tells the kinds apart too"
        assert (await stage.ask())["status"] == 200

    on_loop(story)()


def test_a_burst_waits_a_moment_and_a_standing_queue_is_refused() -> None:
    async def story() -> None:
        stage = Stage(guard_start=1, guard_queue_max=2, guard_queue_s=0.05)
        first, second, third, fourth = (stage.asking() for _ in range(4))
        await settled()
        assert (await fourth)["status"] == 503, "no more than two wait"
        assert [(await one)["status"] for one in (second, third)] == [503, 503], "and not for long"
        burst = stage.asking()
        await settled()
        stage.go.set()
        assert [(await one)["status"] for one in (first, burst)] == [200, 200]

    on_loop(story)()


def test_places_come_back_from_crashes_departures_and_those_who_gave_up_waiting() -> None:
    async def story() -> None:
        stage = Stage(guard_start=1, guard_queue_max=5, guard_queue_s=5.0)

        async def gone() -> Any:
            return {"type": "http.disconnect"}

        for _ in range(3):
            with pytest.raises(RuntimeError):
                await stage.ask("/crash")
            assert await stage.ask("/", gone) == {}
        inside = stage.asking()
        waiting = [stage.asking() for _ in range(3)]
        await settled()
        waiting[2].cancel()
        stage.go.set()
        await settled()
        waiting[1].cancel()  # perhaps let in already
        assert (await inside)["status"] == (await waiting[0])["status"] == 200
        await settled()
        assert stage.guard._limit.taken == 0

    on_loop(story)()


def test_a_sender_who_is_slow_holds_no_place() -> None:
    async def story() -> None:
        stage, arrive = Stage(guard_start=1), asyncio.Event()
        stage.go.set()

        async def slow() -> Any:
            await arrive.wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        late = [stage.asking("/", slow) for _ in range(20)]
        await settled()
        assert stage.inside == 20
        assert (await stage.ask())["status"] == 200, "others are served meanwhile"
        arrive.set()
        assert [(await one)["status"] for one in late] == [200] * 20
        await settled()
        assert stage.guard._limit.taken == 0

    on_loop(story)()


def test_large_bodies_that_come_whole_together_keep_to_their_share_and_leave_single_updates_theirs() -> None:
    async def story() -> None:
        stage, arrive, before = Stage(guard_start=4), asyncio.Event(), refused_count("bulk", "busy")

        async def slow() -> Any:
            await arrive.wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        uploads = [stage.asking("/bulk", slow) for _ in range(50)]
        await settled()
        assert stage.inside == 50, "none holds a place yet"
        arrive.set()
        await settled()
        answered = [one.result() for one in uploads if one.done()]
        assert ([answer["status"] for answer in answered], stage.bodies_read) == ([503] * 48, 2)
        assert json.loads(answered[0]["body"])["type"] == "urn:surgecast:problem:busy"
        await counted("bulk", before + 48)
        single = [stage.asking() for _ in range(2)]
        await settled()
        stage.go.set()
        assert [(await one)["status"] for one in single] == [200] * 2
        await asyncio.gather(*uploads)
        await settled()
        assert stage.guard._limit.taken == 0

    on_loop(story)()


def test_a_burst_that_comes_at_once_is_one_burst_even_where_no_request_ever_waits() -> None:
    async def story() -> None:
        stage = Stage(guard_start=3)
        stage.go.set()
        statuses = [answer["status"] for answer in await asyncio.gather(*(stage.ask() for _ in range(5)))]
        assert sorted(statuses) == [200, 200, 200, 503, 503]
        await settled()
        assert (await stage.ask())["status"] == 200

    on_loop(story)()


@given(
    inside=st.integers(0, 5), places=st.integers(1, 4), queue=st.integers(0, 2), against=st.sampled_from([None, "bulk", "all"]),
    paths=st.lists(st.sampled_from(["/", "/bulk", "/healthz"]), min_size=1, max_size=6),
)  # fmt: skip
@settings(max_examples=examples(15), deadline=None)
def test_what_a_server_is_told_from_a_head_alone_is_what_it_would_be_told_if_it_asked(
    inside: int, places: int, queue: int, against: str | None, paths: list[str]
) -> None:
    async def story() -> None:
        stage = Stage(lambda bulk: GONE if against == "all" or (bulk and against == "bulk") else None, guard_start=places, guard_queue_max=queue)
        held = [stage.asking() for _ in range(inside)]
        await settled()
        for path in paths:
            head, told = {"type": "http", "method": "POST", "path": path, "headers": []}, list[Refusal | None]()
            at_once = stage.guard.refuses(head)
            waiting = stage.guard.ask({**head}, told.append)
            assert at_once == (told[0] if told else None), "one that waits in line may still be let in"
            assert (waiting is not None) == (not told)
        stage.go.set()
        await asyncio.gather(*held)

    on_loop(story)()
