"""Has channels look at areas at once, after an operator let something go."""

from collections.abc import Iterable

from services.adapters.due_redis import RedisDue
from services.adapters.redis_link import sync_link
from services.cli.embedded_link import with_journal
from services.kernel.ids import AreaId
from services.kernel.ports.failures import Unavailable
from services.kit.clock import SystemClock
from services.kit.settings import Settings
from services.wire import Channel


def look_now(settings: Settings, places: Iterable[tuple[str, AreaId]]) -> str:
    """Make areas due, each on its channel; gives what to tell the operator about when that is acted on."""
    try:
        with sync_link(with_journal(settings)) as link:
            for channel, area in places:
                RedisDue(link, Channel(channel)).plan({area: SystemClock().now()})
    except Unavailable as error:
        return f"It goes out when something about its area changes, since the channel can't be told now: {error}"
    return "It goes out within seconds where the account may post."
