"""The embedded mode's own key outlives the data, and is not made again behind the back of who revoked it."""

from pathlib import Path

import redis

from services.adapters.keys_redis import RedisKeys
from services.cli.up.demo_key import ensure_demo_key, restore_demo_key
from services.kernel.keys import SCOPES


def _ids(link: redis.Redis) -> list[str]:
    return [holder.id for holder in RedisKeys(link).list()]


def test_the_key_is_private_kept_while_it_is_good_and_made_anew_when_the_file_holds_none(redis_url: str, tmp_path: Path) -> None:
    path = tmp_path / "demo.key"
    with redis.Redis.from_url(redis_url, protocol=2) as link:
        ensure_demo_key(path, link)
        first = path.read_text()
        assert path.stat().st_mode & 0o777 == 0o600
        assert RedisKeys(link).list()[0].scopes == set(SCOPES)
        ensure_demo_key(path, link)
        assert path.read_text() == first
        path.write_text("no key\n")
        ensure_demo_key(path, link)
        assert path.read_text() not in (first, "no key\n")


def test_the_same_key_is_good_again_when_redis_has_lost_its_data(redis_url: str, tmp_path: Path) -> None:
    path = tmp_path / "demo.key"
    with redis.Redis.from_url(redis_url, protocol=2) as link:
        ensure_demo_key(path, link)
        key, ids = path.read_text(), _ids(link)
        assert not restore_demo_key(path, link)
        for restore in (restore_demo_key, ensure_demo_key):
            link.flushall()
            restore(path, link)
            assert (path.read_text(), _ids(link)) == (key, ids)


def test_a_revoked_key_stays_revoked_while_the_tree_runs_and_is_replaced_at_the_next_start(redis_url: str, tmp_path: Path) -> None:
    path = tmp_path / "demo.key"
    with redis.Redis.from_url(redis_url, protocol=2) as link:
        ensure_demo_key(path, link)
        key, (revoked,) = path.read_text(), _ids(link)
        RedisKeys(link).revoke(revoked)
        assert not restore_demo_key(path, link)
        assert _ids(link) == []
        ensure_demo_key(path, link)
        assert path.read_text() != key
        assert revoked not in _ids(link)
