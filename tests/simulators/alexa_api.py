"""Alexa's API over real HTTP, with the rules that Amazon documents: device addresses, progressive responses, tokens by client credentials, proactive events.

It shares no code with the adapters that it tests.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.served import serve

CLIENT, SECRET, SCOPE = "amzn1.application-oa2-client.x", "s3cret", "alexa::proactive_events"
CUSTOMER_TOKEN = "eyJ.of.the.request"
SCHEMAS = {"AMAZON.MessageAlert.Activated", "AMAZON.WeatherAlert.Activated"}
EXPIRY_LEAST, EXPIRY_MOST = timedelta(minutes=5), timedelta(hours=24)


@dataclass
class AlexaSide:
    """What Alexa knows and was told."""

    addresses: dict[str, tuple[str, str] | None] = field(default_factory=dict)
    """Country and postal code by device; None where the customer doesn't allow it."""
    subscribed: set[str] = field(default_factory=set)
    said: list[dict[str, Any]] = field(default_factory=list)
    taken: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """Events by customer and reference."""
    tokens: int = 0
    """How many were given; only the newest is good."""
    token_s: int = 3_600
    status: int = 0
    """What every call is answered with while it is set."""
    silent_s: float = 0.0
    garbage: bytes = b""
    notifications_max: int = 100

    async def address(self, request: Request) -> Response:
        """`GET /v1/devices/{device}/settings/address/countryAndPostalCode`."""
        if request.headers.get("authorization") != f"Bearer {CUSTOMER_TOKEN}":
            return JSONResponse({"type": "FORBIDDEN"}, 403)
        known = self.addresses.get(request.path_params["device"], ("", ""))
        if known is None:
            return JSONResponse({"type": "FORBIDDEN", "message": "The authentication token does not have access to resource"}, 403)
        return JSONResponse({"countryCode": known[0], "postalCode": known[1]}) if known[1] else Response(status_code=204)

    async def directive(self, request: Request) -> Response:
        """`POST /v1/directives`."""
        if request.headers.get("authorization") != f"Bearer {CUSTOMER_TOKEN}":
            return Response(status_code=401)
        told = await request.json()
        good = told.get("header", {}).get("requestId") and told.get("directive", {}).get("type") == "VoicePlayer.Speak"
        speech = told.get("directive", {}).get("speech", "")
        if not good or len(speech) > 600 or sum(each["header"] == told["header"] for each in self.said) >= 5:
            return Response(status_code=400)
        self.said.append(told)
        return Response(status_code=204)

    async def token(self, request: Request) -> Response:
        """`POST /auth/o2/token`."""
        form = dict(await request.form())
        if form != {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET, "scope": SCOPE}:
            return JSONResponse({"error": "invalid_client"}, 401)
        self.tokens += 1
        return JSONResponse({"access_token": f"Atc|{self.tokens}", "expires_in": self.token_s, "scope": SCOPE, "token_type": "bearer"})

    async def event(self, request: Request) -> Response:
        """`POST /v1/proactiveEvents`."""
        if request.headers.get("authorization") != f"Bearer Atc|{self.tokens}":
            return Response(status_code=401)
        told = await request.json()
        at, until = datetime.fromisoformat(told["timestamp"]), datetime.fromisoformat(told["expiryTime"])
        audience, name = told["relevantAudience"], told["event"]["name"]
        if name not in SCHEMAS or not EXPIRY_LEAST <= until - at <= EXPIRY_MOST or not told["referenceId"] or audience["type"] != "Unicast":
            return JSONResponse({"message": "wrong"}, 400)
        group = told["event"]["payload"]["messageGroup"]
        if told["event"]["payload"]["state"]["status"] != "UNREAD" or not group["creator"]["name"] or group["count"] < 1:
            return JSONResponse({"message": "wrong payload"}, 400)
        user = audience["payload"]["user"]
        if user not in self.subscribed:
            return JSONResponse({"message": "not subscribed"}, 403)
        if (user, told["referenceId"]) in self.taken:
            return Response(status_code=409)
        if sum(each[0] == user for each in self.taken) >= self.notifications_max:
            return Response(status_code=432)
        self.taken[user, told["referenceId"]] = told
        return Response(status_code=202)

    def routes(self) -> list[Route]:
        """Where it answers."""

        def unless(answer: Any) -> Any:
            async def answered(request: Request) -> Response:
                await asyncio.sleep(self.silent_s)
                if self.garbage:
                    return Response(self.garbage)
                return Response(status_code=self.status) if self.status else await answer(request)

            return answered

        return [
            Route("/v1/devices/{device}/settings/address/countryAndPostalCode", unless(self.address)),
            Route("/v1/directives", unless(self.directive), methods=["POST"]),
            Route("/auth/o2/token", self.token, methods=["POST"]),
            Route("/v1/proactiveEvents", unless(self.event), methods=["POST"]),
        ]


@contextmanager
def alexa_side() -> Iterator[tuple[AlexaSide, str]]:
    """One that serves on loopback, and its origin."""
    side = AlexaSide()
    with serve(Starlette(routes=side.routes())) as port:
        yield side, f"http://127.0.0.1:{port}"
