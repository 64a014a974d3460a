"""What Alexa's side is asked for: over real HTTP, with Amazon's rules and its bad days; and the twins, as far as they go."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.adapters.alexa_api_http import HttpAlexaApi
from services.adapters.alexa_api_memory import MemoryAlexaApi
from services.adapters.alexa_proactive_http import HttpProactiveEvents
from services.adapters.alexa_proactive_memory import MemoryProactiveEvents
from services.adapters.alexa_subscribers_memory import MemorySubscribers
from services.adapters.alexa_subscribers_redis import RedisSubscribers
from services.adapters.redis_link import async_link
from services.kernel.ports.alexa import AlexaApi, Caller, Message, NotAllowed, ProactiveEvents, ProactiveSubscribers, Sent
from services.kernel.ports.failures import Unavailable
from services.kit.settings import Settings
from tests.simulators.alexa_api import CLIENT, CUSTOMER_TOKEN, SECRET, AlexaSide, alexa_side

NOW = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)
DEVICE = "amzn1.ask.device.x"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[AlexaSide, str]]:
    with alexa_side() as side:
        yield side


@pytest.fixture
def side(served: tuple[AlexaSide, str]) -> tuple[AlexaSide, str]:
    served[0].__init__()  # type: ignore[misc]
    return served


def run(call: Callable[[AlexaApi], Any], origin: str, timeout_s: float = 2, calls_max: int = 8, endpoint: str | None = None) -> Any:
    async def called() -> Any:
        api = HttpAlexaApi(timeout_s, calls_max, "" if endpoint else origin)
        try:
            return await call(api)
        finally:
            await api.close()

    return asyncio.run(called())


TROUBLES = [{"status": 500}, {"status": 429}, {"status": 405}, {"silent_s": 0.4}, {"garbage": b"<html>"}, {"garbage": b"x" * 70_000}]
CALLER = Caller("https://api.amazonalexa.com", CUSTOMER_TOKEN, DEVICE)


class TestAddress:
    @pytest.mark.parametrize(("known", "code"), [(("CA", "k2g 1v8"), "K2G 1V8"), (("", ""), "")])
    def test_the_postal_code_of_the_device_where_it_has_one(self, side: tuple[AlexaSide, str], known: tuple[str, str], code: str) -> None:
        side[0].addresses[DEVICE] = known
        assert run(lambda api: api.postal_code(CALLER), side[1]) == code

    def test_one_who_does_not_allow_it_is_told_apart(self, side: tuple[AlexaSide, str]) -> None:
        side[0].addresses[DEVICE] = None
        memory = MemoryAlexaApi()
        memory.addresses[DEVICE] = None
        for asked in (lambda: run(lambda api: api.postal_code(CALLER), side[1]), lambda: asyncio.run(memory.postal_code(CALLER))):
            with pytest.raises(NotAllowed):
                asked()

    @pytest.mark.parametrize("trouble", TROUBLES)
    def test_whatever_goes_wrong_is_unavailable_in_time(self, side: tuple[AlexaSide, str], trouble: dict[str, Any]) -> None:
        for name, value in trouble.items():
            setattr(side[0], name, value)
        with pytest.raises(Unavailable) as error:
            run(lambda api: api.postal_code(CALLER), side[1], timeout_s=0.2)
        assert CUSTOMER_TOKEN not in str(error.value)

    @pytest.mark.parametrize("endpoint", ["https://api.amazonalexa.com.evil.example", "http://api.amazonalexa.com", "https://169.254.169.254", ""])
    def test_a_token_goes_to_nobody_but_alexa(self, side: tuple[AlexaSide, str], endpoint: str) -> None:
        with pytest.raises(Unavailable, match="is not Alexa's API"):
            run(lambda api: api.postal_code(Caller(endpoint, CUSTOMER_TOKEN, DEVICE)), side[1], endpoint="as it says")

    def test_there_are_no_more_calls_at_a_time_than_may_be(self, side: tuple[AlexaSide, str]) -> None:
        side[0].addresses[DEVICE] = ("CA", "K2G 1V8")

        async def crowd(api: AlexaApi) -> list[Any]:
            return await asyncio.gather(*(api.postal_code(CALLER) for _ in range(5)), return_exceptions=True)

        found = run(crowd, side[1], calls_max=2)
        assert [answer for answer in found if answer == "K2G 1V8"] == ["K2G 1V8"] * 2
        assert sum(isinstance(answer, Unavailable) for answer in found) == 3


def test_the_device_says_a_word_meanwhile(side: tuple[AlexaSide, str]) -> None:
    run(lambda api: api.say_meanwhile(CALLER, "amzn1.echo-api.request.1", "<speak>One moment.</speak>"), side[1])
    assert side[0].said == [
        {"header": {"requestId": "amzn1.echo-api.request.1"}, "directive": {"type": "VoicePlayer.Speak", "speech": "<speak>One moment.</speak>"}}
    ]
    with pytest.raises(Unavailable, match="answers 400"):
        run(lambda api: api.say_meanwhile(CALLER, "amzn1.echo-api.request.1", "x" * 601), side[1])


class Now:
    """Seconds, put forward by hand."""

    at = 0.0

    def __call__(self) -> float:
        return self.at


def message(reference: str = "outage-4711-r3", user: str = "amzn1.ask.account.x", **change: Any) -> Message:
    return Message(user, reference, "Example Hydro", NOW, NOW + timedelta(hours=2), **change)


def sender(origin: str, now: Callable[[], float] = Now(), secret: str = SECRET) -> HttpProactiveEvents:  # noqa: B008
    return HttpProactiveEvents(f"{origin}/v1/proactiveEvents", f"{origin}/auth/o2/token", CLIENT, secret, 2, now)


@pytest.fixture(params=["http", "memory"])
def events(request: pytest.FixtureRequest, side: tuple[AlexaSide, str]) -> Iterator[ProactiveEvents]:
    side[0].subscribed = {"amzn1.ask.account.x"}
    if request.param == "memory":
        memory = MemoryProactiveEvents()
        memory.opted_out = {"amzn1.ask.account.y"}
        yield memory
    else:
        http = sender(side[1])
        yield http
        http.close()


class TestProactiveEvents:
    def test_a_message_is_taken_once_however_often_it_is_sent(self, events: ProactiveEvents) -> None:
        assert [events.send(message(urgent=True)) for _ in range(3)] == [Sent.ACCEPTED, Sent.DUPLICATE, Sent.DUPLICATE]

    def test_one_who_opted_out_is_left_in_peace(self, events: ProactiveEvents) -> None:
        assert events.send(message(user="amzn1.ask.account.y")) is Sent.FORBIDDEN

    def test_too_many_come_later(self, side: tuple[AlexaSide, str]) -> None:
        side[0].subscribed, side[0].notifications_max = {"amzn1.ask.account.x"}, 1
        http = sender(side[1])
        assert [http.send(message(str(number))) for number in range(2)] == [Sent.ACCEPTED, Sent.ENOUGH]
        side[0].status = 429
        assert http.send(message("2")) is Sent.LIMITED

    def test_a_token_serves_until_its_last_minute_and_one_that_ended_early_is_replaced(self, side: tuple[AlexaSide, str]) -> None:
        side[0].subscribed, now = {"amzn1.ask.account.x"}, Now()
        http = sender(side[1], now)
        assert [http.send(message(str(number))) for number in range(3)] == [Sent.ACCEPTED] * 3
        assert side[0].tokens == 1
        now.at = 3_541
        assert http.send(message("3")) is Sent.ACCEPTED
        assert side[0].tokens == 2
        side[0].tokens = 7  # another process had one given: ours is good no more
        assert http.send(message("4")) is Sent.ACCEPTED
        assert side[0].tokens == 8

    def test_what_can_not_be_known_is_unavailable_and_names_no_secret(self, side: tuple[AlexaSide, str]) -> None:
        with pytest.raises(Unavailable, match="SURGECAST_ALEXA_CLIENT_ID") as error:
            sender(side[1], secret="wrong-secret").send(message())
        assert "wrong-secret" not in str(error.value)
        side[0].status = 503
        with pytest.raises(Unavailable, match="503"):
            sender(side[1]).send(message())
        with pytest.raises(Unavailable):
            sender("http://127.0.0.1:1").send(message())

    def test_a_message_that_would_live_too_long_is_refused(self, side: tuple[AlexaSide, str]) -> None:
        side[0].subscribed = {"amzn1.ask.account.x"}
        long = Message("amzn1.ask.account.x", "r", "Example Hydro", NOW, NOW + timedelta(hours=25))
        assert sender(side[1]).send(long) is Sent.REFUSED


@pytest.mark.parametrize("kind", ["redis", "memory"])
def test_what_a_customer_chose_last_counts_in_whatever_order_it_is_heard(kind: str, redis_url: str) -> None:
    async def told(subscribers: ProactiveSubscribers) -> None:
        first, later = NOW, NOW + timedelta(minutes=1)
        assert await subscribers.events_of("amzn1.x") == frozenset()
        await subscribers.put("amzn1.x", ["AMAZON.MessageAlert.Activated"], first)
        assert await subscribers.events_of("amzn1.x") == {"AMAZON.MessageAlert.Activated"}
        await subscribers.put("amzn1.x", (), later)
        for _ in range(2):
            await subscribers.put("amzn1.x", ["AMAZON.MessageAlert.Activated"], first)  # late, and twice
        assert await subscribers.events_of("amzn1.x") == frozenset()
        await subscribers.put("amzn1.x", ["AMAZON.WeatherAlert.Activated"], later + timedelta(minutes=1))
        assert await subscribers.events_of("amzn1.x") == {"AMAZON.WeatherAlert.Activated"}
        assert await subscribers.events_of("amzn1.y") == frozenset()

    async def on_redis() -> None:
        async with async_link(Settings(_env_file=None, journal_url=redis_url)) as link:
            await told(RedisSubscribers(link))
            kept = [await link.get(key) for key in await link.keys("*alexa*")] + await link.keys("*alexa*")
            assert not any(b"amzn1.x" in each for each in kept), "no customer's id is kept"

    asyncio.run(on_redis() if kind == "redis" else told(MemorySubscribers()))
