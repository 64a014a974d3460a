"""What people tell us: that their power is out, that something is dangerous. Claims, for the crew desk: never events of the journal, shown to nobody else."""

import re
import unicodedata
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from services.kernel.ids import AreaId
from services.kernel.messages import Lang

_TELEPHONE = re.compile(r"\+?\d(?:[ ().-]{0,2}\d){6,}")
"""Seven digits or more in a row, however they are grouped: house numbers and postal codes have fewer."""
_MAILBOX = re.compile(r"\S+@\S+")
_TAKEN_OUT = "…"


class Kind(StrEnum):
    """What is reported."""

    OUTAGE = "outage"
    HAZARD = "hazard"


class Report(Struct, frozen=True, omit_defaults=True):
    """One claim of one person."""

    kind: Kind
    said: str
    """Where it is, in their own words, as `said_of` cleans them; '' where they said nothing."""
    platform: str
    """Where they told us: `sms`, `alexa`..."""
    lang: Lang
    at: datetime
    asker: str
    """Who, without telling who: a keyed hash. '' where the platform names nobody."""
    area: AreaId | None = None
    """The area that was meant, where it is one that we serve."""
    premise: str = ""
    """The directory's id of the asker's premise, where their account is linked and has one."""


class Look(Struct, frozen=True):
    """Somebody has looked at reports with what tells of whom they are."""

    at: datetime
    who: str
    """The account that they used, and on which machine."""
    since: datetime
    limit: int


def said_of(words: str, most: int) -> str:
    """`words` as a report keeps them: one line of at most `most` letters, without control or format characters, telephone numbers and mail addresses."""
    plain = "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in words if unicodedata.category(letter) != "Cf")
    told = _MAILBOX.sub(_TAKEN_OUT, _TELEPHONE.sub(_TAKEN_OUT, " ".join(plain.split())))
    return told[:most].rstrip()


def sameness(report: Report) -> str:
    """What a report has in common with the same said again: who, of what kind, where. '' where nobody can tell who."""
    where = report.area or report.said.casefold()
    return f"{report.kind}\n{report.asker}\n{where}" if report.asker else ""
