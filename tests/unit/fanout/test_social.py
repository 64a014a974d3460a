"""The social channel: what is posted when, and what becomes of it when the service, or this process, fails."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from services.adapters.announced_memory import MemoryAnnounced
from services.kernel.delivery import HeldFor, Outcome
from services.kernel.events import Status
from services.kernel.ids import AreaId
from services.kernel.ports.social import Draft, Receipt, Reply
from services.kit.settings import Settings
from tests.builders import NOW
from tests.unit.fanout.social_stage import AREA, LIVE, Crash, Scripted, Stage, outage, outcomes

ESTIMATE = NOW + timedelta(hours=3)


def test_a_first_report_appears_once_in_each_language() -> None:
    stage = Stage()
    stage.hear(outage())
    stage.run()
    stage.run()
    assert [post.lang for post in stage.service.posted] == ["en", "fr"]
    assert outcomes(stage) == [(Outcome.DELIVERED, None)] * 2


def test_a_storm_of_changes_is_one_post_until_the_cool_down_ends() -> None:
    stage = Stage()
    for minute in range(29):
        stage.hear(outage(minute=minute, customers=1_250 + 100 * minute))
        stage.run()
        stage.clock.move(minutes=1)
    assert len(stage.texts()) == 2
    stage.settle()
    assert ["4,050" in text or "4\u00a0050" in text for text in stage.texts()] == [False, False, True, True]


def test_later_posts_answer_the_first_report_of_their_language() -> None:
    stage = Stage()
    stage.hear(outage())
    stage.run()
    stage.clock.move(minutes=31)
    stage.hear(outage(minute=31, status=Status.RESTORED))
    stage.run()
    first_en, first_fr, en, fr = stage.service.posted
    assert (en.in_reply_to, fr.in_reply_to) == (first_en.remote_id, first_fr.remote_id)


def test_a_post_stands_alone_when_the_first_report_was_deleted() -> None:
    stage = Stage()
    stage.hear(outage())
    stage.run()
    for post in list(stage.service.posted):
        stage.service.delete(post.remote_id)
    stage.clock.move(minutes=31)
    stage.hear(outage(minute=31, status=Status.RESTORED))
    stage.run()
    assert [post.in_reply_to for post in stage.service.posted] == [None, None]


def test_restored_is_said_only_after_the_last_outage_is_restored() -> None:
    stage = Stage()
    stage.hear(outage("A"), outage("B"))
    stage.run()
    stage.clock.move(minutes=40)
    stage.hear(outage("A", 40, status=Status.RESTORED))
    stage.run()
    stage.hear(outage("B", 41, status=Status.CLEARING))
    stage.run()
    assert len(stage.texts()) == 2, "one is still clearing (I5)"
    stage.hear(outage("B", 51, status=Status.RESTORED))
    stage.run()
    assert "power is back" in stage.texts()[2].lower()


@pytest.mark.parametrize("restarted", [False, True])
def test_restored_is_said_when_it_was_heard_in_the_cool_down(restarted: bool) -> None:
    stage = Stage()
    stage.hear(outage())
    stage.run()
    stage.clock.move(minutes=5)
    stage.hear(outage(minute=5, status=Status.RESTORED))
    stage.run()
    assert len(stage.texts()) == 2
    if restarted:
        stage.restart()
    stage.settle()
    assert "power is back" in stage.texts()[2].lower()


def test_nothing_is_said_of_small_outages_and_nothing_kept_due() -> None:
    stage = Stage()
    stage.hear(outage(customers=40, estimated_restoration=ESTIMATE))
    stage.run()
    assert (stage.texts(), stage.due) == ([], {})


class TestDryRun:
    def stage(self) -> Stage:
        stage = Stage(settings=Settings())
        stage.feed = None
        stage.restart()
        return stage

    def test_posts_are_held_and_count_as_said(self) -> None:
        stage = self.stage()
        stage.hear(outage())
        stage.run()
        stage.clock.move(minutes=40)
        stage.hear(outage(minute=40, customers=1_300))
        stage.run()
        written = stage.ledger.newest("social", "x-dry-run", [AREA])[AREA]
        assert [(one.outcome, one.held_for) for one in written.deliveries] == [(Outcome.HELD, HeldFor.DRY_RUN)] * 2
        assert (written.kind, written.is_said) == ("first_report", True)

    def test_going_live_begins_with_first_reports(self) -> None:
        stage = self.stage()
        stage.hear(outage())
        stage.run()
        stage.feed, stage.settings, stage.announced = stage.service, LIVE, MemoryAnnounced()  # each account has a memory of its own
        stage.restart()
        stage.hear(outage(minute=1))
        stage.run()
        assert len(stage.texts()) == 2


class TestLimits:
    def test_the_worker_is_given_back_and_the_area_due_again_at_the_reset(self) -> None:
        stage = Stage()
        stage.feed = Scripted(stage.service, Receipt(Reply.LIMITED, closed_until=NOW + timedelta(minutes=7)))
        stage.restart()
        stage.hear(outage())
        stage.run()
        assert stage.due == {AREA: NOW + timedelta(minutes=7)}
        assert outcomes(stage) == [(Outcome.QUEUED, None)] * 2
        stage.settle()
        assert len(stage.texts()) == 2

    def test_no_further_request_is_made_while_the_account_is_closed(self) -> None:
        stage = Stage()
        stage.feed = feed = Scripted(stage.service, Receipt(Reply.LIMITED, closed_until=NOW + timedelta(minutes=7)))
        stage.restart()
        stage.hear(*(outage(f"o{number}", areas=(f"K{number}",)) for number in range(30)))
        stage.run()
        assert len(feed.asked) == 1
        assert set(stage.due.values()) == {NOW + timedelta(minutes=7)}

    def test_the_text_is_folded_when_the_facts_moved_on_before_it_was_out(self) -> None:
        stage = Stage()
        stage.feed = Scripted(stage.service, Receipt(Reply.LIMITED, closed_until=NOW + timedelta(minutes=7)))
        stage.restart()
        stage.hear(outage())
        stage.run()
        older = stage.written()
        stage.clock.move(minutes=7)
        stage.hear(outage(minute=7, customers=9_000))
        stage.run()
        assert [("9,000" in text or "9\u00a0000" in text) for text in stage.texts()] == [True, True]
        assert stage.written().post != older.post

    def test_facts_that_are_again_what_they_were_when_a_post_was_folded_are_told(self) -> None:
        stage = Stage()
        stage.feed = Scripted(stage.service, Receipt(Reply.LIMITED, closed_until=NOW + timedelta(minutes=7)))
        stage.restart()
        for minute, customers in enumerate((1_250, 9_000, 1_250, 1_250)):
            stage.hear(outage(minute=minute, customers=customers))
            stage.run()
            stage.clock.move(minutes=1)
        stage.restart()
        stage.settle(until=lambda: len(stage.texts()) == 2)
        assert stage.clock.now() == NOW + timedelta(minutes=7)
        assert "1,250" in stage.texts()[0]
        assert outcomes(stage) == [(Outcome.DELIVERED, None)] * 2

    def test_nothing_is_sent_when_it_was_restored_before_it_was_out(self) -> None:
        stage = Stage()
        stage.feed = Scripted(stage.service, Receipt(Reply.LIMITED, closed_until=NOW + timedelta(minutes=7)))
        stage.restart()
        stage.hear(outage())
        stage.run()
        stage.clock.move(minutes=7)
        stage.hear(outage(minute=7, status=Status.RESTORED))
        stage.settle()
        assert stage.texts() == []
        assert outcomes(stage) == [(Outcome.FOLDED, None)] * 2

    def test_french_follows_unchanged_when_the_budget_ended_after_english(self) -> None:
        stage = Stage()
        stage.service._limit = 1
        stage.hear(outage())
        stage.run()
        stage.clock.move(minutes=10)
        stage.hear(outage(minute=10, customers=9_000))
        stage.settle(until=lambda: len(stage.texts()) == 2)
        assert "1,250" in stage.texts()[0]
        assert "1\u00a0250" in stage.texts()[1]

    def test_french_is_given_up_when_it_comes_too_late(self) -> None:
        stage = Stage(settings=live(social_expire_s=600))
        stage.service._limit = 1
        stage.hear(outage())
        stage.run()
        stage.settle()
        assert outcomes(stage) == [(Outcome.DELIVERED, None), (Outcome.EXPIRED, None)]

    def test_the_most_urgent_goes_first(self) -> None:
        stage = Stage()
        stage.hear(outage("a", areas=("K1A",), customers=600), outage("b", areas=("K1B",), customers=90_000), outage("c", areas=("K1C",), customers=7_000))
        stage.run()
        assert [area for text in stage.texts()[::2] for area in ("K1A", "K1B", "K1C") if area in text] == ["K1B", "K1C", "K1A"]

    def test_a_run_ends_in_time_and_the_rest_stays_due(self) -> None:
        stage = Stage()
        stage.feed = Slow(stage)
        stage.restart()
        stage.hear(*(outage(f"o{number}", areas=(f"K{number}",)) for number in range(30)))
        started = stage.clock.now()
        stage.run()
        assert stage.clock.now() - started <= timedelta(seconds=LIVE.social_run_max_s + 2 * 1.0)
        stage.settle()
        assert len(stage.texts()) == 60


class Slow:
    """A service that takes a second for each post."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def post(self, draft: Draft) -> Receipt:
        self._stage.clock.move(seconds=1)
        return self._stage.service.post(draft)


class Lagging:
    """A service that lists a post a while after it took it."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.then: Callable[[], None] = lambda: None
        self.listed, self.looks = False, 0

    def post(self, draft: Draft) -> Receipt:
        self.texts.append(draft.text)
        self.then()
        return Receipt(Reply.POSTED, draft.text)

    def find(self, draft: Draft) -> Receipt:
        self.looks += 1
        return Receipt(Reply.POSTED, draft.text) if self.listed and draft.text in self.texts else Receipt(Reply.ABSENT)


def live(**changed: float) -> Settings:
    return LIVE.model_copy(update=changed)


class TestFailures:
    def after(self, *receipts: Receipt, taken: bool = False) -> tuple[Stage, Scripted]:
        stage = Stage()
        feed = Scripted(stage.service, *receipts, taken=taken)
        stage.feed = feed
        stage.restart()
        stage.hear(outage())
        stage.run()
        return stage, feed

    @pytest.mark.parametrize("taken", [False, True])
    @pytest.mark.parametrize("lost", [Reply.UNCERTAIN, Reply.FAILED])
    def test_a_post_whose_answer_was_lost_is_looked_for_and_appears_once(self, taken: bool, lost: Reply) -> None:
        stage, feed = self.after(Receipt(lost, detail="ReadTimeout"), taken=taken)
        assert outcomes(stage) == [(Outcome.SENDING, None), (Outcome.QUEUED, None)]
        assert stage.due == {AREA: NOW + timedelta(seconds=LIVE.social_retry_s)}
        stage.settle()
        assert outcomes(stage) == [(Outcome.DELIVERED, None)] * 2
        assert stage.texts() == [one.text for one in stage.written().deliveries]
        assert len(feed.asked) == (2 if taken else 3)
        assert stage.written().deliveries[0].remote_id, "later posts can answer it"

    @pytest.mark.parametrize("taken", [False, True])
    def test_a_post_in_doubt_is_held_where_nobody_can_be_asked(self, taken: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        stage, feed = self.after(Receipt(Reply.UNCERTAIN, detail="ReadTimeout"), taken=taken)
        monkeypatch.setattr(feed, "find", lambda _: Receipt(Reply.UNCERTAIN, detail="no way to look"))
        stage.settle()
        assert outcomes(stage) == [(Outcome.HELD, HeldFor.UNCERTAIN), (Outcome.DELIVERED, None)]
        stage.restart()
        stage.hear(outage(minute=1))
        stage.settle()
        assert len(feed.asked) == 2, "it counts as said"

    def test_a_post_in_doubt_is_given_once_more_where_a_second_one_is_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stage, feed = self.after(Receipt(Reply.UNCERTAIN, detail="ReadTimeout"), taken=True)
        monkeypatch.setattr(feed, "find", lambda _: Receipt(Reply.REPEATABLE))
        stage.settle()
        assert (outcomes(stage), len(stage.texts())) == ([(Outcome.DELIVERED, None)] * 2, 2)

    def test_a_post_in_doubt_is_looked_for_only_once_the_service_would_list_it(self) -> None:
        stage, feed = Stage(), Lagging()
        stage.feed = feed
        steps = stage.restart()
        feed.then = lambda: setattr(steps, "_crash_at", steps.taken + 1)
        stage.hear(outage())
        with suppress(Crash):
            stage.run()
        feed.then = lambda: None
        stage.restart()
        stage.clock.move(seconds=3)
        stage.run()
        assert (outcomes(stage)[0], feed.looks) == ((Outcome.SENDING, None), 0)
        assert stage.due == {AREA: NOW + timedelta(seconds=LIVE.social_listed_after_s)}
        feed.listed = True
        stage.settle()
        assert (outcomes(stage), len(feed.texts), len(set(feed.texts))) == ([(Outcome.DELIVERED, None)] * 2, 2, 2)

    def test_a_worker_that_stalled_begins_nothing_that_another_one_has_begun(self) -> None:
        stage = Stage()
        start = stage.ledger.start

        def stalled(delivery: int, now: datetime, attempts: int | None = None) -> str | None:
            start(delivery, now, attempts)  # the other one
            return start(delivery, now, attempts)

        stage.ledger.start = stalled  # type: ignore[method-assign]
        stage.restart()
        stage.hear(outage())
        stage.run()
        assert (stage.texts(), outcomes(stage)) == ([], [(Outcome.SENDING, None), (Outcome.QUEUED, None)])
        stage.ledger.start = start  # type: ignore[method-assign]
        stage.restart()
        stage.settle()
        assert (len(stage.texts()), outcomes(stage)) == (2, [(Outcome.DELIVERED, None)] * 2)

    def test_a_post_waits_when_the_service_can_not_be_reached(self) -> None:
        stage, _ = self.after(Receipt(Reply.UNREACHED, detail="refused"))
        assert outcomes(stage) == [(Outcome.QUEUED, None)] * 2
        stage.settle()
        assert len(stage.texts()) == 2

    def test_posts_are_held_and_go_out_once_the_account_may_post_again(self) -> None:
        stage, feed = self.after(Receipt(Reply.LOCKED_OUT, detail="401"))
        assert outcomes(stage) == [(Outcome.HELD, HeldFor.REFUSED), (Outcome.QUEUED, None)]
        assert stage.due == {AREA: NOW + timedelta(seconds=LIVE.social_refused_wait_s)}
        stage.settle()
        assert outcomes(stage) == [(Outcome.DELIVERED, None)] * 2
        assert len(feed.asked) == 3

    def test_the_account_is_left_alone_when_several_posts_in_a_row_are_refused(self) -> None:
        stage = Stage()
        stage.feed = feed = Scripted(stage.service, *[Receipt(Reply.REFUSED, detail="403")] * 50)
        stage.restart()
        stage.hear(*(outage(f"o{number}", areas=(f"K{number}",)) for number in range(30)))
        stage.run()
        assert len(feed.asked) == LIVE.social_refusals_max

    def test_a_text_that_will_never_be_taken_is_given_up_and_the_next_facts_are_tried(self) -> None:
        stage, feed = self.after(*[Receipt(Reply.INVALID, detail="400")] * 2)
        assert outcomes(stage) == [(Outcome.DEAD_LETTERED, None)] * 2
        stage.clock.move(minutes=31)
        stage.run()
        assert len(feed.asked) == 2
        stage.hear(outage(minute=31, customers=1_400))
        stage.run()
        assert outcomes(stage) == [(Outcome.DELIVERED, None)] * 2


STORM = [
    (0, outage(customers=700)),
    (40, outage(minute=40, customers=2_000, estimated_restoration=NOW + timedelta(hours=2))),
    (90, outage(minute=90, status=Status.RESTORED, customers=0)),
]


def play(stage: Stage, from_step: int = 0) -> None:
    for minute, heard in STORM[from_step:]:
        stage.clock.at = max(stage.clock.at, NOW + timedelta(minutes=minute))
        stage.hear(heard)
        stage.settle()


def calm() -> Stage:
    stage = Stage()
    play(stage)
    return stage


STEPS = 130
"""More than a whole storm takes; the test below sees to it."""


def test_the_crash_points_cover_the_whole_storm() -> None:
    stage = Stage()
    steps = stage.restart()
    play(stage)
    assert 40 < steps.taken <= STEPS
    assert len(stage.texts()) == 6


@pytest.mark.parametrize("crash_at", range(1, STEPS + 1))
@pytest.mark.parametrize("forgetful", [False, True])
def test_every_post_is_out_exactly_once_whatever_step_a_crash_comes_at(crash_at: int, forgetful: bool) -> None:
    stage = Stage()
    stage.restart(crash_at)
    for minute, heard in STORM:
        stage.clock.at = max(stage.clock.at, NOW + timedelta(minutes=minute))
        stage.hear(heard)
        try:
            stage.settle()
        except Crash:
            stage.restart()
            if forgetful:
                stage.announced._said.clear()  # type: ignore[attr-defined]
            stage.settle()
    assert [post.lang for post in stage.service.posted] == ["en", "fr"] * 3
    assert ["power is back" in text.lower() for text in stage.texts()[::2]] == [False, False, True]
    assert len(set(stage.texts())) == 6


@pytest.mark.parametrize("crash_at", range(1, 30))
def test_a_text_that_was_being_sent_is_finished_word_for_word_when_the_facts_moved_on_after_a_crash(crash_at: int) -> None:
    stage = Stage()
    stage.restart(crash_at)
    stage.hear(outage(customers=700))
    with suppress(Crash):
        stage.run()
    stage.restart()
    stage.clock.move(minutes=3)
    stage.hear(outage(minute=3, customers=9_000))
    stage.settle()
    assert [post.lang for post in stage.service.posted][:2] == ["en", "fr"]
    english, french = stage.texts()[:2]
    assert ("700" in english and "700" in french) or ("9,000" in english and "9\u00a0000" in french), "both languages carry the same facts (I6)"
    assert len(set(stage.texts())) == len(stage.texts()) in (2, 4)


def test_a_ledger_restored_from_a_backup_makes_nothing_news_again() -> None:
    stage = Stage()
    stage.hear(outage())
    stage.run()
    backup = stage.ledger._posts.copy()  # type: ignore[attr-defined]
    stage.clock.move(minutes=31)
    stage.hear(outage(minute=31, customers=9_000))
    stage.run()
    assert len(stage.texts()) == 4
    stage.ledger._posts = backup  # type: ignore[attr-defined]
    stage.clock.move(minutes=31)
    stage.hear(outage(minute=62, customers=9_000))
    stage.settle()
    assert len(stage.texts()) == 4


def test_many_areas_at_once_are_each_posted_once() -> None:
    stage = Stage()
    areas = [AreaId(f"K{number}") for number in range(40)]
    stage.hear(*(outage(f"o{area}", areas=(area,)) for area in areas))
    stage.settle()
    assert len(stage.texts()) == len(set(stage.texts())) == 80
