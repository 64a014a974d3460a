"""What we publish as `outages.geojson` is a picture that we take: two utilities, or two of our own houses, can be chained."""

from datetime import UTC, datetime

import msgspec

from services.fanout.site.features import Features
from services.fanout.site.sheet import ink
from services.ingest.formats import FORMATS, Limits
from services.kernel.board import Board
from services.kernel.events import Cause, Crew, Note, OutageEvent, Point, Status
from services.kernel.ids import AreaId, OutageId, SourceName, outage_key
from services.kernel.messages import LANGS, Wording
from services.kernel.sources import Source
from services.kernel.views import Position, Stamp

NOW = datetime(2018, 9, 21, 22, tzinfo=UTC)
WHOLE = OutageEvent(
    outage_id=OutageId("7"),
    event_id="e1",
    occurred_at=NOW,
    status=Status.ACTIVE,
    cause=Cause.WEATHER,
    crew=Crew.ON_SITE,
    customers_affected=1250,
    started_at=datetime(2018, 9, 21, 21, tzinfo=UTC),
    estimated_restoration=datetime(2018, 9, 22, 8, tzinfo=UTC),
    areas=(AreaId("K2G"),),
    geometry=Point([-75.7, 45.3]),
    note=Note(en="A pole is down.", fr="Un poteau est tombé."),
)
BARE = OutageEvent(outage_id=OutageId("8"), event_id="e2", occurred_at=NOW, status=Status.ACTIVE, customers_affected=2)


def test_our_own_features_read_back() -> None:
    board, features = Board(privacy_threshold=5), Features()
    for event in (WHOLE, BARE):
        key = outage_key(SourceName("demo"), event.outage_id)
        board.apply(key, event)
        features.refresh(key, board.open[key], NOW)
    for lang in LANGS:
        stamped = ink(Stamp(Position("5-0")), NOW, Wording(lang, "Hydro", "America/Toronto"), [Source(SourceName("quiet"), NOW, NOW)])
        body = features.sheet(lang).stamped(stamped)
        sightings = FORMATS["geojson"].read(body, Limits())
        assert sightings.flaws == ()
        whole = sightings.conditions[WHOLE.outage_id]
        assert msgspec.structs.asdict(whole) == {field: getattr(WHOLE, field) for field in whole.__struct_fields__} | {"note": None}
        bare = sightings.conditions[BARE.outage_id]
        assert (bare.customers_affected, bare.customers_masked) == (None, True), "a count below the privacy threshold never leaves the house"
