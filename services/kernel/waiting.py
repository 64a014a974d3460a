"""Who waits to hear that an outage is over, and the one message that they then get."""

from datetime import datetime
from enum import StrEnum
from hashlib import blake2b

from msgspec import Struct

from services.kernel.ids import AreaId
from services.kernel.messages import Lang


class Reach(StrEnum):
    """What reaches people who ask nothing just now. Voice's platforms of the same names put them on the list."""

    SMS = "sms"
    ALEXA = "alexa"
    MESSENGER = "messenger"


class Waiter(Struct, frozen=True):
    """One person who asked to be told, about one area. The address is personal data: kept until they were told or it expires, never logged."""

    platform: str
    """What reaches them: one of `Reach`."""
    address: str
    """Theirs on the platform: a telephone number (E.164), the skill's id for an Alexa account, the page's id for somebody on Messenger."""
    lang: Lang
    area: AreaId
    since: datetime
    expires: datetime

    @property
    def person(self) -> str:
        """The same for all that one person waits for."""
        return person_of(self.platform, self.address)

    @property
    def id(self) -> str:
        """One a person and area."""
        return f"{self.person}:{self.area}"


class Notice(Struct, frozen=True):
    """A message for one waiter, word for word."""

    waiter: Waiter
    text: str = ""
    claimed_at: datetime | None = None
    """Since when it may be out: it was about to be sent. None: surely not."""
    worth_until: datetime | None = None
    """Until when it is worth hearing."""

    @property
    def reference(self) -> str:
        """The same for this notice however often it is sent; another for the next that its waiter asks for."""
        return blake2b(f"{self.waiter.id}\n{self.waiter.since.isoformat()}".encode(), digest_size=16).hexdigest()


def person_of(platform: str, address: str) -> str:
    """A name for whoever is reached so. No secret: their address is beside it."""
    return blake2b(f"{platform}\n{address}".encode(), digest_size=12).hexdigest()
