"""The public service through its ASGI application, over a site in memory."""

import gzip
from collections.abc import Callable
from typing import Any

import anyio
import httpx
import pytest

from services.adapters.site_memory import SiteMemory
from services.kernel.messages import LANGS, Wording
from services.kit.http import Observed, service_app
from services.kit.settings import Settings
from services.public.age import SiteAge
from services.public.app import PublicSide
from services.public.pages import ReplyPages
from services.public.shelf import Shelf
from tests.builders import SetClock, event
from tests.site_desk import Desk

Get = Callable[..., httpx.Response]


def client_of(site: SiteMemory, clock: SetClock) -> Get:
    settings = Settings(public_check_s=0)
    shelf = Shelf(site, settings)
    pages = ReplyPages({lang: Wording(lang, "Hydro", settings.timezone) for lang in LANGS})
    app = PublicSide(shelf, pages, settings, Observed(service_app("public", SiteAge(shelf, clock).ready), "public"))

    def get(path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://public") as client:
                plain = {"accept-encoding": "identity"} | {name.replace("_", "-"): value for name, value in headers.items()}
                return await client.request(method, path, headers=plain)

        return anyio.run(ask)

    return get


@pytest.fixture(scope="module")
def desk() -> Desk:
    storm = [event(f"o{number}", areas=(area,), customers_affected=100 + number) for number, area in enumerate(["K2G", "K1A", "k1b", "St. John's"] * 3)]
    return Desk().told(*storm, names={"K2G": "Nepean", "K1A": "Centretown East", "k1b": "Centretown West"})


@pytest.fixture(scope="module")
def get(desk: Desk) -> Get:
    return client_of(desk.store, desk.clock)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/en/", "text/html; charset=utf-8"),
        ("/fr/areas/K2G", "text/html; charset=utf-8"),
        ("/en/areas/St.%20John's", "text/html; charset=utf-8"),
        ("/feeds/v1/en/summary.json", "application/json"),
        ("/feeds/v1/fr/areas/K2G.json?t=1&x", "application/json"),
        ("/feeds/v1/fr/outages.geojson", "application/geo+json"),
        ("/feeds/v1/en/atom.xml", "application/atom+xml; charset=utf-8"),
    ],
)
def test_a_document_comes_whole_with_its_position_and_for_caches(get: Get, desk: Desk, path: str, kind: str) -> None:
    answer = get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert answer.headers["x-surgecast-position"] == desk.replica.position
    assert answer.headers["cache-control"] == "public, max-age=5, stale-while-revalidate=30, stale-if-error=86400"
    assert answer.headers["etag"].startswith('"')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "'unsafe-inline'" not in answer.headers["content-security-policy"]
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_pages_hold_nothing_that_the_content_security_policy_forbids(get: Get) -> None:
    for path in ("/en/", "/fr/areas/K2G", "/fr/areas?find=centretown"):
        page = get(path).text
        assert " style=" not in page
        assert "<style" not in page
        assert "<script>" not in page
        assert "onclick" not in page


def test_the_status_page_with_all_that_it_needs_is_under_60_kb(get: Get) -> None:
    assert sum(len(get(path).content) for path in ("/fr/", "/assets/site.css", "/assets/age.js", "/assets/chat.js", "/assets/mark.svg")) < 60_000


def test_nothing_is_sent_again_when_the_reader_has_this_version(get: Get) -> None:
    tag = get("/en/").headers["etag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = get("/en/", if_none_match=known)
        assert (answer.status_code, answer.content) == (304, b"")
        assert answer.headers["etag"] == tag
        assert "content-length" not in answer.headers
    assert get("/en/", if_none_match='"other"').status_code == 200


def test_a_reader_that_takes_gzip_gets_it_under_a_tag_of_its_own(get: Get) -> None:
    plain, squeezed = get("/en/"), get("/en/", accept_encoding="br, gzip")
    assert squeezed.headers["content-encoding"] == "gzip"
    assert squeezed.content == plain.content
    assert int(squeezed.headers["content-length"]) < len(plain.content)
    assert squeezed.headers["etag"] != plain.headers["etag"]
    assert "Accept-Encoding" in squeezed.headers["vary"]
    assert get("/en/", accept_encoding="gzip", if_none_match=squeezed.headers["etag"]).status_code == 304
    assert "content-encoding" not in get("/en/", accept_encoding="gzip;q=0").headers
    assert gzip.compress(plain.content, 5, mtime=0)[:4] == b"\x1f\x8b\x08\x00"


def test_head_says_what_get_would_without_the_body(get: Get) -> None:
    head, whole = get("/en/", "HEAD"), get("/en/")
    assert head.content == b""
    assert dict(head.headers) == dict(whole.headers)


@pytest.mark.parametrize(("accepts", "to"), [("fr-CA, en;q=0.8", "/fr/"), ("en", "/en/"), ("de", "/en/")])
def test_the_root_leads_to_the_readers_language(get: Get, accepts: str, to: str) -> None:
    answer = get("/", accept_language=accepts)
    assert (answer.status_code, answer.headers["location"], answer.headers["vary"]) == (302, to, "Accept-Language")


def test_a_language_without_its_slash_leads_to_its_page(get: Get) -> None:
    assert get("/fr").headers["location"] == "/fr/"


@pytest.mark.parametrize(
    ("text", "to"), [("nepean", "/fr/areas/K2G"), ("K2G+1A1", "/fr/areas/K2G"), ("st+johns", "/fr/areas/St.%20John%27s"), ("nep", "/fr/areas/K2G")]
)
def test_a_search_for_one_area_leads_to_its_page(get: Get, text: str, to: str) -> None:
    answer = get(f"/fr/areas?find={text}")
    assert (answer.status_code, answer.headers["location"]) == (303, to)
    assert get(to).status_code == 200


def test_a_search_for_several_areas_lists_them(get: Get) -> None:
    page = get("/en/areas?find=centretown").text
    assert "Centretown East" in page
    assert 'href="/en/areas/k1b"' in page


def test_a_search_without_a_match_says_so_and_shows_the_text_harmlessly(get: Get) -> None:
    page = get("/fr/areas?find=%3Cb%3E%22x").text
    assert "Aucun secteur en panne ne figure sous le nom" in page
    assert "&lt;b&gt;" in page
    assert "<b>" not in page
    assert get("/fr/areas").status_code == 200
    assert get("/fr/areas?find=" + "é" * 5000).status_code == 200


def test_a_page_that_is_not_there_says_so_in_words_and_a_feed_as_a_problem(get: Get) -> None:
    page = get("/fr/areas/K9Z", accept="text/html")
    assert (page.status_code, "Rien à cette adresse" in page.text, "Nothing at" in page.text) == (404, True, False)
    both = get("/nowhere", accept="text/html").text
    assert "Rien à cette adresse" in both
    assert "Nothing at this address" in both
    feed = get("/feeds/v1/fr/areas/K9Z.json")
    assert (feed.status_code, feed.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/v1/en/../../manifest.json",
        "/feeds/v1/en/%2e%2e%2fmanifest.json",
        "/en/areas/..%2f..%2fmanifest",
        "/assets/%2e%2e/manifest.json",
        "/manifest.json",
        "/en/areas/%00",
        "/en/areas/%ff",
    ],
)
def test_no_path_leads_out_of_the_public_documents(get: Get, path: str) -> None:
    assert get(path).status_code == 404


def test_only_reading_is_allowed(get: Get) -> None:
    answer = get("/en/", "POST")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_it_is_ready_once_something_was_published_and_stays_so_however_old() -> None:
    desk = Desk()
    get = client_of(desk.store, desk.clock)
    assert get("/healthz").status_code == 200
    assert get("/readyz").status_code == 503
    assert "site" in get("/readyz").json()["reasons"]
    desk.told(event())
    desk.clock.move(hours=3)
    assert get("/readyz").status_code == 200
    assert 'surgecast_output_age_seconds{output="site"} 10800.0' in get("/metrics").text


def test_requests_are_counted_by_kind_and_never_by_address(get: Get) -> None:
    get("/en/areas/K2G")
    get("/some/private/thing")
    told = get("/metrics").text
    assert 'surgecast_http_requests_total{method="GET",route="area page",service="public",status="200"}' in told
    assert "private" not in told


def test_it_serves_what_a_worker_wrote_last(desk: Desk) -> None:
    mine: Any = Desk().told(event(customers_affected=50))
    get = client_of(mine.store, mine.clock)
    before = get("/feeds/v1/en/summary.json").headers["etag"]
    mine.told(event(minute=1, customers_affected=60))
    after = get("/feeds/v1/en/summary.json", if_none_match=before)
    assert (after.status_code, after.json()["customers_affected"]) == (200, 60)
