"""What any shelf of pictures does: in memory, and beside the ledger."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.adapters.pictures_memory import MemoryPictures
from services.adapters.pictures_sql import SqlPictures
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.pictures import Kept, PictureShelf
from services.kernel.ports.social import Picture
from tests.builders import NOW
from tests.contract.ledgers import empty_ledger

KEEP = timedelta(days=2)


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> PictureShelf:
    return MemoryPictures(KEEP) if request.param == "memory" else SqlPictures(empty_ledger(request, request.param, tmp_path), 5, KEEP)


def kept(png: bytes) -> Kept:
    return Kept(Picture(png, "Carte où le secteur Île-aux-Hérons est marqué"), "les mots")


def test_what_is_kept_first_stays_until_it_is_old(shelf: PictureShelf) -> None:
    shelf.keep("social", "x", "p1", {"en": kept(b"\x00one"), "fr": kept(b"\xffun")}, NOW)
    shelf.keep("social", "x", "p1", {"en": kept(b"another"), "fr": kept(b"autre")}, NOW + KEEP)
    assert shelf.of("social", "x", "p1", "fr") == kept(b"\xffun")
    assert [shelf.of(*key, "en") for key in (("social", "y", "p1"), ("mastodon", "x", "p1"), ("social", "x", "p2"))] == [None] * 3
    shelf.keep("social", "x", "p2", {}, NOW + KEEP + timedelta(seconds=1))
    assert shelf.of("social", "x", "p1", "en") is None


def test_a_shelf_that_is_down_says_so(tmp_path: Path) -> None:
    memory = MemoryPictures(KEEP)
    memory.down = True
    for down in (memory, SqlPictures(f"sqlite:///{tmp_path}/empty.sqlite3", 5, KEEP)):
        with pytest.raises(Unavailable):
            down.of("social", "x", "p1", "en")
        with pytest.raises(Unavailable):
            down.keep("social", "x", "p1", {}, NOW)
