"""Accounts on social services: who speaks where, in which languages, about which areas. Pure."""

from enum import StrEnum

from msgspec import Struct

from services.kernel.ids import EVERYWHERE, AreaId
from services.kernel.messages import LANGS, Lang


class Service(StrEnum):
    """What an account is on."""

    X = "x"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    FACEBOOK = "facebook"
    WEBHOOK = "webhook"
    APPRISE = "apprise"


class Scope(Struct, frozen=True, kw_only=True):
    """What an account tells, and to whom."""

    languages: tuple[Lang, ...] = LANGS
    """Each post is made in each of them, in this order."""
    areas: frozenset[AreaId] = frozenset()
    """The areas that concern its followers; empty: all, and what lies in none."""
    pictures: bool = True
    """A map goes with each post, where it is known where its area lies."""

    def concerns(self, area: AreaId) -> bool:
        """Whether its followers are told of `area`; of all their areas together they always are."""
        return not self.areas or area in self.areas or area == EVERYWHERE


EVERYTHING = Scope()
