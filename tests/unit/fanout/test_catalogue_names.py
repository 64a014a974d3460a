"""What the area catalogue's names do downstream: each language says its own, and a place that is no more is told of no longer."""

import asyncio

from services.adapters.views_memory import MemoryViews
from services.fanout.channel import Work
from services.fanout.voice_cache import VoiceCache
from services.kernel.answers import spoken_at
from services.kernel.areas import AreaName
from services.kernel.ids import AreaId
from services.kernel.messages import LANGS, Wording
from services.kernel.views import Stamp
from services.wire import Channel
from tests.builders import event
from tests.site_desk import Desk

COVE, POND = AreaId("w-3"), AreaId("w-4")


def desk() -> Desk:
    made = Desk()
    made.journal.catalogue_names = {COVE: AreaName("Birch Cove", "Anse-aux-Bouleaux"), POND: AreaName("Mill Pond", "Étang-du-Moulin")}
    return made


def test_every_document_says_the_name_of_its_own_language() -> None:
    site = desk().told(event("A", areas=(COVE,), customers_affected=90))
    for lang, name, other in (("en", "Birch Cove", "Anse-aux-Bouleaux"), ("fr", "Anse-aux-Bouleaux", "Birch Cove")):
        assert site.feed("summary.json", lang)["areas"][0]["name"] == site.feed("areas/w-3.json", lang)["name"] == name
        for path in (f"feeds/v1/{lang}/atom.xml", f"{lang}/index.html", f"{lang}/areas/w-3.html"):
            assert name in site.text(path)
            assert other not in site.text(path)


def test_an_area_that_only_has_a_name_has_no_document() -> None:
    site = desk().told(event("A", areas=(COVE,)))
    assert "feeds/v1/en/areas/w-4.json" not in site.store.files
    site.told(event("B", areas=(POND,)))
    assert site.feed("areas/w-4.json", "fr")["name"] == "Étang-du-Moulin"


def test_voice_knows_every_area_of_the_catalogue_in_both_languages_and_forgets_one_that_was_taken_out() -> None:
    site, store = desk(), MemoryViews()
    wordings = [Wording(lang, "Hydro", "America/Toronto", spoken=True) for lang in LANGS]
    voice = VoiceCache(store, wordings, site.clock)

    def run() -> None:
        site.replica.catch_up()
        changed = site.replica.pending(Channel.VOICE_CACHE)
        voice.run(
            site.replica, Work(frozenset(), frozenset(changed.areas), frozenset(changed.keys), changed.cold), Stamp(site.replica.position, site.clock.now())
        )
        site.replica.settled(Channel.VOICE_CACHE)

    def said(area: AreaId, lang: str) -> str | None:
        changes = asyncio.run(store.changes(-1))
        assert changes is not None
        return spoken_at(changes.views[area].answers[lang]["outage_status"], site.clock.now()) if area in changes.views else None

    site.tell(event("A", areas=(COVE,), customers_affected=90))
    run()
    assert "Birch Cove" in str(said(COVE, "en"))
    assert "Anse-aux-Bouleaux" in str(said(COVE, "fr"))
    assert "Étang-du-Moulin" in str(said(POND, "fr"))
    site.journal.catalogue_names = {COVE: AreaName("Birch Cove", "L’Anse")}
    site.replica.learn_names()
    run()
    assert said(POND, "en") is None, "it would go on saying that nothing is out there"
    assert "L’Anse" in str(said(COVE, "fr"))
