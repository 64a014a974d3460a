"""How this house connects to Redis: bounded waits, few retries, and every way of being down told as `Unavailable`.

A retry here repeats a command whose connection broke, never one that timed out: what it may have done is unknown, and waiting
twice as long would break the promise of a bounded wait. Every command that is sent through these links is safe to repeat.

A URL of Sentinels (kit/sentinel.py) gives a client of whichever server is the master: each new connection asks them, and one whose server turns out to be
a replica now (READONLY) is broken off and made anew.

In an event loop a command waits for a free connection: more commands at once than connections mean that we are busy, not that Redis is down.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.resources import files
from typing import Any

import redis
from redis import asyncio as redis_asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.asyncio.sentinel import Sentinel as AsyncSentinel
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.backoff import ExponentialWithJitterBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from services.kernel.ports.failures import Unavailable
from services.kit.sentinel import Group, group_of
from services.kit.settings import Settings

_DOWN = re.compile(r"\b(OOM|MISCONF|READONLY|BUSY|LOADING|NOREPLICAS|MASTERDOWN|CLUSTERDOWN)\b")
"""The errors that a server answers while it can't, or must not, do as told. Inside a script's error they stand anywhere in the text."""


@contextmanager
def told() -> Iterator[None]:
    """Turn what the client raises while Redis is down or refuses to write into `Unavailable`; a mistake of ours stays what it is."""
    try:
        yield
    except (redis.ConnectionError, redis.TimeoutError, ConnectionError, TimeoutError) as error:
        raise Unavailable(f"Redis can't be reached: {_reason(error)}") from error
    except redis.ResponseError as error:
        if isinstance(error, redis.ReadOnlyError | redis.exceptions.OutOfMemoryError) or _DOWN.search(str(error)):
            raise Unavailable(f"Redis refuses: {_reason(error)}") from error
        raise


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def sync_link(settings: Settings, url: str = "", retries: int | None = None, **more: Any) -> redis.Redis:
    """A client for threads and processes, with `more` options of its own. Make it after forking: a socket must not be shared."""
    options = _options(settings) | {"retry": _retry(Retry, settings.redis_retries if retries is None else retries)} | more
    if group := group_of(url or settings.journal_url):
        sentinels: Any = Sentinel(group.sentinels, sentinel_kwargs=_to_sentinels(settings, group))  # type: ignore[no-untyped-call]
        master: redis.Redis = sentinels.master_for(group.master, **options, **_to_master(group))
        return master
    return redis.Redis.from_url(url or settings.journal_url, **options)


class _MasterPool(SentinelConnectionPool, redis_asyncio.BlockingConnectionPool):
    """Connections to whichever server is the master; one who finds none free waits."""


def async_link(settings: Settings, url: str = "", connections_max: int | None = None) -> redis_asyncio.Redis:
    """A client for one event loop, with connections of its own: `connections_max` of them, or as many as the settings say.

    A command waits `redis_pool_wait_s` for one that is free.
    """
    options = _options(settings) | {"retry": _retry(AsyncRetry, settings.redis_retries), "timeout": settings.redis_pool_wait_s}
    if connections_max is not None:
        options["max_connections"] = connections_max
    if group := group_of(url or settings.journal_url):
        sentinels: Any = AsyncSentinel(group.sentinels, sentinel_kwargs=_to_sentinels(settings, group))  # type: ignore[no-untyped-call]
        master: redis_asyncio.Redis = sentinels.master_for(group.master, connection_pool_class=_MasterPool, **options, **_to_master(group))
        return master
    return redis_asyncio.Redis.from_pool(redis_asyncio.BlockingConnectionPool.from_url(url or settings.journal_url, **options))


def _to_sentinels(settings: Settings, group: Group) -> dict[str, Any]:
    """Options of the links to the Sentinels, each asked in its turn: a dead one must not use up the time of the command that waits."""
    wait_s = settings.sentinel_timeout_s
    return {"socket_timeout": wait_s, "socket_connect_timeout": wait_s, "password": group.sentinel_password, "protocol": 2}


def _to_master(group: Group) -> dict[str, Any]:
    return {"db": group.db, "username": group.username, "password": group.password}


def _retry(kind: Any, retries: int) -> Any:
    backoff = ExponentialWithJitterBackoff(cap=0.2, base=0.01)
    return kind(backoff, retries, supported_errors=(redis.ConnectionError,))


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "socket_timeout": settings.redis_timeout_s,
        "socket_connect_timeout": settings.redis_timeout_s,
        "socket_keepalive": True,
        "health_check_interval": settings.redis_health_check_s,
        "max_connections": settings.redis_connections_max,
        "protocol": 2,  # one shape of answer from every server since 6.2
    }


def script(name: str) -> str:
    """The source of the Lua script `name`."""
    return files("services.adapters").joinpath("lua", f"{name}.lua").read_text("utf-8")


text = partial(str, encoding="utf-8")
"""What Redis answered, as text."""
