"""The operator's own wording."""

from collections.abc import Iterator

from services.cli.doctor.finding import Finding, attention, ok
from services.kit.settings import Settings


def own_words(settings: Settings) -> Iterator[Finding]:
    """Whether all of it is said; nothing is told where there is none."""
    if settings.messages_folder is None:
        return
    from services.adapters.messages_folder import looked_through

    _, faults = looked_through(settings.messages_folder)
    refused = [fault for fault in faults if fault.refused]
    if refused:
        yield attention("Own words", f"{len(refused)} not said, those that come along are: {refused[0]}. `surgecast messages check` lists all.")
    else:
        yield ok("Own words", f"{settings.messages_folder}" + (f"; {len(faults)} to look at with `surgecast messages check`" if faults else ""))
