"""What a post says: the facts, in both languages, within X's 280, and never a link."""

import zlib
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.fanout.social_text import compose
from services.kernel import forms
from services.kernel.areas import AreaName
from services.kernel.events import Cause
from services.kernel.ids import UNPLACED, AreaId
from services.kernel.messages import LANGS
from services.kernel.planning.posts import Facts, Kind, Post, Said
from services.kernel.views import Count
from tests.builders import NOW
from tests.simulators.x_api import links_in
from tests.unit.fanout.social_stage import WORDINGS

ETR = NOW + timedelta(hours=3)


def words(kind: Kind = Kind.FIRST_REPORT, name: str = "Barrhaven", area: str = "barrhaven", **facts: object) -> dict[str, str]:
    told = Facts(**({"outages": 3, "customers": Count(1250), "estimate": ETR, "cause": Cause.WEATHER} | facts))  # type: ignore[arg-type]
    first = -zlib.crc32(area.encode()) % 12  # the first wording of each message
    post = Post("id", AreaId(area), kind, "", told, Said("id", "id", kind, NOW, 0, turn=first))
    return compose(post, AreaName(name), WORDINGS, NOW, NOW)


def test_a_first_report_tells_where_how_many_until_when_and_why() -> None:
    assert words() == {
        "en": "Power outage in Barrhaven: 1,250 customers without power as of 5:04 p.m. We expect power back by 8:04 p.m. "
        "Cause: the weather. Stay at least 10 metres away from fallen wires.",
        "fr": "Panne de courant, secteur Barrhaven\u00a0: 1\u00a0250 clients sans électricité à 17\u00a0h\u00a004. "
        "Retour du courant prévu d'ici 20\u00a0h\u00a004. "
        "Cause\u00a0: les intempéries. Restez à au moins 10 mètres des fils tombés.",
    }


def test_a_passed_estimate_is_told_as_passed() -> None:
    text = words(Kind.MISSED, estimate=NOW - timedelta(hours=1))
    assert "The estimated time (4:04 p.m.) has passed" in text["en"]
    assert "L'heure prévue (16\u00a0h\u00a004) est passée" in text["fr"]


def test_an_estimate_is_not_told_for_all_when_only_some_outages_have_one() -> None:
    assert "Where there is an estimate" in words(unestimated=1)["en"]
    assert "Là où il y a une estimation" in words(unestimated=1)["fr"]


def test_small_counts_are_never_told_exactly() -> None:
    text = words(Kind.ESTIMATE, customers=Count(4, masked=True))
    assert "fewer than 5 customers" in text["en"]
    assert "moins de 5 clients" in text["fr"]


def test_a_post_without_a_place_speaks_of_the_service_area() -> None:
    text = words(area=UNPLACED, name="unplaced")
    assert "unplaced" not in text["en"] + text["fr"]
    assert ("our service area" in text["en"], "notre territoire" in text["fr"]) == (True, True)


def test_restored_says_what_to_do_when_one_is_still_out() -> None:
    assert words(Kind.RESTORED)["en"] == "Power is back in Barrhaven as of 5:04 p.m. Still out? Call 613-555-0188."
    assert words(Kind.RESTORED)["fr"].endswith("Toujours en panne? Appelez le 613-555-0188.")


@given(
    kind=st.sampled_from(Kind),
    name=st.text(min_size=1, max_size=200) | st.sampled_from(["hydro.example", "St.Jean.com", "a.ca b.org", "你" * 200]),
    customers=st.integers(0, 50_000_000),
    cause=st.sampled_from(Cause),
    hours=st.none() | st.integers(-9_000, 9_000),
    masked=st.booleans(),
)
def test_every_text_fits_and_holds_no_link(kind: Kind, name: str, customers: int, cause: Cause, hours: int | None, masked: bool) -> None:
    estimate = None if hours is None else NOW + timedelta(hours=hours)
    texts = words(kind, name, customers=Count(customers, masked), cause=cause, estimate=estimate)
    assert set(texts) == set(LANGS)
    for text in texts.values():
        assert text
        assert forms.X.fits(text)
        assert links_in(text) == []
