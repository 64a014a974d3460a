"""How old the public side is, for readiness and the metrics."""

import asyncio
from collections.abc import Mapping

import msgspec

from services.kernel.ports.clock import Clock
from services.kernel.views import Stamp
from services.kit import metrics
from services.public.shelf import Shelf
from services.wire import SITE_MANIFEST

_read = msgspec.json.Decoder(Stamp).decode


class SiteAge:
    """Reads the manifest: the stamp that every file of the site shows at least."""

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf, self._clock = shelf, clock

    async def ready(self) -> Mapping[str, str]:
        """Meets `kit.http.Readiness`: ready once anything was published, however old. An old page beats no page."""
        return {} if self.tell() is not None else {"site": "nothing has been rendered yet: is the worker of channel `site` running?"}

    def tell(self) -> float | None:
        """Set the gauge; the age in seconds, or None before the first publication."""
        manifest = self._shelf.find(SITE_MANIFEST)
        stamp = _read(manifest.raw) if manifest else None
        if stamp is None or stamp.as_of is None:
            return None
        age = max(0.0, (self._clock.now() - stamp.as_of).total_seconds())
        metrics.OUTPUT_AGE.labels("site").set(age)
        return age

    async def tell_forever(self, every_s: float) -> None:
        """Keep the gauge true, and large files fresh, while nobody asks."""
        while True:
            self._shelf.refresh()
            self.tell()
            await asyncio.sleep(every_s)
