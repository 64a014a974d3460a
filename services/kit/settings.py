"""Every setting and limit, named, with a safe default. Read from the environment, each as `SURGECAST_<NAME>`.

`docs/settings.md` lists them for operators; a test holds the two together.
"""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class Settings(BaseSettings):
    """What a process is told from outside. Units are last in the names; `_s` is seconds."""

    model_config = SettingsConfigDict(env_prefix="SURGECAST_", extra="ignore", frozen=True)

    # where things are
    data: Path = Field(Path(".surgecast"), description="folder that the embedded mode keeps everything in")
    host: str = Field("127.0.0.1", description="address to listen on")
    journal_url: str = Field("redis://127.0.0.1:6379/0", description="Redis that holds the journal: AOF, appendfsync always, noeviction")
    broker_url: str = Field("", description="Redis for Celery; empty: the journal's")
    ledger_url: str = Field("", description="SQLAlchemy URL of the ledger; empty: SQLite in the data folder")
    site: Path | None = Field(None, description="folder of the rendered public side; empty: `site` in the data folder")
    redis_server: str = Field("", description="Redis-compatible server binary that the embedded mode starts; empty: the first one found")
    public_url: str = Field("http://127.0.0.1:8000", description="origin that customers reach, for links and feed ids")
    utility_name: str = Field("Example Hydro", description="who speaks, in English")
    utility_name_fr: str = Field("Hydro Exemple", description="who speaks, in French")
    outage_line: str = Field("", description="telephone number for reporting outages; empty: not mentioned")
    timezone: str = Field("America/Toronto", description="IANA time zone in which times are told")

    # ingest
    ingest_body_max_bytes: int = Field(32 * MIB, description="largest request body; larger ones get 413")
    ingest_batch_max_events: int = Field(20_000, description="most events in one request")
    ingest_inflight_max: int = Field(32, description="requests worked on at once; more get 503 with Retry-After")
    ingest_future_skew_s: int = Field(24 * 3600, description="how far ahead of our clock an event may say it happened")
    ingest_event_min_year: int = Field(2000, description="an event from before this year is a broken clock")
    heard_events_max: int = Field(200_000, description="event ids remembered a source and generation (two generations), to tell a duplicate from a stale event")
    arcgis_page_limit: int = Field(2_000, description="an arcgis picture with exactly this many records was cut short; 0: never")
    kubra_same_place_km: float = Field(5.0, description="how far a kubra outage's place may move between pictures and still be the same outage")
    grace_pictures: int = Field(2, description="complete pictures in a row an outage must be gone from before it is restored")
    grace_source_time_s: int = Field(600, description="source time an outage must be gone for before it is restored")

    # journal
    redis_timeout_s: float = Field(5.0, description="longest wait for one Redis command")
    closed_retention_s: int = Field(7 * 24 * 3600, description="how long an ended outage's version is kept, so that a late event is known as stale")
    closed_max: int = Field(200_000, description="most ended outages whose versions are kept")
    journal_keep_entries: int = Field(50_000, description="entries the janitor leaves in the journal, besides those not yet worked on")

    # relay
    relay_batch_max: int = Field(1_000, description="entries folded at once")
    relay_block_ms: int = Field(200, description="longest wait for new entries; also how often overdue work is looked for")
    relay_claim_idle_ms: int = Field(5_000, description="after this long, what a dead relay held is taken over")
    ring_again_s: float = Field(2.0, description="work overdue for this long is rung for again")

    # workers
    heartbeat_s: float = Field(5.0, description="how often outputs renew their as_of when nothing changes")
    restamp_s: float = Field(10.0, description="how often unchanged area files get the newest stamp while others change")
    due_batch_max: int = Field(5_000, description="areas taken by one task")
    task_soft_time_limit_s: int = Field(20, description="a task is asked to stop after this long")
    task_time_limit_s: int = Field(30, description="a task is killed after this long")
    visibility_timeout_s: int = Field(120, description="after this long an unacknowledged task is given to another worker; more than twice the time limit")
    task_retries_max: int = Field(5, description="tries after the first, within one doorbell")

    # what the public may see
    privacy_threshold: int = Field(5, description="counts below this are never shown exactly")
    atom_entries_max: int = Field(100, description="newest changes in a feed")
    stale_after_s: float = Field(120.0, description="an output older than this says so prominently")

    # voice
    mirror_poll_s: float = Field(0.2, description="how often a mirror looks for new views")

    # social
    social_announce_customers_min: int = Field(500, description="an area is worth a post from this many customers on")
    social_coalesce_s: float = Field(30.0, description="how long changes of an area are gathered before a post is considered")
    social_cooldown_s: float = Field(1_800.0, description="least time between two posts about one area")
    social_growth_factor: float = Field(2.0, description="an area is worth another post once its customers out have grown by this factor")
    x_api_url: str = Field("https://api.twitter.com", description="origin of the X API")
    x_consumer_key: SecretStr = Field(SecretStr(""), description="OAuth 1.0a; without all four, posts are a dry run")
    x_consumer_secret: SecretStr = SecretStr("")
    x_access_token: SecretStr = SecretStr("")
    x_access_token_secret: SecretStr = SecretStr("")
    x_timeout_s: float = Field(10.0, description="longest wait for the X API")

    log_level: str = Field("info", description="debug, info, warning or error")

    @property
    def site_folder(self) -> Path:
        """Where the rendered public side is."""
        return self.site or self.data / "site"

    @property
    def broker(self) -> str:
        """The Redis that Celery uses."""
        return self.broker_url or self.journal_url

    @property
    def ledger(self) -> str:
        """The ledger's database."""
        return self.ledger_url or f"sqlite:///{(self.data / 'ledger.sqlite3').resolve()}"
