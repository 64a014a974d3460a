"""What posts say in both languages, read back out of the words and compared with what they are made of (I6)."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.fanout.social_text import AREA_LENGTH_MAX, PLACE_LENGTH_MAX, compose, form_of
from services.kernel import forms
from services.kernel.accounts import Service
from services.kernel.areas import AreaName
from services.kernel.events import Cause
from services.kernel.ids import EVERYWHERE, UNPLACED, AreaId
from services.kernel.messages import LANGS
from services.kernel.planning.posts import UNTOLD_CAUSES, Facts, Kind, Place, Post, Said, Tone, is_grave
from services.kernel.views import Count
from services.kit.settings import Settings
from tests.builders import NOW
from tests.examples import examples
from tests.messages.reader import Read, Told, read
from tests.unit.fanout.social_stage import WORDINGS

ZONE = ZoneInfo("America/Toronto")
NAMES = {
    AreaId("cove"): AreaName("Birch Cove", "Anse-aux-Bouleaux"),
    AreaId("kanata"): AreaName("Kanata"),
    AreaId("pond"): AreaName("Mill Pond", "Étang-du-Moulin"),
    AreaId("orleans"): AreaName("Orléans"),
    AreaId("far"): AreaName("Old Ferry Landing and the islands", "Le Vieux-Débarcadère et toutes les îles du large, du phare jusqu'au quai"),
}
FORMS = [form_of(service, Settings()) for service in Service]
COUNTS = st.builds(Count, st.integers(1, 2_000_000), st.booleans()).filter(lambda count: not count.masked or count.customers >= 4)
MOMENTS = st.none() | st.integers(-3 * 24 * 60, 500 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


@st.composite
def posts(draw: st.DrawFn) -> Post:
    kind = draw(st.sampled_from(Kind))
    area = EVERYWHERE if kind is Kind.DIGEST else draw(st.sampled_from([*NAMES, UNPLACED]))
    worst = draw(st.lists(st.builds(Place, st.sampled_from(sorted(NAMES)), COUNTS), max_size=4, unique_by=lambda place: place.area))
    facts = Facts(
        outages=draw(st.integers(1, 9_000)),
        customers=draw(COUNTS),
        estimate=draw(MOMENTS),
        unestimated=draw(st.integers(0, 2)),
        cause=draw(st.sampled_from(Cause)),
        peak=draw(COUNTS),
        starts=draw(MOMENTS),
        places=tuple(worst),
        urgent=kind is Kind.DIGEST and draw(st.booleans()),
    )
    said = Said("id", "id", kind, NOW, 0, turn=draw(st.integers(0, 11)), warned=draw(st.booleans()), grave=draw(st.booleans()))
    return Post("id", area, kind, "", facts, said, emergency=draw(st.booleans()), tone=draw(st.sampled_from(Tone)))


def told(count: Count) -> Told:
    few = count.masked and count.customers < 10
    return ("fewer than", count.customers + 1) if few else ("about" if count.masked else "exactly", count.customers)


def moment(role: str, at: datetime, now: datetime = NOW) -> tuple[str, object, int, int]:
    here, today = at.astimezone(ZONE), now.astimezone(ZONE)
    days = (here.date() - today.date()).days
    day = days if abs(days) < 2 else (here.year if here.year != today.year else 0, here.month, here.day)
    return role, day, here.hour, here.minute


def head(post: Post) -> Read:
    """What the first sentence has to tell."""
    facts, kind = post.facts, post.kind
    ahead = kind is Kind.PLANNED and facts.starts is not None and facts.starts > NOW
    times = {moment("starts", facts.starts) if ahead and facts.starts else moment("as_of", NOW)}
    named = kind is not Kind.DIGEST and post.area != UNPLACED
    return Read(
        customers=frozenset() if kind is Kind.RESTORED else frozenset({told(facts.customers)}),
        peak=frozenset({told(facts.peak)}) if kind is Kind.HALF_RESTORED else frozenset(),
        places=frozenset({(post.area, None)}) if named else frozenset(),
        outages=frozenset({facts.outages}) if kind is Kind.DIGEST else frozenset(),
        times=frozenset(times),
        means=frozenset({kind.value} & {"restored", "safety", "planned"}),
    )


def all_of(post: Post) -> Read:
    """What there is to tell where there is room for it."""
    facts, kind, first = post.facts, post.kind, head(post)
    if kind is Kind.RESTORED:
        return msgspec.structs.replace(first, lines=frozenset({"613-555-0188"}))
    if kind is Kind.DIGEST:
        by_name = facts.urgent and facts.cause is Cause.SAFETY
        places = frozenset((place.area, None if by_name else told(place.customers)) for place in facts.places)
        return msgspec.structs.replace(first, places=places, means=frozenset({"safety"} if by_name and places else ()))
    shape = "none" if facts.estimate is None else "passed" if facts.estimate <= NOW else "some" if facts.unestimated else "all"
    estimated = kind is not Kind.PLANNED or facts.estimate
    return msgspec.structs.replace(
        first,
        times=first.times | ({moment("estimate", facts.estimate)} if facts.estimate else set()),
        causes=frozenset() if facts.cause in UNTOLD_CAUSES or kind is Kind.PLANNED else frozenset({facts.cause.value}),
        means=first.means | ({shape} if estimated else set()) | ({"10 metres"} if kind in (Kind.SAFETY, Kind.FIRST_REPORT) else set()),
    )


def said(post: Post, form: forms.Form) -> tuple[dict[str, str], dict[str, Read]]:
    texts = compose(post, NAMES.get(post.area, AreaName("unplaced")), WORDINGS, NOW, NOW, NAMES, form)
    most = PLACE_LENGTH_MAX if post.kind is Kind.DIGEST else AREA_LENGTH_MAX
    called = {lang: {form.shortened(name.called(lang), most): area for area, name in NAMES.items()} for lang in LANGS}
    return texts, {lang: read(lang, texts[lang], called[lang]) for lang in LANGS}


@settings(max_examples=examples(200))
@given(post=posts(), form=st.sampled_from(FORMS))
def test_both_languages_tell_all_facts_and_no_others_in_every_kind_tone_turn_and_service(post: Post, form: forms.Form) -> None:
    texts, found = said(post, form)
    assert found["en"] == found["fr"], texts
    assert all(form.fits(text) for text in texts.values())
    for member in Read.__struct_fields__:
        there, needed, known = (getattr(one, member) for one in (found["en"], head(post), all_of(post)))
        assert needed <= there <= known, (member, texts)
    roomy = msgspec.structs.replace(form, maximum=forms.FACEBOOK.maximum)
    assert said(post, roomy)[1] == dict.fromkeys(LANGS, all_of(post))


@given(post=posts())
def test_nothing_warm_or_light_is_said_where_safety_is_involved_whatever_the_policy_says(post: Post) -> None:
    plain = msgspec.structs.replace(post, tone=Tone.PLAIN)
    grave = post.kind is Kind.SAFETY or post.emergency or post.said.warned or post.said.grave or post.facts.cause in (Cause.FIRE, Cause.SAFETY, Cause.VEHICLE)
    assert is_grave(post) == grave
    well = post.kind in (Kind.RESTORED, Kind.HALF_RESTORED)
    sober = post.tone is Tone.PLAIN or grave or (post.tone is Tone.LIGHT and not well)
    assert (said(post, forms.FACEBOOK)[0] == said(plain, forms.FACEBOOK)[0]) == sober


@pytest.mark.parametrize("service", Service)
@pytest.mark.parametrize("kind", Kind)
def test_a_post_is_the_same_when_it_is_written_again_and_other_words_than_the_one_before(kind: Kind, service: Service) -> None:
    form = form_of(service, Settings())
    area = EVERYWHERE if kind is Kind.DIGEST else AreaId("kanata")
    texts = []
    for turn in range(4):
        post = Post("id", area, kind, "", Facts(2, Count(700), peak=Count(900)), Said("id", "id", kind, NOW, 0, turn=turn))
        texts.append(said(post, form)[0])
        assert said(post, form)[0] == texts[-1]
    assert all(before[lang] != after[lang] for lang in LANGS for before, after in pairwise(texts))


@pytest.mark.parametrize("kind", [Kind.FIRST_REPORT, Kind.SAFETY, Kind.CAUSE, Kind.RESTORED])
def test_what_there_is_no_room_for_in_one_language_is_said_in_neither(kind: Kind) -> None:
    facts = Facts(2, Count(700), estimate=NOW + timedelta(days=9), cause=Cause.VEGETATION)
    post = Post("id", AreaId("pond"), kind, "", facts, Said("id", "id", kind, NOW, 0))
    sizes = set()
    for maximum in range(100, 320, 4):
        texts, found = said(post, forms.characters(maximum))
        assert found["en"] == found["fr"], texts
        assert all(len(text) <= maximum for text in texts.values())
        sizes.add(texts["en"])
    assert len(sizes) > 1
