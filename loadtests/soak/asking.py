"""What is asked of voice while something is away, by route; and what an answer to it must be."""

import html
import json
import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import urlencode

from msgspec import Struct
from twilio.request_validator import RequestValidator

from loadtests.bench.alexa_requests import SKILL_ID
from tests.alexa_pki import signed, stamp

TOKEN, TWILIO, PUBLIC = "soaked", "/voice/v1/twilio", "http://127.0.0.1:8000"
OUTAGES = {
    "en": (
        "is the power out in {}",
        "when will the power be back in {}",
        "what caused the outage in {}",
        "how many people are out in {}",
        "planned work in {}",
    ),
    "fr": ("y a-t-il une panne à {}", "quand le courant va revenir à {}", "quelle est la cause de la panne à {}", "combien de clients sont en panne à {}"),
}
"""Their answers hang on the mirror, and must tell its age."""
OTHERS = {
    "en": (("a wire is down in my yard", "911"), ("is it a good time to do laundry", ""), ("what can I ask you", "")),
    "fr": (("il y a un fil tombé dans ma cour", "911"), ("est-ce le bon moment pour faire la lessive", ""), ("que puis-je te demander", "")),
}
"""Theirs don't; and what must be in them."""
AGED = {"en": "As of ", "fr": "Sans mise à jour depuis "}
SORRY = {"en": ("too many people", "I can't see the outage"), "fr": ("trop de gens", "Je n'ai pas accès aux pannes")}
INTENTS = ("OutageStatusIntent", "OutageRestorationIntent", "OutageCauseIntent", "OutageCountsIntent")
_number = count(1)
_signer = RequestValidator(TOKEN)


class Asked(Struct, frozen=True):
    """One request."""

    route: str
    path: str
    headers: dict[str, str]
    body: bytes
    lang: str
    words: str
    ages: bool
    """Its answer hangs on the mirror."""
    holds: str = ""
    """What must be in its answer."""

    def on_the_wire(self) -> bytes:
        """The request, whole."""
        headers = {"Host": "voice", "Content-Length": str(len(self.body)), **self.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST {self.path} HTTP/1.1\r\n{head}\r\n".encode() + self.body


class Told(Struct, frozen=True):
    """An answer, looked at."""

    text: str
    aged: bool
    fault: str = ""


def asked(draw: random.Random, areas: Sequence[str]) -> Asked:
    """Any question by any route, never the same request twice."""
    lang, area = draw.choice(("en", "fr")), draw.choice(areas)
    ages = draw.random() < 0.8
    words, holds = (draw.choice(OUTAGES[lang]).format(area), "") if ages else draw.choice(OTHERS[lang])
    match draw.choice(("ask", "chat", "alexa", "call", "text")):
        case "ask":
            return _json("ask", "/voice/v1/ask", {"text": words, "locale": f"{lang}-CA"}, lang, words, ages, holds)
        case "chat":
            return _json("chat", "/voice/v1/chat", {"text": words, "locale": f"{lang}-CA"}, lang, words, ages, holds)
        case "alexa":
            return _alexa(draw, lang, area)
        case "call":
            now = datetime.now(UTC)  # noqa: TID251 - the service looks at the real time
            path = f"{TWILIO}?{urlencode({'l': lang, 'n': 2, 't': int(now.timestamp())})}"
            form = {"CallSid": f"CA{next(_number)}", "From": _caller(draw), "To": "+16135550199", "CallStatus": "in-progress", "SpeechResult": words}
            return _twilio("call", path, form, lang, words, ages, holds)
        case _:
            form = {"MessageSid": f"SM{next(_number)}", "From": _caller(draw), "To": "+16135550199", "Body": words, "NumMedia": "0"}
            return _twilio("text", TWILIO, form, lang, words, ages, holds)


def outage_answer(question: Asked, answer: bytes) -> Told:
    """Its words, whether they tell an age, and what is wrong with them."""
    raw = answer.decode()
    if raw.startswith("{"):
        told = json.loads(raw)
        raw = told["answer"] if "answer" in told else told["response"]["outputSpeech"]["ssml"]
    text = html.unescape(re.sub(r"<[^>]*>", " ", raw)).strip()
    fault = "nothing" if not text else "an apology" if any(sorry in text for sorry in SORRY[question.lang]) else ""
    if question.holds and question.holds not in text:
        fault = f"no {question.holds}"
    return Told(text, AGED[question.lang] in text, fault)


def _json(route: str, path: str, told: Any, lang: str, words: str, ages: bool, holds: str) -> Asked:
    return Asked(route, path, {"Content-Type": "application/json"}, json.dumps(told).encode(), lang, words, ages, holds)


def _twilio(route: str, path: str, form: dict[str, str], lang: str, words: str, ages: bool, holds: str) -> Asked:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": _signer.compute_signature(PUBLIC + path, form)}
    return Asked(route, path, headers, urlencode(form).encode(), lang, words, ages, holds)


def _alexa(draw: random.Random, lang: str, area: str) -> Asked:
    application, user = {"applicationId": SKILL_ID}, {"userId": f"amzn1.ask.account.{draw.randbytes(40).hex().upper()}"}
    system = {"application": application, "user": user, "apiEndpoint": "https://api.amazonalexa.com", "apiAccessToken": "x"}
    number, intent = next(_number), draw.choice(INTENTS)
    request = {
        "type": "IntentRequest",
        "requestId": f"amzn1.echo-api.request.{number}",
        "timestamp": stamp(datetime.now(UTC)),  # noqa: TID251 - whether it is late is what is verified
        "locale": f"{lang}-CA",
        "intent": {"name": intent, "confirmationStatus": "NONE", "slots": {"area": {"name": "area", "value": area.lower(), "confirmationStatus": "NONE"}}},
    }
    session = {"new": True, "sessionId": f"amzn1.echo-api.session.{number}", "application": application, "attributes": {}, "user": user}
    body = json.dumps({"version": "1.0", "session": session, "context": {"System": system}, "request": request}).encode()
    return Asked("alexa", "/voice/v1/alexa", signed(body), body, lang, f"{intent} {area}", True)


def _caller(draw: random.Random) -> str:
    return f"+1613{draw.randrange(2_000_000, 9_999_999)}"
