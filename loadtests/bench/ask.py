"""Questions in free words to answers: `python -m loadtests.bench.ask [RUNS]`.

One process pinned to one core, answering from 600 areas' views; the load generator, and Redis, which has reports on disk before they are acknowledged, on
another. What is asked are the utterances of tests/unit/voice/sentences, English and French mixed, those that templates foresee and those that none does, every
second one with a place in it or beside it.
"""

import json
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import yaml

from loadtests.bench.alexa import AREAS, CONNECTIONS, LOAD_CORE, SHARE, Rate, publish, rate, served, tail_ms
from loadtests.bench.figures import row
from services.cli.embedded_redis import running
from services.kernel.messages import LANGS
from services.kit.settings import Settings
from services.voice.understanding.fold import fold
from services.voice.understanding.phrases import Grammar, Phrases, automaton
from services.voice.understanding.templates import sentences
from tests.tree import ROOT

PATH, ASKED_P99_MS, MANY = "/voice/v1/ask", 10, 2_000
SENTENCES = ROOT / "tests" / "unit" / "voice" / "sentences"
LOCALE = {"en": "en-CA", "fr": "fr-CA"}
IN = {"en": "in", "fr": "à"}


def utterances() -> list[tuple[str, str]]:
    """Each with its language."""
    listed = [(lang, yaml.safe_load(path.read_text("utf-8"))["tests"]) for lang in LANGS for path in sorted((SENTENCES / lang).glob("*.yaml"))]
    return [(lang, str(said)) for lang, tests in listed for test in tests for said in test["sentences"]]


def foreseen(asked: Sequence[tuple[str, str]]) -> float:
    """The share that templates foresee to the letter."""
    phrases = {lang: Phrases(automaton(Grammar(sentences(lang)))) for lang in LANGS}
    return sum(phrases[lang].match(fold(said).split()) is not None for lang, said in asked) / len(asked)


def requests(asked: Sequence[tuple[str, str]], seed: int) -> list[bytes]:
    """As they go on the wire."""
    draw = random.Random(seed)
    return [_posted(_question(draw, *draw.choice(asked))) for _ in range(MANY)]


def _question(draw: random.Random, lang: str, said: str) -> bytes:
    place, question = draw.choice(AREAS), {"locale": LOCALE[lang], "text": said}
    match draw.randrange(4):
        case 0:
            question["text"] = f"{said.rstrip('?. ')} {IN[lang]} {place}"
        case 1:
            question["place"] = place
    return json.dumps(question).encode()


def _posted(body: bytes) -> bytes:
    return b"POST %b HTTP/1.1\r\nHost: voice\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (PATH.encode(), len(body), body)


def main(runs: int) -> None:
    """Print what was measured. Raises SystemExit where what was asked for is not reached."""
    if not shutil.which("wrk") or (os.cpu_count() or 1) < 2:
        print("skipped: it needs wrk (apt-get install wrk), and two cores")
        return
    os.sched_setaffinity(0, {LOAD_CORE})
    asked, rates, tails = utterances(), list[Rate](), list[float]()
    print(f"{len(asked)} utterances, {foreseen(asked):.0%} of them foreseen by a template to the letter")
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "redis") as redis:
        folder = Path(name)
        publish(Settings(_env_file=None, journal_url=redis.url))
        environment = {"SURGECAST_JOURNAL_URL": redis.url, "SURGECAST_DATA": name, "SURGECAST_LOG_LEVEL": "warning"}
        for number in range(runs):
            with served(folder, "voice", [sys.executable, "-m", "services.cli.serving", "voice", "PORT"], environment) as (port, pid):
                rate(port, pid, folder, requests(asked, -1), 2)  # warm
                rates.append(rate(port, pid, folder, requests(asked, number), CONNECTIONS))
                tails.append(tail_ms(port, SHARE * rates[-1].per_s, requests(asked, runs + number)))
    told = [tail for tail in tails if tail == tail]
    print(row("asked and answered", [one.per_s for one in rates], "requests/s"))
    print(row("  processor time for one", [one.cpu_us for one in rates], "µs"))
    if not told:
        raise SystemExit("FAILED: no run in which the generator kept up")
    print(row(f"99th percentile at {SHARE:.0%} of that, by the clock", told, "ms", f"under {ASKED_P99_MS}"))
    if median(told) >= ASKED_P99_MS:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
