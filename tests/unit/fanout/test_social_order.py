"""Whatever crashes, and whatever the service answers: posts about an area are out in the order in which they were written, each finished before the next."""

from contextlib import suppress
from datetime import timedelta
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from services.adapters.social_memory import MemoryFeed
from services.kernel.delivery import HeldFor, Outcome
from services.kernel.events import Status
from services.kernel.ids import AreaId
from services.kernel.ports.social import Draft, Receipt, Reply
from tests.builders import NOW, event
from tests.unit.fanout.social_stage import Crash, Stage

AREAS = ("K1A", "K2G")
TROUBLE = (Reply.LIMITED, Reply.UNREACHED, Reply.FAILED, Reply.UNCERTAIN, Reply.REFUSED, Reply.INVALID)


class Hear(Struct, frozen=True):
    """News of an area."""

    area: str
    customers: int


class Run(Struct, frozen=True):
    """A doorbell, some time later, of a process that crashes at a step (0: not), with memory lost or not."""

    minutes: int
    crash_at: int
    forgetful: bool
    replies: tuple[tuple[Reply, bool], ...]
    """What the service answers first, and whether it takes the post all the same."""


class Moody:
    """Answers as told, then as the service behind it."""

    def __init__(self, behind: MemoryFeed) -> None:
        self.behind, self.replies = behind, list[tuple[Reply, bool]]()

    def post(self, draft: Draft) -> Receipt:
        if not self.replies:
            return self.behind.post(draft)
        reply, taken = self.replies.pop(0)
        if taken and reply in (Reply.FAILED, Reply.UNCERTAIN):
            self.behind.post(draft)
        return Receipt(reply, detail="so told")

    def find(self, draft: Draft) -> Receipt:
        return self.behind.find(draft)


STEPS = st.one_of(
    st.builds(Hear, st.sampled_from(AREAS), st.sampled_from([0, 600, 1_500, 4_000, 20_000, 90_000])),
    st.builds(
        Run,
        st.integers(0, 45),
        st.integers(0, 30),
        st.booleans(),
        st.lists(st.tuples(st.sampled_from(TROUBLE), st.booleans()), max_size=2).map(tuple),
    ),
)


def play(steps: list[Hear | Run]) -> Stage:
    stage = Stage(clock=None)
    stage.feed = feed = Moody(stage.service)
    for step in steps:
        minute = (stage.clock.now() - NOW).total_seconds() / 60
        if isinstance(step, Hear):
            status = Status.ACTIVE if step.customers else Status.RESTORED
            stage.clock.move(seconds=1)
            stage.hear(event(step.area, minute=minute, areas=(step.area,), status=status, customers_affected=step.customers))
            continue
        stage.clock.move(minutes=step.minutes)
        feed.replies = list(step.replies)
        stage.restart(step.crash_at)
        with suppress(Crash):
            stage.run()
        if step.forgetful:
            stage.announced._said.clear()  # type: ignore[attr-defined]
    feed.replies.clear()
    stage.restart()
    stage.settle(until=lambda: not any(at <= stage.clock.now() + timedelta(minutes=30) for at in stage.due.values()))
    return stage


@given(st.lists(STEPS, min_size=2, max_size=14))
def test_no_post_is_out_before_an_older_one_about_its_area_is_finished(steps: list[Hear | Run]) -> None:
    stage = play(steps)
    written = list(stage.ledger._posts.values())  # type: ignore[attr-defined]
    order = {
        delivery.text: (number, delivery.lang)
        for number, one in enumerate(written)
        for delivery in one.deliveries
        if delivery.outcome is not Outcome.FOLDED  # what was folded may be said after all, in the same words
    }
    out = [(order[post.text], post) for post in stage.service.posted]
    assert len({post.text for post in stage.service.posted}) == len(out), "each once (I2)"
    for area in map(AreaId, AREAS):
        of_area = [(number, post) for (number, _), post in out if written[number].area == area]
        numbers = [number for number, _ in of_area]
        assert numbers == sorted(numbers)
        for number, posts in groupby(of_area, key=lambda one: one[0]):
            langs = [post.lang for _, post in posts]
            assert langs == [delivery.lang for delivery in written[number].deliveries if delivery.lang in langs], "English, then French"
    for one in filter(lambda one: not one.is_folded, written):
        for delivery in one.deliveries:
            assert not delivery.is_open
            is_out = any(post.text == delivery.text for post in stage.service.posted)
            assert (delivery.outcome is Outcome.DELIVERED) == is_out or delivery.held_for is HeldFor.UNCERTAIN
    ids = {post.remote_id: order[post.text] for post in stage.service.posted}
    for (number, lang), post in out:
        if post.in_reply_to is not None:
            answered, in_lang = ids[post.in_reply_to]
            assert (written[answered].post, in_lang) == (written[number].thread, lang)
