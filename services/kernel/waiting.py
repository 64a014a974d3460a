"""Who waits to hear that an outage is over, and the one message that they then get."""

from datetime import datetime
from enum import StrEnum
from hashlib import blake2b
from typing import NewType

from msgspec import Struct
from msgspec.structs import replace

from services.kernel.ids import AreaId, OutageKey
from services.kernel.messages import Lang
from services.kernel.mine import Sureness

Group = NewType("Group", str)
"""What people wait for together: an area, by its id, or one outage."""
_OUTAGE = "@"
"""Before an outage's key: no area id begins so."""


class Reach(StrEnum):
    """What reaches people who ask nothing just now. Voice's platforms of the same names put them on the list."""

    SMS = "sms"
    ALEXA = "alexa"
    MESSENGER = "messenger"


class Home(Struct, frozen=True, omit_defaults=True):
    """Where a waiter is supplied, as far as it takes to tell whether an outage is theirs: no address is in it. Personal data all the same."""

    premise: str
    """The directory's id for it; '' for where somebody's device was when they asked."""
    outage: OutageKey
    """The one that they wait for."""
    sureness: Sureness
    """How sure it is that it is theirs."""
    devices: tuple[str, ...] = ()
    point: tuple[float, float] | None = None

    @property
    def where(self) -> str:
        """What it is called in a message: `home`, or `here`."""
        return "home" if self.premise else "here"


class Waiter(Struct, frozen=True, omit_defaults=True):
    """One person who asked to be told, about one area or their own outage. Personal data: kept until they were told or it expires, never logged."""

    platform: str
    """What reaches them: one of `Reach`."""
    address: str
    """Theirs on the platform: a telephone number (E.164), the skill's id for an Alexa account, the page's id for somebody on Messenger."""
    lang: Lang
    area: AreaId
    since: datetime
    expires: datetime
    home: Home | None = None
    """Where it is known: they wait for their own outage, and not for all of the area's."""
    confirmed: bool = True
    """Whether it is known that the address is theirs. Where it came with a call it is claimed, and anybody can claim it: nothing but the question whether
    they asked is sent there before they have answered it."""

    @property
    def person(self) -> str:
        """The same for all that one person waits for."""
        return person_of(self.platform, self.address)

    @property
    def id(self) -> str:
        """One a person and area, or a person and premise."""
        return f"{self.person}:{self.area}" if self.home is None else f"{self.person}:{_OUTAGE}{self.home.premise}"

    @property
    def group(self) -> Group:
        """All with whom they wait for the same."""
        return Group(self.area) if self.home is None else group_of(self.home.outage)

    def now_confirmed(self, now: datetime) -> "Waiter":
        """The same, known to be theirs; their time begins anew."""
        return replace(self, confirmed=True, since=now, expires=now + (self.expires - self.since))


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


def group_of(outage: OutageKey) -> Group:
    """Those who wait for this outage."""
    return Group(f"{_OUTAGE}{outage}")


def outage_of(group: Group) -> OutageKey | None:
    """The outage that this group waits for; None where it waits for an area."""
    return OutageKey(group.removeprefix(_OUTAGE)) if group.startswith(_OUTAGE) else None


def person_of(platform: str, address: str) -> str:
    """A name for whoever is reached so. No secret: their address is beside it."""
    return blake2b(f"{platform}\n{address}".encode(), digest_size=12).hexdigest()
