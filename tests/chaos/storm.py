"""A storm of faults from beginning to verdict: a tree, its sources, the injector, a reader; then quiet, and the checker."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from services.adapters.policy_file import DEFAULT
from tests.chaos import alerts, polled
from tests.chaos.alerts import Alerts
from tests.chaos.checker import LANGS, Truth, check_history, check_outputs, check_posts, truth
from tests.chaos.faults import Injector
from tests.chaos.record import Ended, Recovery
from tests.chaos.report import Report, recovered, slowest
from tests.chaos.still import judged
from tests.chaos.watcher import Watcher, order
from tests.chaos.writers import GIVE_UP_S, Events, Pictures, Shared, Writer
from tests.simulators import x_api
from tests.simulators.outage_source import OutageSource, outage_source
from tests.tree import ROOT, Tree, load, running_tree, wait_until

SETTLE_S = 60.0
POLLED_S = 90.0
"""A poll that was killed is due again after a minute."""
EAGER_POSTS = {
    "SURGECAST_SOCIAL_ANNOUNCE_CUSTOMERS_MIN": "100",
    "SURGECAST_SOCIAL_COALESCE_S": "2",
    "SURGECAST_SOCIAL_COOLDOWN_S": "20",
    "SURGECAST_SOCIAL_GROWTH_FACTOR": "1.2",
    "SURGECAST_SOCIAL_RETRY_S": "2",
    "SURGECAST_SOCIAL_LISTED_AFTER_S": "2",
}
"""As many posts as there can be, so that many are on their way when a worker dies."""


@dataclass(frozen=True)
class Plan:
    """What is done for how long."""

    minutes: float
    seed: int
    every_s: float
    """About how often something is done to a part."""
    load: float = 1.0
    """Scales how much is sent."""
    parts: tuple[str, ...] = ()
    """Whom it is done to, of `faults.PARTS`; empty: any."""
    ingests: int = 2
    """Processes that take events in."""


def _wakeful(folder: Path) -> Path:
    """The policy that comes along, without its quiet hours: faults come by night too."""
    lines = DEFAULT.read_text(encoding="utf-8").splitlines(keepends=True)
    path = folder / "policy.yaml"
    path.write_text("".join(line for line in lines if not line.startswith("quiet_hours")), encoding="utf-8")
    return path


def run(folder: Path, plan: Plan, progress: Callable[[str], None] = lambda _: None) -> Report:
    """Run it in `folder`; what is wrong is in the report."""
    folder.mkdir(parents=True, exist_ok=True)
    api = x_api.XApi(user=x_api.Budget(1_000_000, 900))
    names = ("X_CONSUMER_KEY", "X_CONSUMER_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
    with x_api.running(api), outage_source() as source:
        account = {"SURGECAST_X_API_URL": api.url, **{f"SURGECAST_{name}": value for name, value in zip(names, x_api.CREDENTIALS, strict=True)}}
        asked = {"SURGECAST_UP_INGEST_PROCESSES": str(plan.ingests), **polled.SETTINGS, "SURGECAST_SOURCES": str(polled.sources_file(folder, source))}
        with running_tree(folder, **EAGER_POSTS, SURGECAST_SOCIAL_POLICY=str(_wakeful(folder)), **account, **asked, **alerts.SETTINGS) as tree:
            report = _stormed(tree, folder, source, plan, progress)
            told = truth(folder / "records")
            report.wrong += [*told.wrong, *_checked(tree, folder, told)]
            report.wrong += check_posts(tree.data / "ledger.sqlite3", [tweet.text for tweet in api.tweets])
    report.posts = len(api.tweets)
    (folder / "report.json").write_text(json.dumps(asdict(report), indent=1))
    return report


def _stormed(tree: Tree, folder: Path, source: OutageSource, plan: Plan, progress: Callable[[str], None]) -> Report:
    """The storm itself: writers, faults and the watcher, all ended in order."""
    report, records = Report(plan.minutes, plan.seed, plan.ingests), folder / "records"
    records.mkdir()
    ended, recovery = Ended(), Recovery()
    shared = Shared(tree.url, records, ended, recovery, threading.Event())
    writers = _writers(tree, shared, plan)
    injector, watcher = Injector(tree, plan.every_s, recovery, plan.seed, plan.parts), Watcher(tree.url, ended, 0.5)
    changing = polled.ChangingMap(source, records, ended, 3.0 / plan.load, plan.seed)
    for thread in (*writers, changing, watcher, injector):
        thread.start()
    began = shown = time.monotonic()
    while time.monotonic() < began + plan.minutes * 60 and not any(thread.failure for thread in (*writers, injector)):
        time.sleep(0.1)
        if time.monotonic() - shown > 10:
            shown = time.monotonic()
            found = f"{len(watcher.wrong)} WRONG, at last {watcher.wrong[-1]}" if watcher.wrong else "nothing wrong so far"
            progress(f"{(shown - began) / 60:.1f} min: {injector.kills} kills, {recovery.acknowledged:,} acknowledged, {found}")
    injector.end()
    with suppress(AssertionError):
        wait_until(lambda: recovery.whole or any(writer.failure for writer in writers), GIVE_UP_S, "an acknowledgement after the last fault")
    shared.stop.set()
    for writer in writers:
        writer.join()
    changing.end()
    with suppress(AssertionError):  # here too
        wait_until(lambda: changing.is_told(_features(tree)), POLLED_S, "the last picture that was polled")
    changing.freeze()
    quiet = time.monotonic()
    report.wrong += [thread.failure for thread in (*writers, injector) if thread.failure]
    report.wrong += [] if recovery.whole else ["nothing was acknowledged after the last fault"]
    with suppress(AssertionError):  # the checker says what does not agree
        _settle(tree, truth(records).last)
    report.settled_s = time.monotonic() - quiet
    watcher.end()
    report.wrong += watcher.wrong
    report.kills, report.acknowledged = injector.kills, recovery.acknowledged
    report.faults = {f"{action} {part}": count for (part, action), count in sorted(injector.done.items())}
    report.recovery_s, report.slowest = recovered(recovery), slowest(recovery, began)
    report.looks, report.unanswered = watcher.looks, watcher.unanswered
    return report


def _writers(tree: Tree, shared: Shared, plan: Plan) -> list[Writer]:
    seed, slower = plan.seed, 1 / plan.load
    names = ("single-one", "single-two", "batches", "pictures", "alerts")
    with ThreadPoolExecutor(len(names)) as side_by_side:
        keys = dict(zip(names, side_by_side.map(lambda name: _key(tree, name), names), strict=True))
    return [
        Events("single-one", keys["single-one"], 0.05 * slower, shared, seed),
        Events("single-two", keys["single-two"], 0.05 * slower, shared, seed),
        Events("batches", keys["batches"], 0.4 * slower, shared, seed, batch=40, open_max=600),
        Pictures("pictures", keys["pictures"], 1.5 * slower, shared, seed),
        Alerts("alerts", keys["alerts"], 0.5 * slower, shared, seed),
    ]


def _key(tree: Tree, name: str) -> str:
    said = _surgecast(tree, "keys", "create", name)
    return said.stdout.decode().split()[-1]


def _surgecast(tree: Tree, *words: str, out: Any = subprocess.PIPE) -> "subprocess.CompletedProcess[bytes]":
    env = {**os.environ, "SURGECAST_DATA": str(tree.data)}
    return subprocess.run([sys.executable, "-m", "services", *words], cwd=ROOT, env=env, stdout=out, stderr=subprocess.PIPE, check=True, timeout=300)


def _features(tree: Tree) -> list[dict[str, Any]]:
    """What is on the map; nothing while it can't be had."""
    try:
        return list(load(tree.get("/feeds/v1/en/outages.geojson"))["features"])
    except httpx.HTTPError:
        return []


def _paths() -> list[str]:
    return [f"/feeds/v1/{lang}/{name}" for lang in LANGS for name in ("summary.json", "outages.geojson", "atom.xml")] + [f"/{lang}/" for lang in LANGS]


def _settle(tree: Tree, last: tuple[int, int]) -> str:
    """Wait until every output is at one position, at or after `last`; that position."""

    def agreed() -> str | None:
        try:
            said = {tree.ask("how many customers are out?")["position"], *(tree.position(path) for path in _paths())}
        except httpx.HTTPError:
            return None
        return position if len(said) == 1 and (position := said.pop()) and order(position) >= last and tree.is_ready() else None

    return str(wait_until(agreed, SETTLE_S, "all outputs at one position"))


def _checked(tree: Tree, folder: Path, told: Truth) -> list[str]:
    def settled() -> str:
        position = _settle(tree, told.last)
        time.sleep(2)  # area files that did not change get the last stamp a moment later
        return position

    wrong = judged(settled, lambda position: check_outputs(told, tree.url, position), lambda: tree.position("/feeds/v1/en/summary.json") or "")
    export = folder / "export.ndjson"
    with export.open("wb") as rows:
        _surgecast(tree, "export", "--since", "2000-01-01", "--format", "ndjson", out=rows)
    return [*wrong, *check_history(told, export)]
