"""Reads posts as a follower does: every number, time, place and cause out of the words alone. It knows nothing of the catalogues."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

_MONTHS = {
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    "fr": ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
}
_CLOCK = {
    "en": r"(?:noon|(?P<hour>\d{1,2})(?::(?P<minute>\d\d))? (?P<half>[ap])\.m\.?)",
    "fr": r"(?:midi|(?P<hour>\d{1,2})\u00a0h(?:\u00a0(?P<minute>\d\d))?)",
}
_DAY = {
    "en": rf"(?:(?P<near>tomorrow|yesterday) at |(?P<month>{'|'.join(_MONTHS['en'])}) (?P<day>\d+)(?:, (?P<year>\d+),)? at )?",
    "fr": rf"(?:(?P<near>demain|hier) à |le (?P<day>1er|\d+) (?P<month>{'|'.join(_MONTHS['fr'])})(?: (?P<year>\d+))? à )?",
}
_TIME = {lang: re.compile(rf"(?<!\w){_DAY[lang]}{_CLOCK[lang]}(?!\w)") for lang in _CLOCK}
_NEAR = {"tomorrow": 1, "demain": 1, "yesterday": -1, "hier": -1}
_CUSTOMERS = {
    "en": re.compile(r"(?P<about>about )?(?P<few>fewer than )?(?:(?P<number>\d{1,3}(?:,\d{3})*) customers|(?P<one>one) customer|no customers)"),
    "fr": re.compile(r"(?P<about>environ )?(?P<few>moins de )?(?:(?P<number>\d{1,3}(?:\u00a0\d{3})*) clients|(?P<one>un) client|aucun client)"),
}
_OUTAGES = {
    "en": re.compile(r"(?P<number>\d{1,3}(?:,\d{3})*) outages|one outage"),
    "fr": re.compile(r"(?P<number>\d{1,3}(?:\u00a0\d{3})*) pannes|[Uu]ne seule panne"),
}
_PEAK = {
    "en": re.compile(r"(it was|down from|had|peak) $"),
    "fr": re.compile(r"([Aa]u plus fort d\w+( la)? pannes?\u00a0:|contre|maximum) $"),
}
_ROLES = {
    "en": {"as_of": r"[Aa]s of $", "estimate": r"(by |\()$", "starts": r" off (the power )?(at |on )?$"},
    "fr": {"estimate": r"(d'ici |\()$", "starts": r"(coupé|couperons le courant) (à )?$", "as_of": r"(à|À|données de) $"},
}
_SHAPES = {
    "en": {
        "passed": "has passed|are past|come and gone",
        "some": "Where (there is|we have) an estimate|For some of",
        "none": "[Nn]o estimated|don't have an est",
    }
    | {"all": "expect power back|should be back|Our estimate"},
    "fr": {
        "passed": "est passée|dépassé",
        "some": "Là où (il y a|nous avons) une estimation|une partie des",
        "none": "Aucune heure|d'heure de retour|encore connue",
    }
    | {"all": "[Rr]etour du courant prévu|devrait revenir|prévoyons le retour"},
}
_CAUSES = {
    "en": {
        "weather": "the weather",
        "equipment": "an equipment failure",
        "vegetation": "a tree or branch",
        "animal": "an animal",
        "vehicle": "a vehicle collision",
        "fire": "a fire",
        "safety": "a safety shut-off",
    },
    "fr": {
        "weather": "les intempéries",
        "equipment": "un bris d'équipement",
        "vegetation": "un arbre ou une branche",
        "animal": "un animal",
        "vehicle": "une collision routière",
        "fire": "un incendie",
        "safety": "une coupure préventive",
    },
}
_MEANS = {
    "en": {"restored": r"ower is back|ha(ve|s) power again|all back", "safety": "Safety notice", "planned": "[Pp]lanned work"},
    "fr": {"restored": r"rétabli\b|est de retour|est revenu|aucune panne", "safety": "Avis de sécurité", "planned": "[Tt]ravaux planifiés"},
}
_SAFE = {"en": "at least 10 metres", "fr": r"(au moins|à moins de) 10 mètres"}
_LINE = re.compile(r"\d{3}-\d{3}-\d{4}")

Told = tuple[str, int]
"""How exactly, and how many."""


class Read(Struct, frozen=True):
    """What a post says."""

    customers: frozenset[Told] = frozenset()
    peak: frozenset[Told] = frozenset()
    places: frozenset[tuple[str, Told | None]] = frozenset()
    outages: frozenset[int] = frozenset()
    times: frozenset[tuple[str, object, int, int]] = frozenset()
    causes: frozenset[str] = frozenset()
    means: frozenset[str] = frozenset()
    lines: frozenset[str] = frozenset()


def read(lang: str, text: str, places: Mapping[str, str]) -> Read:
    """What `text` says, where `places` are names, in its language, and what they stand for. Raises AssertionError for a number that means nothing."""
    customers, peak, paired = set[Told](), set[Told](), dict[str, Told | None]()
    for found in _CUSTOMERS[lang].finditer(text):
        told, before = _told(found), text[: found.start()]
        named = next((key for name, key in places.items() if before.endswith(f"{name} (")), None)
        if named:
            paired[named] = told
        else:
            (peak if _PEAK[lang].search(before) else customers).add(told)
    found_places = {(key, paired.get(key)) for name, key in places.items() if name in text}
    means = {name for name, pattern in _MEANS[lang].items() if re.search(pattern, text)}
    means |= {name for name, pattern in _SHAPES[lang].items() if re.search(pattern, text)} - ({"all"} if re.search(_SHAPES[lang]["some"], text) else set())
    if re.search(_SAFE[lang], text):
        means.add("10 metres")
    times = set(_times(lang, text))
    outages = {int(re.sub(r"\D", "", found["number"] or "1")) for found in _OUTAGES[lang].finditer(text)}
    left = text
    for pattern in (_TIME[lang], _CUSTOMERS[lang], _OUTAGES[lang], _LINE, re.compile(_SAFE[lang])):
        left = pattern.sub(" ", left)
    assert not re.search(r"\d", left), f"a number that means nothing: {left}"
    causes = {cause for cause, words in _CAUSES[lang].items() if words in text}
    return Read(*map(frozenset, (customers, peak, found_places, outages, times, causes, means, _LINE.findall(text))))  # type: ignore[arg-type]


def _told(found: re.Match[str]) -> Told:
    how = "about" if found["about"] else "fewer than" if found["few"] else "exactly"
    return how, int(re.sub(r"\D", "", found["number"])) if found["number"] else int(bool(found["one"]))


def _times(lang: str, text: str) -> Iterator[tuple[str, object, int, int]]:
    for found in _TIME[lang].finditer(text):
        roles = [role for role, before in _ROLES[lang].items() if re.search(before, text[: found.start()])]
        assert roles, f"a time that means nothing: {text[: found.end()]}"
        hour, minute = int(found["hour"] or 12), int(found["minute"] or 0)
        if lang == "en" and found["hour"]:
            hour = hour % 12 + 12 * (found["half"] == "p")
        day: object = _NEAR.get(found["near"] or "", 0)
        if found["month"]:
            day = (int(found["year"] or 0), _MONTHS[lang].index(found["month"]) + 1, int(found["day"].removesuffix("er")))
        yield roles[0], day, hour, minute
