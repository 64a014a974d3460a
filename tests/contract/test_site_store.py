"""What every SiteStore and SiteReader holds: the folder and its twin in memory."""

import errno
import os
import threading
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from services.adapters import site_folder
from services.adapters.site_folder import SiteFolder
from services.adapters.site_memory import SiteMemory
from services.adapters.site_names import NAME_MAX_BYTES, file_name
from services.kernel.ports.failures import Overtaken, Unavailable
from services.kernel.views import Position, Stamp
from tests.builders import NOW

Store = SiteFolder | SiteMemory


@pytest.fixture(params=["folder", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return SiteFolder(tmp_path / "site") if request.param == "folder" else SiteMemory()


class TestSiteStore:
    def test_a_file_reads_back_whole_when_written_and_when_replaced(self, store: Store) -> None:
        store.write("en/areas/K2G.html", b"one")
        store.write("en/areas/K2G.html", b"two, and longer")
        assert store.read("en/areas/K2G.html") == b"two, and longer"

    def test_the_version_differs_when_the_bytes_do_and_only_then(self, store: Store) -> None:
        assert store.version("a/b.json") is None
        store.write("a/b.json", b"one")
        first = store.version("a/b.json")
        store.write("a/b.json", b"one")
        assert store.version("a/b.json") == first
        store.write("a/b.json", b"two")
        assert store.version("a/b.json") != first

    def test_nothing_is_there_when_it_was_never_written_or_was_removed(self, store: Store) -> None:
        assert store.read("a/b.json") is None
        store.write("a/b.json", b"x")
        store.remove("a/b.json")
        store.remove("a/b.json")
        assert (store.read("a/b.json"), store.version("a/b.json")) == (None, None)

    def test_keep_leaves_the_named_files_and_other_folders_when_it_tidies(self, store: Store) -> None:
        for path in ("en/areas/a.html", "en/areas/b.html", "fr/areas/a.html", "en/index.html"):
            store.write(path, b"x")
        store.keep("en/areas", ["en/areas/b.html"])
        store.keep("never/there", [])
        there = [path for path in ("en/areas/a.html", "en/areas/b.html", "fr/areas/a.html", "en/index.html") if store.read(path) is not None]
        assert there == ["en/areas/b.html", "fr/areas/a.html", "en/index.html"]

    def test_the_manifest_holds_the_stamp_when_published(self, store: Store) -> None:
        stamp = Stamp(Position("7-1"), NOW)
        store.publish(stamp)
        assert msgspec.json.decode(store.read("manifest.json") or b"", type=Stamp) == stamp

    def test_what_was_published_is_known_and_never_goes_back(self, store: Store) -> None:
        assert store.published() is None
        stamps = [Stamp(Position("9-5"), NOW), Stamp(Position("10-1"), NOW), Stamp(Position("10-1"), NOW - timedelta(seconds=5))]
        for stamp in stamps:
            store.publish(stamp)
            assert store.published() == stamp
        with pytest.raises(Overtaken, match="10-1, later than 9-9"):
            store.publish(Stamp(Position("9-9"), NOW))
        assert store.published() == stamps[-1]

    def test_a_manifest_that_nobody_can_read_stops_nothing(self, store: Store) -> None:
        store.write("manifest.json", b"\x00")
        assert store.published() is None
        store.publish(Stamp(Position("1-1"), NOW))
        assert store.published() == Stamp(Position("1-1"), NOW)

    @pytest.mark.parametrize(
        "area", ["St. John's", "Trois-Rivières", "K2G 1A1", "a&b", "100%", "..", ".hidden", "x" * 300, "漢" * 64, "a/b"[::2], "con:", 'q"?*']
    )
    def test_any_name_of_an_area_keeps_its_own_file(self, store: Store, area: str) -> None:
        store.write(f"en/areas/{area}.html", area.encode())
        store.write("en/areas/other.html", b"other")
        assert store.read(f"en/areas/{area}.html") == area.encode()

    def test_an_empty_name_is_refused(self, store: Store) -> None:
        with pytest.raises(ValueError, match="empty name"):
            store.write("en//index.html", b"")


class TestSiteFolder:
    @pytest.mark.parametrize("path", ["../secret", "en/../../secret", "..\\secret", "en/.new-x", "a\x00b"])
    def test_nothing_outside_the_folder_or_half_written_is_read(self, tmp_path: Path, path: str) -> None:
        (tmp_path / "secret").write_text("no")
        (tmp_path / "site" / "en").mkdir(parents=True)
        (tmp_path / "site" / "en" / ".new-x").write_text("half")
        store = SiteFolder(tmp_path / "site")
        assert (store.version(path), store.read(path)) == (None, None)

    def test_names_fit_the_file_system_and_stay_apart_when_very_long(self) -> None:
        one, two = file_name("漢" * 100 + "1.html"), file_name("漢" * 100 + "2.html")
        assert one != two
        assert one.endswith(".html")
        assert max(len(one.encode()), len(two.encode())) <= NAME_MAX_BYTES

    def test_an_area_whose_name_imitates_an_encoded_one_does_not_meet_it(self) -> None:
        assert file_name("a%2Fb") != file_name("a/b".replace("/", "\\"))
        assert file_name("100%") == "100%25"

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
    def test_the_old_file_stays_and_nothing_is_left_over_when_the_disk_refuses(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
        store = SiteFolder(tmp_path)
        store.write("en/index.html", b"old")

        def refuse(*_: object) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(site_folder.os, "replace", refuse)
        with pytest.raises(Unavailable, match=r"index\.html"):
            store.write("en/index.html", b"new")
        assert store.read("en/index.html") == b"old"
        assert os.listdir(tmp_path / "en") == ["index.html"]

    def test_what_killed_writers_left_is_swept_from_every_folder_and_what_is_being_written_is_not(self, tmp_path: Path) -> None:
        store = SiteFolder(tmp_path)
        for path in ("index.html", "feeds/v1/en/summary.json"):
            store.write(path, b"whole")
            for name, age_s in ((".new-old", 61), (".new-young", 59)):
                half = tmp_path / os.path.dirname(path) / name
                half.write_bytes(b"half")
                os.utime(half, (NOW.timestamp() - age_s,) * 2)
            os.utime(tmp_path / path, (0, 0))
        store.sweep(NOW - timedelta(seconds=60))
        names = sorted(file.name for file in tmp_path.rglob("*") if file.is_file())
        assert names == [".new-young", ".new-young", "index.html", "summary.json"]

    @pytest.mark.parametrize("left", [b"", bytes(20), b'{"position":"7"' + bytes(5)], ids=["empty", "only NULs", "a tail of NULs"])
    def test_a_file_that_a_power_cut_took_the_bytes_of_is_not_there_and_the_next_write_brings_it_back(self, tmp_path: Path, left: bytes) -> None:
        body = b'{"position":"7-1"}\n\n'
        store, file = SiteFolder(tmp_path), tmp_path / "feeds" / "summary.json"
        store.write("feeds/summary.json", body)
        file.write_bytes(left)
        assert store.read("feeds/summary.json") is None
        store.write("feeds/summary.json", body)
        assert (store.read("feeds/summary.json"), file.read_bytes()) == (body, body)

    def test_a_reader_sees_a_whole_file_always_while_it_is_replaced(self, tmp_path: Path) -> None:
        store, bodies = SiteFolder(tmp_path), [bytes([letter]) * 200_000 for letter in b"abc"]
        store.write("f.json", bodies[0])
        writer = threading.Thread(target=lambda: [store.write("f.json", bodies[turn % 3]) for turn in range(60)])
        writer.start()
        seen = set()
        while writer.is_alive():
            seen.add(store.read("f.json"))
        writer.join()
        assert seen <= set(bodies)


def test_the_twin_keeps_what_it_has_when_it_is_full() -> None:
    store = SiteMemory()
    store.write("f", b"old")
    store.full = True
    with pytest.raises(Unavailable):
        store.write("f", b"new")
    assert store.read("f") == b"old"
