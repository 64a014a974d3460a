"""Sends requests to ingest until each is answered: waits as it is told to, and tries again what broke. Safe, since ingest knows what it has."""

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.cli.failure import Failure
from services.cli.replay.frames import Frame
from services.kernel.ports.clock import Clock
from services.kernel.views import ORIGIN, Position, position_order
from services.kit.retry import retry_after_s
from services.kit.settings import Settings

OUTCOMES = ("accepted", "duplicate", "stale", "rejected")
PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""What a repetition may cure."""
HINTS = {
    401: "Give the right key with --key, --key-file or SURGECAST_KEY.",
    403: "Use a key that may send this.",
    404: "Is this the origin of a Surgecast that runs, and the format one that it knows?",
    413: "Send less at once, or raise the limit that the answer names.",
}


@dataclass
class Tally:
    """What became of what was sent."""

    requests: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    retries: int = 0
    position: Position = ORIGIN
    """The furthest that any answer named."""
    faults: list[str] = field(default_factory=list)
    """The first few reasons why something was refused."""

    def take(self, answer: Mapping[str, Any]) -> None:
        """Count one answer."""
        self.requests += 1
        for outcome in OUTCOMES:
            self.outcomes[outcome] += int(answer.get(outcome) or 0)
        self.unchanged += int(answer.get("unchanged") or 0)
        position = answer.get("position")
        if position and position_order(position) > position_order(self.position):
            self.position = position

    def fault(self, reason: str) -> None:
        """Remember why something was refused."""
        if len(self.faults) < 5:
            self.faults.append(reason)


class Sender:
    """One connection to ingest; one request at a time, in order."""

    def __init__(self, client: httpx.Client, key: str, settings: Settings, clock: Clock, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self._settings, self._clock, self._sleep = client, settings, clock, sleep
        self._authorization = f"Bearer {key}"
        self.tally = Tally()

    def send(self, frame: Frame) -> None:
        """Return once `frame` was answered for good. Raises `Failure` where it never is, or the answer says that the next ones would fare no better."""
        give_up, tries = time.monotonic() + self._settings.replay_retry_max_s, 0
        while True:
            answer, why = self._try(frame)
            if answer is not None and answer.status_code not in PASSING:
                self._take(answer, frame)
                return
            wait_s = self._wait_s(answer, tries)
            if time.monotonic() + wait_s > give_up:
                raise Failure(f"Gave up on {frame.path} after {tries + 1} tries: {why}. All before it was answered; repeat the command to go on.")
            tries += 1
            self.tally.retries += 1
            self._sleep(wait_s)

    def _try(self, frame: Frame) -> tuple[httpx.Response | None, str]:
        try:
            headers = {"Authorization": self._authorization, "Content-Type": frame.content_type}
            answer = self._client.post(frame.path, content=frame.body, headers=headers)
        except httpx.TransportError as error:
            return None, f"{type(error).__name__}: {error}"
        return answer, f"it answered {answer.status_code}"

    def _wait_s(self, answer: httpx.Response | None, tries: int) -> float:
        cap = self._settings.replay_backoff_max_s
        named = retry_after_s(answer.headers.get("Retry-After", ""), self._clock.now()) if answer is not None else None
        if named is not None:
            return min(named, cap) * random.uniform(1.0, 1.1)
        return min(cap, self._settings.replay_backoff_s * 2.0**tries) * random.uniform(0.5, 1.0)

    def _take(self, answer: httpx.Response, frame: Frame) -> None:
        body = _json(answer)
        if answer.status_code == 202:
            self.tally.take(body)
            for result in body.get("results") or ():
                if result.get("error"):
                    self.tally.fault(f"{result.get('event_id') or frame.path}: {result['error']}")
        elif answer.status_code == 422:  # this request is unusable; the next one may be fine
            self.tally.take(body)
            self.tally.fault(f"{frame.path}: {body.get('detail') or answer.text[:200]}")
        else:
            said = body.get("detail") or answer.text[:200] or answer.reason_phrase
            raise Failure(f"{frame.path} was refused with {answer.status_code}: {said} {HINTS.get(answer.status_code, '')}".rstrip())


def _json(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
