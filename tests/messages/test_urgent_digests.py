"""Digests of emergencies: whatever they count as told stands in the words, in each language and on every service."""

from datetime import timedelta

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.policy_file import policy
from services.fanout.social_text import PLACE_LENGTH_MAX, compose, form_of
from services.kernel import forms
from services.kernel.accounts import Service
from services.kernel.areas import AreaName
from services.kernel.board import Board
from services.kernel.events import Cause
from services.kernel.ids import EVERYWHERE, AreaId, OutageKey
from services.kernel.messages import LANGS
from services.kernel.planning.desk import Desk
from services.kernel.planning.memory import Memory
from services.kernel.planning.outlook import Outlook
from services.kernel.planning.spending import Cost, Limit, Purse
from services.kernel.views import Count
from services.kit.settings import Settings
from tests.builders import NOW, event
from tests.examples import examples
from tests.unit.fanout.social_stage import WORDINGS

POLICY = msgspec.structs.replace(policy(Settings()), quiet=None)
FORMS = {*(form_of(service, Settings(social_text_max=forms.X.maximum)) for service in Service)}
LETTERS = st.sampled_from(["abcdeé", "ᐊᐱᑎᓯ", "東京都", "St.-x", "नमस्ते"])
"""Of scripts that weigh one and two, and what would be taken for a link."""
NAMES = LETTERS.flatmap(lambda letters: st.text(letters, min_size=1, max_size=45))
MIDNIGHT = NOW + timedelta(hours=7.5)
"""12:34 a.m.: the longest of times."""
PLACES = st.tuples(NAMES, NAMES, st.integers(5_000, 2_000_000), st.booleans(), st.booleans())


@settings(max_examples=examples(60))
@given(places=st.lists(PLACES, min_size=3, max_size=16), turn=st.integers(0, 11))
def test_what_a_digest_of_emergencies_counts_as_told_is_in_its_words(places: list[tuple[str, str, int, bool, bool]], turn: int) -> None:
    board, names = Board(5), dict[AreaId, AreaName]()
    for number, (english, french, customers, masked, safety) in enumerate(places):
        area, cause = f"area{number}", Cause.SAFETY if safety else Cause.UNKNOWN
        happened = event(area, areas=(area,), customers_affected=customers, customers_masked=masked, cause=cause)
        board.apply(OutageKey(f"s:{area}"), happened)
        names[AreaId(area)] = AreaName(f"{english}{number}", f"{french}{number}")
    desk = Desk(POLICY, Outlook(board, names, board.standing), Purse([Limit(timedelta(hours=24), 8)]), Cost(1), Memory(), {})
    digests = [told for told in desk.look(names, NOW).told if told.post.facts.urgent]
    assert digests or len(places) < 4 or len({safety for *_, safety in places}) == 2
    for told in digests:
        most = msgspec.structs.replace(told.post.facts, outages=9_000, customers=Count(12_000_000, masked=True))
        post = msgspec.structs.replace(told.post, facts=most, said=msgspec.structs.replace(told.post.said, turn=turn))
        assert {place.area for place in post.facts.places} == set(told.held)
        for form in FORMS:
            texts = compose(post, AreaName(EVERYWHERE), WORDINGS, MIDNIGHT, MIDNIGHT, names, form)
            for lang in LANGS:
                called = [form.shortened(form.plain(names[area].called(lang)), PLACE_LENGTH_MAX) for area in told.held]
                assert [name for name in called if name not in texts[lang]] == [], texts
