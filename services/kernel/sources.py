"""Which sources have been silent for too long: what they told last may no longer hold, and every output says so (I5)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from services.kernel.ids import SourceName
from services.kernel.messages import Wording

NAMED_MAX = 3
"""Silent sources that one sentence names; the rest are counted."""


class Source(Struct, frozen=True):
    """A source that is expected to be heard from, whether or not anything changes. One that only sends changes is none."""

    name: SourceName
    heard_at: datetime | None
    """When it last sent a picture, or said that its last one still holds. None: never yet."""
    stale_at: datetime
    """From then on it is stale, if it isn't heard meanwhile."""
    labels: Mapping[str, str] = {}
    """What people call it, by language; without one, its name."""

    def label(self, lang: str) -> str:
        """What people call it in `lang`."""
        return self.labels.get(lang, self.name)


class Expected(Struct, frozen=True):
    """A source that is polled: since when, how long its silence is borne, and what people call it."""

    since: datetime
    stale_after_s: float | None = None
    """None: as long as any other source's."""
    labels: Mapping[str, str] = {}


class Patience(Struct, frozen=True):
    """How long a source may be silent, in seconds."""

    default_s: float
    named: Mapping[SourceName, float] = {}
    """Of single sources: goes before what their `Expected` says."""

    def stale_at(self, name: SourceName, heard_at: datetime | None, expected: Expected | None) -> datetime:
        """When a source last heard at `heard_at` turns stale; one of which nothing was ever heard is waited for since it was expected."""
        since = heard_at or (expected.since if expected else None)
        if since is None:
            raise ValueError(f"{name}: neither heard from nor expected")
        own_s = expected.stale_after_s if expected else None
        return since + timedelta(seconds=self.named.get(name, self.default_s if own_s is None else own_s))


class Silent(Struct, frozen=True):
    """A stale source, as feeds tell of it."""

    source: SourceName
    last_heard: datetime | None


def known_sources(heard: Mapping[SourceName, datetime], expected: Mapping[SourceName, Expected], patience: Patience) -> list[Source]:
    """Every source that was heard from or is expected, by name."""
    return [
        Source(name, heard.get(name), patience.stale_at(name, heard.get(name), expected.get(name)), expected[name].labels if name in expected else {})
        for name in sorted(heard.keys() | expected.keys())
    ]


def stale_sources(sources: Iterable[Source], now: datetime) -> tuple[Source, ...]:
    """Those that are stale at `now`."""
    return tuple(source for source in sources if source.stale_at <= now)


def silence(wording: Wording, stale: Sequence[Source], now: datetime) -> str:
    """What is said, at `now`, of sources that are stale; '' for none.

    Of several, the time told is when the last of them was heard: since then nothing came from any.
    """
    heard = [source for source in stale if source.heard_at is not None]
    never = [source for source in stale if source.heard_at is None]
    said = []
    if heard:
        last = max(source.heard_at for source in heard if source.heard_at is not None)
        said.append(wording.say("source-stale", sources=_named(wording, heard), when=wording.when(last, now)))
    if never:
        said.append(wording.say("source-never", sources=_named(wording, never)))
    return " ".join(said)


def _named(wording: Wording, sources: Sequence[Source]) -> str:
    names = [source.label(wording.lang) for source in sources[:NAMED_MAX]]
    if len(sources) > NAMED_MAX:
        more = len(sources) - NAMED_MAX
        names.append(wording.say("source-others", count=more, number=wording.number(more)))
    return wording.list(names)
