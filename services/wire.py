"""Every name that two processes share: streams, keys, groups, channels, queues, task names. Nothing else spells them."""

from enum import StrEnum

PREFIX = "surgecast:v1:"

JOURNAL = PREFIX + "journal"
"""Stream: one entry an accepted event. Fields: `n` (contiguous number), `k` (outage key), `was` and `now` (JSON lists of area ids), `e` (event JSON)."""
NUMBER = PREFIX + "number"
"""The `n` of the newest entry, so that a reader notices entries trimmed from under it."""
OUTAGES = PREFIX + "outages"
"""Hash: outage key -> newest event JSON of each outage that is active or clearing."""
VERSIONS = PREFIX + "versions"
"""Hash: outage key -> `version position areas-JSON` of the newest event of each outage heard of (until the janitor), over ones
too: a late event must find it."""
CLOSED = PREFIX + "closed"
"""Sorted set: outage key -> when the journal heard that it was over (ms since 1970), for the janitor."""
FENCE = PREFIX + "fence"
"""A number that grows with each write that waits for replicas, so that there is always something to wait for."""
AREA_NAMES = PREFIX + "area_names"
"""Hash: area id -> the name that a feed gives it."""
CATALOGUE = PREFIX + "catalogue"
"""JSON: the area catalogue's revision, the layers that outages are counted by, and how many areas there are at `catalogue_areas(revision)`."""
CATALOGUE_NAMES = PREFIX + "catalogue_names"
"""Hash: area id -> JSON of what the area catalogue calls it, in both languages, with its aliases. Of the areas that outages are counted by; replaced whole
with the catalogue. Comes before AREA_NAMES."""
KEYS = PREFIX + "ingest_keys"
"""Hash: SHA-256 of an ingest key -> JSON of whom it names."""
KEYS_USED = PREFIX + "ingest_keys_used"
"""Hash: id of an ingest key -> when it was last good for a request (s since 1970), to within about a minute."""
DEMO_KEY = PREFIX + "demo_key"
"""Set once the embedded mode's own key was made, and there as long as the data is: so that a key that was lost with it is told from one that was revoked."""
HEARD_FROM = PREFIX + "heard_from"
"""Hash: source -> when it last sent a picture or said that its last one still holds (whole microseconds since 1970). A source that only sends
events on change is not in it, unless SURGECAST_SOURCE_STALE_AFTER names it."""
EXPECTED = PREFIX + "expected_sources"
"""Hash: source that is polled -> JSON of since when, how long its silence is borne, and what people call it."""
QUIET = PREFIX + "quiet_sources"
"""Set: the sources whose silence was alarmed."""
POLLS = PREFIX + "polls"
"""Hash: polled source -> JSON of what is remembered of it (kernel.polls.PollState)."""
POLLS_DUE = PREFIX + "polls_due"
"""Sorted set: polled source -> when it is due (whole microseconds since 1970); while it is polled, when that is given up."""
RELAY_GROUP = "relay"
"""The consumer group of the journal."""
HISTORY_GROUP = "history"
"""The archiver's mark in the journal: entries up to this group's last delivered id are in the ledger's history. Its cursor is there; this one only tells
the janitor. A group, since it goes with the stream that it is about, and moving it needs no memory."""
VIEWS = PREFIX + "views"
"""Hash: area id -> JSON of its brief, with its answers in words, for the mirrors; and the answers for all areas together under VIEWS_OVERALL."""
VIEWS_OVERALL = ""
"""The field of VIEWS that is no area's: no area id is empty."""
VIEWS_EXTENT = "@"
"""Before the key of an outage, in the fields of VIEWS that hold how far it extends: no area id begins so."""
VIEWS_CHANGED = PREFIX + "views_changed"
"""Sorted set: area id -> revision at which its brief last changed, so that a mirror fetches only what is new to it."""
VIEWS_STAMP = PREFIX + "views_stamp"
"""JSON: the revision, and the stamp (journal position and time) that the views reflect."""

REPORTS_LOOKS = PREFIX + "reports_looks"
"""Stream: who has looked at whom reports are of, and when (JSON). Kept for whoever answers for that, bounded by number."""

WAITING = PREFIX + "waiting"
"""Hash: id of somebody who waits to be told (who, and for what) -> JSON of that and, once it is due, of their notice. Personal data."""
WAITING_UNTIL = PREFIX + "waiting_until"
"""Sorted set: that id -> when it ends by itself (ms since 1970)."""
WAITING_ASKED = PREFIX + "waiting_asked"
"""Set: those ids of people who have been asked whether they asked, and have not answered."""
WAITING_AREAS = PREFIX + "waiting_areas"
"""Hash: area id, or @ and an outage's key -> how many wait for it."""


class Channel(StrEnum):
    """Where updates go: path (fanout/), queue, due set, metric label and compose service carry this name."""

    VOICE_CACHE = "voice_cache"
    SITE = "site"
    SOCIAL = "social"
    """X, the first; each other service has a channel of its own, so that one that hangs holds up itself alone (I7)."""
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    FACEBOOK = "facebook"
    WEBHOOK = "webhook"
    APPRISE = "apprise"
    NOTICES = "notices"


class Lane(StrEnum):
    """A slow routine task never delays an urgent one."""

    URGENT = "urgent"
    ROUTINE = "routine"


SOCIAL = (Channel.SOCIAL, Channel.MASTODON, Channel.BLUESKY, Channel.FACEBOOK, Channel.WEBHOOK, Channel.APPRISE)
"""The channels whose posts are scarce and go to accounts."""
URGENT = (Channel.VOICE_CACHE, Channel.SITE)
"""Those that readers wait for."""
LANE = {channel: Lane.URGENT if channel in URGENT else Lane.ROUTINE for channel in Channel}
TASK = {Channel.VOICE_CACHE: "voice_cache.refresh", Channel.SITE: "site.render", Channel.NOTICES: "notices.send"} | {
    channel: f"{channel}.post" for channel in SOCIAL
}
POLL_TASK, POLL_QUEUE = "sources.poll", "sources.routine"
JANITOR_TASK = "journal.trim"
ARCHIVE_TASK = "history.archive"
PURGE_TASK = "history.purge"
ASKED_TASK = "history.asked"


def queue(channel: Channel, lane: Lane | None = None) -> str:
    """The Celery queue of `channel`: its usual lane, or the one asked for."""
    return f"fanout.{channel}.{lane or LANE[channel]}"


JANITOR_QUEUE = "fanout.journal.routine"
HISTORY_QUEUE = "fanout.history.routine"
"""Taken by the workers of routine channels: what waits for SQL never delays an urgent one."""


def due(channel: Channel) -> str:
    """Sorted set of work not done yet: area id -> when it is due (whole microseconds since 1970; each event that touches an area already due adds one,
    so that a worker knows whether anything came since it looked)."""
    return f"{PREFIX}due:{channel}"


def bell(channel: Channel) -> str:
    """Set while a doorbell for `channel` is on its way, so that a burst rings once."""
    return f"{PREFIX}bell:{channel}"


def suspects(channel: Channel) -> str:
    """Hash: area id -> how often its work failed when it was tried alone; and, under the empty id, the rounds begun since one ended well."""
    return f"{PREFIX}suspects:{channel}"


def parked(channel: Channel) -> str:
    """Hash: area id -> JSON of why and when its work was set aside: the dead letters, struck off when the area next succeeds."""
    return f"{PREFIX}parked:{channel}"


def published(channel: Channel) -> str:
    """JSON stamp: the position and time that `channel` last published."""
    return f"{PREFIX}published:{channel}"


def lock(channel: Channel) -> str:
    """Held by the one worker that renders `channel` (single flight)."""
    return f"{PREFIX}lock:{channel}"


def catalogue_areas(revision: str) -> str:
    """Hash: area id -> MessagePack of the area, of one revision of the catalogue."""
    return f"{PREFIX}catalogue:{revision}"


def picture(source: str, format_name: str) -> str:
    """Hash: outage id -> what is remembered of it since the source's last picture in this format."""
    return f"{PREFIX}picture:{source}:{format_name}"


def picture_head(source: str, format_name: str) -> str:
    """Hash: revision, observed_at and count of the source's last picture in this format."""
    return f"{PREFIX}picture_head:{source}:{format_name}"


def heard(source: str, generation: str) -> str:
    """Hash: digest of an event id -> its position, for the newest events of a source. Two generations: `new` and `old`."""
    return f"{PREFIX}heard:{source}:{generation}"


def quota(source: str, thing: str) -> str:
    """Hash: level and at, of the bucket from which a source spends requests or events; gone once it is full."""
    return f"{PREFIX}quota:{source}:{thing}"


def quota_day(source: str, thing: str, day: str) -> str:
    """How much of it a source has spent on a day (UTC)."""
    return f"{PREFIX}quota_day:{source}:{thing}:{day}"


def alert_chain(source: str, generation: str) -> str:
    """Hash: name of a CAP message -> JSON of the first message of its chain, for the newest messages of a source. Two generations: `new` and `old`."""
    return f"{PREFIX}alert_chain:{source}:{generation}"


def waiting_in(group: str) -> str:
    """Set: ids of those who wait for this area, or this outage."""
    return f"{PREFIX}waiting_in:{group}"


def waiting_of(person: str) -> str:
    """Set: ids of all that one person waits for."""
    return f"{PREFIX}waiting_of:{person}"


EVERYBODY = ""
"""No person: all of them together."""


def waiting_asks(person: str, day: str) -> str:
    """Number: how often this person, or `EVERYBODY`, was asked on that day (UTC) whether they asked."""
    return f"{PREFIX}waiting_asks:{day}:{person}"


def notices_due(platform: str) -> str:
    """Sorted set: id of somebody whose notice is to be sent on this platform -> when (ms since 1970)."""
    return f"{PREFIX}notices_due:{platform}"


def reports(kind: str, *, named: bool) -> str:
    """Stream: `r` is the JSON of one report of this kind that people made: those whom their platform names, or all others."""
    return f"{PREFIX}reports:{kind}" if named else f"{PREFIX}reports:{kind}:unnamed"


def report_said(same: str) -> str:
    """Set while a report said again is the same one: `same` is a digest of who said it, of what kind, where."""
    return f"{PREFIX}report_said:{same}"


def reports_minute(kind: str, asker: str, minute: int) -> str:
    """How many reports of this kind an asker made in a minute (since 1970); all askers under the empty name."""
    return f"{PREFIX}reports_minute:{kind}:{asker}:{minute}"


def announced(account: str) -> str:
    """Hash: area id -> JSON of what was last said about it on `account`."""
    return f"{PREFIX}announced:{account}"


def drawer(account: str) -> str:
    """Hash: area id -> JSON of the news of it that wait to be told on `account`; `*` -> JSON of what came lately."""
    return f"{PREFIX}drawer:{account}"


def budget_spent(account: str) -> str:
    """Hash: window (ms), `p` for posts or `d` for millionths of a dollar, and a step's number -> what `account` spent in that step; `at` -> when last."""
    return f"{PREFIX}budget:{account}:spent"


def budget_heard(account: str) -> str:
    """Hash: window (s) -> limit, posts remaining and the window's end (ms), as the account's service said last."""
    return f"{PREFIX}budget:{account}:heard"


def budget_on_its_way(account: str) -> str:
    """Hash: key of a post that was taken and not answered yet -> posts, and when it was taken (ms)."""
    return f"{PREFIX}budget:{account}:on_its_way"


def budget_taken(account: str, key: str) -> str:
    """Posts, millionths of a dollar and when (ms) the post of this key was taken. Goes by itself."""
    return f"{PREFIX}budget:{account}:taken:{key}"


def asked(day: str) -> str:
    """Hash: hour, platform, language, intent and ending, parted by bars -> how many turns, of one day (UTC)."""
    return f"{PREFIX}asked:{day}"


def unmatched(day: str) -> str:
    """Hash: language, platform and redacted words, parted by bars -> how often they were not understood, on one day (UTC). Goes by itself."""
    return f"{PREFIX}unmatched:{day}"


def asked_batch(batch: str) -> str:
    """Set once a batch of counts was added, for as long as it may be handed in again."""
    return f"{PREFIX}asked_batch:{batch}"


SITE_MANIFEST = "manifest.json"
"""File of the site: the stamp that every other file reflects at least; written last."""
SITE_ASSETS = "assets"
"""Folder of the site: style sheet and script of its pages."""


def site_feed(lang: str, name: str) -> str:
    """Path in the site, and under the origin, of a feed document."""
    return f"feeds/v1/{lang}/{name}"


def site_area_feed(lang: str, area: str) -> str:
    """Path in the site, and under the origin, of one area's document."""
    return f"feeds/v1/{lang}/areas/{area}.json"


def site_page(lang: str) -> str:
    """Path in the site of the status page: `/{lang}/` under the origin."""
    return f"{lang}/index.html"


def site_area_page(lang: str, area: str) -> str:
    """Path in the site of one area's page: `/{lang}/areas/{area}` under the origin."""
    return f"{lang}/areas/{area}.html"


ALEXA_SUBSCRIBER = PREFIX + "alexa:subscriber:"
"""Keys: and the digest of a customer's id -> JSON of what they let the Alexa skill tell them unasked, and when they chose it."""
