"""Why a request is not taken for Alexa's: told in the log and counted, never to whoever sent it."""

from enum import StrEnum

from services.kit import metrics
from services.kit.http import Problem
from services.kit.logs import Sparing

LOG_EVERY_S, DETAIL_MAX = 10.0, 300
"""Of each reason one line in so long, of so many letters: anybody can be refused as often as they like, and the metric has them all."""
_log = Sparing(LOG_EVERY_S)


class Reason(StrEnum):
    """A closed set: metrics count by it."""

    HEADERS = "headers"
    """The signature or its certificate's address is missing, doubled or not what such a thing looks like."""
    URL = "url"
    """The certificate is said to be elsewhere than Amazon keeps it."""
    UNREACHABLE = "unreachable"
    """The certificate could not be fetched in time, and no key that is good is known."""
    CHAIN = "chain"
    """What was fetched is no chain of certificates that leads from Alexa's name to a trusted root now."""
    SIGNATURE = "signature"
    TIMESTAMP = "timestamp"
    """Signed too long ago, or in the future: a request kept and sent again."""
    SKILL = "skill"
    """For a skill that is not ours."""


class Refused(Exception):
    """This is not Alexa asking one of our skills. Its text is for the log."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def told(refused: Refused) -> Problem:
    """400, as Amazon asks of skills, without a word on what was wrong: that would help only a forger."""
    metrics.ALEXA_REFUSED.labels(refused.reason).inc()
    _log.info("alexa.request_refused", refused.reason, detail=str(refused)[:DETAIL_MAX])
    return Problem(400, "not-alexa", "Not a request of Alexa's", "Only requests that Amazon has signed for this skill, just now, are answered here.")
