"""A reader during the storm: what it is shown never goes backwards (I3), and nothing is called over before its source said so (I5)."""

import re
import threading
from collections.abc import Mapping
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import httpx
from defusedxml import ElementTree

from tests.chaos.record import Ended

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = {"summary": "/feeds/v1/en/summary.json", "map": "/feeds/v1/fr/outages.geojson", "atom": "/feeds/v1/en/atom.xml", "page": "/fr/"}
OVER = re.compile(r"^(Power restored|Report withdrawn|No longer shown as out)")


def order(position: str) -> tuple[int, int]:
    """Positions are Redis stream ids: milliseconds and a number."""
    milliseconds, _, number = position.partition("-")
    return int(milliseconds), int(number or 0)


class Watcher(threading.Thread):
    """Looks at every output again and again."""

    def __init__(self, url: str, ended: Ended, every_s: float) -> None:
        super().__init__(name="watcher")
        self._client, self._ended, self._every_s, self._stop_asked = httpx.Client(base_url=url, timeout=10), ended, every_s, threading.Event()
        self._at: dict[str, tuple[int, int]] = {}
        self._updates: dict[str, int] = {}
        self._shown: set[str] = set()
        self.wrong: list[str] = []
        self.looks = self.unanswered = 0

    def run(self) -> None:
        while not self._stop_asked.wait(self._every_s):
            for name, path in FEEDS.items():
                self._look(name, "GET", path)
            self._look("voice", "POST", "/voice/v1/ask")
        self._client.close()

    def end(self) -> None:
        self._stop_asked.set()
        self.join()

    def _look(self, name: str, method: str, path: str) -> None:
        self.looks += 1
        body = {"text": "how many customers are out?", "locale": "en-CA"} if method == "POST" else None
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.TransportError:
            self.unanswered += 1
            return
        if answer.status_code != 200:
            self.unanswered += 1
            return
        position = answer.json()["position"] if name == "voice" else answer.headers["x-surgecast-position"]
        if order(position) < self._at.get(name, (0, 0)):
            self.wrong.append(f"I3: {name} went from {self._at[name]} back to {position}")
        self._at[name] = order(position)
        if name == "map":
            self._look_at_map(answer.json()["features"])
        elif name == "atom":
            self._look_at_atom(answer.content)

    def _look_at_map(self, features: list[dict[str, dict[str, str | int]]]) -> None:
        shown = {key_on(feature["properties"]): feature["properties"]["customers_affected"] for feature in features}
        if len(shown) != len(features):
            self.wrong.append("an outage is on the map twice")
        for key, update in shown.items():
            assert isinstance(update, int)
            if update < self._updates.get(key, 0):
                self.wrong.append(f"I3: {key} went from update {self._updates[key]} back to {update}")
            self._updates[key] = update
        self.wrong += [f"I5: {key} left the map before its source said that it is over" for key in self._ended.lacks(self._shown - shown.keys())]
        self._shown = set(shown)

    def _look_at_atom(self, body: bytes) -> None:
        entries = ElementTree.fromstring(body).findall(f"{ATOM}entry")
        titles = {key_of(entry): entry.findtext(f"{ATOM}title", "") for entry in entries}
        if len(titles) != len(entries):
            self.wrong.append("an outage is in the Atom feed twice")
        over = {key for key, title in titles.items() if OVER.match(title)}
        self.wrong += [f"I5: {key} is called over in the Atom feed before its source said so" for key in self._ended.lacks(over)]


def key_of(entry: Element) -> str:
    """`source:outage` out of the entry's permanent id."""
    return _known(unquote(entry.findtext(f"{ATOM}id", "").rpartition("/")[2]))


def key_on(properties: Mapping[str, str | int]) -> str:
    """`source:outage` of a feature on the map, or of a row of the export."""
    return _known(f"{properties['source']}:{properties['outage_id']}")


def _known(key: str) -> str:
    """As its source knows it: a chain of alerts is called by its first message's identifier, and something that makes it one of its own."""
    return key.partition("~")[0]
