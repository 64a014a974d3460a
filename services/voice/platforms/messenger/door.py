"""The webhook: who posts is verified over the bytes as they came, answered at once; the work comes after."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from services.kernel.ports.clock import Clock
from services.kernel.ports.messenger import MessengerApi, Sending
from services.kit import metrics
from services.kit.bounded import Bounded
from services.kit.http import Problem
from services.kit.logs import log
from services.kit.settings import Settings
from services.voice import bodies
from services.voice.conversation.conversation import Conversation
from services.voice.platforms.messenger.events import Event, Webhook
from services.voice.platforms.messenger.lanes import Lanes
from services.voice.platforms.messenger.talk import Talk

PATH = "/voice/v1/messenger"
CHALLENGE_MAX = 200
_webhook = msgspec.json.Decoder(Webhook)
_event = msgspec.json.Decoder(Event)


class Messenger:
    """One Facebook app. Not served before all three of its secrets are set."""

    def __init__(self, conversation: Conversation, api: MessengerApi, settings: Settings, clock: Clock) -> None:
        self._settings, self._api = settings, api
        self._seen: Bounded[bool] = Bounded(settings.messenger_seen_max)
        self._lanes: Lanes[Event] = Lanes(Talk(conversation, api, settings, clock).answer, settings.messenger_senders, settings.messenger_queue_max)

    def routes(self) -> Mapping[tuple[str, str], Callable[[Request], Awaitable[Response]]]:
        """Its addresses, by method and path."""
        return {("GET", PATH): self.verify, ("POST", PATH): self.hear}

    async def verify(self, request: Request) -> Response:
        """`GET`: Facebook asks whether the address is ours. Raises `Problem`."""
        expected = self._secret("messenger_verify_token")
        asked = request.query_params
        if asked.get("hub.mode") != "subscribe" or not hmac.compare_digest(asked.get("hub.verify_token", "").encode(), expected.encode()):
            metrics.AUTH_FAILURES.labels("messenger_token").inc()
            raise _refused("`hub.verify_token` is not the one that SURGECAST_MESSENGER_VERIFY_TOKEN names, or `hub.mode` is not `subscribe`.")
        return PlainTextResponse(asked.get("hub.challenge", "")[:CHALLENGE_MAX], headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})

    async def hear(self, request: Request) -> Response:
        """`POST`: a batch of events. Raises `Problem`."""
        secret = self._secret("messenger_app_secret")
        self._secret("messenger_page_token")
        body = await bodies.read(request, self._settings.messenger_body_max_bytes, self._settings.voice_body_timeout_s)
        if not _signed(body, request.headers.get("X-Hub-Signature-256", ""), secret):
            metrics.AUTH_FAILURES.labels("messenger_signature").inc()
            raise _refused("`X-Hub-Signature-256` is not the app's signature of this body.")
        for entry in bodies.decoded(_webhook, body).entry:
            for raw in entry.messaging:
                self._take(raw)
        return PlainTextResponse("EVENT_RECEIVED", headers={"Cache-Control": "no-store"})

    async def close(self) -> None:
        """Finish what was taken in, for a while, and give connections back."""
        if dropped := await self._lanes.close(self._settings.messenger_close_s):
            metrics.MESSENGER_SENDINGS.labels(Sending.SHED).inc(dropped)
            log.error("voice.messenger_dropped", events=dropped)
        await self._api.close()

    def _take(self, raw: msgspec.Raw) -> None:
        try:
            event = _event.decode(raw)
        except (msgspec.ValidationError, msgspec.DecodeError) as error:
            log.warning("voice.messenger_event_unknown", reason=str(error))
            return
        if not event.key or not event.sender.id or self._seen.get(event.key):
            return
        self._seen.put(event.key, True)
        if not self._lanes.put(event.sender.id, event):
            metrics.MESSENGER_SENDINGS.labels(Sending.SHED).inc()
            log.error("voice.messenger_shed", waiting=self._settings.messenger_queue_max)

    def _secret(self, name: str) -> str:
        if not (secret := str(getattr(self._settings, name).get_secret_value())):
            setting = f"SURGECAST_{name.upper()}"
            raise Problem(404, "not-set-up", "Messenger is not set up", f"{setting} is not set: see docs/voice.md.", setting=setting)
        return secret


def _signed(body: bytes, header: str, secret: str) -> bool:
    """Whether `header` is `sha256=` and the HMAC of the bytes as they came."""
    return hmac.compare_digest(header.encode(), b"sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode())


def _refused(detail: str) -> Problem:
    return Problem(403, "not-verified", "Who calls is not known", detail)
