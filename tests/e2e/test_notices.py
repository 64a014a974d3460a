"""From 'notify me when it's back' by text to one message at Twilio, though the worker is killed between sending it and remembering that."""

import asyncio
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from pydantic import SecretStr

from services.adapters.guarded import Guarded, bounds
from services.adapters.ledger_upgrade import upgrade
from services.adapters.notices_redis import RedisNotices
from services.adapters.redis_link import async_link, sync_link
from services.adapters.waiting_redis import RedisWaitingList
from services.kernel.events import Status
from services.kernel.outage import Acceptance
from services.kernel.waiting import Waiter
from services.kit.clock import SystemClock
from services.kit.settings import Settings
from services.voice.conversation.turn import Outcome, Platform, Turn
from tests.builders import event
from tests.processes import append, pieces
from tests.simulators.twilio_api import ACCOUNT, SENDER, TOKEN, Fault, twilio_api
from tests.tree import wait_until
from tests.voice_service import AREAS, Voice

NUMBER = "+16135550123"


def asked_for() -> Waiter:
    """Somebody asks by text; what voice puts on its list."""
    voice = Voice()
    voice.publish([*AREAS])
    turn = Turn(platform=Platform.SMS, lang="en", words="notify me when the power is back in Orléans", asker=NUMBER)
    assert asyncio.run(voice.conversation.answer(turn)).outcome is Outcome.ANSWERED
    return next(iter(voice.waiting.of("sms", NUMBER)))


def put_on_the_list(settings: Settings, waiter: Waiter) -> None:
    async def add() -> Acceptance:
        waiting = RedisWaitingList(async_link(settings), Guarded("waiting", bounds(5, 1, 1, 1), SystemClock()), settings)
        added = await waiting.add(waiter)
        await waiting.close()
        return added

    assert asyncio.run(add()) is Acceptance.ACCEPTED


def test_one_message_although_the_worker_is_killed_in_between(redis_url: str, tmp_path: Path) -> None:
    with twilio_api() as twilio:
        settings = Settings(
            journal_url=redis_url,
            data=tmp_path,
            heartbeat_s=1.0,
            single_flight_s=2.0,
            twilio_api_url=twilio.url,
            twilio_account_sid=ACCOUNT,
            twilio_sender=SENDER,
            twilio_auth_token=SecretStr(TOKEN),
            notices_doubt_s=1.0,
            notices_retry_s=1.0,
        )
        upgrade(settings.ledger)
        notices, log, now = RedisNotices(sync_link(settings)), tmp_path / "log", SystemClock().now()
        append(settings, [event(areas=("orleans",))])
        put_on_the_list(settings, replace(asked_for(), since=now, expires=now + timedelta(hours=1)))
        twilio.faults = [Fault.SILENT_AFTER_ACCEPT]
        worker = ["worker", "--channel", "notices"]
        with pieces(settings, log, ["relay"], ["beat"]):
            with pieces(settings, log, worker) as (first,):
                append(settings, [event(areas=("orleans",), minute=1, status=Status.RESTORED)])
                wait_until(lambda: bool(twilio.taken), 15, "the message is at Twilio, and its answer under way")
                first.kill()
            assert notices.of("sms", NUMBER), "it is not remembered as sent"
            with pieces(settings, log, worker):
                wait_until(lambda: not notices.of("sms", NUMBER), 20, "Twilio was asked whether it has it")
        assert twilio.listed == 1
        ((number, body),) = twilio.bodies()
        assert number == NUMBER
        assert "power is back in orleans" in body
