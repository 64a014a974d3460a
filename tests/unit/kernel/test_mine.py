"""Whose outage it is: what supplies a premise beats shapes, shapes beat areas, and nobody is told 'no outage' while their circuit is out."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.kernel.answers_mine import Where, my_answer
from services.kernel.customers import Premise
from services.kernel.events import Cause, Crew, Polygon
from services.kernel.ids import AreaId, OutageKey
from services.kernel.messages import LANGS, Lang, Wording
from services.kernel.mine import Mine, Sureness, at_point, of_premise, of_premises
from services.kernel.views import AreaBrief, Count, Extent, View

NOW = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
HERE = (-75.7, 45.4)
INTENTS = ["outage_status", "outage_restoration", "outage_cause"]
DEVICES = ["feeder:7F12", "feeder:7F13", "station:Greywater", "transformer:T9"]


class Told:
    """Extents whose shapes are said, not computed."""

    def __init__(self, outages: Sequence[Extent], covering: Sequence[Extent], close: Sequence[Extent]) -> None:
        self.outages, self._covering, self._close = outages, covering, close

    def on(self, devices: Iterable[str]) -> Sequence[Extent]:
        wanted = set(devices)
        return [outage for outage in self.outages if wanted & set(outage.devices)]

    def covering(self, point: tuple[float, float]) -> Sequence[Extent]:
        return self._covering

    def close(self, point: tuple[float, float]) -> Sequence[Extent]:
        return self._close


extents = st.lists(
    st.builds(Extent, st.integers(0, 99).map(lambda number: OutageKey(f"oms:{number}")), st.lists(st.sampled_from(DEVICES), max_size=2).map(tuple)), max_size=4
)
told = st.builds(Told, extents, extents, extents)
premises = st.builds(
    Premise, st.just("p"), st.just("12 Example Street"), st.just(AreaId("k2g")), st.sampled_from([None, HERE]), st.lists(st.sampled_from(DEVICES)).map(tuple)
)
areas = st.sampled_from([None, View(AreaBrief(AreaId("k2g"), "K2G", 0, Count(0)), {}), View(AreaBrief(AreaId("k2g"), "K2G", 2, Count(9)), {})])


@settings(deadline=None)
@given(premises, told, areas)
def test_devices_beat_shapes_and_shapes_beat_areas(premise: Premise, known: Told, area: View | None) -> None:
    mine = of_premise(premise, known, area)
    shaped = at_point(premise.point, known)
    on_circuit = any(set(outage.devices) & set(premise.devices) for outage in known.outages)
    if on_circuit:
        assert mine.sureness is Sureness.CIRCUIT
        assert all(set(outage.devices) & set(premise.devices) for outage in mine.outages)
    elif shaped.sureness:
        assert (mine.sureness, mine.outages) == (shaped.sureness, shaped.outages)
    else:
        assert mine.sureness is (Sureness.AREA if area is not None and area.brief.outages else Sureness.NONE)
    assert mine.premise is premise


@settings(deadline=None)
@given(st.lists(premises, min_size=1, max_size=3), told, areas, st.sampled_from(LANGS), st.sampled_from(INTENTS))
def test_nobody_hears_that_there_is_no_outage_while_a_device_of_theirs_is_out(
    homes: list[Premise], known: Told, area: View | None, lang: Lang, intent: str
) -> None:
    mine = of_premises(homes, known, {} if area is None else {area.brief.area: area})
    said = my_answer(wording(lang), mine, intent, NOW, Where.HOME, in_area="(area)")
    none = "no outage" if lang == "en" else "aucune panne"
    if any(known.on(home.devices) for home in homes):
        assert mine.sureness is Sureness.CIRCUIT
        assert "circuit" in said
    assert (none in said) == (mine.sureness is Sureness.NONE)


def wording(lang: Lang) -> Wording:
    return Wording(lang, "Hydro", "America/Toronto", "613-555-0100", spoken=True)


OUT = Extent(OutageKey("oms:1"), cause=Cause.WEATHER, crew=Crew.ON_SITE, estimated_restoration=NOW + timedelta(hours=2))
HOME = Premise("p", "12 Example Street", AreaId("k2g"))


@pytest.mark.parametrize(
    ("sureness", "en", "fr"),
    [
        (Sureness.CIRCUIT, "Your address is on a circuit that is out.", "Le circuit qui alimente votre adresse est en panne."),
        (Sureness.COVERED, "An outage covers your address.", "Une panne touche l'endroit où se trouve votre adresse."),
        (
            Sureness.CLOSE,
            "There is an outage close by, but we can't tell whether it reaches your address.",
            "Il y a une panne tout près, mais on ne sait pas si elle touche votre adresse.",
        ),
    ],
)
def test_the_answer_says_how_sure_it_is_and_when_power_is_expected(sureness: Sureness, en: str, fr: str) -> None:
    mine = Mine(sureness, (OUT,), HOME)
    assert my_answer(wording("en"), mine, "outage_status", NOW, Where.HOME) == f"{en} Power is expected back by 7:04 p.m."
    assert my_answer(wording("fr"), mine, "outage_status", NOW, Where.HOME) == f"{fr} Le retour du courant est prévu d'ici 19 h 04."
    assert my_answer(wording("en"), mine, "outage_restoration", NOW, Where.HOME) == f"Power is expected back by 7:04 p.m. A crew is on site. {en}"
    assert my_answer(wording("en"), mine, "outage_cause", NOW, Where.HOME) == f"The cause is the weather. A crew is on site. {en}"
    later = NOW + timedelta(hours=3)
    assert "that time has passed" in my_answer(wording("en"), mine, "outage_status", later, Where.HOME)


def test_one_of_several_addresses_is_named_and_what_may_not_reach_it_is_told_so() -> None:
    assert my_answer(wording("en"), Mine(Sureness.CIRCUIT, (OUT,), HOME), "outage_status", NOW, Where.NAMED).startswith("12 Example Street is on a circuit")
    area = Mine(Sureness.AREA, premise=HOME)
    said = my_answer(wording("en"), area, "outage_status", NOW, Where.HOME, in_area="There is a power outage in K2G.")
    assert said == "There is an outage in your area; it may not reach your address. There is a power outage in K2G."
    assert "not been located yet" in my_answer(wording("en"), Mine(premise=HOME), "outage_status", NOW, Where.HOME, unplaced=True)


@pytest.mark.parametrize("lang", LANGS)
def test_an_address_of_any_length_costs_nobody_the_answer(lang: Lang) -> None:
    long = Premise("p", "x" * 3_000, HOME.area)
    for mine in (Mine(Sureness.CIRCUIT, (OUT,), long), Mine(premise=long)):
        assert "xxx" in my_answer(wording(lang), mine, "outage_status", NOW, Where.NAMED)


def test_planned_work_is_called_that() -> None:
    planned = Extent(OutageKey("oms:2"), planned=True, geometry=Polygon([[]]))
    assert "It is planned work." in my_answer(wording("en"), Mine(Sureness.CIRCUIT, (planned,), HOME), "outage_cause", NOW, Where.HOME)
