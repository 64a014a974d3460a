"""Every service that posts go to, simulated, in one shape: what is out on it, what that answers, what can go wrong with it, and the real client to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from services.adapters.public_address import Reach
from services.adapters.sessions_memory import MemorySession
from services.adapters.social_apprise import AppriseFeed
from services.adapters.social_bluesky import BlueskyFeed
from services.adapters.social_facebook import FacebookFeed
from services.adapters.social_mastodon import MastodonFeed
from services.adapters.social_webhook import WebhookFeed
from services.adapters.social_x import XFeed
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import SocialFeed
from services.wire import SOCIAL, Channel
from tests.simulators import apprise_target, bluesky_api, facebook_api, mastodon_api, webhook_receiver, x_api

CHANNELS = tuple(channel for channel in Channel if channel in SOCIAL)
THREADED = frozenset({Channel.SOCIAL, Channel.MASTODON, Channel.BLUESKY, Channel.WEBHOOK})
"""Services on which a post can answer another one."""
BLIND = frozenset({Channel.APPRISE})
"""Services that can neither be asked nor know a post that they have: what is in doubt there is held."""


class Hooks(Struct):
    """Called with each post, in the simulator's own thread; what one raises breaks the connection without an answer."""

    came: Callable[[], None] = lambda: None
    """It has arrived, and nothing was done with it."""
    taken: Callable[[], None] = lambda: None
    """It is out, or refused, and nothing was answered."""


class Out(Struct, frozen=True):
    """One post that is out."""

    text: str
    answers: str | None
    """The text of the post that it answers."""


class Simulated(Struct):
    """One service on the loopback."""

    channel: Channel
    url: str
    out: Callable[[], list[Out]]
    fail: Callable[[str], None]
    """Let the next post meet the fault of that name."""

    def feed(self, clock: Clock, timeout_s: float) -> SocialFeed:
        """The product's own client to it."""
        return feed(self.channel, self.url, clock, timeout_s)


def feed(channel: Channel, url: str, clock: Clock, timeout_s: float) -> SocialFeed:
    """The product's own client to the simulated service at `url`."""
    match channel:
        case Channel.SOCIAL:
            return XFeed(url, x_api.CREDENTIALS, timeout_s)
        case Channel.MASTODON:
            return MastodonFeed(url, mastodon_api.TOKEN, timeout_s)
        case Channel.BLUESKY:
            return BlueskyFeed(url, bluesky_api.HANDLE, bluesky_api.APP_PASSWORD, timeout_s, MemorySession())
        case Channel.FACEBOOK:
            return FacebookFeed(url, "v25.0", facebook_api.PAGE, facebook_api.TOKEN, facebook_api.APP_SECRET, timeout_s, clock)
        case Channel.WEBHOOK:
            reach = Reach(frozenset({urlsplit(url).port or 0}), ("127.0.0.0/8",), plain_http=True)
            return WebhookFeed(url, (webhook_receiver.SECRET,), timeout_s, 64 * 1024, clock, reach=reach)
        case Channel.APPRISE:
            return AppriseFeed(url, "Example Hydro", timeout_s)
    raise ValueError(f"{channel} is not a channel of posts")


@contextmanager
def simulated(channel: Channel, clock: Clock, hooks: Hooks | None = None) -> Iterator[Simulated]:
    """`channel`'s service, with its own rules, on the time of `clock`."""
    with _MADE[channel](lambda: clock.now().timestamp(), hooks or Hooks()) as made:
        yield made


def _around(method: Any, hooks: Hooks) -> Any:
    async def hooked(*args: Any, **kwargs: Any) -> Any:
        hooks.came()
        answer = await method(*args, **kwargs)
        hooks.taken()
        return answer

    return hooked


@contextmanager
def _x(now: Callable[[], float], hooks: Hooks) -> Iterator[Simulated]:
    api = x_api.XApi(now=now)
    api.post = _around(api.post, hooks)  # type: ignore[method-assign]

    def out() -> list[Out]:
        texts = {tweet.id: tweet.text for tweet in api.tweets}
        return [Out(tweet.text, texts.get(tweet.in_reply_to or "")) for tweet in api.tweets]

    with x_api.running(api):
        yield Simulated(Channel.SOCIAL, api.url, out, lambda name: api.faults.append(x_api.Fault[name]))


@contextmanager
def _mastodon(now: Callable[[], float], hooks: Hooks) -> Iterator[Simulated]:
    api = mastodon_api.MastodonApi(now=now)
    api._post = _around(api._post, hooks)  # type: ignore[method-assign]

    def out() -> list[Out]:
        texts = {status.id: status.text for status in api.statuses}
        return [Out(status.text, texts.get(status.in_reply_to or "")) for status in api.statuses]

    with mastodon_api.running(api):
        yield Simulated(Channel.MASTODON, api.url, out, lambda name: api.faults.append(mastodon_api.Fault[name]))


@contextmanager
def _bluesky(now: Callable[[], float], hooks: Hooks) -> Iterator[Simulated]:
    api = bluesky_api.BlueskyApi(now=now)
    put = api._putRecord

    def hooked(request: Any, body: bytes) -> Any:
        hooks.came()
        answer = put(request, body)
        hooks.taken()
        return answer

    api._putRecord = hooked  # type: ignore[method-assign]

    def out() -> list[Out]:
        texts = {f"at://{bluesky_api.DID}/{bluesky_api.COLLECTION}/{key}": record["text"] for key, record in api.records.items()}
        return [Out(record["text"], texts.get(record.get("reply", {}).get("parent", {}).get("uri", ""))) for record in api.records.values()]

    with bluesky_api.running(api):
        yield Simulated(Channel.BLUESKY, api.url, out, lambda name: api.faults["putRecord"].append(bluesky_api.Fault[name]))


@contextmanager
def _facebook(now: Callable[[], float], hooks: Hooks) -> Iterator[Simulated]:
    api = facebook_api.FacebookApi(now=now, usage=lambda _percent, _minutes: {})  # what it tells of its limits is read as 100 posts a day at most
    api.feed = _around(api.feed, hooks)  # type: ignore[method-assign]
    with facebook_api.running(api):
        out = lambda: [Out(post.message, None) for post in api.posts]  # noqa: E731
        yield Simulated(Channel.FACEBOOK, api.url, out, lambda name: api.faults.append(facebook_api.Fault[name]))


@contextmanager
def _webhook(now: Callable[[], float], hooks: Hooks) -> Iterator[Simulated]:
    receiver = webhook_receiver.Receiver(now=now)
    receiver.receive = _around(receiver.receive, hooks)  # type: ignore[method-assign]

    def out() -> list[Out]:
        told = [taken["data"] for taken in receiver.taken]
        texts = {one["id"]: one["text"] for one in told}
        return [Out(one["text"], texts.get(one.get("answers", ""))) for one in told]

    with webhook_receiver.running(receiver):
        yield Simulated(Channel.WEBHOOK, receiver.url, out, lambda name: receiver.faults.append(webhook_receiver.Fault[name]))


@contextmanager
def _apprise(now: Callable[[], float], hooks: Hooks) -> Iterator[Simulated]:
    target = apprise_target.Target(now=now)
    target.receive = _around(target.receive, hooks)  # type: ignore[method-assign]
    with apprise_target.running(target):
        out = lambda: [Out(text, None) for text in target.taken]  # noqa: E731
        yield Simulated(Channel.APPRISE, target.url, out, lambda name: target.faults.append(apprise_target.Fault[name]))


_MADE = {
    Channel.SOCIAL: _x,
    Channel.MASTODON: _mastodon,
    Channel.BLUESKY: _bluesky,
    Channel.FACEBOOK: _facebook,
    Channel.WEBHOOK: _webhook,
    Channel.APPRISE: _apprise,
}


def _names(faults: Any, *others: str) -> tuple[str, ...]:
    return tuple(fault.name for fault in faults if fault.name not in others and not fault.name.startswith("DRIPPING"))


FAULTS = {
    Channel.SOCIAL: _names(x_api.Fault, "NO_PERMISSION"),
    Channel.MASTODON: _names(mastodon_api.Fault, "SUSPENDED", "BUSY", "MOVED"),
    Channel.BLUESKY: _names(bluesky_api.Fault, "MOVED", "TAKEN_DOWN"),
    Channel.FACEBOOK: _names(facebook_api.Fault),
    Channel.WEBHOOK: _names(webhook_receiver.Fault, "MOVED"),
    Channel.APPRISE: _names(apprise_target.Fault),
}
"""What can go wrong with one post. Not what closes an account; and a dripping answer is told as a silent one: each service's own test shows it."""
