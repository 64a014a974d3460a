"""Where a call is: carried by the address that Twilio asks next, which it signs. This process holds nothing of it."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from msgspec import Struct
from starlette.datastructures import QueryParams

from services.kernel.messages import LANGS, Lang
from services.voice.conversation.turn import Memory
from services.voice.platforms.carried import packed, unpacked

NUMBER_MAX = 10_000


class Call(Struct, frozen=True):
    """One call, between two turns."""

    lang: Lang | None = None
    """None until the caller has chosen."""
    turn: int = 0
    """How many turns there were: it makes every address another, and so every signature."""
    missed: int = 0
    """How many turns in a row led nowhere: silence, or words that were not understood."""
    answered: bool = False
    """The last turn gave an answer: whoever says nothing now may be content."""
    asked_at: datetime | None = None
    memory: Memory = Memory()

    def address(self, url: str, now: datetime) -> str:
        """`url`, with this call in it."""
        said = {"l": self.lang or "", "n": self.turn + 1, "q": self.missed, "a": int(self.answered), "t": int(now.timestamp()), "m": packed(self.memory)}
        return f"{url}?{urlencode({name: value for name, value in said.items() if value not in ('', 0)})}"

    def is_late(self, now: datetime, longest: timedelta) -> bool:
        """Whether the address was given longer ago than a caller takes to answer, or is of another time altogether."""
        return self.asked_at is not None and not timedelta(minutes=-1) < now - self.asked_at < longest


def call_of(query: QueryParams, zone_of: datetime) -> Call:
    """The call that an address carries: a new one where it carries none. `zone_of` gives the moment its time zone."""
    said = query.get("l", "")
    asked_at = _number(query.get("t", ""), 10**11)
    return Call(
        lang=next((lang for lang in LANGS if lang == said), None),
        turn=_number(query.get("n", ""), NUMBER_MAX),
        missed=_number(query.get("q", ""), NUMBER_MAX),
        answered=query.get("a") == "1",
        asked_at=datetime.fromtimestamp(asked_at, zone_of.tzinfo) if asked_at else None,
        memory=unpacked(query.get("m", "")),
    )


def _number(said: str, most: int) -> int:
    return min(int(said), most) if said.isascii() and said.isdecimal() and len(said) <= 12 else 0
