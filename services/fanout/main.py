"""Starts the workers and their scheduler: settings -> adapters -> channels -> Celery. Imports only what the channels asked for need."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cached_property, partial
from threading import Thread
from typing import TYPE_CHECKING

from celery import Celery
from celery.beat import Service
from redis import Redis

from services import wire
from services.adapters.doorbell_celery import ROUTES, CeleryDoorbell, hearing, ringer
from services.adapters.due_redis import RedisDue
from services.adapters.history_mark_redis import RedisHistoryMark
from services.adapters.janitor_redis import RedisJanitor
from services.adapters.messages_folder import spoken_by
from services.adapters.redis_link import sync_link
from services.adapters.rounds_redis import RedisRounds
from services.adapters.social_build import active
from services.adapters.sources_redis import RedisSources, redis_sources
from services.adapters.suspects_redis import RedisSuspects
from services.adapters.tail_redis import RedisTail
from services.fanout import process
from services.fanout.channel import ChannelWorker
from services.fanout.frame import Answered, Frame, Limits
from services.fanout.replica import Replica
from services.kernel.messages import Lang, Wording
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.waiting import Courier
from services.kernel.waiting import Reach
from services.kit import celery_worker, collector, sidecar
from services.kit.celery_config import celery_app as configured
from services.kit.clock import SystemClock
from services.kit.logs import log
from services.kit.settings import Settings
from services.kit.tasks import ServiceTask
from services.wire import Channel, Lane

if TYPE_CHECKING:
    from services.adapters.history_sql import SqlArchive
    from services.adapters.pager_apprise import ApprisePager
    from services.adapters.pictures_sql import SqlPictures
    from services.fanout.pictures.album import Album, Easel
    from services.fanout.social import Notes
    from services.kernel.planning.tiers import Terms
    from services.kernel.ports.social import Ledger


def worker(settings: Settings, channels: Sequence[Channel], port: int) -> None:
    """Answer the doorbells of `channels` until SIGTERM; `/healthz`, `/readyz` and `/metrics` on `port`."""
    pulse = sidecar.Pulse("consumer", settings.worker_stuck_s)
    sidecar.serve("worker", settings.host, port, pulse.reasons, pulse.hung)
    log.info("worker.started", channels=[channel.value for channel in channels], port=port)
    app = celery_app(settings, channels)
    collector.settle(settings)
    celery_worker.work(app, "-".join(channels), len(channels), pulse, hearing(settings, app), settings)


def beat(settings: Settings, port: int) -> None:
    """Ring every channel each `heartbeat_s`, so that its stamp stays fresh, the janitor and the archiver, until SIGTERM."""
    pulse = _scheduler_pulse(settings)
    sidecar.serve("beat", settings.host, port, pulse.reasons, pulse.hung)
    process.schedule_until_term(_scheduler(settings, pulse))


def beat_beside(settings: Settings) -> sidecar.Pulse:
    """As `beat`, in a thread of a process that does something else: spares the embedded mode a process (60 MB). Ends with it."""
    pulse = _scheduler_pulse(settings)
    Thread(target=_scheduler(settings, pulse).start, name="beat", daemon=True).start()
    return pulse


def _scheduler_pulse(settings: Settings) -> sidecar.Pulse:
    return sidecar.Pulse("scheduler", settings.worker_stuck_s)


def _scheduler(settings: Settings, pulse: sidecar.Pulse) -> Service:
    app = ringer(settings)
    doorbell = CeleryDoorbell(app, settings.doorbells_waiting_max, settings.heartbeat_s)
    return process.scheduler(app, rung(settings), doorbell.send_task, pulse)


def rung(settings: Settings) -> dict[str, tuple[str, timedelta]]:
    """What is rung for by the clock: task -> its queue, and how often."""
    heartbeat = timedelta(seconds=settings.heartbeat_s)
    every = {wire.TASK[channel]: (wire.queue(channel), heartbeat) for channel in active(settings)}
    every[wire.JANITOR_TASK] = wire.JANITOR_QUEUE, timedelta(seconds=settings.trim_every_s)
    if settings.history:
        every[wire.ARCHIVE_TASK] = wire.HISTORY_QUEUE, timedelta(seconds=settings.history_every_s)
    if settings.history_keep_days:
        every[wire.PURGE_TASK] = wire.HISTORY_QUEUE, timedelta(seconds=settings.history_purge_every_s)
    every[wire.ASKED_TASK] = wire.HISTORY_QUEUE, timedelta(seconds=settings.asked_every_s)
    if settings.sources is not None:
        every[wire.POLL_TASK] = wire.POLL_QUEUE, timedelta(seconds=settings.sources_ring_s)
    return every


def celery_app(settings: Settings, channels: Sequence[Channel] = tuple(Channel)) -> Celery:
    """The application whose workers answer the doorbells of `channels`. Every worker also takes the janitor's; those of a routine channel, the history's."""
    keeps_history = any(wire.LANE[channel] is Lane.ROUTINE for channel in channels)
    chores = [wire.JANITOR_QUEUE, *([wire.HISTORY_QUEUE] if keeps_history else [])]
    app = configured(settings, ROUTES, [*(wire.queue(channel) for channel in channels), *chores])
    floor = Floor(settings)
    for channel in channels:
        _register(app, settings, wire.TASK[channel], partial(floor.answer, channel))
    _register(app, settings, wire.JANITOR_TASK, floor.trim)
    if keeps_history:
        _register(app, settings, wire.ARCHIVE_TASK, floor.archive)
        _register(app, settings, wire.PURGE_TASK, floor.purge)
        _register(app, settings, wire.ASKED_TASK, floor.asked)
    return app


def _register(app: Celery, settings: Settings, name: str, run: Callable[[], str]) -> None:
    def task() -> str:
        return run()

    app.task(
        name=name,
        base=ServiceTask,
        shared=False,  # of this application alone
        max_retries=settings.task_retries_max,
        again_for=(Unavailable,),
        retry_cap_s=settings.task_retry_cap_s,
    )(task)


class Floor:
    """What the tasks of one process work with, made at their first need: Redis may be away before."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._frames: dict[Channel, Frame] = {}

    def answer(self, channel: Channel) -> Answered:
        """Answer a doorbell of `channel`."""
        if channel not in self._frames:
            self._frames[channel] = self._frame(channel)
        return self._frames[channel].answer()

    def trim(self) -> str:
        """Trim the journal; and where notices rest, forget who has waited long enough all the same: what is known of them is personal."""
        settings = self._settings
        if not settings.notices_can_be_sent:
            from services.adapters.notices_redis import RedisNotices

            notices = RedisNotices(self._redis)
            notices.end(notices.expired(self._clock.now(), settings.notices_batch))
        mark = RedisHistoryMark(self._redis)
        mark.hold() if settings.history else mark.drop()
        janitor = RedisJanitor(self._redis, settings.closed_retention_s, settings.closed_max, history=settings.history)
        trimmed = janitor.trim(settings.journal_keep_entries, self._clock.now())
        log.info("journal.trimmed", entries=trimmed.entries, outages=trimmed.outages)
        return "done"

    def archive(self) -> str:
        """Take what is new in the journal into the history."""
        from services.fanout.history import Archiver, Limits

        settings = self._settings
        if not settings.history:
            return "switched_off"
        limits = Limits(settings.history_batch_entries, timedelta(seconds=settings.history_busy_max_s))
        return Archiver(RedisTail(self._redis), self._archive, RedisHistoryMark(self._redis), self._clock, limits).run()

    def purge(self) -> str:
        """Delete the history that is older than it is kept."""
        from services.fanout.history import purge

        settings = self._settings
        if not settings.history_keep_days:
            return "switched_off"
        keep, busy = timedelta(days=settings.history_keep_days), timedelta(seconds=settings.history_busy_max_s)
        return purge(self._archive, self._clock, keep, settings.history_purge_batch, busy)

    def asked(self) -> str:
        """Take the counts of what people ask into the ledger: all that Redis still has, as what is there already is only made larger."""
        from services.adapters.asked_redis import RedisAskedCounts
        from services.adapters.asked_sql import SqlAskedArchive

        settings = self._settings
        archive = SqlAskedArchive(settings.ledger, settings.ledger_timeout_s)
        try:
            archive.write(RedisAskedCounts(self._redis, self._clock).counts(self._clock.now() - timedelta(seconds=settings.asked_kept_s)))
        finally:
            archive.close()
        return "done"

    @cached_property
    def _archive(self) -> "SqlArchive":
        from services.adapters.history_sql import SqlArchive

        return SqlArchive(self._settings.ledger, self._settings.ledger_timeout_s)

    @cached_property
    def _clock(self) -> SystemClock:
        return SystemClock()

    @cached_property
    def _redis(self) -> Redis:
        return sync_link(self._settings)

    @cached_property
    def _sources(self) -> RedisSources:
        return redis_sources(self._redis, self._settings)

    def _frame(self, channel: Channel) -> Frame:
        settings = self._settings
        limits = Limits(
            areas=settings.due_batch_max,
            busy=timedelta(seconds=settings.task_busy_max_s),
            single_flight_s=settings.single_flight_s,
            park_after=settings.park_after_failures,
            names_every=timedelta(seconds=settings.heartbeat_s),
        )
        made: dict[Channel, Callable[[], ChannelWorker]] = {
            Channel.VOICE_CACHE: self._voice_cache,
            Channel.SITE: self._site,
            Channel.NOTICES: self._notices,
        } | {social: partial(self._social, social) for social in wire.SOCIAL}
        replica = Replica(RedisTail(self._redis), settings.privacy_threshold, settings.replica_recent_max)
        due = RedisDue(self._redis, channel)
        return Frame(made[channel](), replica, due, RedisRounds(self._redis), RedisSuspects(self._redis), self._clock, limits)

    def _wordings(self, spoken: bool = False) -> dict[Lang, Wording]:
        return spoken_by(self._settings, spoken=spoken)

    def _voice_cache(self) -> ChannelWorker:
        from services.adapters.views_redis import RedisViews
        from services.fanout.extents import ExtentTaker
        from services.fanout.voice_cache import VoiceCache

        extents = ExtentTaker(self._settings.extent_positions_max, self._settings.extents_max)
        return VoiceCache(RedisViews(self._redis), list(self._wordings(spoken=True).values()), self._clock, self._sources.known, extents)

    def _site(self) -> ChannelWorker:
        from services.adapters.site_folder import SiteFolder
        from services.fanout.site.channel import SiteChannel

        return SiteChannel(SiteFolder(self._settings.site_folder), self._wordings(), self._settings, self._clock, self._sources.known)

    def _social(self, channel: Channel) -> ChannelWorker:
        from services.adapters.ledger_sql import SqlLedger
        from services.adapters.policy_file import policy
        from services.adapters.social_build import speakers
        from services.fanout.social import Accounts, SocialChannel, Voice

        settings = self._settings
        ledger = SqlLedger(settings.ledger, settings.ledger_timeout_s)
        rules = policy(settings)
        made = []
        for account, feed, scope, terms in speakers(channel, settings):
            voice = Voice(channel, account, feed, scope, terms, self._album(channel, account) if feed and scope.pictures else None)
            notes = self._notes(channel, account, terms, rules.reserve, ledger)
            made.append(SocialChannel(voice, notes, self._wordings(), settings, self._clock, rules, self._pager))
        return Accounts(channel, made, timedelta(seconds=settings.social_run_max_s), self._clock)

    @cached_property
    def _pager(self) -> "ApprisePager | None":
        from services.adapters.social_build import pager

        made, faults = pager(self._settings)
        for fault in faults:
            log.error("approval.address_left_out", reason=fault, what_to_do="mend SURGECAST_APPROVAL_NOTIFY and start anew; `surgecast doctor` looks at it")
        return made

    def _album(self, channel: Channel, account: str) -> "Album | None":
        if not self._settings.social_pictures:
            return None
        from services.fanout.pictures.album import Album

        return Album(channel, account, self._pictures, self._easel, self._wordings())

    @cached_property
    def _pictures(self) -> "SqlPictures":
        from services.adapters.pictures_sql import SqlPictures

        settings = self._settings
        return SqlPictures(settings.ledger, settings.ledger_timeout_s, timedelta(seconds=settings.pictures_keep_s))

    @cached_property
    def _easel(self) -> "Easel":
        from services.adapters.areas_redis import RedisAreas
        from services.fanout.pictures.album import Easel

        return Easel(RedisAreas(self._redis), self._settings.picture_font)

    def _notes(self, channel: Channel, account: str, terms: "Terms", reserve: float, ledger: "Ledger") -> "Notes":
        from services.adapters.announced_redis import RedisAnnounced
        from services.adapters.budgets_redis import budgets_of
        from services.adapters.drawer_redis import RedisDrawer
        from services.fanout.social import Notes

        name = account if channel is Channel.SOCIAL else f"{channel}:{account}"
        budgets = budgets_of(self._redis, channel, account, terms, reserve, self._settings)
        return Notes(ledger, RedisAnnounced(self._redis, name), RedisDrawer(self._redis, name), budgets)

    def _notices(self) -> ChannelWorker:
        from services.adapters.notices_redis import RedisNotices
        from services.fanout.homes import Homes
        from services.fanout.notices import NoticesChannel, Pace

        settings = self._settings
        pace = Pace(
            per_s={Reach.SMS: settings.notices_per_s, Reach.ALEXA: settings.notices_alexa_per_s, Reach.MESSENGER: settings.notices_messenger_per_s},
            batch=settings.notices_batch,
            run_max=timedelta(seconds=settings.notices_run_max_s),
            doubt=timedelta(seconds=settings.notices_doubt_s),
            retry=timedelta(seconds=settings.notices_retry_s),
            worth=timedelta(hours=settings.notices_worth_hours),
        )
        homes = Homes(settings.outage_close_m, settings.extent_positions_max)
        return NoticesChannel(RedisNotices(self._redis), _couriers(settings), self._wordings(), pace, self._clock, homes)


def _couriers(settings: Settings) -> dict[str, Courier]:
    """Who reaches people, by platform: those that are set up."""
    couriers: dict[str, Courier] = {}
    if settings.texts_can_be_sent:
        from services.adapters.sms_twilio import TwilioTexts

        account, token = settings.twilio_account_sid, settings.twilio_auth_token.get_secret_value()
        couriers[Reach.SMS] = TwilioTexts(settings.twilio_api_url, account, token, settings.twilio_sender, settings.twilio_timeout_s)
    if settings.alexa_can_notify:
        from services.adapters.alexa_proactive_http import HttpProactiveEvents
        from services.adapters.notice_alexa import AlexaNotices

        url, token_url, secret = settings.alexa_proactive_url, settings.alexa_token_url, settings.alexa_client_secret.get_secret_value()
        couriers[Reach.ALEXA] = AlexaNotices(HttpProactiveEvents(url, token_url, settings.alexa_client_id, secret, settings.notices_timeout_s))
    if settings.messenger_can_write:
        from services.adapters.notice_messenger import MessengerNotices

        token, version = settings.messenger_page_token.get_secret_value(), settings.messenger_version
        couriers[Reach.MESSENGER] = MessengerNotices(settings.messenger_url, version, token, settings.notices_timeout_s)
    return couriers
