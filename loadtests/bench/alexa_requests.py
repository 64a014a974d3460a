"""Requests as Alexa signs them, each another one and all of now, by an authority of our own; and the wrk script that sends them from a file."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.alexa_pki import CERTIFICATE_URL, Authority, pem, signed, stamp

PATH, SKILL_ID = "/voice/v1/alexa", "amzn1.ask.skill.bench"
INTENTS = ("OutageStatusIntent", "OutageRestorationIntent", "OutageCauseIntent", "OutageCountsIntent")
WRK_SCRIPT = """
local file, requests, at = io.open(os.getenv("REQUESTS"), "rb"), {}, 0
while true do
  local length = file:read("*l")
  if not length then break end
  requests[#requests + 1] = file:read(tonumber(length))
end
request = function()
  at = at % #requests + 1
  return requests[at]
end
"""


def requests(areas: Sequence[str], number: int, seed: int) -> list[bytes]:
    """`number` requests about these areas, as they go on the wire. They are good for 150 s."""
    rng, now = random.Random(seed), stamp(datetime.now(UTC))  # noqa: TID251 - whether requests are late is what is verified
    return [_posted(json.dumps(_asked(rng, areas, now, f"{seed}-{each}")).encode()) for each in range(number)]


def write(path: Path, made: Sequence[bytes]) -> None:
    """To the file that the wrk script reads."""
    path.write_bytes(b"".join(b"%d\n%s" % (len(each), each) for each in made))


def certificates(folder: Path) -> tuple[Path, Path]:
    """The files of the authority's root, and of the chain that it signs with, named as in its address."""
    authority = Authority(datetime.now(UTC))  # noqa: TID251 - as above
    root, chain = folder / "root.pem", folder / CERTIFICATE_URL.rpartition("/")[2]
    root.write_bytes(pem(authority.root))
    chain.write_bytes(authority.chain())
    return root, chain


def _posted(body: bytes) -> bytes:
    headers = {"Host": "voice", "Content-Length": str(len(body)), "Accept": "application/json", "Accept-Charset": "utf-8", **signed(body)}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {PATH} HTTP/1.1\r\n{lines}\r\n".encode() + body


def _asked(rng: random.Random, areas: Sequence[str], now: str, each: str) -> dict[str, object]:
    area = rng.choice(areas)
    resolved = {
        "authority": f"amzn1.er-authority.echo-sdk.{SKILL_ID}.AREA",
        "status": {"code": "ER_SUCCESS_MATCH"},
        "values": [{"value": {"name": area, "id": area}}],
    }
    slot = {
        "name": "area",
        "value": area.lower(),
        "confirmationStatus": "NONE",
        "source": "USER",
        "resolutions": {"resolutionsPerAuthority": [resolved]},
        "slotValue": {"type": "Simple", "value": area.lower()},
    }
    application, user = {"applicationId": SKILL_ID}, {"userId": f"amzn1.ask.account.{rng.randbytes(40).hex().upper()}"}
    device = {"deviceId": f"amzn1.ask.device.{rng.randbytes(40).hex().upper()}", "supportedInterfaces": {}}
    system = {
        "application": application,
        "user": user,
        "device": device,
        "apiEndpoint": "https://api.amazonalexa.com",
        "apiAccessToken": rng.randbytes(300).hex(),
    }
    return {
        "version": "1.0",
        "session": {"new": True, "sessionId": f"amzn1.echo-api.session.{each}", "application": application, "attributes": {}, "user": user},
        "context": {"System": system, "Viewports": []},
        "request": {
            "type": "IntentRequest",
            "requestId": f"amzn1.echo-api.request.{each}",
            "timestamp": now,
            "locale": rng.choice(("en-CA", "fr-CA")),
            "dialogState": "STARTED",
            "intent": {"name": rng.choice(INTENTS), "confirmationStatus": "NONE", "slots": {"area": slot}},
        },
    }
