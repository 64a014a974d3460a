"""Pictures in memory: the twin of `pictures_sql`."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from services.kernel.messages import Lang
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.pictures import Kept


class MemoryPictures:
    """Meets `kernel.ports.PictureShelf`. While `down` is true every call raises `Unavailable`."""

    def __init__(self, keep: timedelta) -> None:
        self.down = False
        self._keep = keep
        self._kept: dict[tuple[str, str, str, str], tuple[Kept, datetime]] = {}

    def _up(self) -> None:
        if self.down:
            raise Unavailable("The pictures in memory are set down.")

    def keep(self, channel: str, account: str, post: str, pictures: Mapping[Lang, Kept], now: datetime) -> None:
        """Meets `PictureShelf.keep`."""
        self._up()
        self._kept = {key: (kept, at) for key, (kept, at) in self._kept.items() if at >= now - self._keep}
        for lang, kept in pictures.items():
            self._kept.setdefault((channel, account, post, lang), (kept, now))

    def of(self, channel: str, account: str, post: str, lang: str) -> Kept | None:
        """Meets `PictureShelf.of`."""
        self._up()
        found = self._kept.get((channel, account, post, lang))
        return found[0] if found else None
