"""The site channel: what is rendered, what is only stamped, and what falls due by itself."""

from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.site_memory import SiteMemory
from services.fanout.channel import Work
from services.kernel.events import Status
from services.kernel.ids import AreaId, OutageKey
from services.kernel.ports.failures import Overtaken, Unavailable
from services.kernel.views import Stamp
from tests.builders import NOW, event
from tests.examples import examples
from tests.site_desk import Desk

FILES = [f"feeds/v1/{lang}/{name}" for lang in ("en", "fr") for name in ("summary.json", "outages.geojson", "atom.xml", "areas/K2G.json")]
PAGES = [f"{lang}/{name}" for lang in ("en", "fr") for name in ("index.html", "areas/K2G.html")]


def positions(desk: Desk) -> set[str]:
    """What all JSON documents show."""
    return {desk.json(path)["position"] for path in desk.store.files if path.endswith("json")}


def test_every_document_is_there_and_shows_the_stamp_when_the_first_event_came() -> None:
    desk = Desk().told(event(customers_affected=1250))
    for path in (*FILES, *PAGES):
        assert desk.replica.position in desk.text(path), path
        assert "2018-09-21T21:04:00Z" in desk.text(path), path
        assert "\x00" not in desk.text(path), path
    assert desk.json("manifest.json") == {"position": desk.replica.position, "as_of": "2018-09-21T21:04:00Z"}


def test_documents_say_that_nothing_is_out_when_the_journal_is_empty() -> None:
    desk = Desk().told()
    assert desk.feed("summary.json")["outages"] == 0
    assert desk.feed("outages.geojson")["features"] == []
    assert "We know of no outage" in desk.text("en/index.html")
    assert "Aucune panne" in desk.text("fr/index.html")


def test_only_changed_areas_are_written_at_once_when_events_keep_coming() -> None:
    desk = Desk().told(event("A", areas=("K2G",)), event("B", areas=("K1A",)))
    first = desk.replica.position
    desk.told(event("A", minute=1, customers_affected=9))
    assert desk.feed("areas/K2G.json")["position"] == desk.replica.position
    assert desk.feed("areas/K1A.json")["position"] == first


def test_all_files_show_one_position_when_the_round_asked_for_has_run() -> None:
    desk = Desk().told(event("A", areas=("K2G",)), event("B", areas=("K1A",)))
    desk.tell(event("A", minute=1))
    again = desk.run()
    assert again == {"K1A": desk.clock.now() + timedelta(seconds=desk.settings.site_settle_s)}
    desk.clock.move(seconds=desk.settings.site_settle_s)
    assert desk.run("K1A") == {}
    assert positions(desk) == {desk.replica.position}


def test_unchanged_areas_get_the_new_stamp_within_restamp_s_when_events_never_stop() -> None:
    desk = Desk(restamp_s=10).told(event("A", areas=("K2G",)), event("B", areas=("K1A",)))
    for second in range(1, 12):
        desk.clock.move(seconds=1)
        desk.told(event("A", minute=second / 60))
    assert desk.feed("areas/K1A.json")["as_of"] >= "2018-09-21T21:04:10Z"


def test_stamping_makes_way_for_news_when_it_takes_long_and_ends_with_all_files_stamped() -> None:
    desk = Desk(site_stamping_s=0.3).told(*[event(f"o{number}", areas=(f"area-{number}",)) for number in range(200)])
    write = desk.store.write

    def slow(path: str, body: bytes) -> None:
        desk.clock.move(seconds=0.05)
        write(path, body)

    desk.store.write = slow  # type: ignore[method-assign]
    desk.told(event("o0", minute=1, areas=("area-0",)))
    rounds = 0
    while again := desk.run():
        assert min(again.values()) <= desk.clock.now()  # go on at once, after a look at the journal
        rounds += 1
        assert rounds < 20
    assert rounds > 2
    assert positions(desk) == {desk.replica.position}


def test_as_of_is_renewed_by_a_heartbeat_when_nothing_happens() -> None:
    desk = Desk(restamp_s=10).told(event())
    desk.clock.move(seconds=5)
    desk.run()
    assert desk.feed("summary.json")["as_of"] == "2018-09-21T21:04:05Z"
    desk.clock.move(seconds=5)
    desk.run()
    assert desk.feed("areas/K2G.json")["as_of"] == "2018-09-21T21:04:10Z"


def test_an_estimate_that_passes_is_said_to_have_passed_without_any_event() -> None:
    estimate = NOW + timedelta(minutes=30)
    desk = Desk()
    desk.tell(event(estimated_restoration=estimate, customers_affected=40))
    assert desk.run() == {"K2G": estimate}
    assert desk.feed("summary.json")["areas"][0]["estimate_passed"] is False
    desk.clock.move(minutes=30)
    assert desk.run("K2G") == {}
    assert desk.feed("summary.json")["areas"][0]["estimate_passed"] is True
    assert desk.feed("outages.geojson")["features"][0]["properties"]["estimate_passed"] is True
    assert desk.feed("areas/K2G.json")["largest"][0]["estimate_passed"] is True
    for path, words in (
        ("en/index.html", "new estimate is awaited"),
        ("fr/areas/K2G.html", "nouvelle estimation"),
        ("feeds/v1/en/atom.xml", "new estimate is awaited"),
    ):
        assert words in desk.text(path), path


def test_an_estimate_that_had_passed_before_the_start_is_said_to_have_passed() -> None:
    desk = Desk().told(event(estimated_restoration=NOW - timedelta(minutes=1)))
    assert desk.feed("outages.geojson")["features"][0]["properties"]["estimate_passed"] is True
    assert desk.run() == {}


def test_an_area_says_that_it_has_no_outage_when_its_last_one_is_over() -> None:
    desk = Desk().told(event(), names={"K2G": "Nepean"}).told(event(minute=1, status=Status.RESTORED))
    document = desk.feed("areas/K2G.json")
    assert (document["outages"], document["largest"]) == (0, [])
    assert "no outage in Nepean" in desk.text("en/areas/K2G.html")
    assert desk.feed("summary.json")["areas"] == []


def test_nothing_says_restored_when_an_outage_is_only_clearing() -> None:
    desk = Desk().told(event(customers_affected=40)).told(event(minute=1, status=Status.CLEARING))
    assert desk.feed("summary.json")["outages"] == 0
    assert desk.feed("outages.geojson")["features"] == []
    for lang, word in (("en", "restored"), ("fr", "rétabli")):
        assert not any(word in desk.text(path).lower() for path in desk.store.files if path.startswith((f"{lang}/", f"feeds/v1/{lang}/")))


def test_files_of_areas_that_nothing_is_known_of_go_when_a_worker_starts_anew() -> None:
    store = SiteMemory()
    store.write("en/areas/OLD.html", b"stale")
    store.write("feeds/v1/fr/areas/OLD.json", b"{}")
    desk = Desk(store=store).told(event())
    assert {path for path in desk.store.files if "OLD" in path} == set()
    assert "en/areas/K2G.html" in desk.store.files


def test_what_the_full_disk_refused_is_written_when_there_is_room_again() -> None:
    desk = Desk().told(event("A", areas=("K2G",)), event("B", areas=("K1A",)))
    before = dict(desk.store.files)
    desk.store.full = True
    desk.tell(event("A", minute=1, status=Status.RESTORED))
    with pytest.raises(Unavailable):
        desk.run()
    assert desk.store.files == before
    desk.store.full = False
    desk.run()
    assert desk.feed("areas/K2G.json")["outages"] == 0
    assert desk.feed("summary.json")["outages"] == 1


def test_an_estimate_that_passed_in_a_round_that_failed_is_said_to_have_passed_in_the_next() -> None:
    estimate = NOW + timedelta(minutes=30)
    desk = Desk().told(event("A", areas=("K2G",), estimated_restoration=estimate), event("B", areas=("K1A",), estimated_restoration=estimate))
    desk.clock.move(minutes=31)
    render = desk.channel._documents.area

    def fails(*_: object) -> None:
        desk.channel._documents.area = render  # type: ignore[method-assign]
        raise ValueError("soft time limit")

    desk.channel._documents.area = fails  # type: ignore[method-assign,assignment]
    with pytest.raises(ValueError, match="soft time limit"):
        desk.run("K2G")
    desk.run("K2G")
    assert [feature["properties"]["estimate_passed"] for feature in desk.feed("outages.geojson")["features"]] == [True, True]
    assert desk.feed("areas/K1A.json")["estimate_passed"] is True


def test_files_stay_when_the_journal_was_emptied_until_new_events_pass_them() -> None:
    before = Desk().told(event("A"), event("B"))
    files = dict(before.store.files)
    after = Desk(store=before.store)
    with pytest.raises(Overtaken, match="restore it, or send new events"):
        after.run()
    older = Desk(store=before.store)
    older.clock.move(seconds=-60)
    with pytest.raises(Overtaken):
        older.told(event("C", areas=("K1A",)))
    assert before.store.files == files
    after.clock.move(seconds=1)
    after.told(event("C", areas=("K1A",)))
    assert after.feed("summary.json")["position"] == after.replica.position
    assert [area["id"] for area in after.feed("summary.json")["areas"]] == ["K1A"]


def test_a_worker_that_stood_still_writes_no_old_totals_over_those_of_its_successor() -> None:
    still = Desk().told(event("A"))
    successor = Desk(still.journal, still.store)
    write, taken_over = still.store.write, []

    def stands_still(path: str, body: bytes) -> None:
        still.store.write = write  # type: ignore[method-assign]
        successor.told(event("A", minute=2, status=Status.RESTORED))
        taken_over.append(path)
        write(path, body)

    still.tell(event("A", minute=1, customers_affected=77))
    still.store.write = stands_still  # type: ignore[method-assign]
    with pytest.raises(Overtaken):
        still.run()
    assert taken_over
    for name in ("summary.json", "outages.geojson"):
        assert still.feed(name)["position"] == successor.replica.position
    assert still.json("manifest.json")["position"] == successor.replica.position
    still.run()
    assert positions(still) == {successor.replica.position}
    assert still.feed("areas/K2G.json")["outages"] == 0


def run_with(desk: Desk, *areas: str, **work: Any) -> None:
    """One round of exactly this work."""
    desk.replica.catch_up()
    desk.channel.run(desk.replica, Work(frozenset(), frozenset(map(AreaId, areas)), frozenset(), **work), Stamp(desk.replica.position, desk.clock.now()))


def test_a_parked_area_keeps_the_files_and_the_stamp_that_it_has_when_all_others_are_rendered_anew() -> None:
    first = Desk().told(event("A", areas=("K2G",)), event("B", areas=("K1A",)))
    before = {path: body for path, body in first.store.files.items() if "K2G" in path}
    desk = Desk(first.journal, first.store)
    desk.tell(event("A", minute=1, areas=("K2G",)), event("B", minute=1, areas=("K1A",)))
    for _ in range(2):
        run_with(desk, cold=True, parked=frozenset({AreaId("K2G")}))
        desk.clock.move(seconds=60)
    assert {path: body for path, body in first.store.files.items() if "K2G" in path} == before
    assert desk.feed("areas/K1A.json")["position"] == desk.replica.position
    run_with(desk, "K2G")
    assert desk.feed("areas/K2G.json")["position"] == desk.replica.position
    assert {feature["id"] for feature in desk.feed("outages.geojson")["features"]} == {"oms:A", "oms:B"}


def test_an_outage_that_changed_in_a_parked_area_is_taken_in_when_the_area_is_freed() -> None:
    desk = Desk().told(event("A", areas=("K2G",), customers_affected=40))
    desk.tell(event("A", minute=1, areas=("K2G",), customers_affected=77))
    parked = frozenset({AreaId("K2G")})
    desk.replica.catch_up()
    work = Work(frozenset(), frozenset(), frozenset({OutageKey("oms:A")}), parked=parked)
    desk.clock.move(seconds=60)
    desk.channel.run(desk.replica, work, Stamp(desk.replica.position, desk.clock.now()))
    assert desk.feed("areas/K2G.json")["position"] != desk.replica.position
    assert desk.feed("outages.geojson")["features"][0]["properties"]["customers_affected"] == 40
    run_with(desk, "K2G")
    assert desk.feed("outages.geojson")["features"][0]["properties"]["customers_affected"] == 77


def test_half_written_files_are_swept_when_a_worker_starts() -> None:
    desk, swept = Desk(), []
    desk.store.sweep = swept.append  # type: ignore[method-assign]
    desk.run()
    desk.run()
    assert swept == [NOW - timedelta(minutes=1)]


@pytest.mark.parametrize("cold", [False, True])
def test_an_area_tried_alone_is_shown_under_the_stamp_that_all_files_have(cold: bool) -> None:
    first = Desk().told(event("A", areas=("K2G",), customers_affected=40), event("B", areas=("K1A",)))
    before, position = dict(first.store.files), first.replica.position
    desk = Desk(first.journal, first.store) if cold else first
    desk.tell(event("A", minute=1, customers_affected=77))
    desk.clock.move(seconds=5)
    run_with(desk, "K2G", cold=cold, alone=True)
    document = desk.feed("areas/K2G.json")
    assert (document["customers_affected"], document["position"], document["as_of"]) == (77, position, "2018-09-21T21:04:00Z")
    assert {path for path in before if before[path] != desk.store.files[path]} == {path for path in before if "K2G" in path}
    desk.run()
    assert desk.feed("summary.json")["position"] == desk.feed("areas/K2G.json")["position"] == desk.replica.position
    assert 77 in [area["customers_affected"] for area in desk.feed("summary.json")["areas"]]


def test_a_name_learned_late_is_in_every_document_of_the_running_worker() -> None:
    desk = Desk().told(event("A"))
    desk.tell(names={"K2G": "Nepean"})
    desk.replica.learn_names()
    desk.run()
    assert desk.feed("areas/K2G.json")["name"] == desk.feed("summary.json")["areas"][0]["name"] == "Nepean"
    assert "Nepean" in desk.text("feeds/v1/en/atom.xml")


def test_days_are_told_anew_when_midnight_has_passed() -> None:
    desk = Desk().told(event(estimated_restoration=NOW + timedelta(hours=20)))
    assert "tomorrow at" in desk.text("en/areas/K2G.html")
    desk.clock.move(hours=8)  # 1:04 a.m. in Toronto
    desk.run()
    assert "tomorrow" not in desk.text("en/areas/K2G.html")
    assert "tomorrow" not in desk.text("en/index.html")


def test_two_workers_that_take_turns_end_with_the_same_files_as_one() -> None:
    first = Desk()
    second = Desk(first.journal, first.store)
    alone = Desk(first.journal)
    for turn in range(6):
        first.tell(event("AB"[turn % 2], minute=turn, areas=("K2G", "K1A")[: 1 + turn % 2], customers_affected=10 + turn))
        (first, second)[turn % 2].run()
    for desk in (first, second, alone):
        desk.clock.move(seconds=desk.settings.restamp_s)
    alone.run()
    first.run()
    first.run()
    assert positions(first) == {alone.replica.position}
    for path in alone.store.files:
        if path.endswith("json") and not path.endswith("outages.geojson"):
            assert first.store.files[path] == alone.store.files[path], path
    assert features(first) == features(alone)


def test_when_an_area_last_changed_does_not_step_back_when_a_cold_worker_takes_over() -> None:
    first = Desk(atom_entries_max=1)
    first.told(event("A", areas=("K2G",)), event("B", areas=("K2G",)))
    first.told(event("B", minute=9, status=Status.RESTORED), event("C", minute=10, areas=("K1A",)))
    told = first.feed("summary.json")["areas"]
    assert "2018-09-21T21:13:00Z" in [area["updated_at"] for area in told]
    Desk(first.journal, first.store, atom_entries_max=1).run()
    assert first.feed("summary.json")["areas"] == told


@pytest.mark.parametrize("left", [b"", b"{}", b'{"areas":[{"id":', b'{"areas":[{"id":"K2G","updated_at":"long ago"}]}'])
def test_a_cold_worker_goes_on_when_what_was_told_can_not_be_read(left: bytes) -> None:
    desk = Desk()
    desk.store.write("feeds/v1/en/summary.json", left)
    desk.told(event("A"))
    assert desk.feed("summary.json")["areas"][0]["updated_at"] == "2018-09-21T21:04:00Z"


def features(desk: Desk) -> dict[str, Any]:
    """The map's features by id: their order is of no account."""
    return {feature["id"]: feature for lang in ("en", "fr") for feature in desk.feed("outages.geojson", lang)["features"]}


steps = st.lists(
    st.tuples(st.sampled_from("ABCD"), st.sampled_from(["K1A", "K2G", "K4C"]), st.sampled_from(list(Status)), st.integers(0, 2000)), min_size=1, max_size=15
)


@settings(max_examples=examples(10), deadline=None)
@given(steps)
def test_rendering_step_by_step_ends_like_rendering_all_at_once(steps: list[tuple[str, str, Status, int]]) -> None:
    stepwise = Desk()
    for minute, (outage, area, status, customers) in enumerate(steps):
        stepwise.told(event(outage, minute=minute / 60, areas=(area,), status=status, customers_affected=customers))
    stepwise.run()
    cold = Desk(stepwise.journal)
    cold.run()
    open_areas = set(cold.replica.board.areas())
    for path in cold.store.files:
        if path.endswith("outages.geojson"):
            assert features(stepwise) == features(cold)
        elif "/areas/" not in path or PurePosixPath(path).stem in open_areas:
            assert _undated(stepwise, path) == _undated(cold, path), path


def _undated(desk: Desk, path: str) -> Any:
    """Without when an area was last heard of: only who saw the change knows of the outages that are over."""
    if not path.endswith("json"):
        return desk.text(path)
    document = desk.json(path)
    for area in (document, *document.get("areas", ())):
        area.pop("updated_at", None)
    return document
