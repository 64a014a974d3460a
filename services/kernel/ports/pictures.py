"""Pictures that were drawn for posts, kept until they are sent: a draft that is handed over again has the same picture, to the byte."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from services.kernel.messages import Lang
from services.kernel.ports.social import Picture


class Kept(Struct, frozen=True):
    """A picture, and what it was drawn for."""

    picture: Picture
    words: str
    """The post's own, as they were then: with any others, which people may have put in their place, it does not go."""


class PictureShelf(Protocol):
    """Where they are kept. Down: raises `Unavailable`."""

    def keep(self, channel: str, account: str, post: str, pictures: Mapping[Lang, Kept], now: datetime) -> None:
        """Keep these of one post, all or none. What is there already stays as it is; what was kept for too long is thrown away."""
        ...

    def of(self, channel: str, account: str, post: str, lang: str) -> Kept | None:
        """The picture of a post in one language; None where it has none, or no longer."""
        ...
