"""One account's pictures: drawn when a post is written, kept beside it, taken out when it is sent. Nothing here keeps a post's words from going out."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from services.fanout.pictures.spots import spots_in
from services.fanout.pictures.undrawable import Undrawable
from services.fanout.replica import Replica
from services.kernel.areas import name_of
from services.kernel.delivery import Written
from services.kernel.ids import EVERYWHERE
from services.kernel.messages import Lang, Wording
from services.kernel.planning.posts import Post
from services.kernel.ports.areas import AreaStore
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.pictures import Kept, PictureShelf
from services.kernel.ports.social import Picture
from services.kit import metrics
from services.kit.logs import log

if TYPE_CHECKING:
    from services.fanout.pictures.atlas import Atlas
    from services.fanout.pictures.lettering import Letters


class Easel:
    """What all accounts of one process draw with: the areas' shapes, read anew when the catalogue changes, and letters. Heavy, so made at its first need."""

    def __init__(self, areas: AreaStore, font: Path | None) -> None:
        self._areas, self._font = areas, font
        self._lock = Lock()
        self._atlas: Atlas | None = None
        self._letters: Letters | None = None

    def ready(self) -> "tuple[Atlas, Letters]":
        """The shapes as they are now, and letters. Raises `Undrawable` where there are none, `Unavailable` where they can't be read."""
        from services.fanout.pictures.atlas import Atlas
        from services.fanout.pictures.lettering import Letters

        with self._lock:
            if self._letters is None:
                self._letters = Letters(self._font)
            if self._atlas is None or self._atlas.revision != self._areas.revision():
                self._atlas = Atlas(self._areas.read())
            return self._atlas, self._letters


class Album:
    """One account's."""

    def __init__(self, channel: str, account: str, shelf: PictureShelf, easel: Easel, wordings: Mapping[Lang, Wording]) -> None:
        self._channel, self._account, self._shelf, self._easel, self._wordings = channel, account, shelf, easel, wordings

    def draw(self, post: Post, texts: Mapping[str, str], written: Written, replica: Replica, as_of: datetime, now: datetime) -> None:
        """Draw `post`, and keep the pictures, where it was written down with these `texts` and nothing of it was begun to be sent. Never raises.

        A digest of emergencies has none: a map of the worst places would show other news than its words tell.
        """
        as_written = {delivery.lang: delivery.text for delivery in written.deliveries}
        if written.post != post.id or post.facts.urgent or written.is_begun or as_written != dict(texts):
            return
        try:
            kept = {lang: Kept(self._drawn(post, wording, replica, as_of, now), texts[lang]) for lang, wording in self._wordings.items() if lang in texts}
            self._shelf.keep(self._channel, self._account, post.id, kept, now)
        except Undrawable as error:
            self._without("undrawable", post, str(error))
        except Unavailable as error:
            self._without("unavailable", post, str(error))
        except Exception as error:  # whatever is wrong with a shape or a font: the words matter more
            self._without("failed", post, f"{type(error).__name__}: {error}")
        else:
            metrics.POST_PICTURES.labels("drawn").inc(len(kept))

    def of(self, post: str, lang: str) -> Kept | None:
        """The picture of a post, if it has one. Raises `Unavailable`."""
        return self._shelf.of(self._channel, self._account, post, lang)

    def _drawn(self, post: Post, wording: Wording, replica: Replica, as_of: datetime, now: datetime) -> Picture:
        from services.fanout.pictures.drawing import draw
        from services.fanout.pictures.scene import scene_of

        names = replica.names
        atlas, letters = self._easel.ready()
        scene = scene_of(post, names, wording, as_of, now)
        found = [] if post.area == EVERYWHERE else spots_in(post, replica.board, atlas.bounds([post.area]))
        spots = [spot for spot in found if atlas.contains(post.area, *spot)]
        png = draw(scene, atlas, letters, wording, lambda area: name_of(names, area).called(wording.lang), spots)
        return Picture(png, scene.alt_text(circles=bool(spots)))

    def _without(self, why: str, post: Post, reason: str) -> None:
        metrics.POST_PICTURES.labels(why).inc()
        severity = log.info if why == "undrawable" else log.warning
        severity("social.without_picture", post=post.id, account=self._account, reason=reason)
