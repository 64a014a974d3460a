"""How long understanding free text takes, how fast it starts and what it holds: `python -m loadtests.bench.understanding [RUNS]`.

Matches are sentences sampled from the templates; non-matches what people said that no template foresees, and the worst that may come in: 500
letters of rare words. A question is folded, its place looked for among 600 names, and understood, as `/voice/v1/ask` does it.
"""

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from loadtests.bench.figures import row
from services.kernel.areas import AreaName
from services.kernel.ids import AreaId
from services.kernel.messages import LANGS, Lang
from services.kit.settings import Settings
from services.voice.understanding import learnt
from services.voice.understanding.engine import SentenceUnderstanding
from services.voice.understanding.fold import fold
from services.voice.understanding.phrases import Grammar, Phrases, automaton
from services.voice.understanding.places import Gazetteer
from services.voice.understanding.templates import sentences

MATCH_MS, NON_MATCH_MS, START_S = 1.0, 3.0, 2.0
AREAS, SAMPLES = 600, 2
START = """
import json, os, sys, time
from pathlib import Path
pages = lambda: int(Path("/proc/self/statm").read_text().split()[1])
started = time.perf_counter()
from services.kit.settings import Settings
before = pages()  # every part of ours has its settings
from services.voice.understanding.engine import SentenceUnderstanding
settings = Settings()
understanding = SentenceUnderstanding(settings.voice_confident, settings.voice_unsure, settings.voice_danger, Path(sys.argv[1]))
understanding.understand("is the power out", "en"), understanding.understand("so where is it", "en")
print(json.dumps([time.perf_counter() - started, (pages() - before) * os.sysconf("SC_PAGE_SIZE") / 2**20]))
"""


def texts(lang: Lang) -> tuple[list[str], list[str]]:
    """Sentences that are known, and utterances that are not."""
    grammar, draw = Grammar(sentences(lang)), random.Random(1)
    phrases = Phrases(automaton(grammar))
    known = [grammar.sampled(one, draw) for _, expressions in grammar.known for one in expressions for _ in range(SAMPLES)]
    said = learnt.heard(Path(learnt.__file__).parent / "heard" / f"{lang}.yaml")
    return known, [one.say for one in said if phrases.match(one.words.split()) is None]


def took_ms(understanding: SentenceUnderstanding, places: Gazetteer, lang: Lang, asked: Sequence[str]) -> list[float]:
    """Milliseconds for each."""
    took = []
    for text in asked:
        started = time.perf_counter()
        understanding.understand(places.find(fold(text)).marked, lang)
        took.append((time.perf_counter() - started) * 1_000)
    return took


def started(folder: str) -> tuple[float, float]:
    """Seconds to the first two answers, imports included, in a process of its own, and the MiB that it took."""
    printed = subprocess.run([sys.executable, "-c", START, folder], capture_output=True, check=True, text=True).stdout
    seconds, mib = json.loads(printed)
    return float(seconds), float(mib)


def main(runs: int) -> None:
    """Print what was measured; fail where it is slower than asked."""
    settings, draw, failed = Settings(), random.Random(7), False
    with tempfile.TemporaryDirectory() as folder:
        first, _ = started(folder)
        again = [started(folder) for _ in range(runs)]
        print(row("first start ever: learning both languages", [first], "s"))
        print(row("start with what was learnt", [seconds for seconds, _ in again], "s", f"at most {START_S}"))
        print(row("memory of it, libraries included", [mib for _, mib in again], "MiB"))
        understanding = SentenceUnderstanding(settings.voice_confident, settings.voice_unsure, settings.voice_danger, Path(folder))
    names = {AreaId(f"a{n}"): AreaName("".join(draw.choice("bcdfglmnprst") + draw.choice("aeiou") for _ in range(draw.randint(3, 5)))) for n in range(AREAS)}
    places = Gazetteer(names, understanding.words)
    for lang in LANGS:
        known, unknown = texts(lang)
        worst = [" ".join("".join(draw.choices("abcdefghij", k=7)) for _ in range(62)) for _ in range(100)]
        for name, asked, most in (("matches", known, MATCH_MS), ("non-matches", unknown, NON_MATCH_MS), ("500 letters of rare words", worst, NON_MATCH_MS)):
            medians = [median(took_ms(understanding, places, lang, asked)) for _ in range(runs)]
            print(row(f"{lang}, {len(asked)} {name}", medians, "ms", f"at most {most}"))
            failed = failed or median(medians) > most
    if failed or median(seconds for seconds, _ in again) > START_S:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
