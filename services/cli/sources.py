"""`surgecast sources`: which sources there are, how each fares, one of them polled now, and one forgotten."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from redis import Redis
from rich.console import Console
from rich.table import Table

from services.adapters.polls_redis import RedisPolls
from services.adapters.redis_link import sync_link
from services.adapters.sources_redis import redis_sources
from services.cli.embedded_link import with_journal
from services.cli.failure import Failure
from services.ingest.formats import MappingError, formats
from services.kernel.ids import SourceName
from services.kernel.polls import Pacing, Polled, PollState, is_open
from services.kernel.ports.failures import Unavailable
from services.kit.clock import SystemClock
from services.kit.settings import Settings
from services.sources.config import ConfigError, load
from services.sources.main import compose, pacing
from services.sources.poller import Outcome

_STYLE = {"ok": "green", "failing": "yellow", "breaker open": "red", "not polled yet": "dim", "pushes": "default"}
_HEADINGS = ("Source", "State", "Last heard", "Last success", "Last change", "Next due", "Last error")


def configured(settings: Settings, *, secrets: bool) -> dict[SourceName, Polled]:
    """The sources in the file that the settings name; none where they name none. Without `secrets` no variable need be set. Raises `Failure`."""
    if settings.sources is None:
        return {}
    try:
        known = formats(settings.ingest_mappings, settings.timezone)
        return load(settings.sources, known) if secrets else load(settings.sources, known, None)
    except (ConfigError, MappingError) as error:
        raise Failure(str(error)) from None


@contextmanager
def linked(settings: Settings) -> Iterator[Redis]:
    """The journal's Redis; a `Failure` where it is down."""
    try:
        with sync_link(with_journal(settings)) as link:
            yield link
    except Unavailable as error:
        raise Failure(f"{error}. What is known of sources is in the journal's Redis: set SURGECAST_JOURNAL_URL to it, or start `surgecast up` first.") from None


def show(settings: Settings) -> None:
    """Print a table of all sources, polled ones and those that push."""
    polled, now = configured(settings, secrets=False), SystemClock().now()
    with linked(settings) as link:
        known = {source.name: source for source in redis_sources(link, settings).known()}
        polls = RedisPolls(link).all()
    table = Table(box=None)
    for heading in _HEADINGS:
        table.add_column(heading, overflow="fold")
    for name in sorted({*polled, *polls, *known}):
        state, due = polls.get(name, (PollState(), None))
        word = _state(name in polled or name in polls, state, pacing(settings))
        source = known.get(name)
        stale = " [bold red](stale)[/]" if source is not None and source.stale_at <= now else ""
        heard = _ago(source.heard_at if source else None, now) + stale
        again = "" if due is None else "now" if due <= now else f"in {_span((due - now).total_seconds())}"
        error = f"{state.last_error} ({_ago(state.last_error_at, now)})" if state.last_error else ""
        table.add_row(name, f"[{_STYLE[word]}]{word}[/]", heard, _ago(state.last_success, now), _ago(state.last_change, now), again, _plain(error))
    Console(highlight=False).print(table if table.row_count else _nothing(polled))


def poll(settings: Settings, name: str) -> None:
    """Poll one source now, due or not, and say what came of it. Raises `Failure` where nothing was taken."""
    polled = configured(settings, secrets=True)
    one_of(polled, name)
    with linked(settings):
        try:
            outcome, state = compose(with_journal(settings), polled).poll_now(SourceName(name))
        except KeyError:
            raise Failure(f"The poller does not know {name} yet. Is it running, with this file?") from None
    if outcome in (Outcome.FAILED, Outcome.BUSY):
        raise Failure(f"{name} was polled and nothing was taken: {state.last_error}.")
    Console(highlight=False).print(f"{name}: {outcome}.", markup=False)


def forget(settings: Settings, name: str) -> None:
    """Miss a source no longer: it has gone for good. What it said stays."""
    if name in configured(settings, secrets=False):
        raise Failure(f"{name} is in {settings.sources}: take it out there first, and start the poller again.")
    with linked(settings) as link:
        if not redis_sources(link, settings).forget(SourceName(name)):
            raise Failure(f"There is no source {name}. `surgecast sources` lists those there are.")
    Console(highlight=False).print(f"{name} is forgotten: its silence is not shown any more, unless it sends again.", markup=False)


def one_of(polled: Mapping[SourceName, Polled], name: str) -> Polled:
    """The polled source of that name. Raises `Failure`."""
    if SourceName(name) not in polled:
        named = ", ".join(polled) or "none: SURGECAST_SOURCES names no file, or an empty one"
        raise Failure(f"There is no source {name} to poll. There are: {named}.")
    return polled[SourceName(name)]


def _state(is_polled: bool, state: PollState, pace: Pacing) -> str:
    if not is_polled:
        return "pushes"
    if is_open(state, pace):
        return "breaker open"
    return "failing" if state.failures else "ok" if state.last_success else "not polled yet"


def _nothing(polled: Mapping[SourceName, Polled]) -> str:
    return "No source is known yet." if polled else "No source is polled (SURGECAST_SOURCES), and none has sent a picture yet."


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{_span(max((now - moment).total_seconds(), 0))} ago"


def _span(seconds: float) -> str:
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
