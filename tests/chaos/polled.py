"""A source that is asked: an outage map whose picture changes while the poller, which nobody can ask what it was acknowledged, is killed again and again.

What is held to account is where it ends: the last picture, in every output.
"""

import random
import threading
from pathlib import Path
from typing import Any

from tests.chaos.record import Ended, Record
from tests.chaos.writers import AREAS, SMALLEST
from tests.simulators.outage_source import Fault, OutageSource

NAME = "polled"
SETTINGS = {"SURGECAST_SOURCES_RING_S": "0.5", "SURGECAST_SOURCES_BACKOFF_S": "1", "SURGECAST_SOURCES_OPEN_S": "2", "SURGECAST_SOURCES_CLAIM_S": "61"}
"""As soon again as can be: a poll that was killed is due again after a claim, which can't be shorter."""
_FILE = """
[[source]]
name = "{name}"
url = "{url}"
format = "geojson"
interval = 1
jitter = 0
stale_after = 3600
"""


def sources_file(folder: Path, source: OutageSource) -> Path:
    """The file for SURGECAST_SOURCES."""
    file = folder / "sources.toml"
    file.write_text(_FILE.format(name=NAME, url=source.url))
    return file


class ChangingMap(threading.Thread):
    """Every few seconds all its outages have grown by one customer, one is gone and one is new."""

    def __init__(self, source: OutageSource, folder: Path, ended: Ended, every_s: float, seed: int, outages: int = 25) -> None:
        super().__init__(name=NAME)
        self._source, self._ended, self._every_s, self._outages = source, ended, every_s, outages
        self._chance, self._stop_asked, self._record = random.Random(f"{seed}-{NAME}"), threading.Event(), Record(folder / f"{NAME}.ndjson")
        self._shown: dict[str, dict[str, Any]] = {}
        self._born = 0

    def run(self) -> None:
        self._change()
        while not self._stop_asked.wait(self._every_s):
            self._change()
        self._record.close()

    def end(self) -> None:
        """It stays as it is."""
        self._stop_asked.set()
        self.join()

    def freeze(self) -> None:
        """It can't be had any more: each further look would bring an outage that is gone nearer to being called over, minutes after all else is quiet."""
        self._source.fault = Fault.DOWN

    def is_told(self, features: list[dict[str, Any]]) -> bool:
        """Whether the product's map shows what this one shows."""
        told = {one["properties"]["outage_id"]: one["properties"]["customers_affected"] for one in features if one["properties"]["source"] == NAME}
        return told == {outage_id: one["customers_affected"] for outage_id, one in self._shown.items()}

    def _change(self) -> None:
        gone = self._chance.sample(list(self._shown), 1) if self._shown else []
        self._ended.add([f"{NAME}:{outage_id}" for outage_id in gone])  # before it is shown: it may be asked for at once
        shown = {key: one | {"customers_affected": one["customers_affected"] + 1} for key, one in self._shown.items() if key not in gone}
        while len(shown) < self._outages:
            self._born += 1
            shown[f"m{self._born}"] = {"outage_id": f"m{self._born}", "customers_affected": SMALLEST, "areas": [self._chance.choice(AREAS)]}
        self._shown = shown
        self._record.write(showing=list(shown.values()))
        self._source.features = [{"type": "Feature", "geometry": None, "properties": dict(one)} for one in shown.values()]
