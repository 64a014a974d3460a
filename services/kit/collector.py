"""Python's collector of cycles, set for processes that make many objects which are no cycles."""

import gc

from services.kit.settings import Settings


def rest() -> None:
    """Call before all is imported: until `settle`, nothing is looked through. Imports and tables are no cycles, and it takes a fifth of a start."""
    gc.disable()


def settle(settings: Settings) -> None:
    """Call once all is imported and put together: what is there stays, and is not looked through again.

    The collector runs after so many new objects as `gc_new_objects`. With Python's 700 it took a quarter of the time to read
    a picture of 5,000 outages (docs/performance.md), and found nothing: events and geometries hold no cycles.
    """
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(settings.gc_new_objects, *gc.get_threshold()[1:])
