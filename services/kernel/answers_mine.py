"""What voice says of somebody's own outage: how sure it is that it is theirs, and what is known of it. Rendered when asked: it is one asker's."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from services.kernel.answers import CAUSE, RESTORATION, estimate
from services.kernel.events import Cause, Crew
from services.kernel.ids import UNPLACED
from services.kernel.messages import Wording
from services.kernel.mine import Mine, Sureness
from services.kernel.views import AreaBrief, Count, Extent

_CREW = {crew: step for step, crew in enumerate(Crew)}


ADDRESS_MAX = 200
"""Letters of an address that are said. A directory may have any, and wording takes no more than 2,500."""


class Where(StrEnum):
    """What the asker's place is called in an answer."""

    HOME = "home"
    """Their address, which needs no name: it is the only one."""
    NAMED = "named"
    """One of several addresses of theirs."""
    HERE = "here"
    """Where their device is."""


def my_answer(wording: Wording, mine: Mine, intent: str, now: datetime, where: Where, *, in_area: str = "", unplaced: bool = False) -> str:
    """What is true for the asker at `now`. `in_area`: what is said of their area; `unplaced`: there are outages of which nobody says where they are."""
    address = mine.premise.address[:ADDRESS_MAX] if mine.premise is not None else ""
    if mine.sureness is Sureness.NONE:
        return wording.say("mine-none", where=where, address=address, unplaced="yes" if unplaced else "no")
    found = wording.say("mine-found", sureness=mine.sureness.name.lower(), where=where, address=address)
    if mine.sureness is Sureness.AREA:
        return f"{found} {in_area}"
    brief = _together(mine.outages)
    planned = wording.say("mine-planned") if brief.planned == brief.outages else ""
    back = wording.say("voice-estimate", **estimate(wording, brief, now))
    crew = wording.say("voice-crew", crew=brief.crew or Crew.PENDING)
    if intent == RESTORATION:
        return _sentences(back, crew, found)
    if intent == CAUSE:
        return _sentences(planned or _cause(wording, brief.cause), crew, found)
    return _sentences(found, planned, back)


def _together(outages: Sequence[Extent]) -> AreaBrief:
    """The outages as if they were an area's."""
    estimates = [outage.estimated_restoration for outage in outages if outage.estimated_restoration]
    return AreaBrief(
        UNPLACED,
        "",
        len(outages),
        Count(0),
        planned=sum(outage.planned for outage in outages),
        earliest_estimate=min(estimates, default=None),
        latest_estimate=max(estimates, default=None),
        unestimated=len(outages) - len(estimates),
        cause=next((outage.cause for outage in outages if outage.cause is not Cause.UNKNOWN), Cause.UNKNOWN),
        crew=max((outage.crew for outage in outages if outage.crew), key=_CREW.__getitem__, default=None),
    )


def _cause(wording: Wording, cause: Cause) -> str:
    if cause in (Cause.UNKNOWN, Cause.OTHER):
        return wording.say("mine-cause", known=cause, cause="")
    return wording.say("mine-cause", known="known", cause=wording.say("cause", cause=cause))


def _sentences(*parts: str) -> str:
    return " ".join(part for part in parts if part)
