"""The checker of replayed storms fails on what it is there to find, and on nothing else; and it reads every post that we write."""

from collections.abc import Iterable
from datetime import timedelta

import pytest

from loadtests.bench.social_checker import Rules, Verdict, check
from loadtests.bench.social_reading import Reader
from services.adapters.policy_file import DEFAULT
from services.cli.plan.storms import Step
from services.fanout.social_text import compose
from services.kernel.areas import AreaName, name_of
from services.kernel.events import Cause, Status
from services.kernel.ids import EVERYWHERE, UNPLACED, AreaId, OutageKey
from services.kernel.messages import LANGS, Lang, Wording
from services.kernel.planning.posts import Facts, Kind, Place, Post, Said, Tone
from services.kernel.views import Count
from tests.builders import NOW, event
from tests.simulators.x_api import Asked
from tests.simulators.x_tiers import account

NAMES = {AreaId("K2K"): AreaName("Kanata"), AreaId("K2J"): AreaName("Barrhaven"), AreaId("K0A"): AreaName("Kanata North", "Kanata-Nord")}
REPORT = ("Power outage in Kanata: 6,000 customers without power as of 5 p.m.", "Panne de courant, secteur Kanata : 6 000 clients sans électricité à 17 h.")
NOTICE = ("Safety notice for Kanata: 90 customers without power as of 5 p.m.", "Avis de sécurité, secteur Kanata : 90 clients sans électricité à 17 h.")
DIGEST = (
    "Overview as of 5 p.m.: 9,000 customers without power in 7 outages. Hardest hit: Kanata (6,000 customers) and Barrhaven (900 customers).",
    "Le point à 17 h : 9 000 clients sans électricité, en 7 pannes. Secteurs les plus touchés : Kanata (6 000 clients) et Barrhaven (900 clients).",
)
BACK = ("Power is back in Kanata as of 9 p.m.", "Secteur Kanata : le courant est rétabli, selon les données de 21 h.")
T0 = NOW.timestamp()


def out(minute: float, customers: int, outage: str = "A", area: str = "K2K", **more: object) -> Step:
    """The source says that so many are out, or, with 0, that they have power again."""
    status = Status.ACTIVE if customers else Status.RESTORED
    one = event(outage, minute=minute, areas=(area,), customers_affected=customers, status=status, **more)
    return Step(NOW + timedelta(minutes=minute), [(OutageKey(outage), one)], NAMES)


def posted(*posts: tuple[float, str], status: int = 201, room_again_min: float = 0) -> list[Asked]:
    return [Asked(T0 + minute * 60, status, text, 0.015, T0 + max(minute, room_again_min) * 60) for minute, text in posts]


def both(minute: float, texts: Iterable[str], room_again_min: float = 0) -> list[Asked]:
    return posted(*((minute + number / 100, text) for number, text in enumerate(texts)), room_again_min=room_again_min)


def judged(steps: list[Step], record: list[Asked], tier: str = "pay-per-use", until_min: float = 600) -> Verdict:
    return check(steps, sorted(record, key=lambda asked: asked.at), account(tier).budgets(), Rules.of(DEFAULT), T0 + until_min * 60)


def test_a_storm_that_was_told_as_it_must_be_is_in_order() -> None:
    steps = [out(0, 600), out(10, 6_000), out(200, 0), out(300, 5_500, "B"), out(400, 90, "C", "K2J", cause=Cause.SAFETY)]
    warned = (text.replace("Kanata", "Barrhaven") for text in NOTICE)
    again = (text.replace("6,000", "5,500").replace("6 000", "5 500") for text in REPORT)
    verdict = judged(steps, [*both(10.5, REPORT), *both(201, BACK), *both(300.5, again), *both(400.5, warned)])
    assert verdict.wrong == []
    assert [(top.area, top.why, round(top.end - top.cause)) for top in verdict.told] == [
        ("K2K", "first_report", 31),
        ("K2K", "first_report", 31),
        ("K2J", "safety", 31),
    ]
    assert (verdict.posts, verdict.messages, verdict.updates, verdict.covered) == (8, 4, 5, 5)
    assert verdict.dollars == pytest.approx(8 * 0.015)


@pytest.mark.parametrize(
    ("record", "wrong"),
    [
        (both(12, REPORT), "1 top-priority messages later than 60 s of budget"),
        ([], "1 top-priority messages lost"),
        (posted((0.5, REPORT[0])), "1 top-priority messages lost"),  # French followers never heard it
        (both(0.5, (text.replace("Kanata", "Barrhaven") for text in REPORT)), "1 top-priority messages lost"),
        (both(0.5, (text.replace("Kanata", "Kanata North") for text in REPORT)), "1 top-priority messages lost"),
        (both(0.5, (text.partition("Hardest")[0].partition("Secteurs")[0] for text in DIGEST)), "1 top-priority messages lost"),
        ([*both(0.5, REPORT), *both(30, REPORT)], "2 texts out twice"),
        ([*both(0.5, REPORT), *posted((1, "one more"), status=429)], "1 requests over a limit"),
        ([*both(0.5, REPORT), *posted((1, "one more"), status=402)], "1 requests over a limit"),
        ([*both(0.5, REPORT), *posted(*((2 + number / 100, f"post {number}") for number in range(99)))], "1 posts over a limit"),
    ],
    ids=["late", "silent", "one-language", "another-area", "longer-name", "uncounted-in-a-digest", "twice", "limit", "unpaid", "unenforced"],
)
def test_planted_violations_are_found(record: list[Asked], wrong: str) -> None:
    assert judged([out(0, 6_000), out(20, 0)], record).wrong == [wrong]


def test_what_no_budget_had_room_for_is_neither_late_nor_lost() -> None:
    steps = [out(0, 6_000), out(20, 0), out(100, 7_000, "B", "K2J"), out(200, 0, "B", "K2J")]
    before = both(-5, ("something else", "autre chose"), room_again_min=8)
    late = (text.replace("Kanata", "Barrhaven") for text in REPORT)
    verdict = judged(steps, [*before, *both(8.5, REPORT, room_again_min=150), *both(150.5, late)])
    assert verdict.wrong == []
    assert [(round(top.end - top.cause), round(top.budget_s)) for top in verdict.told] == [
        (511, 30),
        (3_031, 31),
    ]  # room for the second language by itself is none
    assert judged(steps[:2], both(-5, ("a", "b"), room_again_min=25)).untold[0].budget_s == 0
    assert judged(steps[:2], both(-5, ("a", "b"), room_again_min=15)).lost


def test_nothing_else_may_use_the_budget_that_a_top_priority_message_waits_for() -> None:
    steps = [out(0, 6_000), out(5, 700, "B", "K2J"), out(20, 0)]
    small = (text.replace("Kanata", "Barrhaven") for text in REPORT)
    record = [*both(-5, ("a", "b"), room_again_min=8), *both(8.2, small, room_again_min=12), *both(12.3, REPORT, room_again_min=50)]
    assert judged(steps, record).wrong == ["1 messages before top-priority ones that waited"]


def test_a_digest_tells_a_first_report_that_it_names_but_warns_of_nothing() -> None:
    assert judged([out(0, 6_000)], both(0.5, DIGEST)).wrong == []
    assert judged([out(0, 90, cause=Cause.SAFETY)], both(0.5, DIGEST)).wrong == ["1 top-priority messages lost"]
    assert judged([out(0, 90, cause=Cause.SAFETY)], both(0.5, NOTICE)).wrong == []


def test_a_town_whose_name_changes_is_known_by_either() -> None:
    called = {AreaId("K2K"): AreaName("Kanata-Lakes")}
    steps = [out(0, 6_000), Step(NOW + timedelta(minutes=30), [], called)]
    assert judged(steps, both(0.5, REPORT)).wrong == []
    assert judged(steps, both(0.5, (text.replace("Kanata", "Kanata-Lakes") for text in REPORT))).wrong == []


def test_an_outage_that_flaps_is_one_and_one_that_begins_hours_later_is_new() -> None:
    assert judged([out(0, 6_000), out(60, 0), out(70, 6_000)], both(0.5, REPORT)).wrong == []
    assert judged([out(0, 6_000), out(60, 0), out(170, 6_000)], both(0.5, REPORT)).wrong == ["1 top-priority messages lost"]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("number", range(8))
def test_the_checker_reads_every_post_that_we_write(kind: Kind, number: int) -> None:
    """Of each kind, several posts: wordings change from one to the next."""
    about = AreaId("K0A") if number % 3 else UNPLACED
    area = EVERYWHERE if kind is Kind.DIGEST else about
    places = (Place(AreaId("K2K"), Count(900)), Place(AreaId("K0A"), Count(4, masked=True))) if kind is Kind.DIGEST and number else ()
    together = kind is Kind.DIGEST and number > 3
    cause = Cause.SAFETY if together and number > 5 else Cause.WEATHER
    facts = Facts(3, Count(5_250), NOW + timedelta(hours=number - 1), number % 2, cause, Count(9_000), places=places, urgent=together)
    post_id = f"{area}:{kind}:{number}"
    post = Post(post_id, area, kind, "", facts, Said(post_id, post_id, kind, NOW, 1, turn=number), tone=Tone.WARM if number % 2 else Tone.PLAIN)
    wordings: dict[Lang, Wording] = {lang: Wording(lang, "Example Hydro", "America/Toronto", "613-555-0188") for lang in LANGS}
    for lang, text in compose(post, name_of(NAMES, area), wordings, NOW, NOW, NAMES).items():
        reading = Reader(NAMES.items()).read(text)
        assert (reading.lang, reading.area) == (lang, None if kind is Kind.DIGEST else area), text
        assert reading.listed == {place.area for place in places}
        assert (reading.back, reading.planned, reading.safety) == (kind is Kind.RESTORED, kind is Kind.PLANNED, kind is Kind.SAFETY or cause is Cause.SAFETY), (
            text
        )
