"""What a post is made of: why it is made, the facts that it tells, and what will have been said once it is out."""

from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from services.kernel.events import Cause
from services.kernel.ids import AreaId
from services.kernel.views import Count

UNTOLD_CAUSES = frozenset({Cause.UNKNOWN, Cause.OTHER, Cause.PLANNED})
"""Causes that nobody is the wiser for."""


class Kind(StrEnum):
    """Why a post is made; in the order in which they are sent when not all can be and the policy says nothing else."""

    SAFETY = "safety"
    FIRST_REPORT = "first_report"
    GROWTH = "growth"
    RESTORED = "restored"
    MISSED = "estimate_missed"
    HALF_RESTORED = "half_restored"
    ESTIMATE = "estimate"
    CAUSE = "cause"
    PLANNED = "planned"
    DIGEST = "digest"


LIGHT_KINDS = frozenset({Kind.RESTORED, Kind.HALF_RESTORED})
"""What may be said with a light heart."""
GRAVE_CAUSES = frozenset({Cause.SAFETY, Cause.FIRE, Cause.VEHICLE})
"""Somebody may have been hurt, or may be."""


class Tone(StrEnum):
    """How a message sounds; its facts are the same in each."""

    PLAIN = "plain"
    WARM = "warm"
    LIGHT = "light"


class Place(Struct, frozen=True):
    """One area in a digest."""

    area: AreaId
    customers: Count


class Facts(Struct, frozen=True, omit_defaults=True):
    """What a post tells, as the public may see it (I8): an area's unplanned outages, or its planned work, or, in a digest, the worst places."""

    outages: int = 0
    customers: Count = Count(0)
    estimate: datetime | None = None
    """By when all that have an estimate are expected to be over; it may have passed."""
    unestimated: int = 0
    """How many outages have none."""
    cause: Cause = Cause.UNKNOWN
    peak: Count = Count(0)
    """The most customers that were out at once since the first report; told where half of them have power again."""
    starts: datetime | None = None
    """When planned work begins, or began."""
    places: tuple[Place, ...] = ()
    """Of a digest: the areas with the most customers out, those first."""
    urgent: bool = False
    """Of a digest: its places are those of emergencies for which there was no room one by one, all of them matters of safety where that is the `cause`."""


_ANEW = "~"


class Said(Struct, frozen=True, omit_defaults=True):
    """What an account said last about an area, and what it still owes."""

    post: str
    """The id of the post."""
    thread: str
    """The id of the first report of these outages: what every later post about them answers."""
    kind: Kind
    at: datetime
    customers: int
    estimate: datetime | None = None
    missed: bool = False
    """It was told that the estimate has passed."""
    owed: bool = False
    """The source has since said that all is restored; the post waits for the cool-down."""
    ended: bool = False
    """The source has since said so, but it could not be told before others were out: of those, whatever is worth a first report is one."""
    over: bool = False
    """Told to be restored, or ended in a way that isn't told (cancelled): the next outages are a first report again."""
    cause: Cause = Cause.UNKNOWN
    warned: bool = False
    """It was told that these outages have to do with safety."""
    peak: Count = Count(0)
    """The most customers out at once since the first report."""
    halved: bool = False
    """It was told that half of them have power again."""
    work: bool = False
    """The planned work that goes on in the area was told."""
    turn: int = 0
    """How many posts about the area came before: wordings take turns."""
    grave: bool = False
    """Safety was involved at some time since the first report."""
    facts: str = ""
    """Of a digest: stands for what it told, so that it is not told again word for word."""


class Post(Struct, frozen=True):
    """One post to make, in every language."""

    id: str
    """Stable: planned again from the same facts after the same last post, it is the same."""
    area: AreaId
    kind: Kind
    reason: str
    """For the record: why now."""
    facts: Facts
    said: Said
    """What will have been said once it is out."""
    before: Said | None = None
    """What had been said until then."""
    value: float = 0.0
    """What it is worth by the policy: what can least be left unsaid has the most."""
    emergency: bool = False
    """It may spend the reserve, and never waits for the morning."""
    approval: bool = False
    """By the policy, people have to approve it."""
    tone: Tone = Tone.PLAIN

    def is_named(self, post: str) -> bool:
        """Whether `post` is its id, also of one written anew."""
        return post == self.id or post.startswith(self.id + _ANEW)

    def anew(self, now: datetime) -> "Post":
        """The same under another id: the facts were others meanwhile, so that it was folded before it was out, and are these again."""
        name = f"{self.id}{_ANEW}{now.timestamp():.0f}"
        said = msgspec.structs.replace(self.said, post=name, thread=name if self.said.thread == self.id else self.said.thread)
        return msgspec.structs.replace(self, id=name, said=said)


def is_grave(post: Post) -> bool:
    """Whether safety is involved: a notice of it, an emergency, or outages with a cause that endangers people, now or since the thread began."""
    thread = [post.said] if post.before is None or post.before.over else [post.said, post.before]
    told = any(said.grave or said.warned or said.cause in GRAVE_CAUSES for said in thread)
    return post.kind is Kind.SAFETY or post.emergency or post.facts.cause in GRAVE_CAUSES or told


def tone_of(post: Post) -> Tone:
    """How `post` may sound, whatever the policy says: plain where safety is involved, light only where things are well again."""
    if is_grave(post) or (post.tone is Tone.LIGHT and post.kind not in LIGHT_KINDS):
        return Tone.PLAIN
    return post.tone


class Decision(Struct, frozen=True):
    """What to do about an area now."""

    post: Post | None = None
    said: Said | None = None
    """What to remember if nothing is posted; None where there is nothing to remember."""
    again: datetime | None = None
    """When to look again though nothing changes; None: when something does, or, where there is a post, when `planner.after` says."""


def urgency(post: Post) -> tuple[float, str]:
    """Sorts posts: what can least be left unsaid comes first."""
    return -post.value, post.area
