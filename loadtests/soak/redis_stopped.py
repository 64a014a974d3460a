"""Voice without Redis: `make soak-voice MINUTES=10`. Each answer is looked at; one that failed, or didn't say how old it is, fails the run.

A voice process of its own meets Redis, loses it and gets it back: first it is stopped (SIGSTOP: connections stay and nothing answers), from half of the time
on it is killed. Asked are `/voice/v1/ask` and `/voice/v1/chat`, and Alexa, calls and text messages of Twilio, each request signed anew, in both languages,
by the clock.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import quantiles

from loadtests.bench.alexa import AREAS, publish, served
from loadtests.bench.alexa_requests import SKILL_ID, certificates
from loadtests.soak.asking import TOKEN, Asked, asked, outage_answer
from services.cli.embedded_redis import Running, running
from services.kit.settings import Settings

PER_S, AT_ONCE, BEFORE_S, BACK_S = 60, 6, 10.0, 20.0
STALE_S = 120.0
"""As the service has it by default: from then on answers must say their age."""
SLACK_S = 5.0
"""The age counts from when the views were published, the fault from now: answers within this after STALE_S may be of either kind."""
TIMEOUT_S = 5.0


class Seen:
    """What came back."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.aged: Counter[str] = Counter()
        self.took: list[float] = []
        self.wrong: list[str] = []

    def take(self, question: Asked, status: int, answer: bytes, took_s: float, must: bool | None) -> None:
        """Look at one answer. `must`: it says its age; None: it may."""
        self.answers[question.route] += 1
        self.took.append(took_s)
        if status != 200:
            self.wrong.append(f"{question.route}: {status or 'no answer'} to {question.words!r}")
            return
        told = outage_answer(question, answer)
        if told.fault or (question.ages and must is not None and told.aged is not must):
            self.wrong.append(f"{question.route}: {told.fault or ('no age' if must else 'an age')} in {told.text[:200]!r} to {question.words!r}")
        self.aged[question.route] += told.aged


class Wire:
    """One kept connection, opened again where it was closed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, question: Asked) -> tuple[int, bytes]:
        """Status and body; status 0 where no answer came within TIMEOUT_S."""
        try:
            async with asyncio.timeout(TIMEOUT_S):
                if self._ends is None:
                    self._ends = await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = self._ends
                writer.write(question.on_the_wire())
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
                return int(head[9:12]), await reader.readexactly(length)
        except (TimeoutError, OSError, EOFError, ValueError):
            self.close()
            return 0, b""

    def close(self) -> None:
        """Let the connection go."""
        if self._ends is not None:
            self._ends[1].close()
        self._ends = None


async def _load(port: int, seconds: float, seen: Seen, since: float | None, draw: random.Random) -> None:
    """Ask for so long, `AT_ONCE` at a time. `since`: when Redis went, on the monotonic clock; None: it is there."""
    ends = time.monotonic() + seconds

    def gone_s() -> float:
        return 0.0 if since is None else time.monotonic() - since

    async def one_after_the_other() -> None:
        wire = Wire(port)
        while (began := time.monotonic()) < ends:
            question, sent_s = asked(draw, AREAS), gone_s()
            status, answer = await wire.ask(question)
            must = True if sent_s > STALE_S + SLACK_S else None if gone_s() > STALE_S - SLACK_S else False
            seen.take(question, status, answer, time.monotonic() - began, must)
            await asyncio.sleep(max(0.0, began + AT_ONCE / PER_S - time.monotonic()))
        wire.close()

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


def _tell(name: str, seen: Seen) -> None:
    tail_ms = quantiles(seen.took, n=100)[98] * 1_000 if len(seen.took) > 1 else float("nan")
    by_route = ", ".join(f"{route} {count:,} ({seen.aged[route]:,} with their age)" for route, count in sorted(seen.answers.items()))
    print(f"{name}: {len(seen.took):,} answers, 99 in 100 within {tail_ms:.0f} ms, {len(seen.wrong)} wrong; {by_route}", flush=True)
    for wrong in seen.wrong[:10]:
        print(f"  {wrong}", flush=True)


def environment(folder: Path, redis: Running) -> Mapping[str, str]:
    """Settings of the voice process. Its certificates are in `folder`."""
    root, _ = certificates(folder)
    told = {
        "JOURNAL_URL": redis.url,
        "DATA": str(folder / "data"),
        "ALEXA_SKILL_IDS": SKILL_ID,
        "ALEXA_ROOTS": str(root),
        "ALEXA_CERTIFICATES": str(folder),
        "TWILIO_AUTH_TOKEN": TOKEN,
        "PUBLIC_URL": "http://127.0.0.1:8000",
        "LOG_LEVEL": "warning",
    }
    return {f"SURGECAST_{name}": value for name, value in told.items()}


def main(minutes: float) -> None:
    """Print what was seen. Raises SystemExit where anything was wrong."""
    draw, wrong = random.Random(7), 0
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "redis") as redis:
        folder = Path(name)
        command: list[str | Path] = [sys.executable, "-m", "services.cli.serving", "voice", "PORT"]
        publish(Settings(_env_file=None, journal_url=redis.url))
        with served(folder, "voice", command, environment(folder, redis)) as (port, _):

            def phase(what: str, seconds: float, since: float | None) -> None:
                nonlocal wrong
                seen = Seen()
                asyncio.run(_load(port, seconds, seen, since, draw))
                _tell(what, seen)
                wrong += len(seen.wrong)

            publish(Settings(_env_file=None, journal_url=redis.url))
            time.sleep(1)
            phase("Redis there", BEFORE_S, None)
            publish(Settings(_env_file=None, journal_url=redis.url))
            time.sleep(1)
            gone = time.monotonic()
            os.kill(redis.pid, signal.SIGSTOP)
            try:
                phase("Redis stopped", minutes * 30, gone)
            finally:
                redis.kill()
            phase("Redis killed", minutes * 30, gone)
            redis.restart()
            publish(Settings(_env_file=None, journal_url=redis.url))
            time.sleep(BACK_S / 4)
            phase("Redis back", BACK_S, None)
    if wrong:
        raise SystemExit(f"FAILED: {wrong} wrong answers")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10)
