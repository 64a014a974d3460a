"""What keeps the data: Redis, with the settings that no event is lost by, and the ledger."""

from collections.abc import Iterator
from typing import Any

import redis
from sqlalchemy.exc import ArgumentError

from services.adapters.keys_redis import RedisKeys
from services.adapters.ledger_upgrade import is_current
from services.adapters.redis_link import sync_link
from services.cli.doctor.finding import Finding, attention, broken, ok
from services.cli.doctor.senders import ingest_keys
from services.cli.embedded_link import with_journal
from services.cli.embedded_redis import OLDEST, NoServer, find_server
from services.kernel.ports.failures import Unavailable
from services.kit.clock import SystemClock
from services.kit.settings import Settings

CLOCKS_APART_S = 2.0
PATIENCE_S = 3.0


def stores(settings: Settings) -> Iterator[Finding]:
    """Redis, the keys in it, and the ledger."""
    named = "journal_url" in settings.model_fields_set
    if not named:
        yield _embedded_server(settings)
    settings = with_journal(settings)
    try:
        with sync_link(settings.model_copy(update={"redis_timeout_s": PATIENCE_S}), retries=0, decode_responses=True) as link:
            link.ping()
            yield from _running(link)
            yield from ingest_keys(settings, RedisKeys(link).list(), SystemClock())
            yield from _replicas(link, settings)
    except redis.RedisError as error:
        if named:
            yield broken("Redis", f"the server in SURGECAST_JOURNAL_URL can't be used: {error}. Start it, or correct the URL.")
        elif isinstance(error, redis.TimeoutError):
            yield broken("Redis running", "it runs but does not answer. See redis.log in the logs folder, and whether the machine has memory and disk left.")
        else:
            yield ok("Redis running", "not now; `surgecast up` starts it")
    yield _ledger(settings)


def _embedded_server(settings: Settings) -> Finding:
    try:
        binary = find_server(settings.redis_server)
    except NoServer as error:
        return broken("Redis server", str(error))
    return ok("Redis server", f"{binary.path}, version {'.'.join(map(str, binary.version))}, {binary.origin}")


def _running(link: "redis.Redis") -> Iterator[Finding]:
    info: Any = link.info()
    version = tuple(int(number) for number in str(info["redis_version"]).split(".")[:2])
    if version < OLDEST:
        yield broken("Redis running", f"version {info['redis_version']} is too old; use {'.'.join(map(str, OLDEST))} or newer")
    else:
        yield ok("Redis running", f"version {info.get('valkey_version', info['redis_version'])}, {info['used_memory_human']} used")
    yield from _durability(link)
    if info.get("aof_last_write_status", "ok") != "ok":
        yield broken("Journal on disk", "Redis could not write its append-only file last time. Make room on its disk: until then, nothing is accepted.")
    yield _memory(info)
    yield _clocks(link)


def _durability(link: "redis.Redis") -> Iterator[Finding]:
    wanted = {
        "appendonly": ("yes", "accepted events would be lost when Redis ends"),
        "appendfsync": ("always", "the last second of accepted events would be lost when the machine fails"),
        "maxmemory-policy": ("noeviction", "events would be dropped silently when memory is full"),
    }
    try:
        found: Any = {name: link.config_get(name).get(name) for name in wanted}
    except redis.ResponseError:
        yield attention(
            "Journal settings", "this Redis doesn't tell its settings. Make sure of appendonly yes, appendfsync always, maxmemory-policy noeviction."
        )
        return
    for name, (value, otherwise) in wanted.items():
        if found[name] != value:
            yield broken("Journal settings", f"{name} is {found[name]}: {otherwise}. Set it to {value}.")
    if all(found[name] == value for name, (value, _) in wanted.items()):
        yield ok("Journal settings", "on disk before an event is acknowledged; full means refused, never forgotten")


def _replicas(link: "redis.Redis", settings: Settings) -> Iterator[Finding]:
    """Whether what is acknowledged outlives a failover."""
    info: Any = link.info("replication")
    there, wanted = int(info["connected_slaves"]), settings.journal_wait_replicas
    if not there and not wanted:
        return
    if wanted > there:
        yield broken(
            "Replicas", f"{there} of the {wanted} that each event waits for (SURGECAST_JOURNAL_WAIT_REPLICAS): until they are back, nothing is accepted."
        )
    elif wanted < there:
        lost = f"a failover may lose acknowledged events. Set SURGECAST_JOURNAL_WAIT_REPLICAS to {there}."
        yield attention("Replicas", f"{there}, of which {wanted} must have an event before it is acknowledged: {lost}")
    else:
        yield ok("Replicas", f"all {there} have an event before it is acknowledged")


def _memory(info: Any) -> Finding:
    limit = int(info.get("maxmemory", 0))
    if limit and int(info["used_memory"]) > 0.8 * limit:
        return attention(
            "Redis memory", f"{info['used_memory_human']} of {info['maxmemory_human']} is used. Raise maxmemory: when it is full, events are refused."
        )
    return ok("Redis memory", f"limit {info['maxmemory_human']}" if limit else "no limit of its own")


def _clocks(link: "redis.Redis") -> Finding:
    seconds, microseconds = link.time()
    apart = abs(SystemClock().now().timestamp() - (seconds + microseconds / 1e6))
    if apart > CLOCKS_APART_S:
        return attention("Clocks", f"this machine and Redis differ by {apart:.0f} s. Run NTP on both: ages and estimates would be told wrongly.")
    return ok("Clocks", "this machine and Redis agree")


def _ledger(settings: Settings) -> Finding:
    try:
        current = is_current(settings.ledger)
    except (Unavailable, ArgumentError, ImportError) as error:
        return broken("Ledger", f"the database can't be used: {str(error).splitlines()[0]}. Correct SURGECAST_LEDGER_URL, or start it.")
    return (
        ok("Ledger", "reachable, and its tables are of this version")
        if current
        else attention("Ledger", "not migrated yet. `surgecast migrate` does it; `surgecast up` does it by itself.")
    )
