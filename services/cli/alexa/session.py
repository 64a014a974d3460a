"""`surgecast alexa session`: a recorded session said again to a Surgecast that runs, signed as Amazon signs."""

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import msgspec
import typer

from services.cli import alexa_dev
from services.cli.alexa.authority import Signer
from services.cli.failure import Failure
from services.kernel.ports.clock import Clock
from services.kit.clock import SystemClock
from services.kit.settings import Settings

PATH, TIMEOUT_S = "/voice/v1/alexa", 8.0
"""Alexa waits no longer."""
Members = dict[str, Any]


def replay(settings: Settings, file: Path, url: str | None) -> int:
    """Post each request of `file`, now, and tell what is answered; gives the exit code: 1 where one was not. Raises `Failure`."""
    clock = SystemClock()
    requests, signer = read(file), Signer(alexa_dev.folder_in(settings.data), clock.now())
    skill = settings.alexa_skill_ids[0] if settings.alexa_skill_ids else alexa_dev.SKILL
    origin, attributes, failed = url or f"http://127.0.0.1:{settings.port}", Members(), 0
    with httpx.Client(base_url=origin, timeout=TIMEOUT_S, trust_env=False) as client:
        for recorded in requests:
            request = as_of_now(recorded, skill, attributes, clock)
            typer.echo(f"> {said(request)}")
            status, answer = _posted(client, msgspec.json.encode(request), signer)
            failed += status != 200
            attributes = answer.get("sessionAttributes", {})
            for line in told(answer) if status == 200 else (f"! {status} {answer.get('title', '')}: {answer.get('detail', '')}",):
                typer.echo(line)
    return 1 if failed else 0


def read(file: Path) -> list[Members]:
    """The requests in `file`: a JSON list of them, or one a line. Raises `Failure`."""
    text = file.read_bytes()
    try:
        found = msgspec.json.decode(text) if text.lstrip().startswith(b"[") else [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]
        return msgspec.convert(found, list[Members])
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Failure(f"{file} is not a session: {error}. It holds Alexa's requests, as a JSON list or one a line.") from None


def as_of_now(recorded: Members, skill: str, attributes: Members, clock: Clock) -> Members:
    """`recorded`, as Alexa would send it now: to this skill, with what the answer before said to remember, unless a session begins."""
    request = {
        **recorded.get("request", {}),
        "timestamp": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "requestId": f"amzn1.echo-api.request.{secrets.token_hex(8)}",
    }
    made, application = {**recorded, "request": request}, {"applicationId": skill}
    if session := recorded.get("session"):
        made["session"] = {**session, "application": application, "attributes": {} if session.get("new") else attributes}
    context = recorded.get("context", {})
    made["context"] = {**context, "System": {**context.get("System", {}), "application": application}}
    return made


def said(request: Members) -> str:
    """One line on a request."""
    intent = request["request"].get("intent", {})
    slots: Mapping[str, Any] = intent.get("slots") or {}
    words = [intent.get("name") or request["request"].get("type", "?"), *(f"{name}={slot['value']}" for name, slot in slots.items() if slot.get("value"))]
    return " ".join(words)


def told(answer: Members) -> Iterator[str]:
    """What Alexa would say and show of an answer."""
    response = answer.get("response", {})
    if speech := response.get("outputSpeech"):
        yield f"  {''.join(ElementTree.fromstring(speech['ssml']).itertext())}"  # noqa: S314 - our own service's answer
    if card := response.get("card"):
        yield f"  [card: {card['type']}]"
    if reprompt := response.get("reprompt"):
        yield f"  ({''.join(ElementTree.fromstring(reprompt['outputSpeech']['ssml']).itertext())})"  # noqa: S314 - as above
    if not response:
        yield "  (nothing)"


def _posted(client: httpx.Client, body: bytes, signer: Signer) -> tuple[int, Members]:
    try:
        answer = client.post(PATH, content=body, headers=signer.headers(body))
        return answer.status_code, answer.json()
    except httpx.HTTPError as error:
        raise Failure(f"No Surgecast answers at {client.base_url}: {error}. Start `surgecast up` first, or name its origin with --url.") from None
    except ValueError:
        return answer.status_code, {"title": "an answer that is no JSON"}
