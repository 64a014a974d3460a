from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.events import Condition, OutageEvent, Point, Status
from services.kernel.order import version
from services.kernel.outage import Acceptance, apply
from services.kernel.picture import Change, Grace, Picture, Reading, Seen, amended, compare, digest, needed

START = datetime(2019, 10, 26, tzinfo=UTC)
GRACE = Grace(pictures=2, source_time=timedelta(minutes=10))


def shown(customers: Mapping[str, int], cut_short: bool = False, kept: Iterable[str] = ()) -> Reading:
    conditions = {outage_id: Condition(outage_id=outage_id, customers_affected=count) for outage_id, count in customers.items()}
    return Reading(conditions, cut_short, frozenset(kept))


class Source:
    """One source as the journal would keep it: its last picture, and the newest event of each open outage."""

    def __init__(self) -> None:
        self.before = Picture()
        self.newest: dict[str, OutageEvent] = {}
        self.at = START

    def sends(self, reading: Reading, minutes: float = 10) -> Change:
        self.at += timedelta(minutes=minutes)
        wanted = needed(self.before, reading)
        last = {outage_id: event for outage_id, event in self.newest.items() if outage_id in wanted and not event.status.is_over}
        change = compare(self.before, reading, self.at, last, GRACE, "made")
        for event in change.events:
            self.says(event)
        self.before = amended(self.before, change)
        return change

    def says(self, event: OutageEvent) -> None:
        self.newest[event.outage_id], outcome = apply(self.newest.get(event.outage_id), event)
        assert outcome is Acceptance.ACCEPTED

    def having(self, status: Status) -> set[str]:
        return {outage_id for outage_id, event in self.newest.items() if event.status is status}


def told(change: Change) -> list[tuple[str, Status]]:
    return [(event.outage_id, event.status) for event in change.events]


def test_every_outage_is_opened_when_the_picture_is_the_first() -> None:
    change = Source().sends(shown({"A": 5, "B": 6}))
    assert told(change) == [("A", Status.ACTIVE), ("B", Status.ACTIVE)]
    assert (change.picture.revision, change.picture.complete, change.forget) == (1, 1, ())


def test_nothing_happens_when_the_first_picture_is_empty() -> None:
    assert Source().sends(shown({})).events == ()


def test_only_what_changed_is_told() -> None:
    source = Source()
    source.sends(shown({"A": 5, "B": 6}))
    change = source.sends(shown({"A": 5, "B": 7, "C": 8}))
    assert told(change) == [("B", Status.ACTIVE), ("C", Status.ACTIVE)]
    assert {event.occurred_at for event in change.events} == {source.at}


def test_an_outage_is_clearing_at_once_when_it_is_gone() -> None:
    source = Source()
    source.sends(shown({"A": 5}))
    assert told(source.sends(shown({}))) == [("A", Status.CLEARING)]
    assert source.newest["A"].customers_affected == 5


def test_an_outage_is_active_again_at_once_when_it_comes_back_unchanged() -> None:
    source = Source()
    source.sends(shown({"A": 5}))
    source.sends(shown({}))
    assert told(source.sends(shown({"A": 5}))) == [("A", Status.ACTIVE)]
    assert told(source.sends(shown({}), minutes=60)) == [("A", Status.CLEARING)]


def test_restored_needs_both_the_pictures_and_the_time() -> None:
    source = Source()
    source.sends(shown({"A": 5}))
    source.sends(shown({}))
    gone_at = source.at
    assert told(source.sends(shown({}), minutes=9)) == []
    change = source.sends(shown({}), minutes=1)
    assert told(change) == [("A", Status.RESTORED)]
    assert (change.events[0].restored_at, change.forget) == (gone_at, ("A",))
    assert source.before.seen == {}


def test_restored_waits_for_a_second_picture_when_one_gap_is_long() -> None:
    source = Source()
    source.sends(shown({"A": 5}))
    assert told(source.sends(shown({}), minutes=600)) == [("A", Status.CLEARING)]
    assert told(source.sends(shown({}), minutes=600)) == [("A", Status.RESTORED)]


def test_an_outage_opens_again_when_it_reappears_after_it_was_restored() -> None:
    source = Source()
    for picture in ({"A": 5}, {}, {}):
        source.sends(shown(picture))
    assert source.having(Status.RESTORED) == {"A"}
    assert told(source.sends(shown({"A": 5}))) == [("A", Status.ACTIVE)]
    assert source.having(Status.ACTIVE) == {"A"}


def test_a_picture_cut_short_closes_nothing_and_does_not_count_towards_the_grace() -> None:
    source = Source()
    source.sends(shown({"A": 5, "B": 6}))
    assert told(source.sends(shown({"A": 5}, cut_short=True))) == []
    assert told(source.sends(shown({"A": 5}))) == [("B", Status.CLEARING)]
    for _ in range(5):
        assert told(source.sends(shown({"A": 5}, cut_short=True), minutes=60)) == []
    assert told(source.sends(shown({"A": 5}))) == [("B", Status.RESTORED)]


def test_what_a_picture_cut_short_shows_is_believed() -> None:
    source = Source()
    source.sends(shown({"A": 5}))
    source.sends(shown({}))
    assert told(source.sends(shown({"A": 5, "B": 1}, cut_short=True))) == [("A", Status.ACTIVE), ("B", Status.ACTIVE)]


def test_an_outage_stays_as_it_is_when_its_record_is_broken() -> None:
    source = Source()
    source.sends(shown({"A": 5}))
    for _ in range(3):
        assert told(source.sends(shown({}, kept=["A"]))) == []
    assert source.having(Status.ACTIVE) == {"A"}


def test_an_outage_is_active_again_when_it_comes_back_with_a_broken_record() -> None:
    source = Source()
    source.sends(shown({"A": 5}))
    source.sends(shown({}))
    assert told(source.sends(shown({}, kept=["A"]))) == [("A", Status.ACTIVE)]
    assert source.newest["A"].customers_affected == 5
    assert told(source.sends(shown({"A": 5}))) == []


def test_an_outage_is_only_forgotten_when_it_was_ended_in_another_way() -> None:
    source = Source()
    source.sends(shown({"A": 5, "B": 5}))
    ended = OutageEvent(outage_id="A", event_id="by-hand", occurred_at=source.at + timedelta(minutes=1), status=Status.RESTORED)
    source.says(ended)
    change = source.sends(shown({"B": 5}))
    assert (told(change), change.forget) == ([], ("A",))


def test_the_grace_begins_anew_when_a_missing_outage_was_said_to_be_active_in_another_way() -> None:
    source = Source()
    source.sends(shown({"A": 5}))
    source.sends(shown({}))
    source.says(OutageEvent(outage_id="A", event_id="by-hand", occurred_at=source.at + timedelta(minutes=1), status=Status.ACTIVE))
    assert told(source.sends(shown({}))) == [("A", Status.CLEARING)]
    assert told(source.sends(shown({}))) == [("A", Status.RESTORED)]


def test_the_digest_does_not_depend_on_the_name_but_on_everything_else() -> None:
    one = Condition(outage_id="A", customers_affected=5)
    assert digest(one) == digest(msgspec.structs.replace(one, outage_id="B"))
    assert digest(one) != digest(msgspec.structs.replace(one, customers_affected=6))
    assert digest(one) != digest(msgspec.structs.replace(one, geometry=Point([0.0, 1.0])))


def test_what_is_remembered_survives_the_journal() -> None:
    seen = Seen("d", 3, START, START, (-64.7, 45.1), 4, True)
    assert msgspec.json.decode(msgspec.json.encode(seen), type=Seen) == seen
    assert msgspec.json.decode(msgspec.json.encode(Seen("d")), type=Seen) == Seen("d")


OUTAGES = st.dictionaries(st.sampled_from("ABCDE"), st.integers(0, 2), max_size=5)
PICTURES = st.lists(st.tuples(OUTAGES, st.booleans(), st.frozensets(st.sampled_from("ABCDE")), st.integers(1, 20)), max_size=12)


@given(PICTURES)
def test_after_each_picture_what_is_active_is_what_it_showed(pictures: list[tuple[dict[str, int], bool, frozenset[str], int]]) -> None:
    source = Source()
    for customers, cut_short, broken, minutes in pictures:
        was_active, was_open = source.having(Status.ACTIVE), source.having(Status.ACTIVE) | source.having(Status.CLEARING)
        kept = broken - customers.keys()
        source.sends(shown(customers, cut_short, kept), minutes)
        expected = customers.keys() | (kept & was_open) | (was_active if cut_short else set())
        assert source.having(Status.ACTIVE) == expected
        assert all(source.newest[outage_id].customers_affected == count for outage_id, count in customers.items())


@given(PICTURES)
def test_nothing_is_restored_before_it_was_gone_for_the_grace(pictures: list[tuple[dict[str, int], bool, frozenset[str], int]]) -> None:
    source = Source()
    absent: dict[str, list[datetime]] = {}
    for customers, cut_short, broken, minutes in pictures:
        change = source.sends(shown(customers, cut_short, broken - customers.keys()), minutes)
        for outage_id in "ABCDE":
            if outage_id in customers or outage_id in broken:
                absent[outage_id] = []
            elif not cut_short:
                absent.setdefault(outage_id, []).append(source.at)
        for event in change.events:
            if event.status is Status.RESTORED:
                gone = absent[event.outage_id]
                assert len(gone) >= GRACE.pictures
                assert source.at - gone[0] >= GRACE.source_time
                assert event.restored_at == gone[0]


@given(PICTURES)
def test_the_same_picture_again_changes_nothing_but_the_grace(pictures: list[tuple[dict[str, int], bool, frozenset[str], int]]) -> None:
    source = Source()
    for customers, cut_short, broken, minutes in pictures:
        reading = shown(customers, cut_short, broken - customers.keys())
        source.sends(reading, minutes)
        again = source.sends(reading, 1)
        assert all(event.status is Status.RESTORED for event in again.events)


@given(PICTURES)
def test_each_event_is_newer_than_the_one_before_and_no_id_repeats(pictures: list[tuple[dict[str, int], bool, frozenset[str], int]]) -> None:
    source, heard = Source(), dict[str, list[OutageEvent]]()
    for customers, cut_short, broken, minutes in pictures:
        for event in source.sends(shown(customers, cut_short, broken - customers.keys()), minutes).events:
            heard.setdefault(event.outage_id, []).append(event)
    for events in heard.values():
        versions = [version(event) for event in events]
        assert versions == sorted(set(versions))
    ids = [event.event_id for events in heard.values() for event in events]
    assert len(ids) == len(set(ids))
