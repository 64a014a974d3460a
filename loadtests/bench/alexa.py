"""Signed requests of Alexa's to answers, verification and all, against what Amazon's SDK for Python makes of them in the same run.

`python -m loadtests.bench.alexa [RUNS]`. One server process pinned to one core, the load generator on another; by turns, now one first and now another, so
that all meet the same machine. Ours verifies and answers from 600 areas' views; the peers answer with a constant. The peers' packages are installed into an
environment of their own.

Of each is told how many requests a second it answered, and how much processor time of its own one took: where others use the machine too, the first is mostly
about them, the second much less so.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from msgspec import Struct

from loadtests.bench.alexa_requests import SKILL_ID, WRK_SCRIPT, certificates, requests, write
from loadtests.bench.figures import row
from loadtests.bench.lean import Load, run
from loadtests.bench.service import cpu_s, ready
from services.adapters.redis_link import sync_link
from services.adapters.views_redis import RedisViews
from services.cli.embedded_redis import running
from services.kernel.answers import area_answers, overall_answers
from services.kernel.ids import AreaId
from services.kernel.messages import wordings
from services.kernel.views import AreaBrief, Count, Position, Stamp, Totals, View
from services.kit.settings import Settings
from tests.alexa_pki import CERTIFICATE_URL
from tests.tree import ROOT, free_port, wait_until

ASKED_TO_VERIFYING, ASKED_TO_FLASK, ASKED_P99_MS = 25, 4, 20
AREAS = [f"Ward {number}" for number in range(600)]
MANY, CONNECTIONS, SECONDS, SHARE, LATE_MAX, REFUSED_MAX = 500, 16, 4, 0.7, 0.01, 0.01
LOCK = ROOT / "loadtests" / "baseline" / "requirements.txt"
SERVER_CORE, LOAD_CORE = 0, 1


def peers_python() -> Path:
    """The interpreter of the peers' environment, made where it is missing or their lock has changed."""
    folder = Path(sys.prefix) / "peers"
    python, installed = folder / "bin" / "python", folder / "installed.txt"
    if not installed.exists() or installed.read_bytes() != LOCK.read_bytes():
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCK], check=True)
        shutil.copy(LOCK, installed)
    return python


@contextmanager
def served(folder: Path, name: str, command: list[str | Path], environment: Mapping[str, str]) -> Iterator[tuple[int, int]]:
    """The port and the process id of a server of one process on one core. PORT in the command stands for it."""
    port = free_port()
    argv = ["taskset", "-c", str(SERVER_CORE), *(str(word).replace("PORT", str(port)) for word in command)]
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(argv, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}, stdout=log, stderr=log)
    try:
        wait_until(lambda: ready(port), 120, f"{name} to be ready; its log is {folder / f'{name}.log'}")
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


def publish(settings: Settings) -> None:
    """Views of all areas, as the voice worker would."""
    now = datetime.now(UTC)  # noqa: TID251 - the service looks at the real time
    voices = wordings(settings.utility, settings.timezone, settings.outage_line, spoken=True).values()
    later = now + timedelta(hours=3)
    briefs = [
        AreaBrief(AreaId(f"ward-{n}"), name, 3, Count(1_250 + n), unestimated=1, earliest_estimate=later, latest_estimate=later) for n, name in enumerate(AREAS)
    ]
    views = [View(brief, area_answers(voices, brief, now)) for brief in briefs]
    with sync_link(settings) as link:
        RedisViews(link).publish(views, overall_answers(voices, Totals(1_800, Count(900_000), 0), []), Stamp(Position("5-1"), now), whole=True)


class Rate(Struct, frozen=True):
    """How fast a server was."""

    per_s: float
    """Requests answered a second, by the clock."""
    cpu_us: float
    """Processor time of the server for one, user and system, in microseconds."""


def rate(port: int, pid: int, folder: Path, made: Sequence[bytes], connections: int) -> Rate:
    """What a closed load finds, as wrk counts it. Raises SystemExit where more than one in a hundred was refused: those say nothing."""
    write(folder / "requests", made)
    (folder / "send.lua").write_text(WRK_SCRIPT)
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "-s", folder / "send.lua", f"http://127.0.0.1:{port}/"]
    before = cpu_s(pid)
    told = subprocess.run(command, env={**os.environ, "REQUESTS": str(folder / "requests")}, check=True, capture_output=True, text=True).stdout
    spent = cpu_s(pid) - before
    every, refused = (int(found[0]) if (found := re.findall(pattern, told)) else 0 for pattern in (r"(\d+) requests in", r"Non-2xx or 3xx responses: (\d+)"))
    if refused > REFUSED_MAX * every:
        raise SystemExit(f"FAILED: {refused} of {every} were refused\n{told}")
    return Rate(float(re.findall(r"Requests/sec:\s+([\d.]+)", told)[0]) * (1 - refused / every), spent / (every - refused) * 1e6)


def tail_ms(port: int, per_s: float, made: Sequence[bytes]) -> float:
    """99th percentile of the time to an answer at `per_s` requests a second by the clock, in milliseconds; nan where the generator itself was late."""
    number = int(per_s * SECONDS)
    os.sched_setaffinity(0, {LOAD_CORE})
    measured = run(Load(port, [made[each % len(made)] for each in range(number)], CONNECTIONS * 4, per_s))
    if (missed := number - measured.count(200)) > REFUSED_MAX * number:
        raise SystemExit(f"FAILED: {missed} of {number} were not answered")
    return measured.ms(99, 200) if measured.late <= LATE_MAX * number else float("nan")


def main(runs: int) -> None:
    """Print what was measured."""
    if not shutil.which("wrk") or (os.cpu_count() or 1) < 2:
        print("skipped: it needs wrk (apt-get install wrk), and two cores")
        return
    python = peers_python()
    rates: dict[str, list[Rate]] = {"ours": [], "verifying": [], "flask": []}
    tails: list[float] = []
    with tempfile.TemporaryDirectory() as name, running(Path(name) / "redis") as redis:
        folder = Path(name)
        root, chain = certificates(folder)
        publish(Settings(_env_file=None, journal_url=redis.url))
        ours = {
            "JOURNAL_URL": redis.url,
            "DATA": name,
            "ALEXA_SKILL_IDS": SKILL_ID,
            "ALEXA_ROOTS": str(root),
            "ALEXA_CERTIFICATES": name,
            "VOICE_ASKER_PER_MINUTE": "1e9",  # counted, but a few hundred askers stand for all
            "VOICE_ASKER_BURST": "1000000000",
            "LOG_LEVEL": "warning",
        }
        peer = {"PEER_ROOT": str(root), "PEER_CHAIN": str(chain), "PEER_URL": CERTIFICATE_URL}
        uvicorn = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning", "--port", "PORT"]
        servers: dict[str, tuple[list[str | Path], Mapping[str, str]]] = {
            "ours": ([sys.executable, "-m", "services.cli.serving", "voice", "PORT"], {f"SURGECAST_{key}": value for key, value in ours.items()}),
            "verifying": ([python, "-m", "uvicorn", *uvicorn, "loadtests.baseline.alexa_fastapi:app"], peer),
            "flask": ([python, "-m", "gunicorn", "-w", "1", "-b", "127.0.0.1:PORT", "loadtests.baseline.alexa_flask:app"], {}),
        }
        for number in range(runs):
            turn = number % len(servers)
            for server in [*servers, *servers][turn : turn + len(servers)]:
                with served(folder, server, *servers[server]) as (port, pid):
                    rate(port, pid, folder, requests(AREAS, MANY, 0), 2)  # warm
                    rates[server].append(rate(port, pid, folder, requests(AREAS, MANY, number + 1), CONNECTIONS))
                    if server == "ours":
                        tails.append(tail_ms(port, SHARE * rates["ours"][-1].per_s, requests(AREAS, MANY, number)))
    tell(rates, [tail for tail in tails if tail == tail])


NAMES = {
    "ours": "ours: verified and answered",
    "verifying": "ask-sdk behind FastAPI, verifying",
    "flask": "ask-sdk, Flask on gunicorn, not verifying",
}


def tell(rates: Mapping[str, list[Rate]], tails: list[float]) -> None:
    """Print it all. Raises SystemExit where what was asked for is not reached."""
    for server, name in NAMES.items():
        print(row(name, [one.per_s for one in rates[server]], "requests/s"))
        print(row("  processor time for one", [one.cpu_us for one in rates[server]], "µs"))
    reached = True
    for peer, asked in (("verifying", ASKED_TO_VERIFYING), ("flask", ASKED_TO_FLASK)):
        pairs = list(zip(rates["ours"], rates[peer], strict=True))
        by_clock, by_cpu = [mine.per_s / its.per_s for mine, its in pairs], [its.cpu_us / mine.cpu_us for mine, its in pairs]
        print(row(f"times {NAMES[peer]}, by requests/s", by_clock, "times", f"at least {asked}"))
        print(row("  by processor time", by_cpu, "times"))
        reached = reached and median(by_clock) >= asked
    if not tails:
        raise SystemExit("FAILED: no run in which the generator kept up")
    print(row(f"99th percentile at {SHARE:.0%} of our rate, by the clock", tails, "ms", f"under {ASKED_P99_MS}"))
    if not reached or median(tails) >= ASKED_P99_MS:
        raise SystemExit("FAILED")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
