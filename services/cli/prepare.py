"""What must be there before the parts of `surgecast up` start: the ledger's tables, and of the demo its areas and customers. Run in a process of its own, as
what it imports would stay in the supervisor for good (`python -m services.cli.prepare`, with what is wanted of the demo).

Prints a line for each part of the demo that could not be loaded: without it all else works. Exits with 1, and says why, without a ledger.
"""

import contextlib
import io
import sys
from collections.abc import Callable, Collection

from services.cli.failure import Failure
from services.kernel.ports.failures import Unavailable
from services.kit.settings import Settings


def prepare(settings: Settings, demo: Collection[str]) -> list[str]:
    """Bring the ledger up to date and load what is named of the demo; what could not be loaded, and why. Raises `Failure`."""
    from services.adapters.ledger_upgrade import upgrade

    try:
        upgrade(settings.ledger)
    except Unavailable as error:
        raise Failure(f"The ledger could not be brought up to date: {error}") from None
    return [reason for name, load in _LOADS.items() if name in demo and (reason := _failure(load, settings))]


def _failure(load: Callable[[Settings], None], settings: Settings) -> str:
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # it tells a person at a terminal what it did
            load(settings)
    except (Failure, Unavailable) as error:
        return str(error)
    return ""


def _areas(settings: Settings) -> None:
    from services.cli.areas import load_demo

    load_demo(settings)


def _customers(settings: Settings) -> None:
    from services.cli.customers import demo

    demo(settings)


_LOADS: dict[str, Callable[[Settings], None]] = {"areas": _areas, "customers": _customers}


if __name__ == "__main__":
    try:
        for line in prepare(Settings(), sys.argv[1:]):
            print(line)  # noqa: T201 - the supervisor reads it
    except Failure as failure:
        sys.exit(str(failure))
