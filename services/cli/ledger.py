"""`surgecast ledger`: whether the audit trail is whole, and its newest seal."""

import re

from rich.console import Console

from services.adapters import ledger_verify
from services.cli.failure import Failure
from services.kernel.audit import Head
from services.kernel.ports.failures import Unavailable
from services.kit.settings import Settings

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


def verify(settings: Settings, kept: str) -> None:
    """Read all of it, and say that it is whole. Raises `Failure` with the first thing that is wrong."""
    given = _HEAD.fullmatch(kept)
    if kept and given is None:
        raise Failure(f"--head {kept!r} is none that `surgecast ledger head` printed: a number, a colon and 64 hexadecimal digits.")
    try:
        last, fault = ledger_verify.verify(settings.ledger, settings.ledger_timeout_s, Head(int(given[1]), given[2]) if given else None)
    except Unavailable as error:
        raise Failure(str(error)) from None
    if fault is not None:
        raise Failure(f"The ledger was tampered with: {fault.why}. docs/runbooks/the-ledger-was-changed.md says what to do.")
    counted = "1 entry" if last.seq == 1 else f"{last.seq} entries"
    Console(highlight=False).print(f"{counted}, whole, and the ledger is as they say. Head: {last}", markup=False, soft_wrap=True)


def head(settings: Settings) -> None:
    """Print the newest seal. Raises `Failure`."""
    try:
        newest = ledger_verify.head(settings.ledger, settings.ledger_timeout_s)
    except Unavailable as error:
        raise Failure(str(error)) from None
    Console(highlight=False).print(str(newest), markup=False, soft_wrap=True)
