"""The audit trail: one entry for every change of what is said, each sealed with the one before, so that no entry can be changed, taken out, moved or put in
unseen.

The seal is SHA-256 (FIPS 180-4) and not BLAKE2: an auditor recomputes it with what is at hand anywhere (`sha256sum`, PostgreSQL's own `sha256`), and beside a
commit's wait for the disk neither costs anything.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
from msgspec import Struct

BEGINNING = "0" * 64
"""What the first entry is sealed with."""


class Entry(Struct, frozen=True):
    """One change of one row."""

    seq: int
    """1, 2, 3, ...: none is left out."""
    at: str
    """UTC, ISO 8601, to the microsecond."""
    actor: str
    """Who changed it: a person, and the account of the system that they used; or Surgecast itself."""
    action: str
    """What was done: `delivery.sending`, `approval.approved`, ..."""
    subject: str
    """The row: `delivery 12`."""
    state: str
    """What the row says since then: canonical JSON."""
    seal: str
    """SHA-256, in hexadecimal, of the seal before, a line feed, and the entry's other members as a JSON array in their order (UTF-8, no spaces)."""


class Fault(Struct, frozen=True):
    """The first thing that is wrong with a trail."""

    seq: int
    """The entry; for one that is missing, the number it would have; 0: none, the trail is whole but doesn't agree with the tables."""
    why: str


class Head(Struct, frozen=True):
    """The newest entry, as it can be kept elsewhere: whoever has it sees when any entry up to it was changed or taken out, the newest ones too."""

    seq: int = 0
    seal: str = BEGINNING

    def __str__(self) -> str:
        return f"{self.seq}:{self.seal}"


def instant(at: datetime) -> str:
    """A time as an entry has it."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def canonical(state: Mapping[str, object]) -> str:
    """One text for one state: JSON, with the names sorted."""
    return msgspec.json.encode(state, order="sorted").decode()


def sealed(head: Head, at: datetime, actor: str, action: str, subject: str, state: str) -> Entry:
    """The entry that comes after `head`."""
    entry = Entry(head.seq + 1, instant(at), actor, action, subject, state, "")
    return msgspec.structs.replace(entry, seal=_seal(head.seal, entry))


class Reader:
    """Reads a trail from its beginning, entry by entry, and sees what is wrong."""

    def __init__(self) -> None:
        self.head = Head()

    def fault(self, entry: Entry) -> Fault | None:
        """What is wrong with the next entry; None where it follows."""
        due = self.head.seq + 1
        if entry.seq > due:
            return Fault(due, f"entry {due} is missing: {entry.seq} follows {self.head.seq}")
        if entry.seq < due:
            return Fault(entry.seq, f"entry {entry.seq} stands where {due} belongs")
        if entry.seal != _seal(self.head.seal, entry):
            return Fault(due, f"entry {due} doesn't have the seal that its content and the entry before it give: it was changed, moved or put in")
        self.head = Head(entry.seq, entry.seal)
        return None


def _seal(before: str, entry: Entry) -> str:
    content = msgspec.json.encode([entry.seq, entry.at, entry.actor, entry.action, entry.subject, entry.state])
    return sha256(before.encode() + b"\n" + content).hexdigest()
