"""Whose request it is, where no scope is made of it: as uvicorn tells applications."""

import pytest

from services.cli.http_client import Client, hosts

FORWARDED = [(b"x-forwarded-for", b"203.0.113.7, 10.0.0.2"), (b"x-forwarded-proto", b"https")]


@pytest.mark.parametrize(
    ("proxies", "client", "host"),
    [
        ((), ("10.0.0.1", 5), "10.0.0.1"),
        ((), None, ""),
        (("10.0.0.0/8",), ("10.0.0.1", 5), "203.0.113.7"),
        (("10.0.0.1",), ("10.0.0.1", 5), "10.0.0.2"),
        (("10.0.0.1",), ("192.0.2.1", 5), "192.0.2.1"),
        (("10.0.0.1",), None, ""),
    ],
)
def test_a_trusted_proxy_says_whom_it_asks_for_and_nobody_else_does(proxies: tuple[str, ...], client: Client, host: str) -> None:
    assert hosts(proxies)(client, FORWARDED) == host
