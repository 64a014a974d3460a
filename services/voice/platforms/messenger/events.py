"""What Messenger posts, as far as it is read. Receipts (delivery, read), echoes of our own messages and kinds that come to be later are passed over."""

import msgspec
from msgspec import Struct


class Person(Struct, frozen=True):
    """Somebody, by their page-scoped id."""

    id: str = ""


class QuickReply(Struct, frozen=True):
    """The button that was tapped."""

    payload: str = ""


class Coordinates(Struct, frozen=True):
    """A place on earth, in degrees, WGS 84."""

    lat: float
    long: float


class Payload(Struct, frozen=True):
    """What an attachment holds."""

    coordinates: Coordinates | None = None
    sticker_id: int | None = None


class Attachment(Struct, frozen=True):
    """Something sent that isn't words: image, audio, video, file, location, fallback (a link)."""

    type: str = ""
    payload: Payload | None = None


class Message(Struct, frozen=True):
    """What somebody wrote, tapped or sent."""

    mid: str = ""
    text: str = ""
    quick_reply: QuickReply | None = None
    attachments: tuple[Attachment, ...] = ()
    is_echo: bool = False


class Postback(Struct, frozen=True):
    """A button of a template or a menu, or 'Get started'."""

    mid: str = ""
    title: str = ""
    payload: str = ""


class Event(Struct, frozen=True):
    """One thing that happened in somebody's conversation with the page."""

    sender: Person = Person()
    timestamp: int = 0
    """Milliseconds since 1970."""
    message: Message | None = None
    postback: Postback | None = None

    @property
    def key(self) -> str:
        """The same where Messenger delivers it again; '' where there is nothing to answer."""
        if self.message is not None:
            return "" if self.message.is_echo else self.message.mid
        return (self.postback.mid or f"{self.sender.id} {self.timestamp}") if self.postback else ""


class Entry(Struct, frozen=True):
    """A page's events: each is read by itself, so that one of a new shape costs no other."""

    messaging: tuple[msgspec.Raw, ...] = ()


class Webhook(Struct, frozen=True):
    """A batch."""

    object: str
    entry: tuple[Entry, ...] = ()
