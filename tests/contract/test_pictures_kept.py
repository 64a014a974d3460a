"""What any shelf of pictures does: in memory, and beside the ledger."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.adapters.ledger_approvals import SqlApprovals
from services.adapters.ledger_sql import SqlLedger
from services.adapters.ledger_upgrade import upgrade
from services.adapters.pictures_memory import MemoryPictures
from services.adapters.pictures_sql import SqlPictures
from services.cli.approvals import show
from services.cli.failure import Failure
from services.kernel.approval import Edit
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.pictures import Kept, PictureShelf
from services.kernel.ports.social import Picture
from services.kit.settings import Settings
from tests.builders import NOW
from tests.contract.ledgers import empty_ledger
from tests.contract.test_approvals import RULE
from tests.contract.test_ledger import AT, TEXTS, post

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


def test_whoever_approves_a_post_sees_its_map_and_is_told_where_it_goes_without(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite3"
    upgrade(url)
    settings, shelf = Settings(data=tmp_path, ledger_url=url), SqlPictures(url, 5, KEEP)
    written, _ = SqlLedger(url, 5).write("social", "x", post("K2G:first_report:1"), TEXTS, AT, NOW, RULE)
    show(settings, 1)
    assert "map" not in capsys.readouterr().out, "none was drawn"
    shelf.keep("social", "x", written.post, {lang: Kept(Picture(lang.encode(), f"what the {lang} map shows"), text) for lang, text in TEXTS.items()}, NOW)
    show(settings, 1, tmp_path)
    said = capsys.readouterr().out
    assert ("what the en map shows" in said, "what the fr map shows" in said) == (True, True)
    assert [(tmp_path / f"1-{lang}.png").read_bytes() for lang in ("en", "fr")] == [b"en", b"fr"]
    SqlApprovals(url, 5, "root@desk").take(1, Edit("carol", 1, {"en": "other words"}), NOW)
    show(settings, 1)
    said = capsys.readouterr().out
    assert ("en: goes without its map" in said, "fr: with a map" in said) == (True, True)
    with pytest.raises(Failure, match="can't be written"):
        show(settings, 1, tmp_path / "nowhere")
