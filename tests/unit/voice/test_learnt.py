"""What was learnt is kept: by the installation or by a data folder, and only as long as it was made of the sources that are there."""

from pathlib import Path

import pytest

from services.voice.understanding import learnt as learning
from services.voice.understanding.learnt import Learnt, keep, learnt
from tests.voice_service import LEARNT


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Learnt:
    """What understanding learns of its sources, learnt in no time."""
    known = learnt("en", LEARNT)
    monkeypatch.setattr(learning, "_learn", lambda _lang: known)
    return known


def test_a_first_start_takes_what_the_installation_has_learnt(tmp_path: Path, made: Learnt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "INSTALLED", tmp_path / "installed")
    monkeypatch.setattr(learning, "LANGS", ("en",))
    learning._main()
    monkeypatch.setattr(learning, "_learn", lambda _lang: pytest.fail("learnt again"))
    assert learnt("en", tmp_path / "data") == made
    learning._main()
    assert not (tmp_path / "data").exists()


def test_what_was_made_of_other_sources_is_learnt_anew_and_kept(tmp_path: Path, made: Learnt, monkeypatch: pytest.MonkeyPatch) -> None:
    installed, data = tmp_path / "installed", tmp_path / "data"
    monkeypatch.setattr(learning, "INSTALLED", installed)
    keep("en", installed)
    monkeypatch.setattr(learning, "_digest", lambda _lang: "of other sources")
    learnings: list[str] = []

    def learn(lang: str) -> Learnt:
        learnings.append(lang)
        return Learnt("of other sources", made.automaton, made.lists, made.model, made.words)

    monkeypatch.setattr(learning, "_learn", learn)
    assert learnt("en", data).digest == learnt("en", data).digest == "of other sources"
    assert learnings == ["en"]


def test_a_folder_that_cannot_be_written_and_a_file_that_cannot_be_read_stop_nothing(tmp_path: Path, made: Learnt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "INSTALLED", tmp_path / "none")
    (tmp_path / "understanding.en.bin").write_bytes(b"\x93half")
    assert learnt("en", tmp_path) == made
    blocked = tmp_path / "a-file"
    blocked.write_text("")
    assert learnt("en", blocked) == made
