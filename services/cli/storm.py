"""The demo storm: an afternoon of tornadoes over a made-up utility, from one seed. Pure: the same seed gives the same storm, event for event.

It has what a real one has: three tracks that trip feeder after feeder, one substation that takes several places with it, causes that are unknown at first,
crews that come nearer, estimates that are set, moved and missed, power that comes back in parts, false reports, and work planned
long before.
"""

import math
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from services.kernel.events import Cause, Crew, Note, OutageEvent, Point, Status, encode_event
from services.kernel.ids import AreaId, OutageId

SEED = 20180921
BEGINS = datetime(2018, 9, 21, 20, 30, tzinfo=UTC)
LASTS = timedelta(hours=4, minutes=30)
"""What is told; the last crews work on after it, so that there is something left to see."""
TRACK_OUTAGES = 54
"""Outages that each of the three tornadoes leaves."""

PLACES: dict[str, tuple[float, float]] = {
    name: (45.30 + 0.022 * (index // 8), -75.95 + 0.055 * (index % 8) + 0.012 * (index // 8 % 2))
    for index, name in enumerate(
        (
            "Alder Flats", "Anse-aux-Bouleaux", "Barrow Hill", "Beaurivage", "Birchmere", "Bois-Clair", "Canal East", "Canal West",
            "Cedar Reach", "Coteau-Vert", "Dunmore", "Eastfield", "Écluse-Neuve", "Fallowfield Road", "Grande-Allée", "Greywater",
            "Harbour Point", "Île-aux-Hérons", "Iron Bridge", "Juniper Heights", "Kettle Creek", "La Pinière", "Lac-Doré", "Lowtown",
            "Maple Crossing", "Mill Quarter", "Mont-Rond", "Northgate", "Notre-Dame-du-Gué", "Old Quarry", "Pointe-Sèche", "Prairie View",
            "Quatre-Vents", "Redstone", "Rivermouth", "Sault-Blanc", "South Commons", "Trois-Ormes", "Vieux-Moulin", "Westerly",
        )
    )
}  # fmt: skip
"""Forty made-up places, eight in a row from west to east, named as people there speak."""
_TRACKS = ((45.305, 0.010), (45.345, 0.004), (45.330, 0.022))
"""Where each tornado begins (latitude), and how far north it drifts with each step east."""

_TREE = Note(en="A fallen tree lies on the line. Stay well away from it.", fr="Un arbre est tombé sur la ligne. Tenez-vous loin.")
_POLES = Note(en="Several poles are broken; crews are replacing them.", fr="Plusieurs poteaux sont cassés; nos équipes les remplacent.")
_STATION = Note(
    en="The transformer station was hit. Power returns one neighbourhood at a time.",
    fr="Le poste de transformation a été touché. Le courant revient un quartier à la fois.",
)
_WORK = Note(en="Planned replacement of a transformer. Thank you for your patience.", fr="Remplacement prévu d’un transformateur. Merci de votre patience.")
_NOTHING = Note(en="Reported twice: see the other outage on this street.", fr="Signalée deux fois : voir l’autre panne de cette rue.")


def storm(seed: int = SEED) -> list[OutageEvent]:
    """The storm's events, in the order in which they happened."""
    draw = random.Random(seed)
    outages = [_planned(draw)]
    outages += [_struck(draw, f"T{track + 1}-{number:03}", *_on_track(draw, track, number)) for track in range(3) for number in range(TRACK_OUTAGES)]
    outages += [_struck(draw, f"W-{number:03}", *_elsewhere(draw, number)) for number in range(len(PLACES))]
    outages.append(_station(draw))
    told = (event for outage in outages for event in outage if event.occurred_at < BEGINS + LASTS)
    return sorted(told, key=lambda event: (event.occurred_at, event.event_id))


def ndjson(events: Sequence[OutageEvent]) -> bytes:
    """One event a line, as `surgecast replay` reads them."""
    return b"".join(encode_event(event) + b"\n" for event in events)


def from_now(events: Sequence[OutageEvent], now: datetime) -> list[OutageEvent]:
    """The same storm, beginning at `now`, its outages other ones than those of any demo before."""
    mark = f"{now:%m%d%H%M%S%f}-"
    shift = now.replace(microsecond=0) - events[0].occurred_at

    def later(moment: datetime | None) -> datetime | None:
        return moment + shift if moment else None

    return [
        msgspec.structs.replace(
            event,
            event_id=mark + event.event_id,
            outage_id=OutageId(mark + event.outage_id),
            occurred_at=event.occurred_at + shift,
            started_at=later(event.started_at),
            estimated_restoration=later(event.estimated_restoration),
            restored_at=later(event.restored_at),
        )
        for event in events
    ]


Struck = tuple[datetime, str, tuple[float, float], int]
"""When, which place, where exactly (latitude, longitude), how many customers."""


def _on_track(draw: random.Random, track: int, number: int) -> Struck:
    """A tornado goes east at about 80 km/h; the next one comes half an hour after it."""
    latitude, drift = _TRACKS[track]
    along = number / TRACK_OUTAGES * 7.6
    where = latitude + drift * along / 2 + draw.gauss(0, 0.006), -75.95 + 0.055 * along + draw.gauss(0, 0.008)
    at = BEGINS + timedelta(minutes=32 * track + 3.3 * along, seconds=draw.randrange(0, 100))
    return at, _nearest(where), where, _customers(draw, 220)


def _elsewhere(draw: random.Random, number: int) -> Struck:
    """The wind leaves something to do in each place."""
    name, where = list(PLACES.items())[number]
    return BEGINS + timedelta(seconds=draw.randrange(0, 3 * 3600)), name, where, _customers(draw, 40)


def _customers(draw: random.Random, median: float) -> int:
    """Few outages are large, and some are below what may be shown."""
    return max(1, round(median * math.exp(draw.gauss(0, 1.5)))) % 9_000 + 1


def _nearest(where: tuple[float, float]) -> str:
    return min(PLACES, key=lambda name: math.dist(PLACES[name], where))


class _Telling:
    """Tells one outage's story: each event carries its whole state, as the contract wants it."""

    def __init__(self, outage_id: str, first: OutageEvent) -> None:
        self._id, self.events, self._last = outage_id, [first], first

    def then(self, at: datetime, **changes: object) -> None:
        """The outage changed at `at`."""
        number = len(self.events) + 1
        self._last = msgspec.structs.replace(self._last, event_id=f"{self._id}.{number}", occurred_at=at, sequence=number, **changes)
        self.events.append(self._last)

    def restored(self, at: datetime) -> None:
        """The power is back."""
        self.then(at, status=Status.RESTORED, restored_at=at, estimated_restoration=None)


def _first(outage_id: str, struck: Struck) -> OutageEvent:
    at, place, (latitude, longitude), customers = struck
    return OutageEvent(
        event_id=f"{outage_id}.1",
        outage_id=OutageId(outage_id),
        occurred_at=at,
        status=Status.ACTIVE,
        sequence=1,
        customers_affected=customers,
        started_at=at,
        areas=(AreaId(place),),
        geometry=Point(coordinates=[round(longitude, 5), round(latitude, 5)]),
    )


def _minutes(draw: random.Random, low: float, high: float) -> timedelta:
    return timedelta(seconds=round(60 * draw.uniform(low, high)))


def _quarter(moment: datetime) -> datetime:
    """Estimates are told to the quarter of an hour."""
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0) + timedelta(minutes=15)


def _struck(draw: random.Random, outage_id: str, at: datetime, place: str, where: tuple[float, float], customers: int) -> list[OutageEvent]:
    """From the trip to the last customer."""
    telling = _Telling(outage_id, _first(outage_id, (at, place, where, customers)))
    if draw.random() < 0.04:
        telling.then(at + _minutes(draw, 4, 15), status=Status.CANCELLED, note=_NOTHING)
        return telling.events
    at += _minutes(draw, 8, 30)
    cause = draw.choices((Cause.WEATHER, Cause.VEGETATION, Cause.EQUIPMENT), (6, 3, 1))[0]
    note = {Cause.VEGETATION: _TREE, Cause.EQUIPMENT: None, Cause.WEATHER: _POLES if draw.random() < 0.3 else None}[cause]
    telling.then(at, cause=cause, crew=Crew.PENDING, note=note)
    at += _minutes(draw, 15, 70)
    estimate = _quarter(at + _minutes(draw, 60, 200))
    telling.then(at, crew=Crew.ASSIGNED, estimated_restoration=estimate)
    at += _minutes(draw, 10, 50)
    telling.then(at, crew=Crew.ON_SITE)
    if draw.random() < 0.3:
        at, estimate = _estimate_moved(draw, telling, at, estimate)
    if customers > 400 and draw.random() < 0.7:
        at += _minutes(draw, 10, 40)
        telling.then(at, customers_affected=max(1, round(customers * draw.uniform(0.2, 0.6))))
    telling.restored(max(at + _minutes(draw, 5, 20), estimate - _minutes(draw, 0, 45)))
    return telling.events


def _estimate_moved(draw: random.Random, telling: _Telling, at: datetime, estimate: datetime) -> tuple[datetime, datetime]:
    """It takes longer: said in time, or, as often, only after the estimate has passed."""
    at = max(at + _minutes(draw, 5, 20), estimate + (_minutes(draw, 10, 30) if draw.random() < 0.5 else -_minutes(draw, 10, 30)))
    estimate = _quarter(at + _minutes(draw, 45, 120))
    telling.then(at, estimated_restoration=estimate)
    return at, estimate


def _station(draw: random.Random) -> list[OutageEvent]:
    """One station feeds a whole row of places; they come back one after the other."""
    at, served = BEGINS + timedelta(minutes=41), list(PLACES)[16:22]
    customers = 31_400
    telling = _Telling("S-001", _first("S-001", (at, served[0], PLACES[served[0]], customers)))
    estimate = _quarter(at + timedelta(hours=5))
    areas = tuple(map(AreaId, served))
    telling.then(at + timedelta(minutes=1), areas=areas, cause=Cause.WEATHER, devices=("station:Greywater",))
    telling.then(at + timedelta(minutes=25), crew=Crew.ON_SITE, estimated_restoration=estimate, note=_STATION)
    for step in range(1, len(served)):
        left = len(served) - step
        telling.then(
            at + timedelta(minutes=110 + 30 * step) + _minutes(draw, 0, 9), areas=areas[step:], customers_affected=round(customers * left / len(served))
        )
    telling.restored(estimate + timedelta(minutes=12))
    return telling.events


def _planned(draw: random.Random) -> list[OutageEvent]:
    """Work that was announced days ago, and goes on while the storm comes."""
    place = "Vieux-Moulin"
    first = _first("P-001", (BEGINS, place, PLACES[place], 64))
    began = BEGINS - timedelta(hours=2, minutes=30)
    ends = BEGINS + timedelta(hours=1, minutes=30)
    first = msgspec.structs.replace(first, planned=True, cause=Cause.PLANNED, crew=Crew.ON_SITE, started_at=began, estimated_restoration=ends, note=_WORK)
    telling = _Telling("P-001", first)
    telling.restored(ends - _minutes(draw, 5, 15))
    return telling.events
