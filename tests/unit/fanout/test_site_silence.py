"""A source that goes quiet is shown in every file of the site, without any event, and no longer once it is back (I5)."""

import feedparser

from services.kernel.ids import SourceName
from services.kernel.sources import Source
from tests.builders import NOW, event
from tests.site_desk import Desk

ALL = [f"feeds/v1/{lang}/{name}" for lang in ("en", "fr") for name in ("summary.json", "outages.geojson", "areas/K2G.json")]
PAGES = [f"{lang}/{name}" for lang in ("en", "fr") for name in ("index.html", "areas/K2G.html")]


def test_every_file_says_so_as_soon_as_it_is_true_and_until_it_is_not() -> None:
    desk = Desk().told(event(customers_affected=1250))
    silent = [Source(SourceName("hydro"), NOW, NOW.replace(minute=30), {"en": "Hydro <1>", "fr": "Hydro <1>"})]
    desk.channel._sources = lambda: silent
    desk.clock.move(minutes=25)
    desk.run()
    assert {path: desk.json(path)["stale_sources"] for path in ALL} == {key: [] for key in ALL}
    assert not any("stale-sources" in desk.text(path) for path in PAGES)
    desk.clock.move(minutes=1)
    desk.run()
    assert {path: desk.json(path)["stale_sources"] for path in ALL} == {key: [{"source": "hydro", "last_heard": "2018-09-21T21:04:00Z"}] for key in ALL}
    said = {
        "en": "Information from Hydro &lt;1&gt; has not been updated since 5:04 p.m.",
        "fr": "Aucune mise à jour reçue depuis 17\u00a0h\u00a004 pour Hydro &lt;1&gt;.",
    }
    for path in PAGES:
        assert said[path[:2]] in desk.text(path), path
    feed = feedparser.parse(desk.text("feeds/v1/en/atom.xml"))
    assert not feed.bozo
    assert feed.feed.subtitle.startswith("Information from Hydro")
    assert '<sc:stale_source name="hydro" last_heard="2018-09-21T21:04:00Z"/>' in desk.text("feeds/v1/en/atom.xml")
    silent.clear()
    desk.run()
    assert {path: desk.json(path)["stale_sources"] for path in ALL} == {key: [] for key in ALL}
    assert not any("stale-sources" in desk.text(path) for path in PAGES)
    assert "stale_source" not in desk.text("feeds/v1/fr/atom.xml")
