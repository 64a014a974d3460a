"""Every setting and limit, named, with a safe default. Read from the environment, each as `SURGECAST_<NAME>`.

`docs/settings.md` lists them for operators; a test holds the two together.
"""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from services.kit.sentinel import group_of
from services.kit.settings_social import SocialSettings
from services.kit.settings_voice import SAFE_URL, Names, Networks, VoiceSettings

MIB = 1024 * 1024
Algorithm = Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Ways to sign that need no shared secret (RFC 7518, section 3.1; RFC 8037): with HS256 our own knowledge of the key would do to forge tokens."""


class Settings(SocialSettings, VoiceSettings):
    """What a process is told from outside. Units are last in the names; `_s` is seconds."""

    model_config = SettingsConfigDict(env_prefix="SURGECAST_", extra="ignore", frozen=True)

    # where things are
    data: Path = Field(Path(".surgecast"), description="folder that the embedded mode keeps everything in")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=0, le=65_535, description="port to listen on; the embedded mode also takes it from PORT")
    journal_url: str = Field(
        "redis://127.0.0.1:6379/0",
        description="Redis that holds the journal: AOF, appendfsync always, noeviction; or redis+sentinel://host:port,host:port/master",
    )
    journal_folder: Path | None = Field(
        None, description="folder of the journal's append-only file, where it is on ingest's own machine: its room is watched; the embedded mode sets it"
    )
    broker_url: str = Field("", description="Redis for Celery; empty: the journal's")
    ledger_url: str = Field("", description="SQLAlchemy URL of the ledger; empty: SQLite in the data folder")
    site: Path | None = Field(None, description="folder of the rendered public side; empty: `site` in the data folder")
    redis_server: str = Field("", description="Redis-compatible server binary that the embedded mode starts; empty: the first one found")
    redis_maxmemory_mib: int = Field(1_024, ge=0, description="memory of the Redis that the embedded mode starts; full, it refuses writes; 0: unlimited")
    public_url: str = Field("http://127.0.0.1:8000", description="origin that customers reach, for links and feed ids")
    utility_name: str = Field("Example Hydro", description="who speaks, in English")
    utility_name_fr: str = Field("Hydro Exemple", description="who speaks, in French")
    outage_line: str = Field("", description="telephone number for reporting outages; empty: not mentioned")
    timezone: str = Field("America/Toronto", description="IANA time zone in which times are told")

    # ingest
    ingest_body_max_bytes: int = Field(32 * MIB, description="largest request body; larger ones get 413")
    ingest_group_max_events: int = Field(
        100, ge=1, description="events of one source that wait at the same moment are appended together, up to this many; larger batches go alone"
    )
    ingest_source_requests_per_s: float = Field(5_000.0, ge=0, description="requests a second that one source may send; more get 429; 0: any number")
    ingest_source_events_per_s: float = Field(
        0.0, ge=0, description="events a second that one source may send; 0: any number, as a storm is when they must come through"
    )
    ingest_source_burst_s: float = Field(5.0, gt=0, description="a source that was quiet may send this many seconds' worth at once")
    ingest_source_events_per_day: int = Field(0, ge=0, description="events a day (UTC) that one source may send; 0: any number")
    quota_lease_s: float = Field(0.1, ge=0, description="ingest borrows this many seconds' worth of a source's rate ahead, so that few requests ask Redis")
    quota_retry_s: float = Field(
        1.0,
        description="after a limit was hit, or couldn't be looked up, Redis isn't asked about it again for this long",
    )
    ingest_batch_max_events: int = Field(20_000, description="most events in one request")
    ingest_inflight_max_bytes: int = Field(128 * MIB, description="bytes of bodies held at once; more get 503 with Retry-After")
    ingest_bulk_min_bytes: int = Field(64 * 1024, description="larger bodies, those of unknown length, and pictures are bulk: refused before single updates")
    ingest_lag_max_entries: int = Field(500_000, description="with more accepted events than this waiting for the relay, new ones get 503 with Retry-After")
    ingest_memory_max_share: float = Field(0.9, description="with more of Redis's maxmemory used, new events get 503: the relay and workers need the rest")
    ingest_disk_min_mib: int = Field(
        64,
        ge=0,
        description="with less room left where journal_folder is, new events get 503: the relay and workers need the rest; 0: the room isn't looked at",
    )
    ingest_bulk_room_share: float = Field(0.9, description="bulk is refused at this share of those two limits, so that single updates have the rest")
    ingest_pressure_every_s: float = Field(1.0, description="how often ingest looks how far behind the relay is, and how full Redis")
    ingest_silent_s: float = Field(1.0, description="a Redis that hasn't answered for this long is taken for gone: 503 at once, until it answers")
    ingest_silent_retry_s: float = Field(0.1, description="how soon one that is gone is asked again")
    ingest_body_timeout_s: float = Field(30.0, description="longest a body may take to arrive")
    ingest_off_loop_bytes: int = Field(512 * 1024, description="larger bodies are read in a thread, so that health checks are answered meanwhile")
    ingest_event_max_bytes: int = Field(256 * 1024, description="largest single event")
    ingest_picture_max_records: int = Field(20_000, description="most records in one picture")
    ingest_csv_columns_max: int = Field(1_000, ge=1, description="most cells of a CSV's line; spreadsheets of outages have fifty")
    ingest_shape_positions_max: int = Field(
        20_000, ge=4, description="most positions of one outage's geometry; an event with more is rejected, as is a record of a picture, or it has no geometry"
    )
    ingest_mend_near_max: int = Field(
        20_000, ge=0, description="a border that crosses itself is mended if at most this many pairs of its edges are near each other: more take seconds"
    )
    ingest_picture_mend_near_max: int = Field(100_000, ge=0, description="as many pairs, of all shapes of one picture that are mended")
    ingest_picture_tries: int = Field(5, ge=1, description="tries to commit a picture while other writers commit pictures of the same source")
    ingest_future_skew_s: int = Field(24 * 3600, description="how far ahead of our clock an event may say it happened")
    ingest_picture_future_skew_s: int = Field(300, description="how far ahead of our clock a picture may say it was taken; it makes earlier ones stale")
    ingest_horizon_days: int = Field(3_660, description="how far ahead any other time in an event may lie")
    ingest_event_min_year: int = Field(2000, description="an event from before this year is a broken clock")
    ingest_alert_max_bytes: int = Field(4 * MIB, description="largest CAP message; larger ones get 413")
    ingest_alert_elements_max: int = Field(50_000, description="most XML elements of a CAP message; more get 413")
    ingest_alert_depth_max: int = Field(
        32, le=500, description="how deep the elements of a CAP message may be nested; CAP itself needs 4, signatures a few more"
    )
    ingest_alert_references_max: int = Field(1_000, le=3_000, description="most earlier messages that a CAP message may refer to")
    ingest_cap_profile: Literal["cap-cp", "cap"] = Field(
        "cap-cp", description="cap-cp: each CAP message must keep to the Canadian profile; cap: only one that says it does (its code profile:CAP-CP:...)"
    )
    ingest_cap_event_codes: str = Field("", description="CAP event codes that are outages, such as `electric, utility`; others are not shown; empty: any")
    ingest_cap_estimate_parameter: str = Field(
        "EstimatedRestoration",
        description="valueName of the CAP parameter with the estimated restoration, a time as CAP writes it; `expires` is never taken for it",
    )
    ingest_cap_customers_parameter: str = Field("CustomersAffected", description="valueName of the CAP parameter with the customers out now, a whole number")
    ingest_cap_area_geocode: str = Field("", description="valueName of the CAP geocode whose values are area ids; empty: ids are made of the areas' names")
    ingest_cap_causes: dict[str, str] = Field(
        {}, description='JSON, such as {"manoeuvre": "planned"}: word in a CAP event, or its CAP-CP event code, to cause; before the words and codes known'
    )
    alert_chains_max: int = Field(
        50_000, description="CAP messages remembered a source and generation (two generations), to tell which outage a later one is about"
    )
    heard_events_max: int = Field(200_000, description="event ids remembered a source and generation (two generations), to tell a duplicate from a stale event")
    ingest_mappings: Path | None = Field(
        None, description="TOML file of tables (fields, causes, crews, areas) laid over those of the formats; docs/adapters.md; empty: none"
    )
    arcgis_page_limit: int = Field(2_000, description="an arcgis picture with exactly this many records was cut short; 0: never")
    kubra_same_place_km: float = Field(5.0, description="how far a kubra outage's place may move between pictures and still be the same outage")
    kubra_cluster_reach_km: float = Field(10.0, description="how far from a kubra cluster without a list the outages it stands for may be")
    grace_pictures: int = Field(2, description="complete pictures in a row an outage must be gone from before it is restored")
    grace_source_time_s: int = Field(600, description="source time an outage must be gone for before it is restored")

    # areas
    area_layers: str = Field("", description="kinds of areas that outages are counted by, parted by commas, from the next load on; empty: the first loaded")
    area_overlap_share: float = Field(
        0.1, gt=0, le=1, description="an outage's polygon or line is in an area that has this share of it, or of which it covers this share"
    )
    area_alias_share: float = Field(0.9, gt=0.5, le=1, description="an area of another layer with this share inside a counted one is another name for it")
    areas_max: int = Field(20_000, description="most areas in the catalogue")
    area_file_max_bytes: int = Field(256 * MIB, description="largest boundary file")
    area_positions_max: int = Field(5_000_000, description="most positions in one layer's boundaries, before they are simplified")
    area_simplify_m: float = Field(2.0, ge=0, description="boundaries are simplified to about this many metres, neighbours alike; 0: kept as they are")
    area_check_s: float = Field(2.0, gt=0, description="how often an ingest process looks whether another area catalogue was loaded")
    area_cache_max: int = Field(50_000, description="most outage shapes whose areas an ingest process remembers")

    area_names_max: int = Field(50_000, ge=0, description="most areas whose names in feeds are kept; further ones are called by their ids")

    # journal
    redis_timeout_s: float = Field(5.0, description="longest wait for one Redis command")
    redis_retries: int = Field(2, description="how often a command is sent again when its connection broke; one that timed out is not")
    redis_health_check_s: int = Field(5, description="a connection idle for longer than this is tried before it is used")
    redis_connections_max: int = Field(64, description="most connections of one client to Redis")
    redis_pool_wait_s: float = Field(2.0, gt=0, description="longest that a command of ingest or voice waits for one of them to be free")
    redis_lookups_max: int = Field(16, ge=1, description="most connections that ingest looks up keys with, and its readiness: apart from the journal's")
    journal_wait_replicas: int = Field(
        0, ge=0, description="an event is acknowledged once so many replicas have it too: all that there are, or a failover may lose it; 0: the master alone"
    )
    journal_wait_ms: int = Field(1_000, gt=0, description="longest wait for them, well below redis_timeout_s; after it, 503 and nothing is acknowledged")
    sentinel_timeout_s: float = Field(0.5, gt=0, description="longest wait for one Sentinel before the next is asked")
    key_cache_s: float = Field(30.0, description="how long ingest honours a key without asking Redis again; a revoked key ends within it")
    key_cache_max: int = Field(1_000, ge=1, description="most keys that an ingest process remembers, and as many bad ones, tokens and sources")
    key_unknown_cache_s: float = Field(5.0, description="how long ingest refuses an unknown key without asking Redis again; a restored key is good within it")
    key_used_every_s: float = Field(60.0, description="how often at most ingest notes that a key was used, for `surgecast keys list`")
    closed_retention_s: int = Field(7 * 24 * 3600, description="how long an ended outage's version is kept, so that a late event is known as stale")
    closed_max: int = Field(200_000, description="most ended outages whose versions are kept")
    journal_keep_entries: int = Field(50_000, description="entries the janitor leaves in the journal, besides those not yet worked on")

    # tokens of an identity provider (OpenID Connect), besides ingest keys
    oidc_issuer: str = Field("", pattern=SAFE_URL, description="issuer whose tokens are taken, to the letter as its tokens name it; empty: none are")
    oidc_audience: str = Field("", validate_default=True, description="what tokens must be for (`aud`); needed where there is an issuer")
    oidc_jwks_url: str = Field("", pattern=SAFE_URL, description="where the issuer's keys are; empty: where its discovery document says")
    oidc_algorithms: tuple[Algorithm, ...] = Field(("RS256", "PS256", "ES256", "EdDSA"), min_length=1, description="how tokens may be signed")
    oidc_source_claim: str = Field("client_id", description="claim that names the source; dots lead inside")
    oidc_sources: dict[str, str] = Field({}, description="what that claim may say, each with its source; empty: it names the source itself")
    oidc_scope_claim: str = Field("scope", description="claim that lists what the sender may do, as words or a list; dots lead inside")
    oidc_scopes: dict[str, Literal["events", "snapshots", "alerts"]] = Field(
        {"surgecast:events": "events", "surgecast:snapshots": "snapshots", "surgecast:alerts": "alerts"},
        description="what that claim may list, each with the scope that it gives",
    )
    oidc_leeway_s: float = Field(30.0, ge=0, description="how far the issuer's clock and ours may differ")
    oidc_keys_fresh_s: float = Field(300.0, description="issuer's keys older than this are fetched anew, while they are still used")
    oidc_keys_max_age_s: float = Field(24 * 3600.0, description="how long they are used where the issuer can't be reached")
    oidc_refetch_s: float = Field(10.0, description="least time between two fetches, however many tokens name unknown keys")
    oidc_waiters_max: int = Field(8, ge=1, description="most requests that wait for one fetch; more get 503, as what waits holds places that others need")
    oidc_timeout_s: float = Field(4.0, gt=0, description="longest that one fetch may take")
    oidc_document_max_bytes: int = Field(256 * 1024, description="largest document that is read from the issuer")
    oidc_token_max_bytes: int = Field(8 * 1024, description="longest token that is looked at")

    # relay
    relay_batch_max: int = Field(1_000, description="entries folded at once")
    relay_block_ms: int = Field(200, description="longest wait for new entries; also how often overdue work is looked for")
    relay_claim_idle_ms: int = Field(5_000, description="after this long, what a dead relay held is taken over")
    ring_again_s: float = Field(2.0, description="work overdue for this long is rung for again")
    relay_name: str = Field("", description="stable name of this relay among those of the journal's group; empty: the host's name and the port")
    relay_backoff_max_s: float = Field(5.0, description="longest wait of the relay before it tries a Redis that is down again")
    relay_stuck_s: float = Field(5.0, description="a relay whose last round is older than this isn't ready")
    doorbells_waiting_max: int = Field(4, description="doorbells that may wait in a queue; with more there, another would change nothing")

    # workers
    heartbeat_s: float = Field(5.0, description="how often outputs renew their as_of when nothing changes")
    restamp_s: float = Field(30.0, description="how often unchanged area files get the newest stamp while others change")
    due_batch_max: int = Field(5_000, description="areas taken by one task")
    task_time_limit_s: float = Field(30.0, gt=0, description="a worker that has a task for this long ends, to be started anew")
    visibility_timeout_s: int = Field(120, description="after this long an unacknowledged task is given to another worker; more than twice the time limit")
    replica_recent_max: int = Field(1_000, description="newest entries that a worker keeps at hand, for feeds of what changed")
    task_retries_max: int = Field(5, description="tries after the first, within one doorbell")
    task_retry_cap_s: float = Field(4.0, description="longest wait before a doorbell is tried again; far below visibility_timeout_s")
    task_busy_max_s: float = Field(0.0, description="how long one doorbell goes on while more keeps falling due; 0: one round, so that it covers more")
    single_flight_s: float = Field(3.0, description="how long a channel stays taken after the worker that had it was killed")
    park_after_failures: int = Field(5, description="failures in a row after which areas are tried one by one, and after as many more an area is parked")
    worker_stop_s: float = Field(3.0, description="how long a worker that is told to stop lets a running task go on")
    worker_gone_s: float = Field(7.0, description="a worker that is told to stop is gone after this long, whatever it waits for; below up_stop_s")
    worker_max_mib: int = Field(600, gt=0, description="a worker that has grown beyond this ends after its task, to be started anew")
    worker_deaf_s: float = Field(10.0, gt=0, description="an idle worker before which doorbells wait for this long hears none: it ends, to be started anew")
    worker_stuck_s: float = Field(15.0, description="a worker or scheduler whose loop hasn't turned for this long isn't ready")
    trim_every_s: float = Field(60.0, description="how often the janitor trims the journal")

    # history
    history: bool = Field(True, description="events go into the ledger before the janitor drops them from the journal; off: they are dropped")
    history_every_s: float = Field(5.0, gt=0, description="how often the archiver takes what is new in the journal")
    history_batch_entries: int = Field(1_000, gt=0, description="entries archived in one transaction; the ledger is locked for others meanwhile")
    history_busy_max_s: float = Field(3.0, description="the archiver ends after this long, more to do or not: its worker has other work")
    history_keep_days: int = Field(0, ge=0, description="how long the history is kept, from when an event was accepted; 0: for ever")
    history_purge_every_s: float = Field(3_600.0, gt=0, description="how often what is older than that is deleted")
    history_purge_batch: int = Field(10_000, gt=0, description="events deleted in one transaction")
    export_rows: int = Field(10_000, gt=0, description="rows that an export holds in memory at once; of Parquet, a row group")

    # sources that are polled
    sources: Path | None = Field(None, description="TOML file that names the sources to poll (docs/pull-sources.md); empty: none are polled")
    sources_keys: Path | None = Field(None, description="folder with each polled source's ingest key, `NAME.key`; empty: `sources` in the data folder")
    sources_ingest_url: str = Field("", description="origin of the ingest service that polled pictures are handed in at; empty: 127.0.0.1 and the port")
    sources_ring_s: float = Field(2.0, gt=0, description="how often the poller is rung to look which sources are due")
    sources_threads: int = Field(8, ge=1, description="sources polled at once by one poller: one that is slow takes one of these places")
    sources_busy_max_s: float = Field(10.0, gt=0, description="a doorbell polls what is due, one source after the other, for this long")
    sources_claim_s: float = Field(150.0, gt=60, description="a poll that was begun and never ended is due again after this long; longer than any may take")
    sources_connect_s: float = Field(5.0, gt=0, description="longest wait for a connection to a source")
    sources_read_s: float = Field(10.0, gt=0, description="longest wait for the next byte of a source; its own `timeout` bounds the whole")
    sources_door_timeout_s: float = Field(30.0, gt=0, description="longest wait for our own ingest to take a picture")
    sources_backoff_s: float = Field(10.0, gt=0, description="a source that failed is tried again within this; doubles with each failure, with full jitter")
    sources_backoff_max_s: float = Field(300.0, gt=0, description="longest such wait")
    sources_open_after: int = Field(5, ge=1, description="failures in a row after which a source's circuit breaker opens")
    sources_open_s: float = Field(300.0, gt=0, description="while it is open, the source is probed once in this time")
    sources_retry_after_max_s: float = Field(3_600.0, ge=0, description="longest Retry-After of a source that is honoured")

    # sources that go quiet
    source_stale_after_s: float = Field(3_600.0, gt=0, description="a source of pictures that hasn't been heard for longer is stale, and every output says so")
    source_stale_after: dict[str, float] = Field(
        {}, description='the same for single sources, as JSON such as {"oms": 900}; a source that only sends events can be stale only if it is named here'
    )
    source_watch_s: float = Field(5.0, description="how often it is looked whether a source has gone quiet, for the log and the metrics")

    # what the public may see
    privacy_threshold: int = Field(5, description="counts below this are never shown exactly")
    atom_entries_max: int = Field(100, description="newest changes in a feed")
    stale_after_s: float = Field(120.0, description="an output older than this says so prominently")

    # feeds and status page
    site_rows_max: int = Field(100, description="areas told in full on the status page, those with the most customers out first")
    site_links_max: int = Field(1_000, description="further areas that the status page links to by name; the rest are found by the search box")
    site_settle_s: float = Field(0.3, description="how soon after the last change the unchanged area files get the same stamp")
    site_stamping_s: float = Field(0.25, description="longest that unchanged area files are stamped before the worker looks for news again")
    feed_tag_date: str = Field("2026-01-01", description="a day on which public_url's host was yours: part of permanent feed ids (RFC 4151); never change it")
    public_check_s: float = Field(0.1, description="how often a served file is looked at for changes")
    public_inline_max_bytes: int = Field(256 * 1024, description="a larger file is read and compressed in a thread while the version before is served")
    public_refresh_s: float = Field(1.0, description="how often large files are looked at while nobody asks; a version unchecked for longer is not served")
    public_gzip_min_bytes: int = Field(512, description="smaller answers are not compressed")
    public_gzip_level: int = Field(5, description="1 (fast) to 9 (small)")
    public_max_age_s: int = Field(5, description="how long caches may serve an answer without asking again")
    public_revalidate_s: int = Field(30, description="how long caches may go on serving it while they ask again")
    public_if_error_s: int = Field(86_400, description="how long caches may go on serving it when we don't answer")
    public_find_max: int = Field(20, description="areas listed for one search")
    public_find_chars_max: int = Field(100, description="letters of a search that are looked at")

    # the guard of every HTTP service
    guard_start: int = Field(128, ge=1, description="requests worked on at once, to begin with; more wait a moment, then get 503 with Retry-After")
    guard_min: int = Field(8, ge=1, description="fewest that this adapts itself to")
    guard_max: int = Field(4_096, ge=1, description="most that this adapts itself to")
    guard_target_s: float = Field(0.1, description="where one in ten single updates or questions takes longer than this, fewer are let in")
    guard_window_s: float = Field(0.1, description="how often the limit may move")
    guard_bulk_share: float = Field(0.5, description="bulk is let in while less than this share of the places is taken; the rest is for single updates")
    guard_queue_max: int = Field(16, ge=0, description="most requests that wait for a place")
    guard_queue_s: float = Field(0.05, description="longest that they wait; then they get 503")
    guard_retry_after_max_s: int = Field(
        3, ge=1, description="longest Retry-After; each refused request is told a random one, so that they don't all come back together"
    )

    # serving over HTTP
    proxies_trusted: Names = Field(
        (), description="addresses or networks of proxies that may say who a client is (X-Forwarded-For, X-Forwarded-Proto), parted by commas; empty: none may"
    )
    metrics_readers: Networks = Field(
        (), description="addresses or networks that may read /metrics of the one origin of `surgecast up`, besides this machine; parted by commas"
    )
    http_backlog: int = Field(2_048, description="connections that may wait to be accepted")
    http_keepalive_s: int = Field(30, description="how long an idle connection is kept")
    http_head_max_bytes: int = Field(64 * 1024, description="most bytes of a request before its body; more of them get 431")
    http_head_timeout_s: float = Field(10.0, description="longest that they may take to arrive")
    http_ready_fresh_s: float = Field(1.0, ge=0, description="how long ingest's /readyz gives one answer: asking it often asks Redis no more often")
    http_graceful_s: int = Field(5, description="at the end, requests under way get this long to finish")

    # the embedded mode (`surgecast up`)
    demo_customers: bool = Field(True, description="where no customers are set up, the embedded mode has made-up ones, and lets them link their accounts")
    demo_areas: bool = Field(True, description="where no areas were loaded, the embedded mode loads those of the made-up utility of `surgecast demo`")
    up_ingest_processes: int = Field(
        1, ge=1, le=8, description="processes that take events in; with 2 a sender gets its answer from the other when one dies, for about 75 MB more"
    )
    up_ports_min: int = Field(20_000, description="lowest port that a part of the tree may listen on, on loopback; below what systems hand out to connections")
    up_ports_max: int = Field(32_000, description="highest such port")
    up_start_timeout_s: float = Field(180.0, description="longest wait for the tree to be ready after its start")
    up_restart_s: float = Field(0.2, description="least time between two starts of a part that dies; doubles with each death")
    up_restart_max_s: float = Field(5.0, description="longest such time")
    up_healthy_s: float = Field(10.0, description="a part that lived this long is as good as new: the least time between its starts is the shortest again")
    up_alive_every_s: float = Field(5.0, gt=0, description="how often each part is asked whether it is alive")
    up_hung_s: float = Field(30.0, description="a part that was alive once and hasn't answered for this long is killed and started again")
    up_stop_s: float = Field(8.0, description="parts get this long to stop, then they are killed")
    up_stop_redis_s: float = Field(4.0, description="after them, Redis gets this long")
    up_log_max_bytes: int = Field(5 * MIB, description="size at which a part's log is put aside; one older log is kept")
    proxy_connections_max: int = Field(200, description="most connections from the origin to one part; more requests wait for one")
    proxy_uploads_max: int = Field(32, description="most connections to one part that carry a body larger than proxy_body_buffer_bytes")
    proxy_body_buffer_bytes: int = Field(64 * 1024, description="a body up to this size is read whole before the part is asked")
    proxy_body_idle_s: float = Field(5.0, description="longest wait for the next piece of a request's body")
    proxy_body_timeout_s: float = Field(60.0, description="longest that a request's whole body may take to arrive")
    proxy_connect_s: float = Field(2.0, description="longest wait for a connection to a part")
    proxy_read_s: float = Field(40.0, description="longest silence of a part while it answers")
    proxy_retry_after_s: int = Field(1, description="what a client is told to wait where a part is down")

    # replay
    replay_batch_events: int = Field(500, description="most events in one request of a replay")
    replay_window_s: float = Field(0.25, description="events due within this of each other go in one request")
    replay_retry_max_s: float = Field(120.0, description="how long a request is tried again before the replay gives up")
    replay_backoff_s: float = Field(0.2, description="wait before the first new try where the server names none; doubles")
    replay_backoff_max_s: float = Field(5.0, description="longest such wait, and the longest Retry-After that is honoured in full")
    replay_timeout_s: float = Field(60.0, description="longest wait for an answer")
    replay_outputs_s: float = Field(60.0, description="longest wait for the outputs to reach the last position")

    gc_new_objects: int = Field(50_000, ge=700, description="objects made before Python looks for cycles that nobody refers to")
    log_level: str = Field("info", description="debug, info, warning or error")

    @field_validator("oidc_audience")
    @classmethod
    def _issuer_has_audience(cls, audience: str, known: ValidationInfo) -> str:
        if known.data.get("oidc_issuer") and not audience:
            raise ValueError("is needed with SURGECAST_OIDC_ISSUER: without it, any token of the issuer's would be taken")
        return audience

    @model_validator(mode="after")
    def _customers_are_no_senders(self) -> Self:
        if self.accounts_issuer and not self.accounts_audience:
            raise ValueError("accounts_audience is needed with SURGECAST_ACCOUNTS_ISSUER: it is what tells tokens for us from those for others")
        if self.accounts_issuer and (self.accounts_issuer, self.accounts_audience) == (self.oidc_issuer, self.oidc_audience):
            raise ValueError("accounts_audience must not be oidc_audience where the issuer is the same: a customer's token would be taken for a sender's")
        return self

    @field_validator("approvers")
    @classmethod
    def _people_are_told_apart(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        folded = [name.casefold() for name in names]
        if len(set(folded)) < len(folded) or "surgecast" in folded:
            raise ValueError("each name must be another one, whatever its capitals, and none may be Surgecast's own")
        return names

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, env_settings: PydanticBaseSettingsSource, *_: object, **__: object
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What code says, then the environment; no files. Nothing is looked up in an environment that says nothing: 400 look-ups take 15 ms."""
        names = {f"{cls.model_config.get('env_prefix', '')}{name}".lower() for name in settings_cls.model_fields}
        if isinstance(env_settings, EnvSettingsSource) and names.isdisjoint(env_settings.env_vars):
            return (init_settings,)
        return init_settings, env_settings

    @field_validator("journal_url", "broker_url")
    @classmethod
    def _whole(cls, url: str) -> str:
        """A URL of Sentinels that lacks something is told at the start."""
        group_of(url)
        return url

    @property
    def utility(self) -> dict[str, str]:
        """Who speaks, in each language."""
        return {"en": self.utility_name, "fr": self.utility_name_fr}

    @property
    def site_folder(self) -> Path:
        """Where the rendered public side is."""
        return self.site or self.data / "site"

    @property
    def sources_keys_folder(self) -> Path:
        """Where the polled sources' ingest keys are."""
        return self.sources_keys or self.data / "sources"

    @property
    def sources_door(self) -> str:
        """Where polled pictures are handed in."""
        return self.sources_ingest_url or f"http://127.0.0.1:{self.port}"

    @property
    def broker(self) -> str:
        """The Redis that Celery uses."""
        return self.broker_url or self.journal_url

    @property
    def ledger(self) -> str:
        """The ledger's database."""
        return self.ledger_url or f"sqlite:///{(self.data / 'ledger.sqlite3').resolve()}"
