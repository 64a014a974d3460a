"""The voice channel: answers in words for the areas that changed, ready before anyone asks."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from heapq import nlargest
from zlib import crc32

import msgspec

from services.fanout.channel import Work
from services.fanout.extents import ExtentTaker
from services.fanout.replica import Replica
from services.kernel.answers import area_answers, overall_answers, render_again_at, silence_answers
from services.kernel.areas import name_of
from services.kernel.ids import UNPLACED, AreaId
from services.kernel.messages import Wording
from services.kernel.ports.clock import Clock
from services.kernel.ports.failures import Overtaken
from services.kernel.ports.outputs import NO_EXTENTS, ViewStore
from services.kernel.sources import Source
from services.kernel.views import Answers, AreaBrief, Stamp, View
from services.wire import Channel

HARDEST_HIT = 3
"""Areas named in the answer for all areas together: as many as a listener remembers."""
SPREAD_S = 600
"""Answers that name a time are rendered again within this many seconds of midnight, not all at once. They are true meanwhile."""


class VoiceCache:
    """Renders briefs and answers of changed areas, in every language, and publishes them with what they reflect."""

    channel = Channel.VOICE_CACHE

    def __init__(
        self,
        store: ViewStore,
        wordings: Sequence[Wording],
        clock: Clock,
        sources: Callable[[], Sequence[Source]] = tuple,
        extents: ExtentTaker | None = None,
    ) -> None:
        """`sources` gives those that are expected to be heard from."""
        self._store, self._wordings, self._clock, self._sources = store, wordings, clock, sources
        self._extents = extents or ExtentTaker()
        self._customers: dict[AreaId, int] = {}
        """Upper bounds of the areas with outages, so that the hardest hit are known without adding up the board."""

    def run(self, replica: Replica, work: Work, stamp: Stamp) -> Mapping[AreaId, datetime]:
        """Meets `ChannelWorker.run`. An area whose outages are over keeps a view that says so, and so does every area known by name."""
        now = self._clock.now()
        whole = work.cold and not work.alone
        areas = {*replica.board.areas(), *replica.names, *work.areas} - work.parked if whole else work.areas
        briefs = [msgspec.structs.replace(replica.board.brief(area, replica.names), largest=()) for area in sorted(areas)]
        if work.cold:
            self._customers.clear()
        for brief in briefs if whole or not work.cold else ():  # of one area of many, the hardest hit can't be told
            self._tally(brief)
        views = [View(brief, area_answers(self._wordings, brief, now)) for brief in briefs]
        overall = self._overall(replica, now)
        if work.alone and stamp.as_of is None:
            return {}
        extents = NO_EXTENTS if work.alone else self._extents.take(replica.board, work.keys, whole=whole)
        stored = self._store.publish(views, overall, stamp, extents, whole=whole and not work.parked)  # a parked area keeps the view that it has
        if not stored and not work.alone:
            raise Overtaken(f"voice has answers of a later position than {stamp.position}: they stay, and this worker tries again")
        return {brief.area: self._again(brief, now) for brief in briefs if brief.latest_estimate is not None}

    def _tally(self, brief: AreaBrief) -> None:
        if brief.outages:
            self._customers[brief.area] = brief.customers.customers
        else:
            self._customers.pop(brief.area, None)

    def _overall(self, replica: Replica, now: datetime) -> Answers:
        named = [area for area in self._customers if area != UNPLACED]
        hardest = nlargest(HARDEST_HIT, named, key=lambda area: (self._customers[area], area))
        told = overall_answers(self._wordings, replica.board.totals(), [name_of(replica.names, area) for area in hardest])
        silences = silence_answers(self._wordings, self._sources(), now)
        return {lang: {**told[lang], **silences[lang]} for lang in told}

    def _again(self, brief: AreaBrief, now: datetime) -> datetime:
        return render_again_at(now, self._wordings[0].zone) + timedelta(seconds=crc32(brief.area.encode()) % SPREAD_S)
