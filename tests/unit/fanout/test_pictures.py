"""The map that goes with a post: what it shows, what its alt text says, and when there is none."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from services.cli.demo_areas import collection
from services.fanout.pictures.atlas import Atlas
from services.fanout.pictures.drawing import draw
from services.fanout.pictures.lettering import Letters
from services.fanout.pictures.scene import ALT_MAX, Scene, Shade, scene_of
from services.fanout.pictures.style import BORDER, CIRCLE, FILLS, GREY, INK, MAP_WIDTH, PAPER, WASH
from services.fanout.pictures.undrawable import Undrawable
from services.kernel.areas import Area, AreaName, Catalogue
from services.kernel.ids import EVERYWHERE, AreaId
from services.kernel.messages import LANGS, Lang, Wording
from services.kernel.planning.posts import Facts, Kind, Place, Post, Said
from services.kernel.views import Count

NOW = datetime(2018, 9, 21, 21, 4, tzinfo=UTC)
HERON = AreaId("Île-aux-Hérons")
WORDINGS = {lang: Wording(lang, "Example Hydro", "America/Toronto") for lang in LANGS}


def catalogue() -> Catalogue:
    """The demo's forty neighbourhoods."""
    areas = []
    for feature in collection()["features"]:
        name = AreaName(feature["properties"]["name_en"], feature["properties"]["name_fr"])
        areas.append(Area(AreaId(feature["id"]), "neighbourhood", name, shapely.to_wkb(shapely.geometry.shape(feature["geometry"]))))
    return Catalogue("1-a", ("neighbourhood",), tuple(areas))


CATALOGUE = catalogue()
NAMES = {area.id: area.name for area in CATALOGUE.areas}
ATLAS = Atlas(CATALOGUE)


@pytest.fixture(scope="module")
def letters() -> Iterator[Letters]:
    try:
        yield Letters()
    except Undrawable as error:
        pytest.skip(str(error))


def post(kind: Kind, facts: Facts, area: AreaId = HERON) -> Post:
    return Post("p1", area, kind, "", facts, Said("p1", "p1", kind, NOW, facts.customers.customers))


FIRST = post(Kind.FIRST_REPORT, Facts(3, Count(1_250), NOW + timedelta(hours=4), 1))
RESTORED = post(Kind.RESTORED, Facts())
DIGEST = post(
    Kind.DIGEST,
    Facts(432, Count(48_558, True), places=(Place(HERON, Count(15_000)), Place(AreaId("Dunmore"), Count(90)), Place(AreaId("?"), Count(12)))),
    EVERYWHERE,
)


def scene(of: Post, lang: Lang = "en") -> Scene:
    return scene_of(of, NAMES, WORDINGS[lang], NOW, NOW)


def drawn(of: Post, letters: Letters, lang: Lang = "en", spots: tuple[tuple[float, float], ...] = ()) -> Image.Image:
    png = draw(scene(of, lang), ATLAS, letters, WORDINGS[lang], lambda area: NAMES[area].called(lang), spots)
    assert len(png) < 60_000
    picture = Image.open(io.BytesIO(png))
    assert (picture.size, picture.format) == ((1200, 675), "PNG")
    return picture.convert("RGB")


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def share(picture: Image.Image, colour: str) -> float:
    """How much of the map is nearly of this colour: its palette has 64."""
    pixels = np.asarray(picture.crop((0, 0, MAP_WIDTH, 675)).resize((385, 337), Image.Resampling.NEAREST)).astype(int)
    return float((abs(pixels - rgb(colour)) < 12).all(axis=2).mean())


@pytest.mark.parametrize("lang", LANGS)
def test_what_a_post_tells_is_marked_and_nothing_else(letters: Letters, lang: Lang) -> None:
    first, restored, digest = (drawn(of, letters, lang) for of in (FIRST, RESTORED, DIGEST))
    for picture, shades in ((first, {Shade.THOUSANDS}), (restored, {Shade.RESTORED}), (digest, {Shade.MOST, Shade.FEW})):
        assert {shade for shade in Shade if share(picture, FILLS[shade].colour) > 0.002} == shades
    assert 0.03 < share(first, FILLS[Shade.THOUSANDS].colour) < 0.3
    assert share(first, PAPER) > 0.4, "its neighbours are outlined and left white"


def test_circles_are_drawn_and_told_only_where_there_are_any(letters: Letters) -> None:
    west, south, east, north = ATLAS.bounds([HERON])
    assert share(drawn(FIRST, letters), CIRCLE) < 0.000_1
    assert share(drawn(FIRST, letters, spots=(((west + east) / 2, (south + north) / 2 - 0.01),)), CIRCLE) > 0.000_1
    assert "Circles" in scene(FIRST).alt_text(circles=True)
    assert "Circles" not in scene(FIRST).alt_text(circles=False)


def test_nothing_is_made_up(letters: Letters) -> None:
    """Neither a place for an area whose shape nobody has loaded, nor letters that no font has."""
    for of, names in ((post(Kind.GROWTH, Facts(1, Count(900)), AreaId("K2G")), NAMES), (FIRST, {HERON: AreaName("\U0001f9ff\ue000")})):
        with pytest.raises(Undrawable):
            draw(scene_of(of, names, WORDINGS["en"], NOW, NOW), ATLAS, letters, WORDINGS["en"], str)
    with pytest.raises(Undrawable):
        draw(scene(FIRST), Atlas(Catalogue()), letters, WORDINGS["en"], str)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = (value / 12.92 if value <= 0.040_45 else ((value + 0.055) / 1.055) ** 2.4 for value in (part / 255 for part in rgb(colour)))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_enough_for_text_and_for_lines() -> None:
    assert all(contrast(text, behind) >= 7 for text in (INK, GREY) for behind in (PAPER, WASH))
    assert contrast(BORDER, PAPER) >= 3
    assert contrast(CIRCLE, PAPER) >= 3
    assert all(contrast(INK, fill.colour) >= 3 for fill in FILLS.values())
    assert len({(fill.every, fill.slopes) for fill in FILLS.values()}) == len(FILLS), "each is told from the others without its colour"


COUNTS = st.builds(Count, st.integers(0, 900_000), st.booleans())
FACTS = st.builds(
    Facts,
    outages=st.integers(1, 9_000),
    customers=COUNTS,
    estimate=st.none() | st.integers(-300, 90_000).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    unestimated=st.integers(0, 2),
    peak=COUNTS,
    starts=st.none() | st.integers(-300, 3_000).map(lambda minutes: NOW + timedelta(minutes=minutes)),
)


@given(st.sampled_from([kind for kind in Kind if kind is not Kind.DIGEST]), FACTS)
def test_both_languages_tell_the_same(kind: Kind, facts: Facts) -> None:
    told = {lang: scene(post(kind, facts), lang) for lang in LANGS}
    english, french = (told[lang].alt_text(circles=True) for lang in LANGS)
    assert numbers(english) == numbers(french)
    assert times(english) == times(french)
    assert [numbers(line) + times(line) for line in told["en"].lines] == [numbers(line) + times(line) for line in told["fr"].lines]
    assert told["en"].legend[0][0] == told["fr"].legend[0][0]


@given(st.lists(st.builds(Place, st.sampled_from(sorted(NAMES)), COUNTS), max_size=12, unique_by=lambda place: place.area), COUNTS)
def test_both_languages_tell_the_same_of_places(places: list[Place], customers: Count) -> None:
    told = {lang: scene(post(Kind.DIGEST, Facts(20, customers, places=tuple(places)), EVERYWHERE), lang) for lang in LANGS}
    english, french = (told[lang].alt_text(circles=False) for lang in LANGS)
    assert numbers(english) == numbers(french)
    for place in places:
        assert NAMES[place.area].en in english
        assert NAMES[place.area].called("fr") in french


def test_alt_text_keeps_within_what_every_service_takes() -> None:
    long = {HERON: AreaName("Saint-Louis-du-Ha! Ha! " * 20)}
    for lang in LANGS:
        assert len(scene_of(FIRST, long, WORDINGS[lang], NOW, NOW).alt_text(circles=True)) <= ALT_MAX
        many = post(
            Kind.DIGEST, Facts(9, Count(9), places=tuple(Place(AreaId(f"{number} " + "place " * 20), Count(number)) for number in range(30))), EVERYWHERE
        )
        text = scene_of(many, {}, WORDINGS[lang], NOW, NOW).alt_text(circles=False)
        assert 800 < len(text) <= ALT_MAX


def numbers(text: str) -> list[int]:
    """The numbers of customers and outages, in order."""
    return [int(re.sub(r"\D", "", number)) for number in re.findall(r"([\d,\u00a0]+)[ \u00a0](?:customers?|clients?|outages?|pannes?)", text)]


def times(text: str) -> list[tuple[int, int]]:
    """The times of day, in order."""
    found = []
    for twelve, minute, half, french, after, noon in re.findall(
        r"(?:(\d+)(?::(\d+))?[ \u00a0]([ap])\.m)|(?:(\d+)[ \u00a0]h(?:[ \u00a0](\d+))?)|(noon|midi)", text
    ):
        hour = 12 if noon else int(french) if french else int(twelve) % 12 + (12 if half == "p" else 0)
        found.append((hour, int(minute or after or 0)))
    return found
