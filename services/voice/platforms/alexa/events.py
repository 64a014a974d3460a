"""What Alexa tells that nobody spoke: who enabled, linked, allowed or subscribed. It may come twice, late and in any order."""

from msgspec import Struct

from services.kernel.ports.alexa import MESSAGE_ALERT, ProactiveSubscribers
from services.kernel.ports.waiting import WaitingList
from services.kernel.waiting import Reach
from services.kit import metrics
from services.kit.bounded import Bounded
from services.kit.logs import log
from services.voice.platforms.alexa.envelope import Envelope, raw_as
from services.voice.platforms.alexa.freshness import EVENT

HEARD_MAX = 1_000
"""Events remembered, so that one that comes again is not counted again."""
KINDS = frozenset(
    {
        "SkillEnabled",
        "SkillDisabled",
        "SkillPermissionAccepted",
        "SkillPermissionChanged",
        "SkillAccountLinked",
        "ProactiveSubscriptionChanged",
        "NotificationSubscriptionChanged",
    }
)


_CHOICES = ("ProactiveSubscriptionChanged", "SkillDisabled")


class _Subscription(Struct, rename="camel"):
    event_name: str = ""


class _Subscribed(Struct):
    subscriptions: list[_Subscription] = []


class SkillEvents:
    """Takes events. What changes anything names a time, and only moves forward by it: twice and late is safe, in any process."""

    def __init__(self, subscribers: ProactiveSubscribers, waiting: WaitingList | None = None) -> None:
        """`waiting` has those who are to be told when power is back: who no longer lets us is taken off."""
        self._subscribers, self._waiting = subscribers, waiting
        self._heard: Bounded[bool] = Bounded(HEARD_MAX)

    async def take(self, envelope: Envelope) -> None:
        """Take one. Raises `Unavailable` where it could not be kept: Alexa sends it again."""
        request = envelope.request
        kind = request.type.removeprefix(EVENT)
        user, at = envelope.context.system.user.user_id, request.created_at
        if user and kind == "ProactiveSubscriptionChanged":
            chosen: _Subscribed = raw_as(request.body, _Subscribed, _NOBODY)
            await self._subscribers.put(user, [each.event_name for each in chosen.subscriptions if each.event_name], at)
        elif user and kind == "SkillDisabled":
            await self._subscribers.put(user, (), at)
        if user and kind in _CHOICES and self._waiting is not None and MESSAGE_ALERT not in await self._subscribers.events_of(user):
            await self._waiting.forget(Reach.ALEXA, user)
        if self._heard.get(request.request_id) is None:
            self._heard.put(request.request_id, True)
            metrics.ALEXA_EVENTS.labels(kind if kind in KINDS else "other").inc()
            log.info("alexa.event_taken", kind=kind if kind in KINDS else "other", request_id=request.request_id[:100])


_NOBODY = _Subscribed()
