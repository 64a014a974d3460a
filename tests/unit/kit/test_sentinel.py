"""The URL that names Sentinels and the master they look after."""

import pytest
from pydantic import ValidationError

from services.kit.celery_config import broker_url
from services.kit.sentinel import Group, group_of
from services.kit.settings import Settings


def test_a_whole_url_names_all_that_a_client_needs() -> None:
    url = "redis+sentinel://me:p%40ss@one:1,[::1]:2,three/the%20master/4?sentinel_password=s%26"
    assert group_of(url) == Group((("one", 1), ("::1", 2), ("three", 26_379)), "the master", 4, "me", "p@ss", "s&")


def test_a_url_of_one_server_names_no_group() -> None:
    assert group_of("redis://:secret@one:6379/0") is None
    assert broker_url(Settings(_env_file=None, journal_url="redis://one:6379/0")) == "redis://one:6379/0"


@pytest.mark.parametrize("url", ["redis+sentinel://one:1", "redis+sentinel:///master", "redis+sentinel://one,:2/master", "redis+sentinel://one/master/zero"])
def test_a_url_that_lacks_something_is_told_at_the_start(url: str) -> None:
    with pytest.raises(ValidationError, match=r"redis\+sentinel URL"):
        Settings(_env_file=None, journal_url=url)


def test_celery_is_given_each_sentinel_with_the_masters_password() -> None:
    settings = Settings(_env_file=None, journal_url="redis+sentinel://:p%40ss@one:1,[::1]:2/master/3")
    assert broker_url(settings) == "sentinel://:p%40ss@one:1/3;sentinel://:p%40ss@[::1]:2/3"
