"""Where requests to addresses that somebody typed in may go: a table of ways around it, each refused."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.public_address import NotAllowed, Reach, Target, look_at, resolve

PUBLIC = "93.184.215.14"
URL = "https://hooks.example.com/x"


def resolving_to(*addresses: str) -> object:
    return lambda host, port: addresses


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.169.254"),
        *("100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "192.88.99.1", "0.0.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.9"),
        *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "ff0e::1"),
        *("::ffff:127.0.0.1", "::ffff:a9fe:a9fe", f"::ffff:{PUBLIC}", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1"),
        *("2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "2606:2800:21f:cb07::1%2"),
        *("not-an-address", ""),
    ],
)
def test_no_request_goes_to_what_is_not_on_the_internet(address: str) -> None:
    with pytest.raises(NotAllowed):
        look_at(URL, Reach(), resolving_to(address))
    with pytest.raises(NotAllowed):
        look_at(URL, Reach(), resolving_to(PUBLIC, address))


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "172.32.0.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "2a00:1450:400a::1"])
def test_requests_go_to_what_is(address: str) -> None:
    target = look_at(URL, Reach(), resolving_to(address, address))
    assert target == Target("https", "hooks.example.com", 443, "/x", (address,))
    assert target.url_by(address) == f"https://{f'[{address}]' if ':' in address else address}:443/x"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1", "2130706433", "0x7f000001", "017700000001", "0", "localhost", "LOCALHOST.", "[::1]", "[::ffff:7f00:1]"])
def test_every_way_of_writing_this_machine_is_known_by_what_it_resolves_to(host: str) -> None:
    with pytest.raises((NotAllowed, OSError)):
        look_at(f"https://{host}/", Reach())


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://hooks.example.com/",
            "ftp://hooks.example.com/",
            "file:///etc/passwd",
            "gopher://hooks.example.com/",
            "//hooks.example.com/",
            "hooks.example.com",
            "",
        ),
        *(
            "https://",
            "https:///x",
            "https://hooks.example.com:22/",
            "https://hooks.example.com:8443/",
            "https://hooks.example.com:99999/",
            "https://hooks.example.com:x/",
        ),
        *("https://me:secret@hooks.example.com/", "https://hooks.example.com@127.0.0.1/", "https://@hooks.example.com/", "https://hooks.example.com/#x"),
        *("https://hooks.example.com/\r\nHost: a", "https://hooks.example.com\\@127.0.0.1/", "https://hooks.exämple.com/", "https://[fe80::1%25eth0]/"),
        *("https://hooks.example.com /", "https://[::1", "https://hooks.example.com/" + "x" * 2_000),
    ],
)
def test_no_address_is_taken_that_could_be_read_in_two_ways(url: str) -> None:
    with pytest.raises(NotAllowed):
        look_at(url, Reach(), resolving_to(PUBLIC))


def test_a_name_that_changes_its_mind_is_asked_once() -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])

    def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    assert look_at(URL, Reach(), rebinding).addresses == (PUBLIC,)
    with pytest.raises(NotAllowed):
        look_at(URL, Reach(), rebinding)


def test_a_network_of_ones_own_is_reached_where_it_is_named_and_without_tls_only_there() -> None:
    own = Reach(ports=frozenset({443, 8_443}), networks=("10.20.0.0/16",))
    assert look_at("https://control.internal:8443/x?a=b", own, resolving_to("10.20.0.9")).authority == "control.internal:8443"
    for address in ("10.21.0.9", "::ffff:10.20.0.9"):
        with pytest.raises(NotAllowed):
            look_at(URL, own, resolving_to(address))
    plain = Reach(ports=frozenset({80}), networks=("10.20.0.0/16",), plain_http=True)
    assert look_at("http://control.internal/", plain, resolving_to("10.20.0.9")).authority == "control.internal"
    with pytest.raises(NotAllowed):
        look_at("http://control.internal/", plain, resolving_to(PUBLIC))


def test_a_name_that_is_unknown_now_is_no_refusal() -> None:
    with pytest.raises(OSError, match="no address"):
        look_at(URL, Reach(), resolving_to())
    assert set(resolve("localhost", 443)) <= {"127.0.0.1", "::1"}


@given(st.ip_addresses())
def test_whatever_is_allowed_is_global_to_the_standard_library_too(address: object) -> None:
    try:
        look_at(URL, Reach(), resolving_to(str(address)))
    except NotAllowed:
        return
    at = ip_address(str(address))
    assert at.is_global
    assert not at.is_multicast
    assert not isinstance(at, IPv6Address) or (at.ipv4_mapped, at.sixtofour, at.teredo) == (None, None, None)
