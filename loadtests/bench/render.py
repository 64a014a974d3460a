"""What one changed outage costs to render with 100, 1,000 and 10,000 open: `python -m loadtests.bench.render`.

Two kinds of cost are told apart. Rendering (words, pages, features) must not grow with the number of open outages; writing
`outages.geojson` and `summary.json` is a join and a write of bytes already rendered, once a round however many events it covers.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from loadtests.bench.figures import row
from services.adapters.journal_memory import MemoryJournal
from services.adapters.site_folder import SiteFolder
from services.adapters.site_memory import SiteMemory
from services.fanout.channel import Work
from services.fanout.replica import Replica
from services.fanout.site.channel import SiteChannel
from services.kernel.events import Cause, Crew, OutageEvent, Polygon, Status
from services.kernel.ids import AreaId, OutageId, SourceName
from services.kernel.messages import LANGS, Wording
from services.kernel.ports.outputs import SiteStore
from services.kernel.views import Stamp
from services.kit.clock import SystemClock
from services.kit.settings import Settings
from services.wire import Channel

START = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
SHAPES = ((100, 20), (1_000, 200), (1_000, 600), (10_000, 100), (10_000, 600))
"""Open outages, areas."""
ROUNDS = 15
POLYGON_POINTS = 24


def outage(number: int, areas: int, version: int) -> OutageEvent:
    """Outage `number` of a storm over `areas` areas, as it is at its `version`."""
    west, south = -76 + number % 100 / 100, 45 + number // 100 / 100
    ring = [[round(west + step / 1e4, 5), round(south + step % 7 / 1e4, 5)] for step in range(POLYGON_POINTS)]
    return OutageEvent(
        event_id=f"{number}-{version}",
        outage_id=OutageId(str(number)),
        occurred_at=START + timedelta(seconds=version),
        status=Status.ACTIVE,
        cause=list(Cause)[number % 4],
        crew=list(Crew)[(number + version) % 4],
        customers_affected=(number * 37 + version) % 3000,
        started_at=START - timedelta(hours=1),
        estimated_restoration=START + timedelta(days=3650, minutes=number),
        areas=(AreaId(f"area-{number % areas}"),),
        geometry=Polygon(coordinates=[[*ring, ring[0]]]),
    )


class Nowhere(SiteMemory):
    """A site whose writes cost nothing: what is left is the rendering and the joining of bytes."""

    def write(self, path: str, body: bytes) -> None:
        """Let it go."""


def measure(opened: int, areas: int, store: SiteStore) -> tuple[float, list[float], list[float]]:
    """Milliseconds: the cold start, each round with one outage changed, each round that stamps every file."""
    journal, settings, clock = MemoryJournal(), Settings(), SystemClock()
    replica = Replica(journal, settings.privacy_threshold, settings.atom_entries_max)
    channel = SiteChannel(store, {lang: Wording(lang, "Hydro", settings.timezone) for lang in LANGS}, settings, clock)
    asyncio.run(journal.append(SourceName("bench"), [outage(number, areas, 0) for number in range(opened)]))

    def one_round() -> float:
        replica.catch_up()
        changed = replica.pending(Channel.SITE)
        work = Work(frozenset(), frozenset(changed.areas), frozenset(changed.keys), changed.cold)
        started = time.perf_counter()
        channel.run(replica, work, Stamp(replica.position, clock.now()))
        taken = time.perf_counter() - started
        replica.settled(Channel.SITE)
        return taken * 1000

    cold, one_changed, all_stamped = one_round(), [], []
    for version in range(1, ROUNDS + 1):
        asyncio.run(journal.append(SourceName("bench"), [outage(version * 7 % opened, areas, version)]))
        one_changed.append(one_round())
        all_stamped.append(one_round())
    return cold, one_changed, all_stamped


def main() -> None:
    """Measure each shape on a folder and with writes that cost nothing."""
    for opened, areas in SHAPES:
        with tempfile.TemporaryDirectory() as folder:
            cold, changed, stamped = measure(opened, areas, SiteFolder(Path(folder)))
        _, unwritten, _ = measure(opened, areas, Nowhere())
        print(f"{opened:,} open outages in {areas} areas (cold start {cold:,.0f} ms)")
        print("  " + row("one changed, without the writes", unwritten, "ms"))
        print("  " + row("one changed, on a folder", changed, "ms"))
        print("  " + row("area files stamped anew, one round (it stops after site_stamping_s to look for news)", stamped, "ms"))


if __name__ == "__main__":
    main()
