"""Which file an address asks for, which language a reader prefers, which area a search means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.public.find import Named, find
from services.public.paths import language_of, preferred, site_file

AREAS = [
    Named("trois-rivieres", "Trois-Rivières"),
    Named("K2G", "K2G"),
    Named("riviere-rouge", "Rivière-Rouge"),
    Named("st-johns", "St. John's"),
    Named("north-surrey", "North Surrey"),
    Named("surrey-east", "Surrey East"),
]


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("/en/", "en/index.html"),
        ("/fr/areas/K2G", "fr/areas/K2G.html"),
        ("/feeds/v1/fr/outages.geojson", "feeds/v1/fr/outages.geojson"),
        ("/feeds/v1/en/areas/St. John's.json", "feeds/v1/en/areas/St. John's.json"),
        ("/assets/site.css", "assets/site.css"),
    ],
)
def test_each_public_address_has_its_file(path: str, file: str) -> None:
    found = site_file(path)
    assert found is not None
    assert found[0] == file


@pytest.mark.parametrize(
    "path", ["/", "", "/en", "/de/", "/manifest.json", "/en/areas/", "/en/areas/a/b", "/feeds/v1/en/a/b", "/feeds/v2/en/x", "//en/", "/assets/", "/assets/a/b"]
)
def test_other_addresses_have_none(path: str) -> None:
    assert site_file(path) is None


@pytest.mark.parametrize(
    ("accepts", "lang"),
    [
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("de, fr;q=0.5", "fr"),
        ("en;q=0.3, fr;q=0.7", "fr"),
        ("en-GB", "en"),
        ("", "en"),
        ("fr;q=0", "en"),
        ("fr;q=x", "en"),
        ("*", "en"),
        ("fr , en", "fr"),
    ],
)
def test_the_language_follows_what_the_reader_prefers(accepts: str, lang: str) -> None:
    assert preferred(accepts) == lang


@given(st.text(max_size=60))
def test_any_accept_language_gives_a_language(accepts: str) -> None:
    assert preferred(accepts) in ("en", "fr")


def test_an_address_names_its_language() -> None:
    assert [language_of(path) for path in ("/fr/areas/x", "/feeds/v1/en/x", "/areas/x/y/fr")] == ["fr", "en", None]


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("trois rivieres", "trois-rivieres"),
        ("TROIS-RIVIÈRES", "trois-rivieres"),
        ("k2g", "K2G"),
        ("K2G 1A1", "K2G"),
        ("k2g-1a1", "K2G"),
        ("st johns", "st-johns"),
        ("St John’s", "st-johns"),
    ],
)
def test_a_whole_name_or_postal_code_is_found_however_it_is_written(text: str, area: str) -> None:
    found = find(AREAS, text, 10)
    assert found.exact is not None
    assert found.exact.id == area


def test_part_of_a_name_gives_those_that_begin_with_it_first() -> None:
    found = find(AREAS, "surrey", 10)
    assert (found.exact, [area.id for area in found.others]) == (None, ["surrey-east", "north-surrey"])
    assert len(find(AREAS, "r", 2).others) == 2


@pytest.mark.parametrize("text", ["", "  ", "---", "nowhere", "K9Z 1A1", "\x00"])
def test_nothing_is_found_when_no_name_holds_the_text(text: str) -> None:
    assert find(AREAS, text, 10) == find([], "x", 10)
