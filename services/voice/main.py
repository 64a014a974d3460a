"""The voice service, put together: settings in, an ASGI application out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from services.adapters.alexa_subscribers_redis import RedisSubscribers
from services.adapters.asked_redis import RedisAskedStore
from services.adapters.centres_file import CentresFile
from services.adapters.centres_memory import MemoryCentres
from services.adapters.customers_build import account_tokens, directory, links
from services.adapters.guarded import Guarded, bounds
from services.adapters.messages_folder import spoken_by
from services.adapters.messenger_memory import MemoryMessenger
from services.adapters.mirror import Mirror
from services.adapters.redis_link import async_link
from services.adapters.reports_redis import RedisReports
from services.adapters.tariff_file import ONTARIO, tariff
from services.adapters.views_redis import RedisViewFeed
from services.adapters.waiting_redis import RedisWaitingList
from services.kernel.ports.alexa import ProactiveSubscribers
from services.kernel.ports.clock import Clock
from services.kernel.ports.customers import AccountTokens
from services.kernel.ports.links import SCOPE, LinkStore
from services.kernel.ports.messenger import MessengerApi
from services.kernel.ports.reports import Reports
from services.kernel.ports.tokens import CallerCheck
from services.kernel.ports.waiting import WaitingList
from services.kernel.waiting import Reach
from services.kit.askers import Askers, askers
from services.kit.clock import SystemClock
from services.kit.guard import Guard
from services.kit.http import Observed
from services.kit.prompt import Answerer as AtOnce
from services.kit.prompt import Prompt
from services.kit.settings import Settings
from services.voice.api import ALEXA, ASK, Door, not_set_up, voice_app
from services.voice.asked import Tally
from services.voice.asking import Asking
from services.voice.conversation.account import AccountAnswers
from services.voice.conversation.accounts import Accounts
from services.voice.conversation.answerer import Answerer
from services.voice.conversation.centres import CentreAnswers
from services.voice.conversation.conversation import Conversation
from services.voice.conversation.extents import Locator
from services.voice.conversation.lines import Lines
from services.voice.conversation.mine import MyOutages
from services.voice.conversation.outages import OutageAnswers
from services.voice.conversation.planned import PlannedAnswers
from services.voice.conversation.rates import RateAnswers
from services.voice.conversation.reaching import Reaching
from services.voice.conversation.reporting import ReportAnswers
from services.voice.conversation.safety import SafetyAnswers
from services.voice.conversation.stopping import StopAnswers
from services.voice.conversation.subscribing import SubscribeAnswers
from services.voice.fairness import by_address, by_asker
from services.voice.flows.library import FOLDER, library
from services.voice.linking.addresses import ADDRESSES
from services.voice.platforms.dialogflow.door import Dialogflow
from services.voice.platforms.mcp.door import Mcp
from services.voice.platforms.messenger.door import Messenger
from services.voice.platforms.once import Once
from services.voice.platforms.twilio.door import PATH as TWILIO
from services.voice.platforms.twilio.door import Twilio
from services.voice.platforms.web.chat import PATH as CHAT
from services.voice.platforms.web.chat import WebChat
from services.voice.shedding import refusals
from services.voice.understanding.engine import SentenceUnderstanding
from services.voice.understanding.remembered import Remembered

if TYPE_CHECKING:
    from services.voice.platforms.alexa.skill import AlexaSkill


def build(settings: Settings) -> Guard:
    """Run by any ASGI server, as many processes as wanted: each has its own mirror."""
    clock = SystemClock()
    feed = RedisViewFeed(async_link(settings))
    mirror = Mirror(feed, clock, settings, settings.data / "voice" / "mirror.json")
    customers, store = directory(settings, clock), links(settings, clock)
    desk, waiting, subscribers = crew_desk(settings, clock), waiting_list(settings, clock), alexa_subscribers(settings, clock)
    understands = SentenceUnderstanding(settings.voice_confident, settings.voice_unsure, settings.voice_danger, settings.data / "voice")
    understanding = Remembered(understands, settings.voice_phrases_kept, settings.voice_phrase_kept_max_chars)
    asked = RedisAskedStore(async_link(settings, connections_max=1), clock, settings)
    tally, tokens = Tally(asked, understanding.words, clock, settings), account_tokens(settings, clock, store)
    spoken = spoken_by(settings, spoken=True)
    conversation = Conversation(
        mirror,
        understanding,
        answerers(settings, Accounts(tokens, customers), desk, waiting, askers(settings), subscribers),
        spoken,
        clock,
        settings.stale_after_s,
        tally,
        library(settings.voice_flows or FOLDER),
        by_asker(settings, clock),
    )
    alexa = alexa_skill(settings, conversation, mirror, clock, waiting)
    messenger = Messenger(conversation, messenger_api(settings), settings, clock)
    mcp = assistants(conversation, mirror, tokens if customers is not None else None, settings, clock)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await mirror.start()
        tally.start()
        if alexa is not None and not settings.alexa_roots:
            await alexa().start()
        await mcp.start()
        yield
        await messenger.close()
        await mcp.close()
        await tally.stop()
        await asked.close()
        await mirror.stop()
        await feed.close()
        if customers is not None:
            await customers.close()
        for outside in (desk, waiting, subscribers):
            if outside is not None:
                await outside.close()

    others = {**linking(store, settings, clock), **messenger.routes(), **mcp.gets}
    platforms = {**doors(conversation, mirror, settings, clock, waiting), **_alexa(alexa, settings), **mcp.posts}
    limits = by_address(settings, spoken, clock)
    served = Observed(voice_app(mirror, conversation, settings, lifespan, platforms, others, limits), "voice")
    at_once: dict[str, AtOnce] = {ASK: limits[ASK].at_once(Asking(conversation, settings).at_once)}
    if alexa is not None:
        at_once[ALEXA] = lambda posted: alexa().at_once(posted)
    return Guard(served, "voice", settings, own=refusals(spoken, settings), shed=tally.shed, prompt=Prompt("voice", at_once))


def doors(conversation: Conversation, mirror: Mirror, settings: Settings, clock: Clock, waiting: WaitingList | None = None) -> Mapping[str, Door]:
    """The platforms, by their paths. Raises ValueError for a setting that can't be used."""
    once = Once(settings, clock)
    dialogflow = Dialogflow(conversation, dialogflow_callers(settings, clock), once, settings)
    twilio = Twilio(mirror, conversation, once, clock, settings, waiting)
    chat = WebChat(conversation, settings)
    return {"/voice/v1/dialogflow": dialogflow.answer, CHAT: chat.answer, TWILIO: twilio.answer}


def messenger_api(settings: Settings) -> MessengerApi:
    """The page's side of Messenger; where no page is set up, nothing ever reaches it."""
    if not settings.messenger_page_token.get_secret_value():
        return MemoryMessenger()
    from services.adapters.messenger_http import HttpMessenger

    token, version = settings.messenger_page_token.get_secret_value(), settings.messenger_version
    return HttpMessenger(settings.messenger_url, version, token, settings.messenger_timeout_s, settings.messenger_tries, settings.messenger_wait_max_s)


def linking(store: Callable[[], LinkStore] | None, settings: Settings, clock: Clock) -> Mapping[tuple[str, str], Door]:
    """The demo's authorization server; where there is none its addresses say so."""
    if store is None:
        return dict.fromkeys(ADDRESSES, not_set_up("SURGECAST_LINKING_URL"))

    @cache
    def served() -> Mapping[tuple[str, str], Door]:
        from services.voice.linking.routes import Linking  # Authlib is large, and a customer links once

        return Linking(store(), spoken_by(settings), settings, clock).routes()

    async def serve(request: Request) -> Response:
        by_address = await asyncio.to_thread(served)
        return await by_address[request.method, request.url.path](request)

    return dict.fromkeys(ADDRESSES, serve)


def assistants(conversation: Conversation, mirror: Mirror, tokens: AccountTokens | None, settings: Settings, clock: Clock) -> Mcp:
    """What answers AI assistants: small until it is asked; `tokens` is None where nobody is a customer."""
    scope = settings.accounts_scope if settings.accounts_issuer else SCOPE
    return Mcp(conversation, mirror, lambda: tariff(settings.tariff or ONTARIO, settings.data / "voice"), tokens, scope, clock, settings)


def dialogflow_callers(settings: Settings, clock: Clock) -> CallerCheck | None:
    """What knows Dialogflow by its tokens; None where it is not set up."""
    if not settings.dialogflow_audience or not settings.dialogflow_callers:
        return None
    from services.adapters import oidc_build  # cryptography is slow to load, and large

    return oidc_build.dialogflow_callers(settings, clock)


def crew_desk(settings: Settings, clock: Clock) -> RedisReports | None:
    """Where reports go; None where nobody reads them. Its own few connections: what is slow there holds nothing else up."""
    if not settings.reports:
        return None
    limits = bounds(settings.reports_timeout_s, settings.reports_at_once, settings.reports_open_after, settings.reports_open_s)
    return RedisReports(async_link(settings, connections_max=settings.reports_at_once), Guarded("reports", limits, clock), clock, settings)


def waiting_list(settings: Settings, clock: Clock) -> RedisWaitingList | None:
    """Who waits to be told when power is back; None where nobody can be reached."""
    if not settings.notices_can_be_sent:
        return None
    limits = bounds(settings.waiting_timeout_s, settings.waiting_at_once, settings.reports_open_after, settings.reports_open_s)
    return RedisWaitingList(async_link(settings, connections_max=settings.waiting_at_once), Guarded("waiting", limits, clock), settings)


def answerers(
    settings: Settings,
    accounts: Accounts,
    reports: Reports | None,
    waiting: WaitingList | None,
    names: Askers,
    subscribers: ProactiveSubscribers | None = None,
) -> list[Answerer]:
    """Who answers what. `subscribers` let the Alexa skill notify them. Raises `TariffError` for a tariff that can't be used."""
    mine = MyOutages(accounts, Locator(settings.outage_close_m))
    centres = CentresFile(settings.centres, settings.centres_look_s) if settings.centres else MemoryCentres()
    rates = RateAnswers(tariff(settings.tariff or ONTARIO, settings.data / "voice"), settings.tariff_plan, accounts)
    reaching = Reaching(reach(settings), subscribers)
    subscribing = SubscribeAnswers(waiting, reaching, mine, settings.waiting_devices_max, settings.waiting_confirm_hours, settings.waiting_asks_numbers)
    telling: list[Answerer] = [Lines(), StopAnswers(waiting, reaching), SafetyAnswers(), CentreAnswers(centres)]
    reporting = ReportAnswers(reports, accounts, names, settings.reports_said_max_chars)
    return [OutageAnswers(mine), PlannedAnswers(), *telling, AccountAnswers(accounts), rates, reporting, subscribing]


def reach(settings: Settings) -> Mapping[Reach, float]:
    """By what people can be told later, and for how many hours they may wait for it."""
    messenger = min(settings.waiting_hours, settings.messenger_waiting_hours)
    hours = {Reach.SMS: settings.waiting_hours, Reach.ALEXA: settings.waiting_hours, Reach.MESSENGER: messenger}
    works = {Reach.SMS: settings.texts_can_be_sent, Reach.ALEXA: settings.alexa_can_notify, Reach.MESSENGER: settings.messenger_can_write}
    return {platform: hours[platform] for platform in Reach if works[platform]}


def alexa_subscribers(settings: Settings, clock: Clock) -> RedisSubscribers | None:
    """Who lets the Alexa skill notify them; None where it can't. Asked while somebody waits."""
    if not settings.alexa_can_notify:
        return None
    limits = bounds(settings.waiting_timeout_s, settings.waiting_at_once, settings.reports_open_after, settings.reports_open_s)
    return RedisSubscribers(async_link(settings, connections_max=settings.waiting_at_once), Guarded("subscribers", limits, clock))


def alexa_skill(
    settings: Settings, conversation: Conversation, mirror: Mirror, clock: Clock, waiting: WaitingList | None = None
) -> "Callable[[], AlexaSkill] | None":
    """What gives the Alexa skill, where one is named. Only once it is called is loaded what the skill needs: 20 MB."""
    return cache(lambda: _skill(settings, conversation, mirror, clock, waiting)) if settings.alexa_skill_ids else None


def _alexa(skill: "Callable[[], AlexaSkill] | None", settings: Settings) -> Mapping[str, Door]:
    """The skill's door; for development, it opens once it is asked anything."""
    if skill is None:
        return {}
    if not settings.alexa_roots:
        return {ALEXA: skill().post}

    async def opened(request: Request) -> Response:
        return await skill().post(request)

    return {ALEXA: opened}


def _skill(settings: Settings, conversation: Conversation, mirror: Mirror, clock: Clock, waiting: WaitingList | None) -> "AlexaSkill":
    from services.adapters.alexa_api_http import HttpAlexaApi
    from services.adapters.alexa_certificates_folder import FolderCertificates
    from services.adapters.alexa_certificates_http import HttpCertificates
    from services.adapters.alexa_chains_folder import FolderChains
    from services.voice.platforms.alexa.chain import Roots
    from services.voice.platforms.alexa.keys import Limits, SigningKeys
    from services.voice.platforms.alexa.skill import AlexaSkill

    bytes_max, folder = settings.alexa_certificate_max_bytes, settings.alexa_certificates
    source = FolderCertificates(folder, bytes_max) if folder else HttpCertificates(settings.alexa_certificate_timeout_s, bytes_max)
    limits = Limits(settings.alexa_certificate_fresh_s, settings.alexa_certificate_retry_s, settings.alexa_certificates_max)
    chains = FolderChains(settings.data / "voice" / "alexa", settings.alexa_certificates_max, bytes_max)
    keys = SigningKeys(source, Roots(settings.alexa_roots), clock, limits, chains)
    api = HttpAlexaApi(settings.alexa_api_timeout_s, settings.alexa_api_calls_max, settings.alexa_api_url)
    return AlexaSkill(conversation, mirror, keys, api, RedisSubscribers(async_link(settings)), clock, settings, waiting)
