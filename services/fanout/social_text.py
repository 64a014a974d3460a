"""A post in words: one text a language, with the same facts in each (I6), no longer than the channel takes."""

import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime

from services.kernel.areas import AreaName, name_of
from services.kernel.ids import UNPLACED, AreaId
from services.kernel.messages import Lang, Wording
from services.kernel.planning.posts import EVERYWHERE, UNTOLD_CAUSES, Facts, Kind, Place, Post, Tone
from services.kernel.post_text import LENGTH_MAX, shortened, unlinked, weighted_length

_HEAD = {
    Kind.SAFETY: "social-safety-notice",
    Kind.FIRST_REPORT: "social-first-report",
    Kind.GROWTH: "social-growth",
    Kind.RESTORED: "social-restored",
    Kind.MISSED: "social-estimate",
    Kind.HALF_RESTORED: "social-half-restored",
    Kind.ESTIMATE: "social-estimate",
    Kind.CAUSE: "social-estimate",
    Kind.PLANNED: "social-planned",
    Kind.DIGEST: "social-estimate",
}
AREA_WEIGHT_MAX = 100
"""A longer name of an area is cut, so that no fact is."""
PLACE_WEIGHT_MAX = 40
"""The same in a digest, which names several."""
_VARIANTS = 3


def compose(
    post: Post, name: AreaName, wordings: Mapping[Lang, Wording], as_of: datetime, now: datetime, names: Mapping[AreaId, AreaName] | None = None
) -> dict[str, str]:
    """`post` in each language, about the area called `name` with facts known at `as_of`; estimates are past or future as of `now`.

    `names` are those of the places that a digest names.
    """
    if post.area == EVERYWHERE:
        shown = _fitting(post.facts.places, wordings, names or {})
        return {lang: fitted([*_overview(post.facts, shown, wording, as_of, names or {}), *_toned(post, wording)]) for lang, wording in wordings.items()}
    areas = {lang: shortened(unlinked(name.called(lang)), AREA_WEIGHT_MAX) for lang in wordings}
    return {lang: fitted([*_sentences(post, areas[lang], wording, as_of, now), *_toned(post, wording)]) for lang, wording in wordings.items()}


def fitted(sentences: list[str]) -> str:
    """As many of the sentences as fit, the first ones first; the first is cut if even it does not."""
    text = shortened(unlinked(sentences[0]), LENGTH_MAX)
    for sentence in sentences[1:]:
        longer = f"{text} {unlinked(sentence)}"
        if weighted_length(longer) > LENGTH_MAX:
            break
        text = longer
    return text


def _sentences(post: Post, area: str, wording: Wording, as_of: datetime, now: datetime) -> Iterator[str]:
    facts, head = post.facts, _HEAD[post.kind]
    told = {"area": area, "placed": "no" if post.area == UNPLACED else "yes", "as_of": wording.time(as_of)}
    if post.kind is Kind.RESTORED:
        yield from (wording.say(head, **told), wording.say("social-still-out"))
        return
    told["customers"] = wording.customers(facts.customers)
    if post.kind is Kind.HALF_RESTORED:
        told["peak"] = wording.customers(facts.peak)
    if post.kind is Kind.PLANNED:
        ahead = facts.starts is not None and facts.starts > now
        told |= {"begun": "no" if ahead else "yes", "when": wording.at(facts.starts, now) if facts.starts and ahead else ""}
    yield wording.say(head, **told)
    cause = [] if facts.cause in UNTOLD_CAUSES else [wording.say("social-cause", cause=wording.say("cause", cause=facts.cause))]
    if post.kind in (Kind.SAFETY, Kind.CAUSE):
        yield from cause
    if post.kind is Kind.SAFETY:
        yield wording.say("social-safety")
    if facts.estimate or post.kind is not Kind.PLANNED:
        yield _estimated(facts, wording, now)
    if post.kind not in (Kind.SAFETY, Kind.CAUSE, Kind.PLANNED):
        yield from cause
    if post.kind is Kind.FIRST_REPORT:
        yield wording.say("social-safety")


def _estimated(facts: Facts, wording: Wording, now: datetime) -> str:
    if facts.estimate is None:
        return wording.say("social-estimated", shape="none", when="")
    shape = "passed" if facts.estimate <= now else "some" if facts.unestimated else "all"
    return wording.say("social-estimated", shape=shape, when=wording.when(facts.estimate, now))


def _overview(facts: Facts, places: tuple[Place, ...], wording: Wording, as_of: datetime, names: Mapping[AreaId, AreaName]) -> list[str]:
    customers, number = wording.customers(facts.customers), wording.number(facts.outages)
    head = wording.say("social-overview", outages=facts.outages, number=number, customers=customers, as_of=wording.time(as_of))
    return [head, *([wording.say("social-overview-places", places=wording.list(_named(places, wording, names)))] if places else [])]


def _named(places: tuple[Place, ...], wording: Wording, names: Mapping[AreaId, AreaName]) -> list[str]:
    def called(place: Place) -> str:
        return shortened(unlinked(name_of(names, place.area).called(wording.lang)), PLACE_WEIGHT_MAX)

    return [wording.say("social-overview-place", area=called(place), customers=wording.customers(place.customers)) for place in places]


def _fitting(places: tuple[Place, ...], wordings: Mapping[Lang, Wording], names: Mapping[AreaId, AreaName]) -> tuple[Place, ...]:
    """As many of the worst places as fit, the same in every language (I6); one without a place of its own is named nowhere."""
    shown = tuple(place for place in places if place.area != UNPLACED)
    room = LENGTH_MAX // 2  # the other half is more than the head takes
    while shown and any(weighted_length(wording.list(_named(shown, wording, names))) > room for wording in wordings.values()):
        shown = shown[:-1]
    return shown


def _toned(post: Post, wording: Wording) -> list[str]:
    """One more sentence where the policy wants a tone, another one from post to post."""
    if post.tone is Tone.PLAIN:
        return []
    return [wording.say(f"social-tone-{post.tone}", variant=str(zlib.crc32(post.id.encode()) % _VARIANTS))]
