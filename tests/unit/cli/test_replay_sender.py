"""The sender sends each request until it is answered for good, as the server asks, and for no longer than it may."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from services.cli.failure import Failure
from services.cli.replay.frames import Frame
from services.cli.replay.pace import Pace, speed_of
from services.cli.replay.sender import Sender
from services.kit.retry import retry_after_s
from services.kit.settings import Settings

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FRAME = Frame(NOW, "/ingest/v1/events", "application/x-ndjson", b"{}", 1, 2)
TAKEN = httpx.Response(202, json={"accepted": 1, "duplicate": 0, "stale": 0, "rejected": 0, "position": "10-0", "results": []})


class StoppedClock:
    def now(self) -> datetime:
        return NOW


class Told:
    """A server that answers as it was told, one after the other, then the last for ever."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.requests, self.slept = list(answers), [], []
        client = httpx.Client(transport=httpx.MockTransport(self._handle), base_url="http://test")
        self.sender = Sender(client, "key", Settings(), StoppedClock(), self.slept.append)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def test_the_key_and_the_bytes_are_sent_as_they_are() -> None:
    told = Told(TAKEN)
    told.sender.send(FRAME)
    (request,) = told.requests
    assert request.headers["Authorization"] == "Bearer key"
    assert request.content == b"{}"


@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_the_server_asks(status: int) -> None:
    told = Told(httpx.Response(status, headers={"Retry-After": "3"}), TAKEN)
    told.sender.send(FRAME)
    (waited,) = told.slept
    assert 3.0 <= waited <= 3.3
    assert told.sender.tally.outcomes["accepted"] == 1
    assert told.sender.tally.retries == 1


def test_a_server_that_comes_back_gets_the_request_again() -> None:
    told = Told(httpx.ConnectError("refused"), httpx.RemoteProtocolError("cut"), httpx.ReadTimeout("slow"), httpx.Response(500), TAKEN)
    told.sender.send(FRAME)
    assert len(told.requests) == 5
    assert told.slept == sorted(told.slept) or len(told.slept) == 4


def test_it_gives_up_in_time_and_says_what_was_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    told, clock = Told(httpx.ConnectError("refused")), [0.0]
    monkeypatch.setattr("services.cli.replay.sender.time.monotonic", lambda: clock[0])
    told.sender._sleep = lambda s: clock.__setitem__(0, clock[0] + s)
    with pytest.raises(Failure, match=r"Gave up .* refused"):
        told.sender.send(FRAME)
    assert clock[0] <= Settings().replay_retry_max_s


@pytest.mark.parametrize(("status", "says"), [(401, "--key"), (404, "format"), (413, "raise the limit"), (415, "415")])
def test_what_no_repetition_cures_ends_the_replay_with_advice(status: int, says: str) -> None:
    told = Told(httpx.Response(status, json={"detail": "no"}))
    with pytest.raises(Failure, match=says):
        told.sender.send(FRAME)
    assert len(told.requests) == 1


def test_one_unusable_picture_does_not_end_the_replay() -> None:
    told = Told(httpx.Response(422, json={"detail": "no records", "rejected": 2}), TAKEN)
    told.sender.send(FRAME)
    told.sender.send(FRAME)
    tally = told.sender.tally
    assert (tally.requests, tally.outcomes["rejected"], tally.outcomes["accepted"]) == (2, 2, 1)
    assert tally.faults == ["/ingest/v1/events: no records"]


def test_the_furthest_position_is_kept_by_age_and_not_by_text() -> None:
    told = Told(*(httpx.Response(202, json={"accepted": 1, "position": position}) for position in ("9-0", "10-0", "9-5")))
    for _ in range(3):
        told.sender.send(FRAME)
    assert told.sender.tally.position == "10-0"


@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        ("2", 2.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        (format_datetime(NOW + timedelta(seconds=5), usegmt=True), 5.0),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0.0),
    ],
)
def test_both_forms_of_retry_after_are_read(value: str, wait_s: float | None) -> None:
    assert retry_after_s(value, StoppedClock().now()) == wait_s


def test_the_pace_keeps_the_spacing_divided_by_the_speed() -> None:
    now, slept = [100.0], []

    def sleep(s: float) -> None:
        slept.append(round(s, 6))
        now[0] += s

    pace = Pace(60.0, sleep, lambda: now[0])
    for minute in (0, 1, 3):
        pace.wait_for(NOW + timedelta(minutes=minute))
    assert slept == [1.0, 2.0]
    now[0] += 50  # the server was slow: what is late is sent at once
    pace.wait_for(NOW + timedelta(minutes=4))
    assert slept == [1.0, 2.0]


@pytest.mark.parametrize("text", ["0", "-1", "fast", "nan", "inf", ""])
def test_a_speed_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Failure, match="--speed"):
        speed_of(text)
