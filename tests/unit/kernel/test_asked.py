"""Signs that somebody gives up, and what of their words may be kept."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.kernel.asked import Patience, Sign, Watch, redacted

NOW = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
KNOWN = frozenset(["is", "the", "power", "out", "in", "my", "street", "when", "will", "it", "be", "back"])


def signs(*turns: tuple[str, bool, float], patience: Patience = Patience()) -> list[list[Sign]]:  # noqa: B008
    watch = Watch(patience)
    return [watch.turn("someone", intent, understood=understood, now=NOW + timedelta(seconds=at)) for intent, understood, at in turns]


def test_the_third_time_within_minutes_is_a_sign_and_told_once() -> None:
    assert signs(*[("outage_status", True, at) for at in (0, 60, 120, 180)]) == [[], [], [Sign.SAME_AGAIN], []]
    assert signs(*[("outage_status", True, at) for at in (0, 400, 800)]) == [[], [], []]
    assert signs(("a", True, 0), ("b", True, 1), ("a", True, 2)) == [[], [], []]


def test_twice_in_a_row_not_understood_is_a_sign() -> None:
    assert signs(("unknown", False, 0), ("unknown", False, 9), ("unknown", False, 12)) == [[], [Sign.LOST], []]
    assert signs(("unknown", False, 0), ("help", True, 9), ("unknown", False, 12)) == [[], [], []]


def test_an_end_right_after_an_answer_is_a_sign_and_a_later_one_is_none() -> None:
    for wait_s, sign in ((2, ("outage_restoration", Sign.HUNG_UP)), (30, None)):
        watch = Watch(Patience())
        watch.turn(1, "outage_restoration", understood=True, now=NOW)
        assert watch.ended(1, NOW + timedelta(seconds=wait_s), silent=False) == sign
        assert watch.ended(1, NOW, silent=False) is None
    watch.turn(1, "outage_status", understood=True, now=NOW)
    assert watch.ended(1, NOW + timedelta(minutes=1), silent=True) == ("outage_status", Sign.SILENT)


def test_no_more_conversations_are_kept_in_mind_than_may_be() -> None:
    watch = Watch(Patience(sessions_max=100))
    for number in range(1_000):
        watch.turn(number, "help", understood=True, now=NOW)
    assert sum(watch.ended(number, NOW, silent=True) is not None for number in range(1_000)) == 100


def test_names_numbers_and_addresses_are_not_kept() -> None:
    assert (
        redacted(["is", "the", "power", "out", "at", "1250", "rue", "bousquet", "my", "name", "is", "helene", "tremblay"], KNOWN, 120)
        == "is the power out • # • my • is •"
    )
    assert redacted(["k2g5j9", "613", "555", "0100"], KNOWN, 120) == "#"


@given(st.lists(st.one_of(st.sampled_from(sorted(KNOWN)), st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)), max_size=60))
def test_whatever_is_said_only_known_words_are_kept(words: list[str]) -> None:
    kept = redacted(words, KNOWN, 120)
    assert set(kept.split()) <= KNOWN | {"•", "#"} or len(kept) >= 110  # the last word may be cut
    assert not any(letter.isdigit() for letter in kept)
