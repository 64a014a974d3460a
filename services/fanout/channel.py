"""What a channel is to the worker that runs it: take what is due, do it, say when to look again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.fanout.replica import Replica
from services.kernel.ids import AreaId, OutageKey
from services.kernel.views import Stamp
from services.wire import Channel


class Work(Struct, frozen=True):
    """What one doorbell finds to do."""

    due: frozenset[AreaId]
    """Taken from the channel's due set; struck off after `run` returns."""
    areas: frozenset[AreaId]
    """`due`, and every area changed since this channel last finished in this process."""
    keys: frozenset[OutageKey]
    """The outages changed since then."""
    cold: bool = False
    """This process doesn't know what the channel did before: take every area as changed."""
    parked: frozenset[AreaId] = frozenset()
    """Areas whose work keeps failing: leave them as they are, also where every other is taken."""
    alone: bool = False
    """One area by itself, since rounds of all keep failing: show what is its own under the stamp that the channel last settled on,
    which is the one given (without `as_of` there was none: do the work and show nothing), and leave the rest to the next round."""


class ChannelWorker(Protocol):
    """One channel's decision and its effect. Called by one worker at a time (single flight), any number of times: safe twice and late."""

    channel: Channel

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        """Do `work`; return when areas fall due again by themselves (an estimate that will have passed, a cool-down).

        Raises `kernel.ports.Unavailable` where an outside thing is down: the work stays due, and the task is tried again.
        """
        ...
