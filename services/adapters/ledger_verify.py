"""Whether the audit trail is whole, and whether the ledger says what the trail says of it."""

from collections.abc import Iterator
from hashlib import blake2b

import msgspec
from sqlalchemy import Connection, select

from services.adapters.ledger_engine import engine, told
from services.adapters.ledger_tables import audit, audit_head
from services.adapters.ledger_trail import AUDITED, state
from services.kernel.audit import Entry, Fault, Head, Reader

_STREAMED = {"yield_per": 1_000}
_BEFORE = msgspec.json.Decoder(dict[str, int])
_GARBLED = (TypeError, ValueError, LookupError, msgspec.DecodeError)
"""What reading raises where somebody wrote what no column of ours holds."""


class _Wrong(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.why)
        self.fault = fault


def head(url: str, timeout_s: float) -> Head:
    """The newest entry, to be kept elsewhere. Raises `Unavailable`."""
    made = engine(url, timeout_s)
    try:
        with told(), made.begin() as connection:
            return Head(*connection.execute(select(audit_head.c.seq, audit_head.c.seal)).one())
    finally:
        made.dispose()


def verify(url: str, timeout_s: float, kept: Head | None = None) -> tuple[Head, Fault | None]:
    """Read all of the trail, then all that it tells of; gives the newest sound entry, and the first thing that is wrong.

    `kept` is a head that was kept elsewhere: whoever can write to the database can make a new trail, but none with that entry in it. Takes some 200 bytes of
    memory for each row that was ever written. Raises `Unavailable`.
    """
    made = engine(url, timeout_s)
    try:
        with told(), made.connect() as connection:
            if connection.dialect.name == "postgresql":  # one moment, whatever is written meanwhile; SQLite gives that by itself
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                return verified(connection, kept)
    finally:
        made.dispose()


def verified(connection: Connection, kept: Head | None = None) -> tuple[Head, Fault | None]:
    """The same, as one transaction sees it."""
    reader, latest, before = Reader(), dict[str, tuple[int, bytes]](), dict[str, int]()
    try:
        for entry in _entries(connection, reader):
            if kept is not None and entry.seq == kept.seq and entry.seal != kept.seal:
                raise _Wrong(Fault(entry.seq, f"entry {entry.seq} isn't the one that was kept: the trail was made anew"))
            if entry.seq == 1:
                before = {"message": _BEFORE.decode(entry.state)["messages"], "delivery": _BEFORE.decode(entry.state)["deliveries"]}
            else:
                latest[entry.subject] = (entry.seq, _digest(entry.state))
        _ends(connection, reader.head, kept)
        faults = list(_differences(connection, latest, before))
        return reader.head, min(faults, key=lambda fault: fault.seq, default=None)
    except _Wrong as wrong:
        return reader.head, wrong.fault
    except _GARBLED as error:
        return reader.head, Fault(reader.head.seq + 1, f"what comes after entry {reader.head.seq} can't be read: {error}")


def _entries(connection: Connection, reader: Reader) -> Iterator[Entry]:
    for row in connection.execute(select(audit).order_by(audit.c.seq), execution_options=_STREAMED):
        entry = Entry(*row)
        if fault := reader.fault(entry):
            raise _Wrong(fault)
        yield entry


def _ends(connection: Connection, last: Head, kept: Head | None) -> None:
    """Raise `_Wrong` where the newest entries are missing."""
    written = connection.execute(select(audit_head.c.seq, audit_head.c.seal)).one_or_none()
    if written is None or last.seq == 0:
        raise _Wrong(Fault(last.seq + 1, "the trail has no beginning, or no head"))
    if Head(*written) != last:
        raise _Wrong(Fault(last.seq + 1, f"the trail ends at entry {last.seq}, but {written.seq} were written"))
    if kept is not None and last.seq < kept.seq:
        raise _Wrong(Fault(last.seq + 1, f"the trail ends at entry {last.seq}, but {kept.seq} was kept"))


def _differences(connection: Connection, latest: dict[str, tuple[int, bytes]], before: dict[str, int]) -> Iterator[Fault]:
    for word, (table, _) in AUDITED.items():
        for row in connection.execute(select(table), execution_options=_STREAMED):
            subject = f"{word} {row.id}"
            seq, digest = latest.pop(subject, (0, b""))
            if seq and digest != _digest(state(word, row)):
                yield Fault(seq, f"{subject} isn't as entry {seq} left it: it was changed past the trail")
            elif not seq and row.id > before.get(word, 0):
                yield Fault(0, f"no entry tells of {subject}: it was put in past the trail")
    for subject, (seq, _digest_of) in latest.items():
        yield Fault(seq, f"{subject}, of which entry {seq} tells, is gone: it was taken out past the trail")


def _digest(said: str) -> bytes:
    return blake2b(said.encode(), digest_size=16).digest()
