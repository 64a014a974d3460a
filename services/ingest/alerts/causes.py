"""Why the power is out, as far as a message's event says it: the words of `event` first, then the event codes of CAP-CP."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from services.ingest.alerts.message import Info
from services.ingest.alerts.profile import EVENT
from services.kernel.events import Cause

EVENT_READ = 300
"""Characters of `event` that are looked at: it is a few words, and whatever is longer is an attack or a mistake."""

WORDS = (
    ("non planifi", Cause.UNKNOWN),
    ("not planned", Cause.UNKNOWN),
    ("planned", Cause.PLANNED),
    ("scheduled", Cause.PLANNED),
    ("maintenance", Cause.PLANNED),
    ("planifi", Cause.PLANNED),
    ("entretien", Cause.PLANNED),
    ("tree", Cause.VEGETATION),
    ("vegetation", Cause.VEGETATION),
    ("arbre", Cause.VEGETATION),
    ("tornad", Cause.WEATHER),
    ("thunderstorm", Cause.WEATHER),
    ("storm", Cause.WEATHER),
    ("wind", Cause.WEATHER),
    ("ice", Cause.WEATHER),
    ("freezing", Cause.WEATHER),
    ("snow", Cause.WEATHER),
    ("lightning", Cause.WEATHER),
    ("flood", Cause.WEATHER),
    ("hurricane", Cause.WEATHER),
    ("weather", Cause.WEATHER),
    ("tempete", Cause.WEATHER),
    ("vents", Cause.WEATHER),
    ("orage", Cause.WEATHER),
    ("verglas", Cause.WEATHER),
    ("neige", Cause.WEATHER),
    ("foudre", Cause.WEATHER),
    ("inondation", Cause.WEATHER),
    ("meteo", Cause.WEATHER),
    ("equipment", Cause.EQUIPMENT),
    ("equipement", Cause.EQUIPMENT),
    ("transformer", Cause.EQUIPMENT),
    ("transformateur", Cause.EQUIPMENT),
    ("animal", Cause.ANIMAL),
    ("bird", Cause.ANIMAL),
    ("oiseau", Cause.ANIMAL),
    ("vehicle", Cause.VEHICLE),
    ("vehicule", Cause.VEHICLE),
    ("fire", Cause.FIRE),
    ("wildfire", Cause.FIRE),
    ("incendie", Cause.FIRE),
    ("safety", Cause.SAFETY),
    ("securite", Cause.SAFETY),
)
"""Beginnings of words, without accents: the first one found decides. `unplanned` does not begin with `planned`."""

CODES = {
    **dict.fromkeys(
        ("blizzard", "blowingSnow", "coldWave", "dustStorm", "flashFlood", "flood", "freezeDrzl", "freezeRain", "heat", "heatWave", "hurricane", "ice",
         "magnetStorm", "rainfall", "snowSquall", "snowfall", "storm", "thunderstorm", "tornado", "tropStorm", "weather", "wind", "windchill", "winterStorm"),
        Cause.WEATHER,
    ),
    "accident": Cause.VEHICLE,
    "animalDang": Cause.ANIMAL,
    "wildFire": Cause.FIRE,
}  # fmt: skip
"""`electric` and `utility` say what is out, not why."""


def cause_of(infos: Iterable[Info], told: Mapping[str, Cause]) -> Cause:
    """The cause that the event's words, or else its codes, tell. `told` (words or codes, by the operator) goes before both tables."""
    blocks = list(infos)
    texts = [plain(info.event[:EVENT_READ]) for info in blocks]
    codes = [value for info in blocks for name, value in info.event_codes if name.startswith(EVENT)]
    for word, cause in told.items():
        if word in codes or any(_begins_a_word(plain(word), text) for text in texts):
            return cause
    for word, cause in WORDS:
        if any(_begins_a_word(word, text) for text in texts):
            return cause
    return next((CODES[code] for code in codes if code in CODES), Cause.UNKNOWN)


def plain(text: str) -> str:
    """`text` in small letters without accents."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()


def _begins_a_word(beginning: str, text: str) -> bool:
    return _pattern(beginning).search(text) is not None


@lru_cache(maxsize=1024)
def _pattern(beginning: str) -> re.Pattern[str]:
    return re.compile(rf"\b{re.escape(beginning)}")
