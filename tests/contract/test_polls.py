"""What any memory of due polls does: on Redis, and its twin."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from services.adapters.polls_memory import MemoryPolls
from services.adapters.polls_redis import RedisPolls
from services.adapters.redis_link import sync_link
from services.kernel.ids import SourceName
from services.kernel.polls import PollState, Validators
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.polls import Claim, Polls
from services.kit.settings import Settings
from tests.builders import NOW

A, B, MINUTE = SourceName("a"), SourceName("b"), timedelta(minutes=1)
STATE = PollState(Validators('"é"'), 3, NOW, NOW, "answers 500", NOW, NOW, 2)


@pytest.fixture(params=["redis", "memory"])
def polls(request: pytest.FixtureRequest) -> Polls:
    if request.param == "memory":
        return MemoryPolls()
    return RedisPolls(sync_link(Settings(journal_url=request.getfixturevalue("redis_url"))))


class TestPolls:
    def test_a_new_source_is_due_at_once_and_claimed_by_one_alone(self, polls: Polls) -> None:
        polls.sync([A, B], NOW)
        with ThreadPoolExecutor(8) as pool:
            claims = list(pool.map(lambda _: polls.claim(NOW, NOW + MINUTE), range(8)))
        assert sorted(claim.name for claim in claims if claim) == [A, B]
        assert polls.claim(NOW + MINUTE / 2, NOW + 2 * MINUTE) is None

    def test_what_came_of_a_poll_is_there_at_the_next(self, polls: Polls) -> None:
        polls.sync([A], NOW)
        claim = polls.claim(NOW, NOW + MINUTE)
        assert claim == Claim(A, PollState(), NOW + MINUTE)
        assert polls.finish(claim, STATE, NOW + 5 * MINUTE)
        assert polls.all() == {A: (STATE, NOW + 5 * MINUTE)}
        assert polls.claim(NOW + 4 * MINUTE, NOW + 9 * MINUTE) is None
        assert polls.claim(NOW + 5 * MINUTE, NOW + 9 * MINUTE) == Claim(A, STATE, NOW + 9 * MINUTE)

    def test_a_poll_that_never_ended_is_due_again_and_what_it_finds_late_is_not_kept(self, polls: Polls) -> None:
        polls.sync([A], NOW)
        stuck = polls.claim(NOW, NOW + MINUTE)
        second = polls.claim(NOW + MINUTE, NOW + 2 * MINUTE)
        assert stuck is not None
        assert second is not None
        assert not polls.finish(stuck, STATE, NOW)
        assert polls.finish(second, PollState(), NOW + 3 * MINUTE)
        assert polls.all() == {A: (PollState(), NOW + 3 * MINUTE)}

    def test_the_longest_due_is_first_and_any_can_be_asked_for(self, polls: Polls) -> None:
        polls.sync([B], NOW)
        polls.sync([A, B], NOW + MINUTE)
        first = polls.claim(NOW + MINUTE, NOW + 9 * MINUTE)
        assert first is not None
        assert first.name == B
        assert polls.claim(NOW, NOW + 9 * MINUTE, A) is not None
        assert polls.claim(NOW, NOW + 9 * MINUTE, SourceName("c")) is None

    def test_one_that_is_no_longer_polled_is_forgotten(self, polls: Polls) -> None:
        polls.sync([A, B], NOW)
        claim = polls.claim(NOW, NOW + MINUTE, A)
        assert claim is not None
        polls.sync([B], NOW)
        assert not polls.finish(claim, STATE, NOW)
        assert list(polls.all()) == [B]
        polls.sync([A, B], NOW + MINUTE)
        assert polls.all()[A] == (PollState(), NOW + MINUTE)


def test_it_is_unavailable_when_redis_is_down() -> None:
    gone = RedisPolls(sync_link(Settings(journal_url="redis://127.0.0.1:1/0"), retries=0))
    for call in (gone.all, lambda: gone.sync([A], NOW), lambda: gone.claim(NOW, NOW), lambda: gone.finish(Claim(A, STATE, NOW), STATE, NOW)):
        with pytest.raises(Unavailable):
            call()
