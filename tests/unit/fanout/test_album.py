"""A post's picture on its way: drawn with the words, kept beside them, the same at each try; and no picture ever keeps words back."""

from datetime import timedelta
from itertools import count

import msgspec
import pytest

from services.adapters.areas_memory import MemoryAreas
from services.adapters.pictures_memory import MemoryPictures
from services.fanout.pictures.album import Album, Easel
from services.fanout.pictures.lettering import Letters
from services.fanout.pictures.spots import CELL_KM, spots_in
from services.fanout.pictures.undrawable import Undrawable
from services.kernel.areas import Catalogue
from services.kernel.board import Board
from services.kernel.delivery import Delivery, Outcome
from services.kernel.events import Point
from services.kernel.ids import AreaId, OutageKey
from services.kernel.ports.social import Draft, Picture, Receipt, Reply
from services.wire import Channel
from tests.builders import NOW, event
from tests.unit.fanout.social_stage import WORDINGS, Crash, Crashing, Stage
from tests.unit.fanout.test_pictures import ATLAS, CATALOGUE, DIGEST, FIRST, HERON


class Gallery(Stage):
    """A stage whose account has an album, and whose service remembers each draft."""

    def __init__(self) -> None:
        self.shelf, self.areas, self.drafts = MemoryPictures(timedelta(days=2)), MemoryAreas(), list[Draft]()
        self.load(CATALOGUE)
        self.answers: list[Receipt] = []
        self.album: Album = Album(Channel.SOCIAL, "x", self.shelf, Easel(self.areas, None), WORDINGS)
        super().__init__(feed=self)

    def load(self, catalogue: Catalogue) -> None:
        self.areas.replace(msgspec.structs.replace(catalogue, revision=self.areas.revision()), {})

    def post(self, draft: Draft) -> Receipt:
        self.drafts.append(draft)
        return self.answers.pop(0) if self.answers else self.service.post(draft)

    def find(self, draft: Draft) -> Receipt:
        return Receipt(Reply.REPEATABLE)

    def out_of_power(self, area: AreaId = HERON) -> None:
        self.hear(event(areas=(area,), customers_affected=1_250))
        self.run()


@pytest.fixture
def gallery() -> Gallery:
    try:
        Letters()
    except Undrawable as error:
        pytest.skip(str(error))
    return Gallery()


def test_each_language_has_its_picture_and_a_later_try_the_same_one(gallery: Gallery) -> None:
    gallery.answers = [Receipt(Reply.UNCERTAIN)]
    gallery.out_of_power()
    gallery.restart()
    gallery.load(Catalogue(layers=("ward",)))  # by now nothing could be drawn
    gallery.settle(lambda: len(gallery.drafts) == 3)
    first, again, other = gallery.drafts
    assert first == again
    assert first.picture is not None
    assert other.picture is not None
    assert (first.picture.png[:4], other.picture.png[:4]) == (b"\x89PNG", b"\x89PNG")
    assert ("1,250 customers" in first.picture.alt, "1\u00a0250 clients" in other.picture.alt) == (True, True)


@pytest.mark.parametrize("why", ["no shape", "no catalogue", "broken shape"])
def test_words_go_out_without_a_picture(gallery: Gallery, why: str) -> None:
    gallery.areas.down = why == "no catalogue"
    if why == "broken shape":
        gallery.load(msgspec.structs.replace(CATALOGUE, areas=tuple(msgspec.structs.replace(area, shape=b"?") for area in CATALOGUE.areas)))
    gallery.out_of_power(AreaId("K2G") if why == "no shape" else HERON)
    gallery.settle(lambda: len(gallery.drafts) == 2)
    assert [draft.picture for draft in gallery.drafts] == [None, None]
    assert len(gallery.texts()) == 2


def test_emergencies_that_are_told_together_go_without_a_map(gallery: Gallery) -> None:
    urgent = msgspec.structs.replace(DIGEST, id="urgent", facts=msgspec.structs.replace(DIGEST.facts, urgent=True))
    gallery.out_of_power()
    queued = Delivery(1, "en", "words", Outcome.QUEUED, NOW)
    for post in (DIGEST, urgent):
        written = msgspec.structs.replace(gallery.written(HERON), post=post.id, deliveries=(queued,))
        gallery.album.draw(post, {"en": "words"}, written, gallery.replica, NOW, NOW)
    assert [gallery.album.of(post.id, "en") is None for post in (DIGEST, urgent)] == [False, True]


def test_a_picture_goes_with_the_words_that_it_was_drawn_for_alone(gallery: Gallery) -> None:
    gallery.answers = [Receipt(Reply.LIMITED)]
    gallery.out_of_power()
    written = gallery.written(HERON)
    for lang in ("en", "fr"):
        kept = gallery.shelf.of("social", "x", written.post, lang)
        assert kept is not None
        gallery.shelf._kept["social", "x", written.post, lang] = (
            msgspec.structs.replace(kept, words="what it said before somebody mended it"),
            gallery.clock.now(),
        )
    gallery.settle(lambda: len(gallery.texts()) == 2)
    assert [draft.picture is None for draft in gallery.drafts[1:]] == [True, True]


def test_the_record_says_why_a_post_went_out_without_its_picture(gallery: Gallery) -> None:
    gallery.answers = [Receipt(Reply.POSTED, "1", detail="without its picture: 503"), Receipt(Reply.DUPLICATE, detail="403 duplicate content")]
    gallery.out_of_power()
    assert [(one.outcome, one.error) for one in gallery.written(HERON).deliveries] == [
        (Outcome.DELIVERED, "without its picture: 503"),
        (Outcome.DELIVERED, ""),
    ]


def test_circles_tell_nobodys_premises() -> None:
    west, south, east, north = ATLAS.bounds([HERON])
    x, y = (west + east) / 2, (south + north) / 2
    board = Board(privacy_threshold=5)
    for number, (customers, east_by) in enumerate(((40, 0.0), (30, 0.0007), (3, 0.01), (24, 0.02), (900, 5.0))):
        board.apply(OutageKey(f"s:{number}"), event(str(number), areas=(HERON,), customers_affected=customers, geometry=Point([x + east_by, y])))
    found = spots_in(FIRST, board, ATLAS.bounds([HERON]))
    assert 1 <= len(found) <= 2, "neither small counts nor what lies elsewhere has a circle"
    for spot in found:
        assert abs(spot[0] - x) < 0.02
    moved = Board(privacy_threshold=5)
    for number, east_by in enumerate((0.0, 0.0007)):
        geometry = Point([x + east_by + 1e-7, y - 1e-7])
        moved.apply(OutageKey(f"s:{number}"), event(str(number), areas=(HERON,), customers_affected=40, geometry=geometry))
    assert set(spots_in(FIRST, moved, ATLAS.bounds([HERON]))) <= set(found), "a circle stands in the middle of its square, wherever in it the outage is"
    assert CELL_KM >= 1
    assert spots_in(FIRST, board, (x - 0.01, y - 0.01, x + 0.01, y + 0.01)) == [], "a small area has none"


def test_whatever_step_a_crash_comes_after_each_draft_is_handed_over_as_it_was() -> None:
    """With its picture each time, or never: a crash between the words and their picture costs the picture."""
    crashes, pictured, drawings = 0, 0, count(1)
    for crash_at in range(1, 60):
        stage = Gallery()
        stage.album._drawn = lambda *_: Picture(b"%d" % next(drawings), "a map")  # type: ignore[method-assign]  # no two are the same
        steps = stage.restart(crash_at)
        stage.album._shelf = Crashing(stage.shelf, steps)  # type: ignore[assignment]
        try:
            stage.out_of_power()
        except Crash:
            crashes += 1
            stage.album._shelf = stage.shelf
            stage.restart()
            stage.settle()
        assert len(stage.texts()) == 2
        for lang in ("en", "fr"):
            handed = {(draft.key, draft.text, draft.picture) for draft in stage.drafts if draft.lang == lang}
            assert len(handed) == 1
            pictured += any(picture is not None for _, _, picture in handed)
        if steps.taken < crash_at:
            break
    assert crashes >= 15, "the walk reached its end"
    assert pictured >= 2 * crashes - 4
