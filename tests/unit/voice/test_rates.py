"""Is it a good time to do laundry?"""

import asyncio
import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from services.adapters.customers_memory import MemoryAccountTokens, MemoryCustomers
from services.kernel.customers import Account, Customer, CustomerId, Plan
from services.kernel.messages import LANGS, Lang
from services.voice.conversation.accounts import Accounts
from services.voice.conversation.turn import Platform, Reply, Turn
from services.voice.understanding.question import Intent
from tests.voice_service import Voice

ZONE = ZoneInfo("America/Toronto")


def rate(moment: datetime, lang: Lang = "en", plan: str = "", voice: Voice | None = None) -> Reply:
    voice = voice or Voice()
    voice.clock.moment = moment
    turn = Turn(platform=Platform.ALEXA, lang=lang, intent=Intent.RATE_NOW, slots={"plan": plan} if plan else {})
    return asyncio.run(voice.conversation.answer(turn))


@pytest.mark.parametrize(
    ("plan", "away", "said"),
    [
        (Plan.ULO, False, "It's not the cheapest time. On the ultra-low overnight plan it's mid-peak now"),
        (Plan.TIERED, False, "On the tiered plan it costs the same at any hour"),
        (Plan.ULO, True, "I can't look up your own plan just now. Better wait if you can. On time-of-use rates it's on-peak now"),
        (None, False, "I don't know which plan you are on. Better wait if you can. On time-of-use rates it's on-peak now"),
    ],
)
def test_a_linked_account_hears_of_its_own_plan_and_else_that_it_is_another(plan: Plan | None, away: bool, said: str) -> None:
    customers = MemoryCustomers([Customer(CustomerId("cust-1"), (), Account(0, plan=plan))])
    customers.down = away
    voice = Voice(accounts=Accounts(MemoryAccountTokens({"good": CustomerId("cust-1")}), customers))
    voice.clock.moment = datetime(2026, 7, 15, 12, tzinfo=ZONE)

    def told(token: str, **slots: str) -> str:
        turn = Turn(platform=Platform.ALEXA, lang="en", intent=Intent.RATE_NOW, account=token, slots=slots)
        return asyncio.run(voice.conversation.answer(turn)).answer

    assert told("good").startswith(said)
    assert told("good", plan="tou").startswith("Better wait"), "the plan that is named goes before"
    assert told("forged").startswith("Better wait"), "as if nothing were linked"


@pytest.mark.parametrize(
    ("moment", "plan", "en", "fr"),
    [
        (
            datetime(2026, 1, 14, 20, tzinfo=ZONE),
            "",
            "Yes, it's a good time. On time-of-use rates it's off-peak now, 9.8 cents a kilowatt-hour, until tomorrow at 7 a.m.",
            "Oui, c'est le bon moment. Avec le tarif selon l'heure, c'est la période creuse, à 9,8 cents le kilowattheure, jusqu'à demain à 7 h.",
        ),
        (
            datetime(2026, 7, 15, 12, tzinfo=ZONE),
            "tou",
            "Better wait if you can. On time-of-use rates it's on-peak now, 20.3 cents a kilowatt-hour, until 5 p.m. "
            "The next off-peak time starts at 7 p.m., at 9.8 cents.",
            "Mieux vaut attendre si vous le pouvez. Avec le tarif selon l'heure, c'est la période de pointe, à 20,3 cents le kilowattheure, jusqu'à 17 h. "
            "Ensuite, la période creuse commence à 19 h, à 9,8 cents.",
        ),
        (
            datetime(2026, 11, 27, 12, tzinfo=ZONE),
            "",
            "It's not the cheapest time. On time-of-use rates it's mid-peak now, until 5 p.m. "
            "The next off-peak time starts at 7 p.m. I don't have the current prices.",
            "Ce n'est pas le moment le moins cher. Avec le tarif selon l'heure, c'est la période médiane, jusqu'à 17 h. "
            "Ensuite, la période creuse commence à 19 h. Je n'ai pas les prix en vigueur.",
        ),
        (
            datetime(2026, 1, 14, 20, tzinfo=ZONE),
            "tiered",
            "On the tiered plan it costs the same at any hour: 12 cents a kilowatt-hour for a home's first 1,000 in a month, then 14.2.",
            "Avec le tarif par palier, le prix ne dépend pas de l'heure : 12 cents le kilowattheure pour les 1 000 premiers du mois à la maison, puis 14,2.",
        ),
    ],
)
def test_it_says_whether_to_wait_what_it_costs_and_when_it_is_cheap(moment: datetime, plan: str, en: str, fr: str) -> None:
    assert rate(moment, "en", plan).answer == en
    assert rate(moment, "fr", plan).answer == fr


def test_a_plan_that_nobody_knows_is_asked_back() -> None:
    reply = rate(datetime(2026, 1, 14, 20, tzinfo=ZONE), plan="flat")
    assert (reply.open, "ultra-low overnight plan" in reply.answer) == (True, True)


def test_both_languages_name_the_same_prices_at_every_hour_of_a_week() -> None:
    start, voice = datetime(2026, 3, 2, 0, 30, tzinfo=ZONE), Voice()
    for plan in ("tou", "ulo"):
        for hour in range(0, 168, 5):
            told = [rate(start + timedelta(hours=hour), lang, plan, voice).answer.replace(",", ".") for lang in LANGS]
            en, fr = (re.findall(r"\d+\.\d", text) for text in told)
            assert en == fr
