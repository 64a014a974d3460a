"""A voice service in this process, over views in memory and a clock that stands where a test puts it."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import httpx
from cryptography.x509 import load_pem_x509_certificate
from cryptography.x509.verification import Store
from fastapi import FastAPI
from pydantic import SecretStr

from services.adapters.alexa_api_memory import MemoryAlexaApi
from services.adapters.alexa_certificates_memory import MemoryCertificates
from services.adapters.alexa_chains_memory import MemoryChains
from services.adapters.alexa_subscribers_memory import MemorySubscribers
from services.adapters.links_memory import MemoryLinks
from services.adapters.messenger_memory import MemoryMessenger
from services.adapters.mirror import Mirror
from services.adapters.reports_memory import MemoryReports
from services.adapters.views_memory import MemoryViews
from services.adapters.waiting_memory import MemoryWaiting
from services.kernel.answers import area_answers, overall_answers, silence_answers
from services.kernel.areas import AreaName
from services.kernel.events import Cause
from services.kernel.ids import AreaId
from services.kernel.messages import LANGS, Wording
from services.kernel.ports.customers import AccountTokens
from services.kernel.ports.outputs import NO_EXTENTS, Extents
from services.kernel.sources import Source
from services.kernel.views import AreaBrief, Count, Position, Stamp, Totals, View
from services.kit.askers import Askers
from services.kit.settings import Settings
from services.voice.api import ALEXA, voice_app
from services.voice.conversation.accounts import Accounts
from services.voice.conversation.conversation import Conversation
from services.voice.fairness import by_address, by_asker
from services.voice.flows.library import library
from services.voice.main import answerers, assistants, doors, linking
from services.voice.platforms.alexa.chain import Roots
from services.voice.platforms.alexa.keys import Limits, SigningKeys
from services.voice.platforms.alexa.skill import AlexaSkill
from services.voice.platforms.messenger.door import Messenger
from services.voice.understanding.engine import SentenceUnderstanding
from tests.alexa_pki import CERTIFICATE_URL, SKILL, Authority, encoded, pem, signed

NOW = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)  # 5:04 p.m. in Ottawa
SENDERS: dict[str, Any] = {
    **dict.fromkeys(("twilio_account_sid", "twilio_sender", "alexa_client_id"), "set"),
    **dict.fromkeys(("twilio_auth_token", "alexa_client_secret"), SecretStr("set")),
    **dict.fromkeys(("messenger_app_secret", "messenger_verify_token", "messenger_page_token"), SecretStr("set")),
    "alexa_skill_ids": (SKILL,),
}
"""So that people can be told later."""
AREAS = [
    AreaBrief(
        AreaId("k2g"),
        "K2G",
        3,
        Count(1_250),
        unestimated=2,
        earliest_estimate=NOW + timedelta(hours=2),
        latest_estimate=NOW + timedelta(hours=2),
        cause=Cause.WEATHER,
    ),
    AreaBrief(AreaId("orleans"), "Orléans", 1, Count(4, masked=True), earliest_estimate=NOW + timedelta(hours=1), latest_estimate=NOW + timedelta(hours=1)),
    AreaBrief(AreaId("trois-rivieres"), "Trois-Rivières", 0, Count(0)),
    AreaBrief(AreaId("vancouver"), "Vancouver", 2, Count(640), unestimated=2),
    AreaBrief(AreaId("north-vancouver"), "North Vancouver", 1, Count(77), unestimated=1, cause=Cause.VEGETATION),
    AreaBrief(AreaId("unplaced"), "unplaced", 1, Count(9), unestimated=1),
]


@cache
def authority() -> Authority:
    """Signs for Alexa in tests, at their time."""
    return Authority(NOW)


class TrustedRoots(Roots):
    """Only this authority."""

    def __init__(self, trusted: Authority) -> None:
        super().__init__(None)
        self._store = Store([load_pem_x509_certificate(pem(trusted.root))])


LEARNT = Path(gettempdir()) / f"surgecast-tests-{os.getuid()}"
"""Where tests keep what understanding learns, where the installation has not learnt it."""


@cache
def understands() -> SentenceUnderstanding:
    """The understanding of all tests of a run, as the settings have it: learnt once a machine, anew whenever its sources change."""
    settings = Settings()
    return SentenceUnderstanding(settings.voice_confident, settings.voice_unsure, settings.voice_danger, LEARNT)


class Hand:
    """A clock that is set by hand."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment


class Voice:
    """The service under test, and what surrounds it."""

    def __init__(
        self, line: str = "613-555-0100", accounts: Accounts | None = None, tokens: AccountTokens | None = None, links: bool = False, **settings: Any
    ) -> None:
        """`settings` as a test wants them; `tokens` of customers that assistants may bring; `links`: with an authorization server."""
        self.settings, self.clock, self.store = Settings(_env_file=None, outage_line=line, **settings), Hand(NOW), MemoryViews()
        names = {"en": "Example Hydro", "fr": "Hydro Exemple"}
        self.wordings = {lang: Wording(lang, names[lang], "America/Toronto", line, spoken=True) for lang in LANGS}
        self.mirror = Mirror(self.store, self.clock, self.settings)
        self.waiting = MemoryWaiting(self.settings)
        self.reports = MemoryReports(self.clock, self.settings)
        self.alexa_api, self.subscribers = MemoryAlexaApi(), MemorySubscribers()
        answering = answerers(
            self.settings.model_copy(update=SENDERS), accounts or Accounts(None, None), self.reports, self.waiting, Askers(b"of tests"), self.subscribers
        )
        self.conversation = Conversation(
            self.mirror,
            understands(),
            answering,
            self.wordings,
            self.clock,
            self.settings.stale_after_s,
            flows=library(),
            shares=by_asker(self.settings, self.clock),
        )
        self.certificates = MemoryCertificates({CERTIFICATE_URL: authority().chain()})
        self.chains = MemoryChains()
        self.keys = SigningKeys(self.certificates, TrustedRoots(authority()), self.clock, Limits(3_600, 60, 8), self.chains)
        self.skill = AlexaSkill(
            self.conversation,
            self.mirror,
            self.keys,
            self.alexa_api,
            self.subscribers,
            self.clock,
            self.settings.model_copy(update={"alexa_skill_ids": (SKILL,)}),
            self.waiting,
        )
        others = doors(self.conversation, self.mirror, self.settings, self.clock, self.waiting)
        messenger = Messenger(self.conversation, MemoryMessenger(), self.settings, self.clock)
        self.mcp = assistants(self.conversation, self.mirror, tokens, self.settings, self.clock)
        posts = {**others, **self.mcp.posts, ALEXA: self.skill.post}
        self.app = voice_app(
            self.mirror,
            self.conversation,
            self.settings,
            no_lifespan,
            posts,
            {**messenger.routes(), **self.mcp.gets, **linking((lambda: MemoryLinks(self.clock)) if links else None, self.settings, self.clock)},
            by_address(self.settings, self.wordings, self.clock),
        )

    def publish(self, areas: list[AreaBrief], position: str = "5-1", sources: Sequence[Source] = (), extents: Extents = NO_EXTENTS) -> None:
        """Render and publish `areas`, and let the mirror see them."""
        views = [View(brief, area_answers(self.wordings.values(), brief, self.clock.now())) for brief in areas]
        overall = overall_answers(self.wordings.values(), Totals(8, Count(1_980, masked=True), 0), [AreaName("K2G"), AreaName("Vancouver")])
        silences = silence_answers(self.wordings.values(), sources, self.clock.now())
        overall = {lang: {**overall[lang], **silences[lang]} for lang in overall}
        self.store.publish(views, overall, Stamp(Position(position), self.clock.now()), extents, whole=True)
        asyncio.run(self.mirror.catch_up())

    def post(self, path: str, body: Any, **options: Any) -> httpx.Response:
        content = {"content": body} if isinstance(body, bytes) else {"json": body}
        return self._send("POST", path, **content, **options)

    def alexa(self, request: dict[str, Any] | bytes) -> httpx.Response:
        """The answer to `request`, signed as Alexa signs."""
        body = request if isinstance(request, bytes) else encoded(request)
        return self.post("/voice/v1/alexa", body, headers=signed(body))

    def get(self, path: str) -> httpx.Response:
        return self._send("GET", path)

    def ask(self, text: str, locale: str = "en-CA", **more: Any) -> dict[str, Any]:
        response = self.post("/voice/v1/ask", {"text": text, "locale": locale, **more})
        assert response.status_code == 200, response.text
        return dict(response.json())

    def _send(self, method: str, path: str, address: str = "127.0.0.1", **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(address, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url="http://voice") as client:
                return await client.request(method, path, **options)

        return asyncio.run(send())


@asynccontextmanager
async def no_lifespan(_app: FastAPI) -> AsyncIterator[None]:
    yield
