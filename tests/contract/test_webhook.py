"""Signed webhooks against a receiver that keeps the standard, over real HTTP and TLS: what is sent, where to, and what is made of each answer."""

import base64
import json
import socket
import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.responses import Response

from services.adapters.public_address import Reach
from services.adapters.social_webhook import WAIT_MAX, WebhookFeed
from services.adapters.webhook_message import body_of, id_of, key_of, schema, signed
from services.kernel.ports.social import Picture, Reply
from tests.builders import NOW, SetClock
from tests.contract import test_social_feed as every
from tests.drafts import draft
from tests.simulators.webhook_receiver import OLD_SECRET, SECRET, Fault, Receiver, running

TIMEOUT_S, BODY_MAX = 1.0, 20_000
HOST = "hooks.example.com"


def feed_of(url: str, secrets: Sequence[str] = (SECRET,), clock: SetClock | None = None, **more: object) -> WebhookFeed:
    port = int(url.split(":")[2].split("/")[0])
    more = {"reach": Reach(frozenset({port}), ("127.0.0.0/8",), plain_http=True)} | more
    return WebhookFeed(url, secrets, TIMEOUT_S, BODY_MAX, clock or SetClock(), **more)  # type: ignore[arg-type]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running(Receiver(now=lambda: NOW.timestamp())) as simulator:
        yield simulator


class TestWebhookFeed(every.TestSocialFeed):
    """What every feed holds, without what is X's own: lengths, budgets, posts that the owner deletes."""

    test_every_answer_tells_what_is_left_of_the_budget = None  # type: ignore[assignment]  # a receiver tells of none
    test_what_fits_the_form_is_taken_and_nothing_longer = None  # type: ignore[assignment]
    test_the_last_post_of_the_budget_tells_until_when_it_is_used_up = None  # type: ignore[assignment]
    test_posts_are_limited_until_the_reset_and_not_after = None  # type: ignore[assignment]
    test_an_answer_to_a_post_needs_the_post = None  # type: ignore[assignment]

    @pytest.fixture
    def service(self, receiver: Receiver) -> every.Service:
        return every.Service(feed_of(receiver.url), lambda: [taken["data"]["text"] for taken in receiver.taken], lambda _: None, every.Hands())


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the standard's own documents, worked out with its reference library."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1614265330, UTC), b'{"test": 2432232314}', (key,))
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_is_sent_is_what_the_published_schema_says(receiver: Receiver) -> None:
    first = draft("Panne à Barrhaven : ≈ 1 250 clients", "fr")
    later = msgspec.structs.replace(draft("Deux", "fr", id_of(first)), begun_by=id_of(draft("x")), picture=Picture(b"\x89PNG", "Carte"))
    feed = feed_of(receiver.url)
    assert [feed.post(each).remote_id for each in (first, later)] == [id_of(first), id_of(later)]
    for taken in receiver.taken:
        jsonschema.Draft202012Validator(schema()).validate(taken)
    assert receiver.taken[0] == {
        "type": "post.written",
        "timestamp": "2018-09-21T21:04:00Z",
        "data": {"id": id_of(first), "lang": "fr", "text": "Panne à Barrhaven : ≈ 1 250 clients"},
    }
    assert receiver.taken[1]["data"] == {
        "id": id_of(later),
        "lang": "fr",
        "text": "Deux",
        "answers": id_of(first),
        "thread": id_of(draft("x")),
        "picture": {"media_type": "image/png", "alt": "Carte", "content": base64.b64encode(b"\x89PNG").decode()},
    }
    assert receiver.requests[0].headers["webhook-id"] == id_of(first)


def test_a_picture_is_left_out_where_it_would_be_too_much_and_a_text_is_not() -> None:
    big = msgspec.structs.replace(draft("text"), picture=Picture(bytes(BODY_MAX), "a map"))
    assert "picture" not in json.loads(body_of(big, BODY_MAX))["data"]
    assert feed_of("http://127.0.0.1:9/").post(draft("x" * BODY_MAX)).reply is Reply.INVALID


def test_a_secret_is_replaced_without_a_gap(receiver: Receiver) -> None:
    rotating = feed_of(receiver.url, (SECRET, OLD_SECRET))
    for secret in (OLD_SECRET, SECRET):
        receiver.secret = secret
        assert rotating.post(draft(secret[-5:])).reply is Reply.POSTED
    assert feed_of(receiver.url, (OLD_SECRET,)).post(draft("old")).reply is Reply.LOCKED_OUT


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", SECRET[6:], "whsec_" + "é" * 40, "whsec_" + base64.b64encode(bytes(65)).decode()])
def test_no_weak_secret_signs_and_none_is_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_ and 24 to 64") as refused:
        feed_of("http://127.0.0.1:9/", (secret,))
    assert not secret[6:] or secret[6:] not in str(refused.value)
    with pytest.raises(ValueError, match="needs a secret"):
        feed_of("http://127.0.0.1:9/", ())


def test_a_captured_message_is_not_taken_later_but_one_sent_again_by_us_is_known(receiver: Receiver) -> None:
    clock = SetClock()
    feed = feed_of(receiver.url, clock=clock)
    receiver.faults.append(Fault.DOWN)
    assert feed.post(draft("one")).reply is Reply.FAILED
    receiver.now = lambda: (NOW + timedelta(minutes=10)).timestamp()
    assert feed.post(draft("one")).reply is Reply.INVALID, "the time of ten minutes ago is refused, as that of a replay is"
    clock.move(minutes=10)
    assert feed.post(draft("one")).reply is Reply.POSTED
    assert feed.find(draft("one")).reply is Reply.REPEATABLE
    again = feed.post(draft("one"))
    assert (again.reply, again.remote_id, len(receiver.taken)) == (Reply.DUPLICATE, id_of(draft("one")), 1)


@pytest.mark.parametrize(
    ("fault", "reply", "out"),
    [
        (Fault.SILENT_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.RESET_AFTER_ACCEPT, Reply.UNCERTAIN, 1),
        (Fault.RESET, Reply.UNCERTAIN, 0),
        (Fault.DOWN, Reply.FAILED, 0),
        (Fault.FAILED_AFTER_ACCEPT, Reply.FAILED, 1),
        (Fault.TRUNCATED, Reply.POSTED, 1),
        (Fault.DRIPPING, Reply.POSTED, 1),
        (Fault.MOVED, Reply.REFUSED, 0),
    ],
)
def test_each_fault_is_told_as_what_it_leaves_us_knowing_and_sending_again_says_nothing_twice(receiver: Receiver, fault: Fault, reply: Reply, out: int) -> None:
    receiver.faults.append(fault)
    feed = feed_of(receiver.url)
    receipt = feed.post(draft("text"))
    assert (receipt.reply, len(receiver.taken), bool(receipt.detail)) == (reply, out, reply is not Reply.POSTED)
    assert feed.post(draft("text")).reply is (Reply.DUPLICATE if out else Reply.POSTED)
    assert len(receiver.taken) == 1
    assert {request.url.path for request in receiver.requests} == {"/hook"}, "no redirect is followed"


@pytest.mark.parametrize(
    ("status", "headers", "reply", "until"),
    [
        (429, {"retry-after": "90"}, Reply.LIMITED, NOW + timedelta(seconds=90)),
        (429, {}, Reply.LIMITED, None),
        (503, {"retry-after": "Fri, 21 Sep 2018 21:09:00 GMT"}, Reply.LIMITED, NOW + timedelta(minutes=5)),
        (503, {"retry-after": "999999999999"}, Reply.LIMITED, NOW + WAIT_MAX),
        (503, {}, Reply.FAILED, None),
        (200, {"retry-after": "90"}, Reply.POSTED, None),
        *((status, {}, Reply.REFUSED, None) for status in (301, 403, 404, 405, 410)),
        *((status, {}, Reply.INVALID, None) for status in (400, 413, 422)),
        *((status, {}, Reply.FAILED, None) for status in (408, 418, 500)),
    ],
)
def test_each_answer_is_told_as_what_it_means(receiver: Receiver, status: int, headers: dict[str, str], reply: Reply, until: datetime | None) -> None:
    receiver.answers.append(Response("so it is", status, headers))
    receipt = feed_of(receiver.url).post(draft("text"))
    assert (receipt.reply, receipt.closed_until) == (reply, until)
    assert len(receipt.detail) <= 300


def test_nothing_was_sent_where_nobody_listens_or_the_name_is_unknown_or_not_allowed(receiver: Receiver) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert feed_of(f"http://127.0.0.1:{unused.getsockname()[1]}/").post(draft("text")).reply is Reply.UNREACHED

    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError("Name or service not known")

    assert feed_of(receiver.url, resolver=unknown).post(draft("text")).reply is Reply.UNREACHED
    refused = feed_of(receiver.url, reach=Reach()).post(draft("text"))
    assert refused.reply is Reply.REFUSED
    assert "not sent" in refused.detail
    assert receiver.requests == []


def test_tls_is_with_the_name_and_the_connection_with_the_address_that_was_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of the addresses takes no connection; the environment names a proxy that must not be asked."""
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    certificate = certified(HOST, tmp_path)
    trusted = ssl.create_default_context(cafile=certificate)
    with running(Receiver(now=lambda: NOW.timestamp()), certificate) as receiver:
        url = receiver.url.replace("127.0.0.1", HOST)
        both = feed_of(url, resolver=lambda host, port: ["127.0.0.9", "127.0.0.1"], trusted=trusted)
        assert both.post(draft("text")).reply is Reply.POSTED
        assert receiver.requests[0].headers["host"] == url.split("/")[2]
        unproved = feed_of(url.replace("hooks", "others"), resolver=lambda host, port: ["127.0.0.1"], trusted=trusted)
        assert unproved.post(draft("other")).reply is Reply.UNREACHED
        rebound = iter([["8.8.8.8", "127.0.0.1"]])
        assert feed_of(url, resolver=lambda host, port: next(rebound), trusted=trusted, reach=public_only(url)).post(draft("other")).reply is Reply.REFUSED
        assert len(receiver.taken) == 1


def public_only(url: str) -> Reach:
    return Reach(frozenset({int(url.split(":")[2].split("/")[0])}))


def certified(host: str, folder: Path) -> Path:
    """A certificate for `host` that only itself vouches for, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)  # noqa: TID251 - TLS asks the machine's own clock
    built = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - timedelta(days=1), now + timedelta(days=1))
    built = built.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    path = folder / "certificate.pem"
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + private)
    return path
