"""The verdict after a storm of faults, from the writers' records and what anyone can see of the product: its outputs, its export, its ledger.

It shares no code with the product: what is wrong there can't be wrong here in the same way.
"""

import json
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element

import httpx
from defusedxml import ElementTree

from tests.chaos.record import lines
from tests.chaos.watcher import ATOM, key_of, key_on, order

LANGS = ("en", "fr")


class Truth(NamedTuple):
    """What was acknowledged."""

    positions: dict[tuple[str, str], str]
    """(source, event id) -> where it was said to be."""
    newest: dict[str, dict[str, Any]]
    """`source:outage` -> the newest state that was acknowledged, or shown to the poller, of outages that are out."""
    over: set[str]
    wrong: list[str]
    """Answers that contradict each other."""

    @property
    def last(self) -> tuple[int, int]:
        return max(map(order, self.positions.values()))


def truth(folder: Path) -> Truth:
    """Read the writers' records."""
    told = Truth({}, {}, set(), [])
    for path in sorted(folder.glob("*.ndjson")):
        _read(path.stem, lines(path), told)
    return told


def _read(source: str, record: list[dict[str, Any]], told: Truth) -> None:
    sent: list[dict[str, Any]] = []
    for line in record:
        if "showing" in line:
            shown = {f"{source}:{one['outage_id']}": one for one in line["showing"]}
            _settle(told, shown, {key for key in told.newest if key.startswith(f"{source}:")} - shown.keys())
            continue
        if "acknowledged" not in line:
            sent = line.get("sent") or line["sent_picture"]
            continue
        told.positions.update({(source, event_id): position for event_id, position in line["acknowledged"].items()})
        if "acknowledged_picture" in line:
            shown = {f"{source}:{one['outage_id']}": one for one in sent}
            gone = {key for key in told.newest if key.startswith(f"{source}:")} - shown.keys()
            _settle(told, shown, gone)
            if line["rejected"]:
                told.wrong.append(f"{source}: {line['rejected']} sound records of a picture were rejected")
            continue
        states = {f"{source}:{event['outage_id']}": event for event in sent}
        _settle(told, {key: event for key, event in states.items() if event["status"] == "active"}, {k for k, e in states.items() if e["status"] != "active"})
        wanted = [["duplicate", position] for position in line["repeats"]] + [["stale", None]] * line["late"]
        if line["again"] != wanted:
            told.wrong.append(f"{source}: what was repeated or late was answered {line['again']}, not {wanted}")


def _settle(told: Truth, out: dict[str, dict[str, Any]], over: set[str]) -> None:
    told.newest.update(out)
    for key in over:
        told.newest.pop(key, None)
    told.over.update(over)


def check_history(told: Truth, export: Path) -> Iterator[str]:
    """I1, I2: every acknowledged event is kept, once, where it was said to be; and what is kept moves forward."""
    kept: dict[tuple[str, str], list[str]] = defaultdict(list)
    sequence: dict[str, int] = {}
    numbers = []
    with export.open() as rows:
        for row in map(json.loads, rows):
            kept[row["source"], row["event_id"]].append(row["position"])
            numbers.append(row["number"])
            now, key = row["event"].get("sequence"), key_on(row)
            if now is not None:
                if now <= sequence.get(key, 0):
                    yield f"I3: {key} went from {sequence[key]} to {now} in the history"
                sequence[key] = now
    lost = [(event, position) for event, position in told.positions.items() if position not in kept.get(event, ())]
    if lost:
        yield f"I1: {len(lost)} acknowledged events are lost, such as {lost[:3]}"
    twice = [event for event, positions in kept.items() if len(positions) > 1]
    if twice:
        yield f"I2: {len(twice)} events are kept twice, such as {twice[:3]}"
    if numbers != list(range(1, len(numbers) + 1)):
        yield "the history has a gap, or is out of order"


def check_outputs(told: Truth, url: str, position: str) -> Iterator[str]:
    """I4: every output shows the newest acknowledged state of each outage, at one position."""
    with httpx.Client(base_url=url, timeout=20) as client:
        for lang in LANGS:
            yield from _check_language(told, client, lang, position)
        said = client.post("/voice/v1/ask", json={"text": "how many customers are out?", "locale": "en-CA"}).json()
    if said["position"] != position or not _shows(said["answer"], len(told.newest)):  # customers it says roundly
        yield f"I4: voice says {said['answer']!r} at {said['position']}, not {len(told.newest)} outages at {position}"


def _check_language(told: Truth, client: httpx.Client, lang: str, position: str) -> Iterator[str]:
    answers = {path: client.get(path) for path in (f"/feeds/v1/{lang}/{name}" for name in ("summary.json", "outages.geojson", "atom.xml"))}
    answers[f"/{lang}/"] = client.get(f"/{lang}/")
    yield from (f"I4: {path} is at {found}" for path, answer in answers.items() if (found := answer.headers["x-surgecast-position"]) != position)
    summary, features, atom, page = answers.values()
    shown = {key_on(one["properties"]): one["properties"] for one in features.json()["features"]}
    if len(shown) != len(features.json()["features"]):
        yield f"I2: an outage is on the {lang} map twice"
    if shown.keys() != told.newest.keys():
        missing, wrongly = told.newest.keys() - shown.keys(), shown.keys() - told.newest.keys()
        yield f"I1: {len(missing)} outages are not on the {lang} map ({sorted(missing)[:3]}), {len(wrongly)} wrongly are ({sorted(wrongly)[:3]})"
    old = [key for key, one in shown.items() if key in told.newest and one["customers_affected"] != told.newest[key]["customers_affected"]]
    if old:
        yield f"I1: {len(old)} outages on the {lang} map don't show their newest state, such as {old[:3]}"
    yield from _check_areas(told, client, lang, position, summary.json(), page.text)
    yield from _check_atom(told, ElementTree.fromstring(atom.content).findall(f"{ATOM}entry"))


def _check_areas(told: Truth, client: httpx.Client, lang: str, position: str, summary: dict[str, Any], page: str) -> Iterator[str]:
    outages: Counter[str] = Counter()
    customers: Counter[str] = Counter()
    for one in told.newest.values():
        (area,) = one["areas"]
        outages[area] += 1
        customers[area] += one["customers_affected"]
    wanted = {area: (outages[area], customers[area]) for area in outages}
    listed = [(area["id"], (area["outages"], area["customers_affected"])) for area in summary["areas"]]
    if dict(listed) != wanted or len(listed) != len(wanted):
        yield f"I4: the {lang} summary's areas differ: {sorted(set(listed) ^ set(wanted.items()))[:4]}"
    totals = summary["outages"], summary["customers_affected"]
    if totals != (len(told.newest), sum(customers.values())) or not all(_shows(page, number) for number in totals):
        yield f"I4: the {lang} summary tells of {totals}, not {len(told.newest)} and {sum(customers.values())}; or its page doesn't"
    for area, facts in wanted.items():
        feed = client.get(f"/feeds/v1/{lang}/areas/{area}.json")
        found = feed.json()
        if (found["outages"], found["customers_affected"]) != facts or feed.headers["x-surgecast-position"] != position:
            yield f"I4: the {lang} feed of {area} tells of {found['outages']}, {found['customers_affected']} at {found['position']}, not {facts}"
        if not _shows(client.get(f"/{lang}/areas/{area}").text, facts[1]):
            yield f"I4: the {lang} page of {area} doesn't show {facts[1]} customers"


def _check_atom(told: Truth, entries: list[Element]) -> Iterator[str]:
    keys = [key_of(entry) for entry in entries]
    if len(set(keys)) != len(keys):
        yield "I2: an outage is in the Atom feed twice"
    for key, entry in zip(keys, entries, strict=True):
        if key not in told.newest and key not in told.over:
            yield f"the Atom feed tells of {key}, which nobody sent"
        state = told.newest.get(key, {})
        if "occurred_at" in state and abs(_moment(entry.findtext(f"{ATOM}updated", "")) - _moment(state["occurred_at"])) >= 1:
            yield f"I4: the Atom entry of {key} is not of its newest update"


def check_posts(ledger: Path, posted: list[str]) -> Iterator[str]:
    """I2: what the ledger calls delivered is out once, and nothing is out that the ledger doesn't know."""
    with sqlite3.connect(f"file:{ledger}?mode=ro", uri=True) as link:
        rows = link.execute("select m.text, d.outcome from messages m join deliveries d on d.message = m.id").fetchall()
    link.close()
    delivered = Counter(text for text, outcome in rows if outcome == "delivered")
    out = Counter(posted)
    yield from (f"I2: posted {count} times: {text!r}" for text, count in out.items() if count > 1)
    yield from (f"posted, but the ledger has no such message: {text!r}" for text in out.keys() - {text for text, _ in rows})
    yield from (f"delivered, says the ledger, but never posted: {text!r}" for text in delivered.keys() - out.keys())


def _moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def _shows(text: str, number: int) -> bool:
    """Whether `text` shows `number`, however its language groups the digits."""
    return str(number) in re.sub(r"(?<=\d)[,.\u00a0\u202f ](?=\d{3}(?!\d))", "", text)
