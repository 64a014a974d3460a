"""One answer for all who ask at the same moment, and for a moment after."""

import asyncio

import pytest

from services.kit.shared import Shared


class Oracle:
    """Answers with how often it was asked, when told to."""

    def __init__(self) -> None:
        self.asked, self.go, self.fails = 0, asyncio.Event(), False

    async def __call__(self) -> int:
        self.asked += 1
        await self.go.wait()
        if self.fails:
            raise ValueError(self.asked)
        return self.asked


def test_many_ask_once_whoever_leaves_and_again_when_the_answer_is_old() -> None:
    async def story() -> None:
        oracle, now = Oracle(), 0.0
        shared = Shared(oracle, 1.0, lambda: now)
        asking = [asyncio.ensure_future(shared()) for _ in range(10)]
        await asyncio.sleep(0)
        asking[0].cancel()
        oracle.go.set()
        assert await asyncio.gather(*asking[1:]) == [1] * 9
        now = 0.9
        assert await shared() == 1
        now = 1.0
        assert await shared() == 2

    asyncio.run(story())


def test_a_failure_is_told_to_all_who_waited_and_kept_for_nobody() -> None:
    async def story() -> None:
        oracle = Oracle()
        shared = Shared(oracle, 60.0)
        oracle.fails = True
        asking = [asyncio.ensure_future(shared()) for _ in range(3)]
        oracle.go.set()
        assert [str(failed) for failed in await asyncio.gather(*asking, return_exceptions=True)] == ["1"] * 3
        with pytest.raises(ValueError, match="2"):
            await shared()
        oracle.fails = False
        assert await shared() == 3

    asyncio.run(story())
