"""Whether a signed request is of now, and for one of our skills."""

from collections.abc import Collection
from datetime import datetime

from services.voice.platforms.alexa.envelope import Envelope
from services.voice.platforms.alexa.refused import Reason, Refused

EVENT = "AlexaSkillEvent."
"""What the types of events begin with that nobody spoke."""


def check_fresh(envelope: Envelope, now: datetime, tolerance_s: float, event_tolerance_s: float) -> None:
    """Raises `Refused` where the request was signed longer ago than Amazon allows (events are delivered late on purpose), or in the future."""
    request = envelope.request
    allowed_s = event_tolerance_s if request.type.startswith(EVENT) else tolerance_s
    off_s = (now - request.sent_at).total_seconds()
    if not -allowed_s <= off_s <= allowed_s:
        raise Refused(Reason.TIMESTAMP, f"signed {off_s:.0f} s ago; at most {allowed_s:g} s are allowed: is this machine's clock right?")


def check_skill(envelope: Envelope, skills: Collection[str]) -> None:
    """Raises `Refused` where the request is for another skill: anybody can have one, whose requests Amazon signs with the same key."""
    first, session = envelope.context.system.application.application_id, envelope.session
    if first in skills and (session is None or session.application is None or session.application.application_id == first):
        return  # as it is of all that are ours
    named = envelope.applications
    if len(named) != 1 or not named.issubset(skills):
        raise Refused(Reason.SKILL, f"for {', '.join(sorted(named)) or 'no skill'}, which SURGECAST_ALEXA_SKILL_IDS does not name")
