"""What every journal holds to, in memory and on Redis."""

from collections.abc import Iterator

import msgspec
import pytest

from services.kernel.areas import AreaName
from services.kernel.events import Status
from services.kernel.ids import UNPLACED, AreaId, OutageKey
from services.kernel.picture import Change, Picture, Seen, amended
from services.kernel.ports.failures import PictureConflict
from services.kernel.ports.journal import Answer
from services.kernel.views import ORIGIN, position_order
from tests.builders import NOW, SOURCE, event
from tests.contract.journals import AREA_NAMES_MAX, Subject, in_memory, on_redis


@pytest.fixture(params=["memory", "redis", "redis, grouped"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    with in_memory() if request.param == "memory" else on_redis(request.getfixturevalue("redis_url"), grouped="grouped" in request.param) as made:
        yield made


@pytest.fixture(params=["memory", "redis"])
def forgetful(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Remembers two event ids a generation."""
    with in_memory(2) if request.param == "memory" else on_redis(request.getfixturevalue("redis_url"), 2) as made:
        yield made


class TestAppend:
    def test_events_are_numbered_without_gap_and_positions_grow(self, subject: Subject) -> None:
        answers = subject.append(*(event(str(i)) for i in range(50)))
        entries = subject.tail.since(ORIGIN, 100)
        assert [entry.number for entry in entries] == list(range(1, 51))
        assert [entry.position for entry in entries] == [answer.position for answer in answers]
        orders = [position_order(entry.position) for entry in entries]
        assert orders == sorted(set(orders))

    def test_entry_carries_the_event_and_its_areas_when_read_back(self, subject: Subject) -> None:
        first = event("Å/é:1", areas=("K2G", "K2G", "K1A"), customers_affected=12)
        second = event("Å/é:1", minute=1, areas=())
        subject.append(first, second)
        one, two = subject.tail.since(ORIGIN, 10)
        assert (one.key, one.event, one.areas_before, one.areas_after) == ("oms:Å/é:1", first, (), ("K2G", "K1A"))
        assert (two.event, two.areas_before, two.areas_after) == (second, ("K2G", "K1A"), (UNPLACED,))

    def test_nothing_changes_when_a_batch_is_sent_again(self, subject: Subject) -> None:
        batch = [event("A"), event("B"), event("A", minute=1)]
        before = subject.append(*batch)
        cold = subject.tail.cold()
        again = subject.append(*batch)
        assert [answer.outcome for answer in again] == ["duplicate"] * 3
        assert [answer.position for answer in again] == [answer.position for answer in before]
        after = subject.tail.cold()
        assert (after.position, after.number, dict(after.open)) == (cold.position, cold.number, dict(cold.open))

    def test_older_event_is_stale_when_a_newer_one_came_first(self, subject: Subject) -> None:
        assert subject.outcomes(event(minute=5), event(minute=1)) == ["accepted", "stale"]
        assert subject.append(event(minute=2)) == [Answer("stale", None)]
        assert subject.open() == {"oms:A": event(minute=5)}

    def test_stale_event_stays_stale_when_sent_again(self, subject: Subject) -> None:
        subject.append(event(minute=5), event(minute=1))
        assert subject.outcomes(event(minute=1)) == ["stale"]

    def test_sequence_outranks_time(self, subject: Subject) -> None:
        assert subject.outcomes(event(minute=9), event(minute=1, sequence=1), event(minute=20)) == ["accepted", "accepted", "stale"]

    def test_batch_behaves_as_events_one_by_one_when_it_repeats_and_reorders_one_outage(self, subject: Subject) -> None:
        over = event(minute=3, status=Status.RESTORED)
        batch = [event(minute=2), event(minute=2), event(minute=1), over, event(minute=4), over]
        answers = subject.append(*batch)
        assert [answer.outcome for answer in answers] == ["accepted", "duplicate", "stale", "accepted", "accepted", "duplicate"]
        assert answers[1].position == answers[0].position
        assert answers[5].position == answers[3].position
        assert subject.open() == {"oms:A": event(minute=4)}

    def test_event_id_used_twice_is_a_duplicate_when_it_names_another_outage(self, subject: Subject) -> None:
        first, second = subject.append(event("A", "same"), event("B", "same"))
        assert (second.outcome, second.position) == ("duplicate", first.position)

    def test_event_id_is_unique_within_its_source_only(self, subject: Subject) -> None:
        subject.append(event("A", "same"))
        assert [answer.outcome for answer in subject.append(event("A", "same"), source="other")] == ["accepted"]
        assert set(subject.open()) == {"oms:A", "other:A"}

    def test_over_outage_leaves_the_open_ones_and_its_late_event_is_stale(self, subject: Subject) -> None:
        assert subject.outcomes(event(), event(minute=2, status=Status.RESTORED), event(minute=1)) == ["accepted", "accepted", "stale"]
        assert subject.open() == {}
        assert subject.outcomes(event(minute=3)) == ["accepted"]
        assert set(subject.open()) == {"oms:A"}

    def test_clearing_outage_stays_among_the_open_ones(self, subject: Subject) -> None:
        clearing = event(minute=1, status=Status.CLEARING)
        subject.append(event(), clearing)
        assert subject.open() == {"oms:A": clearing}
        assert subject.run(subject.journal.current(SOURCE, ["A", "B"])) == {"A": clearing}

    def test_status_further_along_wins_when_times_are_equal(self, subject: Subject) -> None:
        subject.append(event("A", "x", status=Status.RESTORED))
        assert subject.outcomes(event("A", "y")) == ["stale"]

    def test_newest_event_is_still_a_duplicate_when_its_id_is_long_forgotten(self, forgetful: Subject) -> None:
        (first,) = forgetful.append(event("A"))
        for outage in "BCDEFGHIJ":
            forgetful.append(event(outage))
        assert forgetful.append(event("A")) == [Answer("duplicate", first.position)]

    def test_event_id_is_known_for_two_generations_and_then_told_by_version(self, forgetful: Subject) -> None:
        (old,) = forgetful.append(event("A", minute=0))
        forgetful.append(event("A", minute=1), event("A", minute=2))  # three: the generation is full
        assert forgetful.append(event("A", minute=0)) == [Answer("duplicate", old.position)]
        forgetful.append(event("B"), event("C"), event("D"))  # the next one is full: the first is gone
        assert forgetful.outcomes(event("A", minute=0)) == ["stale"]

    def test_batch_of_20_000_events_is_one_step(self, subject: Subject) -> None:
        answers = subject.append(*(event(str(i % 9_000), str(i), minute=i) for i in range(20_000)))
        assert {answer.outcome for answer in answers} == {"accepted"}
        assert len(subject.open()) == 9_000
        assert subject.tail.cold().number == 20_000

    def test_no_events_are_no_answers(self, subject: Subject) -> None:
        assert subject.append() == []

    def test_area_names_are_those_last_given(self, subject: Subject) -> None:
        for names in ({"K2G": "Nepean"}, {"K2G": "Nepean", "K1A": "Centre-ville"}, {"K2G": "Népéan"}, {}):
            subject.run(subject.journal.name_areas(names))
        assert subject.tail.area_names() == {"K2G": AreaName("Népéan"), "K1A": AreaName("Centre-ville")}

    def test_only_so_many_areas_have_names(self, subject: Subject) -> None:
        subject.run(subject.journal.name_areas({AreaId(f"a{number}"): "first" for number in range(AREA_NAMES_MAX + 3)}))
        subject.run(subject.journal.name_areas({AreaId("a0"): "second", AreaId("late"): "late"}))
        first = {f"a{number}": AreaName("first") for number in range(1, AREA_NAMES_MAX)}
        assert subject.tail.area_names() == {"a0": AreaName("second"), **first}, "those that have one may get another"

    def test_an_area_keeps_its_name_unless_it_is_named_anew(self, subject: Subject) -> None:
        subject.run(subject.journal.name_areas({AreaId("K2G"): "Nepean"}))
        subject.run(subject.journal.name_areas({AreaId("K2G"): "Elsewhere", AreaId("K1A"): "Centre"}, anew=False))
        assert subject.tail.area_names() == {"K2G": AreaName("Nepean"), "K1A": AreaName("Centre")}


class TestTail:
    def test_empty_journal_starts_at_the_origin(self, subject: Subject) -> None:
        cold = subject.tail.cold()
        assert (cold.position, cold.number, dict(cold.open)) == (ORIGIN, 0, {})
        assert subject.tail.since(ORIGIN, 10) == []
        assert subject.tail.recent(10) == []
        assert subject.run(subject.journal.tip()) == ORIGIN

    def test_since_goes_on_after_the_position_given(self, subject: Subject) -> None:
        answers = subject.append(*(event(str(i)) for i in range(10)))
        assert [entry.number for entry in subject.tail.since(answers[3].position, 3)] == [5, 6, 7]
        assert subject.tail.since(answers[9].position, 3) == []
        assert subject.run(subject.journal.tip()) == answers[9].position == subject.tail.cold().position

    def test_recent_has_the_newest_first(self, subject: Subject) -> None:
        subject.append(*(event(str(i)) for i in range(10)))
        assert [entry.number for entry in subject.tail.recent(3)] == [10, 9, 8]
        assert len(subject.tail.recent(99)) == 10
        assert subject.tail.recent(0) == []


class TestPictures:
    def change(self, revision: int, **more: object) -> Change:
        parts = {"events": (), "remember": {}, "forget": (), "picture": Picture(revision, NOW, revision)} | more
        return msgspec.convert(parts, Change)

    def commit(self, subject: Subject, change: Change) -> list[Answer]:
        return subject.run(subject.journal.append_picture(SOURCE, "geojson", change))

    def picture(self, subject: Subject) -> Picture:
        return subject.run(subject.journal.picture(SOURCE, "geojson"))

    def test_first_picture_is_empty_and_of_revision_0(self, subject: Subject) -> None:
        assert self.picture(subject) == Picture()
        assert subject.run(subject.journal.revision(SOURCE, "geojson")) == 0

    def test_picture_and_its_events_are_read_back(self, subject: Subject) -> None:
        seen = Seen("d1", 2, NOW, NOW, (-75.6, 45.4))
        first = self.change(1, events=(event("A"), event("B")), remember={"A": seen, "é B": Seen("d2")})
        assert [answer.outcome for answer in self.commit(subject, first)] == ["accepted"] * 2
        assert self.picture(subject) == amended(Picture(), first)
        second = self.change(2, remember={"A": Seen("d3")}, forget=("é B",))
        assert self.commit(subject, second) == []
        assert self.picture(subject) == amended(amended(Picture(), first), second)
        assert subject.run(subject.journal.revision(SOURCE, "geojson")) == 2

    def test_second_writer_is_refused_and_nothing_is_done_when_the_picture_has_moved_on(self, subject: Subject) -> None:
        self.commit(subject, self.change(1, remember={"A": Seen("mine")}))
        with pytest.raises(PictureConflict):
            self.commit(subject, self.change(1, events=(event("B"),), remember={"B": Seen("theirs")}))
        assert set(self.picture(subject).seen) == {"A"}
        assert subject.open() == {}
        assert subject.tail.cold().number == 0

    def test_pictures_of_other_formats_and_sources_are_apart(self, subject: Subject) -> None:
        self.commit(subject, self.change(1))
        assert subject.run(subject.journal.revision(SOURCE, "kubra")) == 0
        assert subject.run(subject.journal.revision("other", "geojson")) == 0

    def test_picture_event_repeated_is_a_duplicate_and_late_one_stale(self, subject: Subject) -> None:
        self.commit(subject, self.change(1, events=(event(minute=1),)))
        answers = self.commit(subject, self.change(2, events=(event(minute=1), event(minute=0))))
        assert [answer.outcome for answer in answers] == ["duplicate", "stale"]

    def test_large_picture_is_one_step(self, subject: Subject) -> None:
        events = tuple(event(str(i)) for i in range(9_000))
        self.commit(subject, self.change(1, events=events, remember={outage.outage_id: Seen(outage.event_id) for outage in events}))
        self.commit(subject, self.change(2, forget=tuple(outage.outage_id for outage in events[1:])))
        assert set(self.picture(subject).seen) == {"0"}
        current = subject.run(subject.journal.current(SOURCE, (outage.outage_id for outage in events)))
        assert current == {outage.outage_id: outage for outage in events}
        assert OutageKey("oms:8999") in subject.open()
