"""Every metric of every service, in one place: `surgecast_<noun>_<unit|total>`, labels from closed sets only.

Where PROMETHEUS_MULTIPROC_DIR is set (the embedded mode) the numbers of all processes that
share the folder are served by each of them.
"""

import os

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

HTTP_REQUESTS = Counter("surgecast_http_requests_total", "Requests answered", ["service", "route", "method", "status"])
HTTP_DURATION = Histogram("surgecast_http_request_duration_seconds", "Time to answer a request", ["service", "route"], buckets=_FAST)
GUARD_REFUSED = Counter("surgecast_guard_refused_total", "Requests refused before any work, by kind (single, bulk) and reason", ["service", "kind", "reason"])
GUARD_LIMIT = Gauge("surgecast_guard_limit_requests", "Requests that may be worked on at once, as found", ["service"], multiprocess_mode="mostrecent")
INGEST_EVENTS = Counter("surgecast_ingest_events_total", "Events by what became of them", ["outcome"])
INGEST_PICTURES = Counter("surgecast_ingest_pictures_total", "Pictures by format and what became of them", ["format", "outcome"])
AUTH_FAILURES = Counter("surgecast_auth_failures_total", "Requests of senders who were not let in, by why", ["reason"])
OIDC_FETCHES = Counter("surgecast_oidc_key_fetches_total", "Times that the issuer was asked for its keys", ["outcome"])
THROTTLED = Counter("surgecast_throttled_requests_total", "Requests answered 429, by the limit that was hit", ["limit"])
QUOTA_UNCHECKED = Counter("surgecast_quota_unchecked_total", "Times that limits were not counted, as Redis could not be asked")
INGEST_ALERTS = Counter("surgecast_ingest_alerts_total", "CAP messages by type and what became of them", ["type", "outcome"])
CATALOGUE_AREAS = Gauge("surgecast_catalogue_areas", "Areas that outages are counted by", multiprocess_mode="mostrecent")
LOCATED = Counter("surgecast_located_outages_total", "Outages without areas that were looked up in the catalogue (a picture's each time)", ["place"])
AREA_NAMES_DROPPED = Counter("surgecast_area_names_dropped_total", "Names of areas that feeds gave, beyond the most that are kept")
JOURNAL_ENTRIES = Gauge("surgecast_journal_entries", "Entries in the journal", multiprocess_mode="mostrecent")
JOURNAL_LAG = Gauge("surgecast_journal_lag_entries", "Entries that the relay has not folded yet", multiprocess_mode="mostrecent")
JOURNAL_OLDEST = Gauge("surgecast_journal_oldest_unprocessed_seconds", "Age of the oldest event not folded yet", multiprocess_mode="mostrecent")
JOURNAL_MEMORY = Gauge("surgecast_journal_memory_ratio", "Used of the memory that the journal may use", multiprocess_mode="mostrecent")
HISTORY_LAG = Gauge("surgecast_history_lag_entries", "Entries of the journal that are not in the history yet", multiprocess_mode="mostrecent")
HISTORY_OLDEST = Gauge("surgecast_history_oldest_unarchived_seconds", "Age of the oldest of them", multiprocess_mode="mostrecent")
HISTORY_ARCHIVED = Counter("surgecast_history_archived_entries_total", "Entries taken into the history")
HISTORY_MISSING = Counter("surgecast_history_missing_entries_total", "Entries that had left the journal before they were archived")
RELAY_FOLDED = Counter("surgecast_relay_folded_entries_total", "Entries folded into due work")
DOORBELLS = Counter("surgecast_doorbells_total", "Doorbells rung", ["channel", "reason"])
DUE_AREAS = Gauge("surgecast_due_areas", "Areas with work due now", ["channel"], multiprocess_mode="mostrecent")
DUE_OLDEST = Gauge("surgecast_due_oldest_seconds", "How long the oldest work has been due", ["channel"], multiprocess_mode="mostrecent")
TASKS = Counter("surgecast_tasks_total", "Celery tasks by name and outcome", ["task", "outcome"])
TASK_DURATION = Histogram("surgecast_task_duration_seconds", "Run time of Celery tasks", ["task"], buckets=_FAST)
PARKED = Counter("surgecast_parked_areas_total", "Areas whose work kept failing and was set aside, for a person to look at", ["channel"])
UNFINISHED_ROUNDS = Gauge("surgecast_unfinished_rounds", "Rounds of work begun since the last that ended well", ["channel"], multiprocess_mode="mostrecent")
RENDER_DURATION = Histogram("surgecast_render_duration_seconds", "Time to render what changed", ["channel"], buckets=_FAST)
RENDERED = Counter("surgecast_rendered_documents_total", "Documents rendered", ["channel"])
SOURCE_AGE = Gauge("surgecast_source_age_seconds", "How long ago a source was last heard from", ["source"], multiprocess_mode="mostrecent")
SOURCE_POLLS = Counter("surgecast_source_polls_total", "Polls of sources by what became of them", ["source", "outcome"])
SOURCES_STALE = Gauge("surgecast_sources_stale", "Sources silent for longer than they may be", multiprocess_mode="mostrecent")
OUTPUT_AGE = Gauge("surgecast_output_age_seconds", "Age of what is shown: now less its as_of", ["output"], multiprocess_mode="mostrecent")
LOOKUPS = Counter("surgecast_outside_lookups_total", "Times that voice had to ask something outside, by what became of it", ["what", "outcome"])
LINKINGS = Counter("surgecast_linkings_total", "Steps of account linking by what became of them", ["step", "outcome"])
REPORTS = Counter("surgecast_reports_total", "Reports that people made, by kind and what became of them", ["kind", "outcome"])
ALEXA_REFUSED = Counter("surgecast_alexa_refused_total", "Requests that Amazon did not sign for one of our skills just now, by why", ["reason"])
ALEXA_CERTIFICATES = Counter("surgecast_alexa_certificates_total", "Certificates of Alexa's that were looked at, by what came of it", ["outcome"])
ALEXA_SESSIONS_ENDED = Counter("surgecast_alexa_sessions_ended_total", "Sessions that ended otherwise than by our answer, by why", ["reason"])
ALEXA_CALLS = Counter("surgecast_alexa_api_calls_total", "Calls of Alexa's API, by what was asked for and what came of it", ["call", "outcome"])
ALEXA_EVENTS = Counter("surgecast_alexa_events_total", "Events of Alexa's that nobody spoke, by kind", ["kind"])
TURNS = Counter("surgecast_turns_total", "Turns of conversations by platform, language, intent and how they ended", ["platform", "lang", "intent", "outcome"])
TURN_DURATION = Histogram("surgecast_turn_duration_seconds", "Time to find an answer", ["platform"], buckets=(0.00025, 0.0005, *_FAST))
GAVE_UP = Counter("surgecast_conversation_signs_total", "Signs that somebody gives up", ["sign"])
ASKERS_LIMITED = Counter("surgecast_askers_limited_total", "Questions beyond the limit of one asker, by what names it (asker, address)", ["by"])
ASKED_DROPPED = Counter("surgecast_asked_dropped_total", "Phrases that were not understood and not kept, as there were too many, or too many of one asker")
MESSENGER_SENDINGS = Counter("surgecast_messenger_sendings_total", "Messages to Messenger by what became of them", ["outcome"])
DELIVERIES = Counter("surgecast_deliveries_total", "Deliveries by channel and outcome", ["channel", "outcome"])
ACCOUNTS_LEFT_OUT = Gauge(
    "surgecast_social_accounts_left_out", "Accounts that can't be used as they are set up, by service", ["service"], multiprocess_mode="livemax"
)
BUDGET_LEFT = Gauge(
    "surgecast_social_budget_left",
    "Posts, or dollars, that an account has left of a limit (its window in seconds)",
    ["channel", "account", "window", "unit"],
    multiprocess_mode="mostrecent",
)
BUDGET_REFUSED = Counter("surgecast_social_budget_refused_total", "Posts that had to wait, as no budget was left for them", ["channel"])
SPENT = Counter("surgecast_social_spent_dollars_total", "What posts have cost", ["channel", "account"])
POST_PICTURES = Counter(
    "surgecast_post_pictures_total", "Pictures for posts: drawn; not drawn (undrawable, unavailable, failed); not taken by the service (refused)", ["what"]
)
APPROVALS = Counter("surgecast_approvals_total", "Posts that people were asked about, and what the clock did to them", ["verdict"])
LAPSED = Counter("surgecast_emergencies_lapsed_total", "Emergencies over before there was any budget to tell them, by channel", ["channel"])
PAGED = Counter("surgecast_approval_calls_total", "Calls to the people who approve posts, for each of their addresses, by what became of them", ["outcome"])
NOTICES = Counter(
    "surgecast_notices_total", "Notices to those who asked to be told, by what reaches them and what became of them (held: given back)", ["platform", "outcome"]
)
RESTARTS = Counter("surgecast_process_restarts_total", "Processes that the embedded mode started again", ["service"])


def exposition() -> tuple[bytes, str]:
    """All metrics in Prometheus' text format, and its content type."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
