"""Calls the people who approve posts, by whatever Apprise reaches. Meets `kernel.ports.Pager`.

In a thread of its own, one call after the other: nobody who posts waits for it, and what can't be delivered is told by log and metric and not tried again.
"""

from collections.abc import Sequence
from queue import Full, Queue
from threading import Thread

from services.adapters.social_apprise import AppriseFeed
from services.kernel.approval import Verdict
from services.kernel.ports.clock import Clock
from services.kernel.ports.social import Asked, Draft, Reply
from services.kit import metrics
from services.kit.logs import log

WAITING_MAX = 100
"""Calls that wait for their turn; a further one is left out, and told so."""
_SAID = {
    Verdict.ESCALATED: "has waited for approval since {since}, and is never sent after {until}. `surgecast approvals show {number}`",
    Verdict.EXPIRED: "was not approved in time: it is not sent. If there is still something to say, a newer one is asked about.",
}


class ApprisePager:
    """All who are called: each URL is one target, a secret."""

    def __init__(self, urls: Sequence[str], sender: str, timeout_s: float, clock: Clock) -> None:
        """`timeout_s`: for one call to one target. A URL that can't be used is left out, and told without being shown."""
        self._targets, self.faults = list[AppriseFeed](), list[str]()
        for number, url in enumerate(urls, 1):
            try:
                self._targets.append(AppriseFeed(url, sender, timeout_s))
            except ValueError as error:
                self.faults.append(f"URL {number} of {len(urls)}: {error}")
        self._clock, self._calls = clock, Queue[Asked](WAITING_MAX)
        self._thread: Thread | None = None

    def call(self, asked: Asked) -> None:
        """Tell what the clock has just done to `asked`. Neither waits nor raises."""
        if self._thread is None:
            self._thread = Thread(target=self._work, name="pager", daemon=True)
            self._thread.start()
        try:
            self._calls.put_nowait(asked)
        except Full:
            _told("left_out", asked, f"{WAITING_MAX} calls wait already")

    def _work(self) -> None:
        while True:
            asked = self._calls.get()
            for target in self._targets:
                receipt = target.post(Draft(words(asked), "en", f"approval|{asked.number}|{_step(asked)}", self._clock.now()))  # never raises
                _told("called" if receipt.reply is Reply.POSTED else "failed", asked, receipt.detail)
            self._calls.task_done()

    def settled(self) -> None:
        """Wait until all calls were made: for tests."""
        self._calls.join()


def words(asked: Asked) -> str:
    """What the people are told: which message, since when it waits, its own words, and what to do."""
    case = asked.case
    said = _SAID[_step(asked)].format(since=f"{case.asked_at:%H:%M UTC}", until=f"{case.expires_at:%H:%M UTC}", number=asked.number)
    texts = "\n".join(f"[{lang}] {text}" for lang, text in case.newest.texts.items())
    return f"Message {asked.number} ({asked.kind.replace('_', ' ')}, {asked.area}, {asked.channel} {asked.account}) {said}\n{texts}"


def _step(asked: Asked) -> Verdict:
    return asked.case.decisions[-1].verdict


def _told(outcome: str, asked: Asked, detail: str) -> None:
    metrics.PAGED.labels(outcome).inc()
    (log.info if outcome == "called" else log.error)(f"approval.people_{outcome}", approval=asked.number, step=_step(asked), detail=detail)
