"""Everything that Apprise reaches: Slack, Teams, Telegram, Discord, e-mail and many more, each by one URL. Meets `kernel.ports.SocialFeed`.

Apprise says yes or no, and writes the rest into its log, which is read here for what can be known: an error that the service answered
with (`error=429`), or that it was never reached. Its log goes nowhere else, since it may have parts of the URL in it, which is a secret.

Apprise knows no alt text, and sends text and picture to most services in two requests, of which one could fail: so only an e-mail has its
picture, in the one message that it is, and what it shows in words beneath.
"""

import logging
import re
import threading
from collections.abc import Iterable
from urllib.parse import unquote

import apprise
from apprise.attachment.memory import AttachMemory

from services.kernel.forms import characters
from services.kernel.ports.social import Draft, Receipt, Reply
from services.kit.abandoned import or_abandoned

_ALLOWED = {
    "chat": (
        "bale cliq dingtalk discord feishu flock gchat groupme guilded kook lark line matrix matrixs mmost mmosts ncloud nclouds nctalk nctalks "
        "revolt ringc rocket rockets ryver signal signals slack synology synologys tgram threema twist viber webex wecombot whatsapp workflow "
        "workflows wxteams zcliq zohocliq zoom zulip"
    ),
    "push": (
        "bark barks gotify gotifys hassio hassios ifttt join lametric lametrics notifiarr ntfy ntfys onesignal pbul pover prowl psafer psafers "
        "pushdeer pushdeers pushme pushy simplepush spush"
    ),
    "on call": "betterstack firehydrant goalert goalerts ilert incidentio opsgenie pagerduty pagertree signl4 spike splunk squadcast victorops xmatters",
    "mail": "azure brevo mailersend mailgun mailto mailtos o365 postmark resend sendgrid sendpulse ses smtp2go sparkpost",
    "texts": (
        "46elks atalk bulksms bulkvs burstsms clickatell clicksend cm d7sms elks exotel freemobile httpsms infobip kavenegar kudosity msg91 msgbird "
        "nexmo octopush plivo seven sfr sinch smseagle smseagles smsmanager sns telesign telnyx twilio voipms vonage"
    ),
    "own": "form forms json jsons xml xmls",
}
MAIL = frozenset(_ALLOWED["mail"].split())
SCHEMES = frozenset(scheme for schemes in _ALLOWED.values() for scheme in schemes.split())
"""What may be used: services on a network. Not this machine's own (`dbus`, `windows`, `macosx`, `syslog`, ...), nor what reads or writes files of keys
(`vapid`, `fcm`), nor another Apprise, whose answers say less still."""

PICTURE_NAME = "map.png"
SUBJECT_MAX = 78
"""Of an e-mail (RFC 5322, section 2.1.1)."""
_SHORTEST_SECRET = 4
_DETAIL_MAX = 300
_STATUS = re.compile(r"\berror=(\d{3})\b")
_SMTP = re.compile(r"\(([45]\d\d), b['\"]")
"""A mail server's refusal (RFC 5321, section 4.2): 4 for now, 5 for ever."""
_UNREACHED = re.compile(r"NewConnectionError|ConnectTimeoutError|NameResolutionError|CERTIFICATE_VERIFY_FAILED|Connection refused")


class _Heard(logging.Handler):
    """What Apprise wrote into its log in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._of = threading.local()

    def listen(self) -> list[logging.LogRecord]:
        """From now on, in this thread."""
        self._of.records = []
        return self._of.records  # type: ignore[no-any-return]

    def emit(self, record: logging.LogRecord) -> None:
        """Keep `record` where somebody listens."""
        records = getattr(self._of, "records", None)
        if records is not None:
            records.append(record)


_HEARD = _Heard()
_log = logging.getLogger("apprise")
_log.propagate = False
_log.setLevel(logging.DEBUG)
_log.addHandler(_HEARD)


class AppriseFeed:
    """One target of one service."""

    def __init__(self, url: str, sender: str, timeout_s: float) -> None:
        """`url`: Apprise's, a secret. `sender`: who speaks, where the service shows it. `timeout_s`: for all of a post.

        Raises ValueError, without the URL, for one that can't be used; says why.
        """
        self._url, self._timeout_s = url, timeout_s
        self._scheme = url.partition("://")[0].lower() if "://" in url else ""
        self._secrets = _parts(url)
        self._asset = apprise.AppriseAsset(
            app_id=sender,
            app_desc=sender,
            storage_mode="memory",  # no files
            allow_templates=False,
            http_redirects=False,
            async_mode=False,
            service_timeout=0,  # ours, below: Apprise's leaves threads of a pool that all accounts share
        )
        if self._scheme not in SCHEMES:
            raise ValueError(f"{self._scheme if self._scheme.isalnum() else 'this'} is not among the services that may be used: {', '.join(sorted(SCHEMES))}")
        if len(self._target()) != 1:
            raise ValueError(f"a {self._scheme} URL with several targets: give each an account of its own, so that none is told twice because another failed")

    def find(self, draft: Draft) -> Receipt:
        """Apprise can't look."""
        return Receipt(Reply.UNCERTAIN, detail="Apprise has no way to look")

    def post(self, draft: Draft) -> Receipt:
        """Post the text of `draft`, by e-mail with its picture. It stands alone: Apprise knows no threads and no ids."""
        try:
            return or_abandoned(lambda: self._notify(draft), self._timeout_s, "apprise")
        except TimeoutError:
            return Receipt(Reply.UNCERTAIN, detail=f"{self._scheme}: not answered within {self._timeout_s:g} s")
        except Exception as error:  # what a plugin trips over is not ours to know
            return Receipt(Reply.UNCERTAIN, detail=self._shown([f"{type(error).__name__}: {error}"]))

    def _notify(self, draft: Draft) -> Receipt:
        records = _HEARD.listen()
        service = apprise.Apprise(asset=self._asset)
        target = self._target()
        service.add(target)
        title = characters(SUBJECT_MAX).shortened(draft.text) if self._scheme in MAIL else ""
        pictured = draft.picture if self._scheme in MAIL and target.attachment_support else None
        body = f"{draft.text}\n\n{PICTURE_NAME}: {pictured.alt}" if pictured else draft.text
        attached = AttachMemory(content=pictured.png, name=PICTURE_NAME, mimetype="image/png") if pictured else None  # type: ignore[no-untyped-call]
        taken = service.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT, attach=attached)
        if taken:
            return Receipt(Reply.POSTED)
        said = [record.getMessage() for record in records]
        return Receipt(_meaning(said), detail=self._shown(record.getMessage() for record in records if record.levelno >= logging.WARNING))

    def _target(self) -> apprise.NotifyBase:
        """A new one for each post, since one that was used before waits before it is used again. Raises ValueError."""
        made = apprise.Apprise.instantiate(self._url, asset=self._asset)
        if made is None:
            raise ValueError(f"not a {self._scheme} URL as Apprise wants it: see its page on this service")
        made.retry, made.optional = 0, False  # whatever the URL says: no trying again by itself, no failure that counts as success
        made.socket_connect_timeout = made.socket_read_timeout = self._timeout_s / 2
        made.redirects = False
        made.verify_certificate = True  # `verify=no` would let anybody on the way read the secrets
        return made

    def _shown(self, lines: Iterable[str]) -> str:
        """For the ledger: without anything that stands in the URL."""
        text = f"{self._scheme}: {' '.join(lines) or 'no reason given'}"
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text[:_DETAIL_MAX]


def _parts(url: str) -> list[str]:
    """Everything in `url` that could be a secret, longest first."""
    raw = re.split(r"[/:@?&=#,]+", url.partition("://")[2])
    return sorted({part for text in raw for part in (text, unquote(text)) if len(part) >= _SHORTEST_SECRET}, key=len, reverse=True)


def _meaning(said: list[str]) -> Reply:
    """By the last thing in the log that tells."""
    for line in reversed(said):
        if found := _STATUS.search(line):
            return _by_status(int(found[1]))
        if line.startswith("Socket Exception"):
            if refused := _SMTP.search(line):
                return Reply.UNREACHED if refused[1][0] == "4" else Reply.LOCKED_OUT if refused[1] in ("530", "535") else Reply.REFUSED
            return Reply.UNREACHED if _UNREACHED.search(line) else Reply.UNCERTAIN
    return Reply.FAILED


def _by_status(status: int) -> Reply:
    if status == 429:
        return Reply.LIMITED
    if status == 401:
        return Reply.LOCKED_OUT
    if status in (400, 413, 422):
        return Reply.INVALID
    return Reply.REFUSED if status in (403, 404, 410) else Reply.FAILED
