"""Centres held in memory, for tests and for a utility without any. Meets `kernel.ports.Centres`."""

from collections.abc import Sequence

from services.kernel.centres import Centre


class MemoryCentres:
    """A list that is given."""

    def __init__(self, centres: Sequence[Centre] = ()) -> None:
        self.centres = centres

    def known(self) -> Sequence[Centre]:
        """Meets `Centres.known`."""
        return self.centres
