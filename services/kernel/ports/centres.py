"""Centres where people find help."""

from collections.abc import Sequence
from typing import Protocol

from services.kernel.centres import Centre


class Centres(Protocol):
    """The utility's list of centres. Down (no file, or one with a mistake): the last good list; none where there never was one."""

    def known(self) -> Sequence[Centre]:
        """All of them, open or not. Never raises, never waits for more than a look at one file's date."""
        ...
