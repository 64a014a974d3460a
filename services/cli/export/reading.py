"""What an export reads: the archive, then what is still only in the journal, without a gap or a duplicate while the archiver and the janitor go on."""

from collections.abc import Iterator
from itertools import takewhile

from services.kernel.history import OutageRecord, Recorded, joined, record_of
from services.kernel.ids import OutageKey
from services.kernel.ports.history import Archive, recorded
from services.kernel.ports.journal import JournalTail
from services.kernel.views import ORIGIN, Position, position_order


def events(archive: Archive, tail: JournalTail, since: Position, before: Position | None, count: int) -> Iterator[Recorded]:
    """Every event from `since` on and before `before`, oldest first; `count` at most are held at once. Raises `Unavailable`."""
    read_to = _just_before(since)
    while True:
        while page := archive.events(read_to, before, count):
            yield from page
            read_to = page[-1].position
        # Nothing leaves the journal before it is archived: what this look at the journal misses, the next look at the archive finds.
        waiting = _waiting(archive, tail, read_to, before, count)
        if archive.events(read_to, before, 1):
            continue
        if not waiting:
            return
        yield from waiting
        read_to = waiting[-1].position


def outages(archive: Archive, tail: JournalTail, since: Position, before: Position | None, count: int) -> Iterator[OutageRecord]:
    """Every outage with an event from `since` on and one before `before`, each as it is now, in the order of their first events. Raises `Unavailable`.

    `count` are held at once, and those that the archiver has not reached yet.
    """
    newer = _not_archived(archive, tail, count)
    read_to = ORIGIN
    while page := archive.outages(read_to, ORIGIN, before, count):
        for record in page:
            whole = joined(record, newer.pop(record.key)) if record.key in newer else record
            if position_order(whole.last_position) >= position_order(since):
                yield whole
        read_to = page[-1].first_position
    for record in sorted(newer.values(), key=lambda record: position_order(record.first_position)):
        if position_order(record.last_position) >= position_order(since) and _is_before(record.first_position, before):
            yield record


def _waiting(archive: Archive, tail: JournalTail, read_to: Position, before: Position | None, count: int) -> list[Recorded]:
    """The next events that are in the journal only."""
    archived_to = archive.cursor().position
    start = max(read_to, archived_to, key=position_order)  # what is before the cursor and not in the archive was purged: let it be gone
    return [recorded(entry) for entry in takewhile(lambda entry: _is_before(entry.position, before), tail.since(start, count))]


def _not_archived(archive: Archive, tail: JournalTail, count: int) -> dict[OutageKey, OutageRecord]:
    """What the journal says of outages after the archive's cursor."""
    found: dict[OutageKey, OutageRecord] = {}
    read_to = archive.cursor().position
    while entries := tail.since(read_to, count):
        for made in map(record_of, map(recorded, entries)):
            found[made.key] = joined(found[made.key], made) if made.key in found else made
        read_to = entries[-1].position
    return found


def _just_before(position: Position) -> Position:
    """After it comes `position` itself; no entry has the greatest sequence number there is."""
    milliseconds, _ = position_order(position)
    return Position(f"{milliseconds - 1}-{2**63 - 1}") if milliseconds else ORIGIN


def _is_before(position: Position, before: Position | None) -> bool:
    return before is None or position_order(position) < position_order(before)
