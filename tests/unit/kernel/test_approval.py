"""Three pairs of eyes: whatever people do in whatever order, nothing goes out that not enough of them approved word for word, or too late."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kernel.approval import PLANNER, Case, Edit, NotAllowed, Rule, Say, Standing, Verdict, opened, step, ticked
from tests.builders import NOW

PEOPLE = ("alice", "bob", "carol", "dave")
RULE = Rule(others=2, escalate=timedelta(minutes=10), expire=timedelta(minutes=60))
TEXTS = {"en": "one", "fr": "un"}
Acts = st.one_of(
    st.builds(Say, st.sampled_from([Verdict.APPROVED] * 4 + [Verdict.REJECTED, Verdict.BYPASSED]), st.sampled_from(PEOPLE), st.integers(1, 3), st.just("why")),
    st.builds(Edit, st.sampled_from(PEOPLE), st.integers(1, 3), st.fixed_dictionaries({"en": st.sampled_from(["one", "two"])})),
)


def after(case: Case, *acts: Say | Edit) -> Case:
    for act in acts:
        case = step(case, act, NOW)
    return case


def yes(by: str, version: int = 1) -> Say:
    return Say(Verdict.APPROVED, by, version)


@given(st.integers(1, 3), st.lists(st.tuples(Acts, st.integers(0, 15)), max_size=14), st.sampled_from(["alice", PLANNER]))
def test_nothing_is_ever_sendable_without_enough_other_people_who_approved_exactly_its_words(
    others: int, acts: list[tuple[Say | Edit, int]], author: str
) -> None:
    rule = Rule(others=others, escalate=timedelta(minutes=10), expire=timedelta(minutes=60))
    case, now = opened(TEXTS, rule, NOW, author), NOW
    words, writer, approved, rejected, bypassed = dict(TEXTS), author, set[str](), False, False
    for act, minutes in acts:
        now += timedelta(minutes=minutes)
        case = ticked(case, now)
        before = case
        try:
            case = step(case, act, now)
        except NotAllowed:
            assert case == before
            continue
        if isinstance(act, Edit):
            words, writer, approved, rejected, bypassed = words | dict(act.texts), act.by, set(), False, False
        elif act.verdict is Verdict.APPROVED:
            approved.add(act.by)
        elif act.verdict is Verdict.REJECTED:
            rejected = True
        else:
            bypassed = True
        assert case.versions[: len(before.versions)] == before.versions, "history is kept"
        assert case.decisions[: len(before.decisions)] == before.decisions
    enough = (len(approved - {writer}) >= others or bypassed) and not rejected
    late = now >= NOW + timedelta(minutes=60)
    assert case.may_send("en", words["en"], now) == (enough and not late)
    assert not case.may_send("en", words["en"] + "!", now)
    assert not case.may_send("en", words["en"], NOW + timedelta(minutes=60)), "expired is never sendable"


def test_the_same_person_never_counts_twice_and_no_author_approves_their_own_words() -> None:
    case = after(opened(TEXTS, RULE, NOW, "alice"), yes("bob"))
    for act in (yes("bob"), yes("alice")):
        with pytest.raises(NotAllowed):
            step(case, act, NOW)
    assert case.standing(NOW) is Standing.WAITING
    assert after(case, yes("carol")).standing(NOW) is Standing.APPROVED


def test_an_edit_voids_what_was_approved_and_its_author_is_no_longer_among_the_others() -> None:
    case = after(opened(TEXTS, RULE, NOW, "alice"), yes("bob"), yes("carol"), Edit("bob", 1, {"en": "two"}))
    assert (case.standing(NOW), case.newest.texts, case.approvers) == (Standing.WAITING, {"en": "two", "fr": "un"}, frozenset())
    with pytest.raises(NotAllowed, match="Read that one first"):
        step(case, yes("dave", 1), NOW)
    assert after(case, yes("alice", 2), yes("carol", 2)).may_send("en", "two", NOW)


def test_a_no_outweighs_everything_until_the_words_are_changed() -> None:
    case = after(opened(TEXTS, RULE, NOW), yes("bob"), yes("carol"), Say(Verdict.REJECTED, "bob", 1, "wrong street"))
    assert case.standing(NOW) is Standing.REJECTED
    for act in (yes("dave"), Say(Verdict.BYPASSED, "dave", 1, "storm")):
        with pytest.raises(NotAllowed, match="edit it first"):
            step(case, act, NOW)
    assert after(case, Edit("dave", 1, {"fr": "deux"})).standing(NOW) is Standing.WAITING


def test_an_emergency_needs_one_person_and_a_reason() -> None:
    case = opened(TEXTS, RULE, NOW)
    with pytest.raises(NotAllowed, match="why"):
        step(case, Say(Verdict.BYPASSED, "alice", 1, "  "), NOW)
    case = after(case, Say(Verdict.BYPASSED, "alice", 1, "wires down at the school"))
    assert case.may_send("fr", "un", NOW)
    assert case.decisions[-1].reason == "wires down at the school"


def test_the_clock_escalates_once_and_expires_for_good() -> None:
    case = opened(TEXTS, RULE, NOW)
    assert ticked(case, NOW + timedelta(minutes=9)) is case
    late = ticked(case, NOW + timedelta(minutes=10))
    assert late.is_escalated
    assert ticked(late, NOW + timedelta(minutes=59)) is late
    over = ticked(late, NOW + timedelta(minutes=60))
    assert over.standing(NOW) is Standing.EXPIRED
    assert ticked(over, NOW + timedelta(minutes=99)) is over
    with pytest.raises(NotAllowed, match="expired"):
        step(over, yes("bob"), NOW + timedelta(minutes=61))
