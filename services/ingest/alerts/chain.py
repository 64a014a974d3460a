"""Which outage a message is about: that of the first message of its chain (docs/decisions/0009).

Senders refer to all earlier messages, or to the last one only, and messages come late or out of order. So each message and
each that it refers to is remembered with the first of its chain: whichever of them comes next leads to the same outage, and
chains that turn out to be one are joined.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import blake2b

from msgspec import Struct

from services.ingest.alerts.forms import moment
from services.ingest.alerts.message import Alert, Info, Reference
from services.kernel.ids import OutageId, SourceName
from services.kernel.ports.alerts import AlertChains, First

_IDENTIFIER_MAX = 150
_STEPS_MAX = 8
"""How often chains that were joined are followed: more joins than that have left the memory long ago."""


class Place(Struct, frozen=True):
    """Where a message belongs."""

    first: First
    superseded: tuple[First, ...]
    """Other chains that the message joins to this one: from here on their outages are told of as this one."""
    earliest_sent: datetime
    """When the earliest message that it names, or itself, was sent."""
    links: Mapping[str, First]
    """What must be remembered once the message's events are durable."""

    @property
    def outage_id(self) -> OutageId:
        """The outage that the message is about."""
        return OutageId(self.first.message)


def name_of(message: Reference) -> str:
    """A name for `message` that is one of its own, whatever offset its time is written in: the identifier, and a digest of the whole."""
    sent = moment(message.sent).astimezone(UTC).isoformat()
    digest = blake2b(f"{message.sender},{message.identifier},{sent}".encode(), digest_size=6).hexdigest()
    return f"{message.identifier[:_IDENTIFIER_MAX]}~{digest}"


def began(infos: Iterable[Info]) -> tuple[datetime | None, datetime | None]:
    """The earliest onset, and the earliest time from which on the words hold (`effective`)."""
    blocks = list(infos)
    onsets = [moment(info.onset) for info in blocks if info.onset.strip()]
    effective = [moment(info.effective) for info in blocks if info.effective.strip()]
    return min(onsets, default=None), min(effective, default=None)


async def place_of(alert: Alert, source: SourceName, chains: AlertChains) -> Place:
    """The chain that `alert` belongs to. Raises `Unavailable`.

    A message that refers to several chains, or is the link between two that was missing, joins them: the one with the newest message goes on.
    """
    messages = [alert.name, *sorted(alert.references, key=lambda reference: moment(reference.sent))]
    names = list(dict.fromkeys(map(name_of, messages)))
    known = await _firsts(names, source, chains)
    roots = list({first.message: first for name in names if (first := known.get(name))}.values())
    roots.sort(key=lambda root: root.latest, reverse=True)
    earliest = min(messages, key=lambda message: moment(message.sent))
    message = roots[0].message if roots else name_of(earliest)
    latest = max([moment(alert.name.sent), *(root.latest for root in roots)])
    first = First(message, latest, _since(alert, message == names[0], roots))
    links = dict.fromkeys([*names, *(root.message for root in roots), message], first)
    return Place(first, tuple(roots[1:]), moment(earliest.sent), links)


def _since(alert: Alert, is_first: bool, roots: Iterable[First]) -> datetime | None:
    """An onset is believed of any message. Of words that hold from some time on only the first message's tell when the outage began."""
    onset, effective = began(alert.infos)
    before = min((root.since for root in roots if root.since), default=None)
    return onset or (effective if is_first else None) or before


async def _firsts(names: Iterable[str], source: SourceName, chains: AlertChains) -> dict[str, First]:
    """The first message of each of these messages' chains, chains that were joined being followed to the end."""
    found = dict(await chains.find(source, names))
    for _ in range(_STEPS_MAX):
        beyond = await chains.find(source, {first.message for first in found.values()})
        further = {name: beyond.get(first.message, first) for name, first in found.items()}
        if further == found:
            break
        found = further
    return found
