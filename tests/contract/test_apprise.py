"""Apprise itself, through our adapter, to a receiver on the loopback: what is sent, what is made of each answer, and which URLs are refused."""

import email
import email.policy
import json
import logging
import socket
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import apprise
import msgspec
import pytest
from apprise.manager_plugins import NotificationManager
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.adapters.social_apprise import SCHEMES, AppriseFeed
from services.kernel.ports.social import Picture, Reply
from tests.drafts import draft
from tests.simulators.loopback import Broken, Dripping, Silent, serving

TIMEOUT_S = 2.0
TOKEN = "k5k5abcdefghijklmnopqrstuv"
SECRET = "geheim-99%21"


@dataclass
class Target:
    """Takes what any of Apprise's plugins sends."""

    origin: str = ""
    answers: deque[Response] = field(default_factory=deque)
    taken: list[tuple[str, bytes]] = field(default_factory=list)

    async def take(self, request: Request) -> Response:
        self.taken.append((request.url.path, await request.body()))
        return self.answers.popleft() if self.answers else Response("ok")

    def url(self, scheme: str, rest: str = f"hook/{TOKEN}", user: str = f"me:{SECRET}@") -> str:
        return f"{scheme}://{user}{self.origin.removeprefix('http://')}/{rest}"


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    with serving(Starlette(routes=[Route("/{path:path}", made.take, methods=["POST", "PUT"])])) as made.origin:
        yield made


@pytest.fixture
def said_in_logs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What reaches a service's log of warnings and worse."""
    said: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    monkeypatch.setattr(logging.root, "handlers", [Keep(logging.WARNING)])
    return said


def feed_of(url: str) -> AppriseFeed:
    return AppriseFeed(url, "Example Hydro", TIMEOUT_S)


@pytest.mark.parametrize(
    ("scheme", "rest", "user", "path", "said"),
    [
        ("json", "hook", "", "/hook", lambda body: json.loads(body)["message"]),
        ("mmost", TOKEN, "", f"/hooks/{TOKEN}", lambda body: json.loads(body)["text"]),
        ("rocket", "%23outages?format=text", "a234567890123456789012345/b234567890123456789012345@", "", lambda body: json.loads(body)["text"]),
        ("gotify", "Abcdefghijklmno", "", "/message", lambda body: json.loads(body)["message"]),
        ("ntfy", "outages", "", "/", lambda body: json.loads(body)["message"]),
        ("ncloud", "crew", "me:secret@", "", lambda body: body.decode()),
    ],
)
def test_what_each_of_these_services_gets_is_the_text(target: Target, scheme: str, rest: str, user: str, path: str, said: object) -> None:
    text = "Panne à Barrhaven : 1 250 clients."
    receipt = feed_of(target.url(scheme, rest, user)).post(draft(text, "fr"))
    assert receipt.reply is Reply.POSTED, receipt.detail
    (asked, body) = target.taken[-1]
    assert asked.startswith(path)
    assert len(target.taken) == 1
    if scheme != "ncloud":
        assert said(body) == text  # type: ignore[operator]


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (Response("no", 500), Reply.FAILED),
        (Response("no", 401), Reply.LOCKED_OUT),
        (Response("no", 404), Reply.REFUSED),
        (Response("no", 422), Reply.INVALID),
        (Response("no", 429), Reply.LIMITED),
        (Response(None, 307, {"location": "/elsewhere"}), Reply.FAILED),
        (Broken(), Reply.UNCERTAIN),
        (Silent(), Reply.UNCERTAIN),
        (Dripping(), Reply.UNCERTAIN),
    ],
)
def test_each_answer_is_told_as_what_it_leaves_us_knowing_and_nothing_is_tried_again(
    target: Target, answer: Response, reply: Reply, said_in_logs: list[str]
) -> None:
    target.answers.append(answer)
    receipt = feed_of(target.url("json") + "?retry=3&optional=yes&redirect=yes&rto=60").post(draft("text"))
    assert (receipt.reply, len(target.taken)) == (reply, 1)
    assert receipt.detail.startswith("json: ")
    assert not any(secret in receipt.detail for secret in (TOKEN, SECRET, "geheim-99!"))
    assert said_in_logs == [], "what Apprise writes may have parts of the URL in it"


def test_posts_one_after_the_other_do_not_wait_and_nothing_can_be_looked_for(target: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apprise.url.time.sleep", lambda seconds: pytest.fail(f"slept {seconds} s"))
    feed = feed_of(target.url("mmost", TOKEN, ""))
    assert [feed.post(draft(text)).reply for text in "abc"] == [Reply.POSTED] * 3
    assert feed.find(draft("a")).reply is Reply.UNCERTAIN


def test_nothing_was_sent_when_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        receipt = feed_of(f"json://me:{SECRET}@127.0.0.1:{unused.getsockname()[1]}/{TOKEN}").post(draft("text"))
    assert receipt.reply is Reply.UNREACHED
    assert SECRET not in receipt.detail


@pytest.mark.parametrize(
    "url",
    [
        *("dbus://", "gnome://", "kde://", "glib://", "windows://", "macosx://", "syslog://", "rsyslog://127.0.0.1", "blink1://", "growl://127.0.0.1"),
        *("vapid://me@example.com/subscriber", "fcm://project@AbcDef/device?keyfile=/etc/passwd", "apprise://127.0.0.1/token", "mqtt://127.0.0.1/topic"),
        *("file:///etc/passwd", "exec://rm", "memory://", "", "slack", "://x", "xyz://abc"),
    ],
)
def test_what_is_of_this_machine_or_has_files_is_refused_by_name(url: str) -> None:
    with pytest.raises(ValueError, match="not among the services"):
        feed_of(url)


def test_no_url_can_turn_off_the_look_at_certificates_nor_have_files_of_ours_sent(target: Target) -> None:
    feed = feed_of(target.url("json") + "?verify=no&template=/etc/passwd&attach=/etc/passwd&redirect=yes")
    made = feed._target()
    assert (made.verify_certificate, made.redirects) == (True, False)
    assert feed.post(draft("text")).reply is Reply.POSTED
    assert b"root:" not in target.taken[0][1]


@pytest.mark.parametrize("url", ["slack://x", f"discord://{TOKEN}", f"json://{SECRET}:x@", "mailtos://u:geheim@example.com?to=a@example.com,b@example.com"])
def test_what_apprise_would_not_take_or_has_several_targets_is_refused_without_being_shown(url: str, said_in_logs: list[str]) -> None:
    with pytest.raises(ValueError, match=r"as Apprise wants it|several targets") as refused:
        feed_of(url)
    assert not any(secret in str(refused.value) for secret in (TOKEN, SECRET, "geheim"))
    assert said_in_logs == []


def test_every_scheme_that_may_be_used_is_one_of_apprises_that_is_there() -> None:
    there = NotificationManager()
    assert apprise.__version__.startswith("2.")
    assert {scheme for scheme in SCHEMES if scheme not in there or not there[scheme].enabled} == set()
    assert len(SCHEMES) > 100


@pytest.mark.parametrize(
    ("answer_to_rcpt", "reply"), [("250 ok", Reply.POSTED), ("450 busy", Reply.UNREACHED), ("550 who", Reply.REFUSED), ("530 log in", Reply.LOCKED_OUT)]
)
def test_an_e_mail_has_the_first_words_as_its_subject_and_a_mail_servers_refusal_is_understood(answer_to_rcpt: str, reply: Reply) -> None:
    heard: list[str] = []
    text = "Power outage in Barrhaven: about 1,250 customers. We expect power back by 9:30 p.m. Stay away from fallen wires."
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=one_message, args=(listening, answer_to_rcpt, heard), daemon=True)
        thread.start()
        receipt = feed_of(f"mailto://127.0.0.1:{listening.getsockname()[1]}?from=a@example.com&to=b@example.com").post(draft(text))
        thread.join(2)
    assert receipt.reply is reply, (receipt.detail, heard)
    assert "example.com" not in receipt.detail, "whatever stands in the URL may be a secret"
    if reply is Reply.POSTED:
        data = "\n".join(heard[[line.upper() for line in heard].index("DATA") + 1 :])
        subject = email.message_from_string(data, policy=email.policy.default)["subject"]
        assert subject == "Power outage in Barrhaven: about 1,250 customers. We expect power back by…"


def test_an_e_mail_has_the_picture_and_what_it_shows_in_one_message() -> None:
    heard: list[str] = []
    wanted = msgspec.structs.replace(draft("Panne de courant"), picture=Picture(b"\x89PNG\r\n\x1a\n a map", "Carte où le secteur Île-aux-Hérons est marqué"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=one_message, args=(listening, "250 ok", heard), daemon=True)
        thread.start()
        receipt = feed_of(f"mailto://127.0.0.1:{listening.getsockname()[1]}?from=a@example.com&to=b@example.com").post(wanted)
        thread.join(2)
    assert receipt.reply is Reply.POSTED, (receipt.detail, heard)
    assert [line.upper() for line in heard].count("DATA") == 1
    message = email.message_from_string("\n".join(heard[[line.upper() for line in heard].index("DATA") + 1 :]), policy=email.policy.default)
    parts = {part.get_content_type(): part for part in message.walk()}
    assert parts["image/png"].get_content() == b"\x89PNG\r\n\x1a\n a map"
    assert parts["image/png"].get_filename() == "map.png"
    assert any("map.png: Carte où le secteur Île-aux-Hérons est marqué" in parts[kind].get_content() for kind in ("text/plain", "text/html") if kind in parts)


def one_message(listening: socket.socket, answer_to_rcpt: str, heard: list[str]) -> None:
    """As much of SMTP (RFC 5321) as one message needs."""
    connection, _ = listening.accept()
    with connection, connection.makefile("rw", encoding="utf-8", newline="\r\n") as talk:
        said, in_data = "220 here", False
        while True:
            if said:
                talk.write(said + "\r\n")
                talk.flush()
            line = talk.readline().rstrip("\r\n")
            heard.append(line)
            verb = line[:4].upper()
            if in_data:
                in_data, said = line != ".", "250 taken" if line == "." else ""
                continue
            in_data = verb == "DATA"
            said = {"DATA": "354 go on", "RCPT": answer_to_rcpt, "QUIT": "221 bye"}.get(verb, "250 ok")
            if verb in ("QUIT", ""):
                return
