"""`surgecast messages`: every message is shown as it would be posted, and an operator's words are looked through."""

import re
from pathlib import Path

import pytest

from services.cli.failure import Failure
from services.cli.messages.check import check
from services.cli.messages.preview import preview, wanted
from services.kernel.accounts import Service
from services.kernel.messages import LANGS, standard
from services.kernel.planning.posts import Kind
from services.kit.settings import Settings

NEVER_ALONE = {"social-overview-place", "social-advice", "social-tags"}
"""Part of another message; nothing, but on some services."""


def test_the_page_shows_every_message_there_is_on_each_service_in_both_languages(tmp_path: Path) -> None:
    settings = Settings(outage_line="613-555-0188")
    preview(settings, wanted(settings, "", "", "", ""), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    shown = {name for names in re.findall("<code>(.*?)</code>", page) for name in names.split(", ")}
    assert shown == {name for name in standard("en").names if name.startswith("social-")} - NEVER_ALONE
    assert [page.count(f"<h3>{service}</h3>") for service in Service] == [len(Kind)] * len(Service)
    assert page.count('<p lang="en-CA">') == page.count('<p lang="fr-CA">') == page.count("<article>")
    assert page.count("Left out") == page.count("<s lang=") > 0
    assert "The kettle awaits." in page


def test_one_kind_on_one_service_in_one_language_on_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    preview(Settings(), wanted(Settings(), "", "mastodon", "first_report", "fr"), None)
    told = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "Première annonce" in told
    assert "#PanneDeCourant" in told
    assert "sur 500" in told
    assert "Power outage" not in told
    with pytest.raises(Failure, match="--kind 'storm' isn't known: it is one of safety, first_report"):
        wanted(Settings(), "", "", "storm", "")


def test_an_account_is_shown_in_its_own_languages(tmp_path: Path) -> None:
    file = tmp_path / "accounts.yaml"
    file.write_text("accounts:\n- {service: mastodon, name: ville, languages: [fr], url: https://m.example, token: {env: NOWHERE}}\n")
    told = wanted(Settings(accounts=file), "ville", "", "", "")
    assert (list(told.services), list(told.langs)) == ([Service.MASTODON], ["fr"])
    with pytest.raises(Failure, match="no account called town"):
        wanted(Settings(accounts=file), "town", "", "", "")


def test_own_words_are_looked_through_with_lines_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for lang, words in zip(LANGS, ("What happened: { $cause }.", "Ce qui est arrivé : { $cause }."), strict=True):
        (tmp_path / f"{lang}.ftl").write_text(f"social-cause = {words}\n", "utf-8")
    settings = Settings(messages_folder=tmp_path)
    assert check(settings, None) == 0
    preview(settings, wanted(settings, "", "x", "cause", "en"), None)
    assert "What happened: the weather." in re.sub(r"\s+", " ", capsys.readouterr().out)
    (tmp_path / "fr.ftl").write_text("\nsocial-cause = Voilà.\n", "utf-8")
    assert check(settings, None) == 1
    assert "fr.ftl, line 2: social-cause: it leaves out { $cause }" in capsys.readouterr().out
    with pytest.raises(Failure, match="SURGECAST_MESSAGES_FOLDER"):
        check(Settings(), None)
