"""A post in words: one text a language, with the same facts in each (I6), no longer than the channel takes."""

from collections.abc import Mapping
from datetime import datetime

from services.kernel.areas import AreaName
from services.kernel.events import Cause
from services.kernel.ids import UNPLACED
from services.kernel.messages import Lang, Wording
from services.kernel.plan import Facts, Kind, Post
from services.kernel.post_text import LENGTH_MAX, shortened, unlinked, weighted_length

_HEAD = {
    Kind.FIRST_REPORT: "social-first-report",
    Kind.GROWTH: "social-growth",
    Kind.ESTIMATE: "social-estimate",
    Kind.MISSED: "social-estimate",
    Kind.RESTORED: "social-restored",
}
_UNTOLD_CAUSES = (Cause.UNKNOWN, Cause.OTHER, Cause.PLANNED)
AREA_WEIGHT_MAX = 100
"""A longer name of an area is cut, so that no fact is."""


def compose(post: Post, name: AreaName, wordings: Mapping[Lang, Wording], as_of: datetime, now: datetime) -> dict[str, str]:
    """`post` in each language, about the area called `name` with facts known at `as_of`; estimates are past or future as of `now`."""
    areas = {lang: shortened(unlinked(name.called(lang)), AREA_WEIGHT_MAX) for lang in wordings}
    return {lang: fitted(_sentences(post, areas[lang], wording, as_of, now)) for lang, wording in wordings.items()}


def fitted(sentences: list[str]) -> str:
    """As many of the sentences as fit, the first ones first; the first is cut if even it does not."""
    text = shortened(unlinked(sentences[0]), LENGTH_MAX)
    for sentence in sentences[1:]:
        longer = f"{text} {unlinked(sentence)}"
        if weighted_length(longer) > LENGTH_MAX:
            break
        text = longer
    return text


def _sentences(post: Post, area: str, wording: Wording, as_of: datetime, now: datetime) -> list[str]:
    facts = post.facts
    told = {"area": area, "placed": "no" if post.area == UNPLACED else "yes", "as_of": wording.time(as_of)}
    if post.kind is Kind.RESTORED:
        return [wording.say(_HEAD[post.kind], **told), wording.say("social-still-out")]
    sentences = [wording.say(_HEAD[post.kind], customers=wording.customers(facts.customers), **told), _estimated(facts, wording, now)]
    if facts.cause not in _UNTOLD_CAUSES:
        sentences.append(wording.say("social-cause", cause=wording.say("cause", cause=facts.cause)))
    if post.kind is Kind.FIRST_REPORT:
        sentences.append(wording.say("social-safety"))
    return sentences


def _estimated(facts: Facts, wording: Wording, now: datetime) -> str:
    if facts.estimate is None:
        return wording.say("social-estimated", shape="none", when="")
    shape = "passed" if facts.estimate <= now else "some" if facts.unestimated else "all"
    return wording.say("social-estimated", shape=shape, when=wording.when(facts.estimate, now))
