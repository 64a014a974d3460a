"""A post in words: one text a language, with the same facts in each (I6), no longer than the channel takes.

Wordings take turns with the posts about an area, and begin at another one in each: written again, a post is word for word the same.
"""

import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime

from msgspec import Struct

from services.kernel import forms
from services.kernel.accounts import Service
from services.kernel.areas import AreaName, name_of
from services.kernel.events import Cause
from services.kernel.forms import Form
from services.kernel.ids import EVERYWHERE, UNPLACED, AreaId
from services.kernel.messages import Lang, Wording
from services.kernel.planning.posts import UNTOLD_CAUSES, Facts, Kind, Place, Post, Tone, tone_of
from services.kit.settings import Settings

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
_FORMS = {Service.X: forms.X, Service.MASTODON: forms.MASTODON, Service.BLUESKY: forms.BLUESKY, Service.FACEBOOK: forms.FACEBOOK}
AREA_LENGTH_MAX = 100
"""A longer name of an area is cut, so that no fact is; in the unit of the form."""
PLACE_LENGTH_MAX = 40
"""The same in a digest, which names several."""
_OPS = "ops"
"""Webhooks, and what Apprise reaches, are read by people at work."""


def form_of(service: Service, settings: Settings) -> Form:
    """The form that `service` gives a post; where its limit isn't known, what the settings allow."""
    return _FORMS.get(service) or forms.characters(settings.social_text_max, _OPS)


def compose(
    post: Post,
    name: AreaName,
    wordings: Mapping[Lang, Wording],
    as_of: datetime,
    now: datetime,
    names: Mapping[AreaId, AreaName] | None = None,
    form: Form = forms.X,
) -> dict[str, str]:
    """`post` in each language, about the area called `name` with facts known at `as_of`, in the form that the account's service gives it.

    Estimates are past or future as of `now`; `names` are those of the places that a digest names.
    """
    return form.alike(sentences(post, name, wordings, as_of, now, names or {}, form))


def sentences(
    post: Post,
    name: AreaName,
    wordings: Mapping[Lang, Wording],
    as_of: datetime,
    now: datetime,
    names: Mapping[AreaId, AreaName],
    form: Form,
) -> dict[Lang, list[str]]:
    """All that there is to say, as in `compose`, in each language: the same sentences in each, what matters most first; one may be empty."""
    shown = _fitting(post.facts, wordings, names, form)
    told: dict[Lang, list[str]] = {}
    for lang, wording in wordings.items():
        voice = _Voice(wording, form.words, turn_of(post))
        if post.area == EVERYWHERE:
            first = _overview(post.facts, shown, voice, as_of, names, form)
        else:
            first = _sentences(post, form.shortened(form.plain(name.called(lang)), AREA_LENGTH_MAX), voice, as_of, now)
        told[lang] = [*first, *_toned(post, voice), *_tagged(post, voice)]
    return told


def turn_of(post: Post) -> int:
    """Whose turn it is among the wordings: the next one with each post about an area."""
    return zlib.crc32(post.area.encode()) + post.said.turn


class _Voice(Struct, frozen=True):
    """A language, as it is written for one service when it is somebody's turn."""

    wording: Wording
    words: str
    turn: int

    def say(self, message: str, **args: str | int) -> str:
        """One of the wordings of `message`."""
        return self.wording.turned(message, self.words, self.turn, **args)


def _sentences(post: Post, area: str, voice: _Voice, as_of: datetime, now: datetime) -> Iterator[str]:
    facts, head, wording = post.facts, _HEAD[post.kind], voice.wording
    told = {"area": area, "placed": "no" if post.area == UNPLACED else "yes", "as_of": wording.time(as_of)}
    if post.kind is Kind.RESTORED:
        yield from (voice.say(head, **told), voice.say("social-still-out"))
        return
    told["customers"] = wording.customers(facts.customers)
    if post.kind is Kind.HALF_RESTORED:
        told["peak"] = wording.customers(facts.peak)
    if post.kind is Kind.PLANNED:
        ahead = facts.starts is not None and facts.starts > now
        told |= {"begun": "no" if ahead else "yes", "when": wording.at(facts.starts, now) if facts.starts and ahead else ""}
    yield voice.say(head, **told)
    cause = [] if facts.cause in UNTOLD_CAUSES else [voice.say("social-cause", cause=wording.say("cause", cause=facts.cause))]
    if post.kind is Kind.SAFETY:
        yield voice.say("social-safety")
    if post.kind in (Kind.SAFETY, Kind.CAUSE):
        yield from cause
    if facts.estimate or post.kind is not Kind.PLANNED:
        yield _estimated(facts, voice, now)
    if post.kind not in (Kind.SAFETY, Kind.CAUSE, Kind.PLANNED):
        yield from cause
    if post.kind is Kind.FIRST_REPORT:
        yield from (voice.say("social-safety"), voice.say("social-advice"))


def _estimated(facts: Facts, voice: _Voice, now: datetime) -> str:
    if facts.estimate is None:
        return voice.say("social-estimated", shape="none", when="")
    shape = "passed" if facts.estimate <= now else "some" if facts.unestimated else "all"
    return voice.say("social-estimated", shape=shape, when=voice.wording.when(facts.estimate, now))


def _overview(facts: Facts, places: tuple[Place, ...], voice: _Voice, as_of: datetime, names: Mapping[AreaId, AreaName], form: Form) -> Iterator[str]:
    wording = voice.wording
    customers, number = wording.customers(facts.customers), wording.number(facts.outages)
    yield voice.say("social-overview", outages=facts.outages, number=number, customers=customers, as_of=wording.time(as_of))
    if places:
        head = "places" if not facts.urgent else "safety" if facts.cause is Cause.SAFETY else "urgent"
        yield voice.say(f"social-overview-{head}", places=wording.list(_named(facts, places, wording, names, form)))


def _named(facts: Facts, places: tuple[Place, ...], wording: Wording, names: Mapping[AreaId, AreaName], form: Form) -> list[str]:
    """As they are called, with the customers of each; in a matter of safety more places count for more."""

    def called(place: Place) -> str:
        return form.shortened(form.plain(name_of(names, place.area).called(wording.lang)), PLACE_LENGTH_MAX)

    if facts.urgent and facts.cause is Cause.SAFETY:
        return [called(place) for place in places]
    return [wording.say("social-overview-place", area=called(place), customers=wording.customers(place.customers)) for place in places]


def _fitting(facts: Facts, wordings: Mapping[Lang, Wording], names: Mapping[AreaId, AreaName], form: Form) -> tuple[Place, ...]:
    """As many of the worst places as fit, the same in every language (I6); one without a place of its own is named nowhere."""
    shown = tuple(place for place in facts.places if place.area != UNPLACED)
    room = form.maximum // 2  # the other half is more than the head takes; emergencies are never more than fit (PLACES_LENGTH_MAX)
    while shown and any(form.length(wording.list(_named(facts, shown, wording, names, form))) > room for wording in wordings.values()):
        shown = shown[:-1]
    return shown


def _toned(post: Post, voice: _Voice) -> list[str]:
    """One more sentence where the policy wants a tone and there is no matter of safety."""
    tone = tone_of(post)
    if tone is Tone.PLAIN:
        return []
    half = "half-" if tone is Tone.LIGHT and post.kind is Kind.HALF_RESTORED else ""
    return [voice.say(f"social-tone-{half}{tone}")]


def _tagged(post: Post, voice: _Voice) -> list[str]:
    return [voice.say("social-tags")] if post.kind in (Kind.FIRST_REPORT, Kind.SAFETY) else []
