"""A limit of time that is set only where something is waited for."""

import asyncio

import pytest

from services.kit.within import within


async def given(*waits: float, ends: list[str], value: int = 5) -> int:
    try:
        for wait_s in waits:
            await asyncio.sleep(wait_s)
        return value
    except asyncio.CancelledError:
        await asyncio.sleep(0)  # what ends may have to wait, too
        ends.append("cancelled")
        raise
    finally:
        ends.append("over")


@pytest.mark.parametrize("waits", [(), (0,), (0.001, 0, 0.001)])
def test_gives_what_comes_at_once_or_after_waiting(waits: tuple[float, ...]) -> None:
    ends: list[str] = []
    assert asyncio.run(within(given(*waits, ends=ends), 30)) == 5
    assert ends == ["over"]


def test_what_takes_too_long_is_cancelled_and_has_ended_when_that_is_told() -> None:
    ends: list[str] = []
    with pytest.raises(TimeoutError):
        asyncio.run(within(given(0, 60, ends=ends), 0.01))
    assert ends == ["cancelled", "over"]


def test_its_own_cancellation_is_passed_on_and_is_no_timeout() -> None:
    ends: list[str] = []

    async def leave() -> None:
        task = asyncio.create_task(within(given(0, 60, ends=ends), 30))
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert ends == ["cancelled", "over"]


@pytest.mark.parametrize("waits", [0, 1])
def test_an_error_is_the_same_before_and_after_waiting(waits: int) -> None:
    async def fails() -> None:
        for _ in range(waits):
            await asyncio.sleep(0)
        raise KeyError("x")

    with pytest.raises(KeyError):
        asyncio.run(within(fails(), 30))
