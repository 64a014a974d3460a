"""What Alexa's side is asked for: certificates that its requests are signed with, what a customer lets us know, and words that we start ourselves."""

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct


class NoCertificate(Exception):
    """The host answered, and has no chain of certificates of the size of one there."""


class CertificateSource(Protocol):
    """Where the certificates come from that Alexa signs its requests with."""

    async def fetch(self, url: str) -> bytes:
        """What is at `url`, which was checked to be Amazon's. Raises `Unavailable` where the host can't be reached in time or is in trouble itself, and
        `NoCertificate` where it answers with anything else.
        """
        ...


class Chain(Struct, frozen=True):
    """A chain of certificates that was proved to be Alexa's."""

    url: str
    pem: bytes
    at: datetime
    """When the host had it."""


class ChainStore(Protocol):
    """The chains that were proved last, kept so that a start needs no host. What is read back is claimed, not proved: prove it again."""

    async def all(self) -> Sequence[Chain]:
        """As many as are kept, in no order. What can't be read is left out."""
        ...

    async def put(self, chain: Chain) -> None:
        """Keep `chain`, in place of the one of the same address; of more than are kept, those not put for longest go. Raises `Unavailable`."""
        ...


class Caller(Struct, frozen=True):
    """Whom we answer, as Alexa's API wants to have it: from a verified request, and good for about as long as that is answered."""

    endpoint: str
    """Origin of the API for their part of the world."""
    token: str
    device: str = ""


class NotAllowed(Exception):
    """The customer has not allowed us to know that."""


class AlexaApi(Protocol):
    """What can be asked while a request is answered: each within a time limit of its own, and about nobody but who asks."""

    async def postal_code(self, caller: Caller) -> str:
        """The postal code that the device is registered at; '' where there is none. Raises `NotAllowed`, and `Unavailable`."""
        ...

    async def say_meanwhile(self, caller: Caller, request_id: str, ssml: str) -> None:
        """Have the device say something before the answer (a progressive response). Raises `Unavailable`."""
        ...


class ProactiveSubscribers(Protocol):
    """Who lets us start talking: what customers chose in the Alexa app, as its events told. They come late, twice and in any order."""

    async def put(self, user: str, events: Collection[str], at: datetime) -> None:
        """`user` chose these events (none: opted out) at that time. What is known of a later time stays. Raises `Unavailable`."""
        ...

    async def events_of(self, user: str) -> frozenset[str]:
        """What `user` chose last. Raises `Unavailable`."""
        ...


MESSAGE_ALERT = "AMAZON.MessageAlert.Activated"
"""The event by which a customer is told that there is a message from us."""


class Message(Struct, frozen=True):
    """'You have a message from ...': Alexa lights up, and says so when asked. What it says is Amazon's text (AMAZON.MessageAlert.Activated)."""

    user: str
    reference: str
    """Ours for this message: sent again, it is the same one."""
    sender: str
    at: datetime
    until: datetime
    """5 minutes to 24 hours after `at`."""
    urgent: bool = False


class Sent(StrEnum):
    """What became of a message."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    """It was accepted before."""
    LIMITED = "limited"
    """Too many by us: the same again later."""
    ENOUGH = "enough"
    """This customer had enough for now: the same again later."""
    FORBIDDEN = "forbidden"
    """The customer opted out, or we may not send any: the API doesn't say which."""
    REFUSED = "refused"
    """Never to be taken as it is."""


class ProactiveEvents(Protocol):
    """Sends what nobody asked for just now, to customers who chose to hear it. Asked by workers: it waits."""

    def send(self, message: Message) -> Sent:
        """Send `message`; safe to repeat. Raises `Unavailable` where it can't be known whether it was taken."""
        ...
