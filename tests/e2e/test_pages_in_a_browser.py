"""The status page as people see it: a real browser, both languages, a desk and a phone, with and without scripts.

`make screenshots` runs this with SURGECAST_SCREENSHOTS naming the folder that keeps what was seen.
"""

import os
import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from services.cli import storm
from services.cli.customers import CODES_NAME
from services.kernel.events import encode_event
from services.kit.clock import SystemClock
from tests.agreement import settled
from tests.tree import Tree, load, running_tree

LANGS = ("en", "fr")
SIZES = {"1280": (1280, 900), "375": (375, 800)}
INTO_THE_STORM = timedelta(hours=1, minutes=45)
"""Near its worst: 180 outages in nearly all of the 40 places."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tree]:
    """The demo storm at its worst, now."""
    now = SystemClock().now()  # the browser's, too
    events = [event for event in storm.from_now(storm.storm(), now - INTO_THE_STORM) if event.occurred_at <= now]
    with running_tree(tmp_path_factory.mktemp("browser")) as tree:
        headers = {"Authorization": f"Bearer {tree.key}", "Content-Type": "application/x-ndjson"}
        answer = httpx.post(tree.url + "/ingest/v1/events", content=b"\n".join(map(encode_event, events)), headers=headers, timeout=30)
        assert answer.json()["rejected"] == 0
        settled(tree, answer.json()["position"])
        yield tree


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("no chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


def _open(browser: Browser, tree: Tree, path: str, size: str, *, scripts: bool = True) -> Page:
    width, height = SIZES[size]
    page = browser.new_page(viewport={"width": width, "height": height}, java_script_enabled=scripts)
    answer = page.goto(tree.url + path)
    assert answer is not None
    assert answer.ok, f"{path}: {answer.status}"
    return page


def _keep(page: Page, name: str, tmp_path: Path) -> None:
    page.screenshot(path=Path(os.environ.get("SURGECAST_SCREENSHOTS", tmp_path)) / f"{name}.png")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGS)
def test_a_page_fits_its_screen_and_can_be_read_by_a_screen_reader(browser: Browser, tree: Tree, lang: str, size: str, tmp_path: Path) -> None:
    page = _open(browser, tree, f"/{lang}/", size)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    _keep(page, f"status-{lang}-{size}", tmp_path)
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], "the page is wider than the screen"
    assert page.locator("html").get_attribute("lang") == f"{lang}-CA"
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("main").count() == page.get_by_role("search").count() == 1
    table = page.get_by_role("table")
    assert table.get_by_role("columnheader").count() == 3
    rows = table.get_by_role("rowheader")
    assert rows.count() == len(load(tree.get(f"/feeds/v1/{lang}/summary.json"))["areas"]) > 30
    rows.first.get_by_role("link").click()
    assert page.get_by_role("main").get_by_role("listitem").count() > 0, "the hardest-hit area's page lists no outage"
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], "the area's page is wider than the screen"
    _keep(page, f"area-{lang}-{size}", tmp_path)
    assert not errors


@pytest.mark.parametrize(("lang", "name"), [("en", "Golden Lake"), ("fr", "Lac-Doré")])
def test_all_of_it_is_there_without_scripts(browser: Browser, tree: Tree, lang: str, name: str) -> None:
    plain, scripted = (_open(browser, tree, f"/{lang}/", "375", scripts=scripts) for scripts in (False, True))
    for role in ("heading", "link", "row", "definition", "listitem"):
        assert plain.get_by_role(role).all_inner_texts() == scripted.get_by_role(role).all_inner_texts(), role  # type: ignore[arg-type]
    plain.get_by_role("searchbox").fill(name.lower().replace("é", "e"))
    plain.get_by_role("searchbox").press("Enter")
    assert plain.get_by_role("heading", level=1).inner_text() == name


def test_each_language_leads_to_the_other_and_back_to_the_same_place(browser: Browser, tree: Tree) -> None:
    page = _open(browser, tree, "/en/", "1280")
    page.get_by_role("rowheader").first.get_by_role("link").click()
    here = page.url
    page.get_by_role("link", name="Français").click()
    assert "/fr/areas/" in page.url
    assert page.locator("html").get_attribute("lang") == "fr-CA"
    page.get_by_role("link", name="English").click()
    assert page.url == here


@pytest.mark.parametrize("lang", LANGS)
def test_everything_is_reached_with_the_keyboard_and_seen_when_it_is(browser: Browser, tree: Tree, lang: str) -> None:
    page = _open(browser, tree, f"/{lang}/", "1280")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0, "the link to the content is not shown when it has the focus"
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "find":
            break
    assert page.evaluate("document.activeElement.id") == "find"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid", "the focus can't be seen"


CHATS = {
    "en": ("Ask a question", "when will the power be back in Golden Lake?", "Golden Lake", "Safety quiz", "10 metres", "Try again"),
    "fr": ("Poser une question", "y a-t-il une panne à Lac-Doré?", "Lac-Doré", "Quiz sécurité", "10 mètres", "Réessayer"),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", LANGS)
def test_chat_fits_its_screen_and_goes_by_keyboard_alone(browser: Browser, tree: Tree, lang: str, size: str, tmp_path: Path) -> None:
    opens, question, place, quiz, choice, again = CHATS[lang]
    page = _open(browser, tree, f"/{lang}/", size)
    page.get_by_text(opens, exact=True).focus()
    page.keyboard.press("Enter")
    log, choices, field = page.get_by_role("log"), page.get_by_role("group").get_by_role("button"), page.locator("#chat-text")
    assert log.locator("p").count() == 1, "nobody is asked before somebody asks"
    field.focus()
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    expect(log.locator("p:not(.wait)")).to_have_count(3)
    assert place in log.locator("p").last.inner_text()
    assert page.evaluate("document.activeElement.id") == "chat-text", "the focus was lost"
    titles = choices.all_inner_texts()
    assert len(titles) >= 2, "nothing is offered after an answer"
    field.fill(quiz)
    field.press("Enter")
    page.get_by_role("button", name=choice, exact=True).focus()
    page.keyboard.press("Enter")
    expect(log.locator("p:not(.wait)")).to_have_count(7)
    assert page.evaluate("document.activeElement.tagName") == "BUTTON", "the focus was lost with the buttons"
    page.locator("#chat").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('#chat').scrollIntoView({block: 'center'})")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], "the chat is wider than the screen"
    _keep(page, f"chat-{lang}-{size}", tmp_path)
    page.context.set_offline(True)
    field.fill("<b>" + question)
    field.press("Enter")
    page.get_by_role("button", name=again).wait_for()
    assert log.locator("b").count() == 0, "what was typed became markup"
    page.context.set_offline(False)
    page.get_by_role("button", name=again).focus()
    page.keyboard.press("Enter")
    expect(log.locator(".us:not(.wait)").last).to_contain_text(place)


def test_chat_says_how_else_to_ask_where_there_is_no_script(browser: Browser, tree: Tree) -> None:
    page = _open(browser, tree, "/en/", "375", scripts=False)
    page.get_by_text("Ask a question").click()
    assert "JavaScript" in page.locator("#chat").inner_text()
    assert page.locator("#chat-text").is_hidden()


def test_an_account_is_linked_without_scripts_and_a_wrong_code_is_told_where_it_was_typed(browser: Browser, tree: Tree) -> None:
    asked = {"response_type": "code", "client_id": "demo", "redirect_uri": "http://127.0.0.1:9/linked", "state": "s", "code_challenge": "x" * 43}
    code = (tree.data / CODES_NAME).read_text().split()[1]
    page = _open(browser, tree, f"/oauth/authorize?{urlencode({**asked, 'code_challenge_method': 'S256', 'ui_locales': 'fr'})}", "375", scripts=False)
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.keyboard.press("Tab")  # the other language
    _typed(page, "Tab", f"{code}X")
    expect(page).to_have_title(re.compile("^Erreur"))
    expect(page.locator("#login:focus")).to_have_accessible_description(re.compile(re.escape(page.locator("#failure").inner_text())))
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["375"][0]
    with page.expect_response(lambda response: response.status == 303):
        _typed(page, "Control+A", code)
    page.close()


def _typed(page: Page, key: str, code: str) -> None:
    """By keyboard alone: the code, and the first button."""
    for stroke in (key, *code, "Tab", "Enter"):
        page.keyboard.press(stroke)
