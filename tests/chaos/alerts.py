"""A source of CAP messages: chains of an Alert, its Updates and its end, each sent again and again until it is acknowledged."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from tests.chaos.writers import AREAS, SMALLEST, Shared, Writer

SENDER, GEOCODE = "storm@hydro.example", "layer:HydroExample:1.0:Area"
SETTINGS = {"SURGECAST_INGEST_CAP_AREA_GEOCODE": GEOCODE}
"""What the tree must know of these messages."""

_MESSAGE = """<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier><sender>{sender}</sender><sent>{sent}</sent>
<status>Actual</status><msgType>{kind}</msgType><scope>Public</scope><code>profile:CAP-CP:0.4</code>{references}
{infos}</alert>
"""
_INFO = """<info><language>{language}</language><category>Infra</category><event>{event}</event>{response}
<urgency>Immediate</urgency><severity>Moderate</severity><certainty>Observed</certainty><eventCode><valueName>profile:CAP-CP:Event:0.4</valueName><value>electric</value></eventCode>
<headline>{headline}</headline><parameter><valueName>CustomersAffected</valueName><value>{customers}</value></parameter>
<area><areaDesc>{area}</areaDesc><geocode><valueName>profile:CAP-CP:Location:0.3</valueName><value>3506008</value></geocode>
<geocode><valueName>{geocode}</valueName><value>{area}</value></geocode></area></info>
"""
_WORDS = {"en-CA": ("Power outage", "The power is out"), "fr-CA": ("Panne de courant", "Le courant est coupé")}


class Alerts(Writer):
    """One message a turn; now and then the same again. Each chain is one outage, known by the identifier of its first message."""

    def __init__(self, name: str, key: str, pause_s: float, shared: Shared, seed: int, open_max: int = 30) -> None:
        super().__init__(name, key, pause_s, shared, seed)
        self._open_max, self._began = open_max, datetime.fromtimestamp(int(time.time()), UTC) - timedelta(days=20)
        self._open: dict[str, dict[str, Any]] = {}

    def turn(self) -> None:
        if not self._open or (len(self._open) < self._open_max and self.chance.random() < 0.3):
            chain = {"outage_id": f"HX-{self.number}", "customers_affected": SMALLEST, "areas": [self.chance.choice(AREAS)], "last": None}
        else:
            chain = self._open[self.chance.choice(list(self._open))]
        ends = chain["last"] is not None and self.chance.random() < 0.12
        kind = "Alert" if chain["last"] is None else self.chance.choice(["Cancel", "Update"]) if ends else "Update"
        chain = chain | {"customers_affected": chain["customers_affected"] + 1}
        name = self._named(self.number)
        body = _message(name, kind, chain, over=ends)
        state = {"outage_id": chain["outage_id"], "areas": chain["areas"], "customers_affected": chain["customers_affected"]}
        if ends:
            self.over([chain["outage_id"]])
            del self._open[chain["outage_id"]]
        else:
            self._open[chain["outage_id"]] = chain | {"last": name}
        self.record.write(sent=[state | {"status": "restored" if ends else "active"}])
        (result,) = self._deliver(body)
        again = self._deliver(body) if self.chance.random() < 0.1 else []
        self.record.write(
            acknowledged={name: result["position"]},
            repeats=[result["position"] for _ in again],
            late=0,
            again=[(one["outcome"], one.get("position")) for one in again],
        )

    def _named(self, number: int) -> str:
        """What other messages call message `number`. Times in CAP are whole seconds: each message has a later one than that before it."""
        return f"{SENDER},HX-{number},{(self._began + timedelta(seconds=number)).isoformat()}".replace("+00:00", "-00:00")

    def _deliver(self, body: bytes) -> list[dict[str, Any]]:
        return list(self.deliver("/ingest/v1/alerts", body, 1)["results"])


def _message(name: str, kind: str, chain: dict[str, Any], *, over: bool) -> bytes:
    sender, identifier, sent = name.split(",")
    infos = "".join(
        _INFO.format(
            language=language,
            event=event,
            headline=escape(f"{headline} ({chain['areas'][0]})"),
            response="<responseType>AllClear</responseType>" if over else "",
            customers=chain["customers_affected"],
            area=chain["areas"][0],
            geocode=GEOCODE,
        )
        for language, (event, headline) in _WORDS.items()
    )
    references = f"<references>{chain['last']}</references>" if chain["last"] else ""
    return _MESSAGE.format(identifier=identifier, sender=sender, sent=sent, kind=kind, references=references, infos=infos).encode()
