"""A linked account: whose outage it is, and what is owed; never without it, and outage answers come whatever the directory does."""

import asyncio
import logging
from datetime import date, timedelta
from typing import Any

import pytest

from services.adapters.customers_memory import MemoryAccountTokens, MemoryCustomers
from services.kernel.customers import Account, Customer, CustomerId, Premise
from services.kernel.events import Point, Polygon
from services.kernel.ids import AreaId, OutageKey
from services.kernel.ports.alexa import MESSAGE_ALERT
from services.kernel.ports.outputs import Extents
from services.kernel.views import Extent
from services.kernel.waiting import Group
from services.voice.conversation.accounts import Accounts
from services.voice.conversation.turn import Outcome, Platform, Reply, Turn
from services.voice.understanding.question import Intent
from tests.voice_service import AREAS, NOW, Voice

GOOD = "good"
HOME = Premise("p-1", "12 Example Street", AreaId("k2g"), (-75.7, 45.4), ("station:A", "feeder:7F12"))
QUIET = Premise("p-2", "1 Quiet Lane", AreaId("trois-rivieres"), None, ("feeder:9",))
FEEDER = Extent(OutageKey("oms:1"), ("feeder:7f12",), estimated_restoration=NOW + timedelta(hours=1))
AROUND = Extent(OutageKey("oms:2"), (), Polygon([[[-75.8, 45.3], [-75.6, 45.3], [-75.6, 45.5], [-75.8, 45.5], [-75.8, 45.3]]]))
NEAR = Extent(OutageKey("oms:3"), (), Point([-75.7001, 45.4]))


class Stage:
    """A voice service that knows one customer, whose token is `good`."""

    def __init__(self, *premises: Premise, account: Account | None = None, extents: tuple[Extent, ...] = (), areas: list[Any] = AREAS) -> None:
        self.customers = MemoryCustomers([Customer(CustomerId("cust-1"), premises, account)])
        self.tokens = MemoryAccountTokens({GOOD: CustomerId("cust-1"), "of-nobody": CustomerId("cust-2")})
        self.voice = Voice(accounts=Accounts(self.tokens, self.customers))
        self.voice.publish(areas, extents=Extents({extent.key: extent for extent in extents}))

    async def reply(self, intent: Intent, token: str = GOOD, lang: Any = "en", platform: Platform = Platform.ALEXA, **more: Any) -> Reply:
        return await self.voice.conversation.answer(Turn(platform=platform, lang=lang, intent=intent, account=token, **more))

    def says(self, intent: Intent = Intent.OUTAGE_STATUS, token: str = GOOD, **more: Any) -> str:
        return asyncio.run(self.reply(intent, token, **more)).answer


@pytest.mark.parametrize(
    ("extents", "said"),
    [
        ((FEEDER, AROUND, NEAR), "Your address is on a circuit that is out. Power is expected back by 6:04 p.m."),
        ((AROUND, NEAR), "An outage covers your address. There is no estimate yet of when it will be back."),
        ((NEAR,), "There is an outage close by, but we can't tell whether it reaches your address."),
        ((), "There is an outage in your area; it may not reach your address. There are 3 power outages in K2G."),
    ],
)
def test_my_outage_is_by_circuit_then_shape_then_area(extents: tuple[Extent, ...], said: str) -> None:
    assert Stage(HOME, extents=extents).says().startswith(said)


def test_a_circuit_that_is_not_out_is_told_so_and_one_of_two_addresses_is_named() -> None:
    assert Stage(QUIET).says().startswith("We know of no outage at your address right now. Some outages have not been located yet.")
    assert Stage(QUIET, HOME, extents=(FEEDER,)).says().startswith("12 Example Street is on a circuit that is out.")
    assert Stage(HOME, extents=(FEEDER,)).says(lang="fr").startswith("Le circuit qui alimente votre adresse est en panne.")


@pytest.mark.parametrize(
    ("extents", "said", "group"),
    [
        ((FEEDER, AROUND), "when the outage on the circuit that supplies your address is over", "@oms:1"),
        ((AROUND, NEAR), "when the outage that covers your address is over", "@oms:2"),
        ((NEAR,), "when the outage close to your address, which may not reach it, is over", "@oms:3"),
        ((), "when the outage in K2G is over", "k2g"),
    ],
)
def test_who_asks_to_be_told_waits_for_their_own_outage(extents: tuple[Extent, ...], said: str, group: str) -> None:
    stage = Stage(HOME, extents=extents)
    asyncio.run(stage.voice.subscribers.put("amzn1.x", [MESSAGE_ALERT], NOW))
    told = [stage.says(Intent.SUBSCRIBE, asker="amzn1.x", lang=lang) for lang in ("en", "fr")]
    assert said in told[0]
    assert ("It may not reach your address." in told[0]) == (group == "k2g")
    assert "c'était déjà noté" in told[1]
    (waiter,) = stage.voice.waiting.waiting(Group(group), 9)
    assert HOME.address not in str(waiter)
    assert (waiter.lang, waiter.home and waiter.home.devices) == ("fr", HOME.devices if extents else None)
    assert "in Vancouver is over" in stage.says(Intent.SUBSCRIBE, asker="amzn1.x", place="Vancouver"), "a place that is named goes before"


def test_without_an_account_the_outage_where_the_device_is_is_waited_for() -> None:
    stage = Stage(HOME, extents=(AROUND,))
    asyncio.run(stage.voice.subscribers.put("amzn1.x", [MESSAGE_ALERT], NOW))
    assert "when the outage where you are now is over" in stage.says(Intent.SUBSCRIBE, "", asker="amzn1.x", point=(-75.7, 45.4), home="Vancouver")
    (waiter,) = stage.voice.waiting.waiting(Group("@oms:2"), 9)
    assert waiter.home is not None
    assert (waiter.home.where, waiter.home.point) == ("here", (-75.7, 45.4))
    assert "the outage in Vancouver" in stage.says(Intent.SUBSCRIBE, "", asker="amzn1.x", point=(-79.0, 45.4), home="Vancouver")


def test_there_is_no_waiting_for_an_address_that_is_not_out_and_a_directory_that_is_away_leaves_the_area() -> None:
    stage = Stage(QUIET)
    asyncio.run(stage.voice.subscribers.put("amzn1.x", [MESSAGE_ALERT], NOW))
    assert stage.says(Intent.SUBSCRIBE, asker="amzn1.x").startswith("We know of no outage at your address right now")
    stage.customers.down = True
    assert "in Orléans is over" in stage.says(Intent.SUBSCRIBE, asker="amzn1.x", home="Orléans")
    assert stage.voice.waiting.groups() == ["orleans"]


def test_a_place_that_is_named_is_answered_and_so_is_everywhere() -> None:
    stage = Stage(HOME, extents=(FEEDER,))
    assert stage.says(place="Vancouver").startswith("There are 2 power outages in Vancouver.")
    assert "across the area we serve" in stage.says(Intent.OUTAGE_COUNTS)


def test_without_an_account_the_place_of_the_device_is_looked_up_and_then_the_home() -> None:
    stage = Stage(HOME, extents=(AROUND,))
    assert stage.says(token="", point=(-75.7, 45.4)).startswith("You are in an area where the power is out.")
    assert stage.says(token="", point=(-79.0, 45.4), home="Vancouver").startswith("There are 2 power outages in Vancouver.")
    assert stage.says(token="", point=(-79.0, 45.4)).startswith("Which area are you in?")


@pytest.mark.parametrize("token", ["", "forged", "of-nobody"])
@pytest.mark.parametrize("intent", [Intent.ACCOUNT_BALANCE, Intent.NEXT_PAYMENT])
def test_nothing_of_an_account_is_said_without_it(token: str, intent: Intent) -> None:
    stage = Stage(HOME, account=Account(12_345, due_on=date(2018, 10, 3)))
    for lang in ("en", "fr"):
        reply = asyncio.run(stage.reply(intent, token, lang))
        assert not {"123", "45", "3"} & set(reply.answer.replace(".", " ").replace(",", " ").split())
        assert reply.needs_link == (token != "of-nobody")
    by_phone = asyncio.run(stage.reply(intent, token, "en", Platform.PHONE))
    assert not by_phone.needs_link
    assert "613-555-0100" in by_phone.answer


@pytest.mark.parametrize(
    ("account", "balance", "payment", "french"),
    [
        (
            Account(123_456, due_on=date(2018, 10, 1), next_payment_cents=4_200, next_payment_on=date(2018, 9, 22)),
            "Your balance is $1,234.56, due on October 1.",
            "Your next payment, $42.00, is due tomorrow.",
            "Votre solde est de 1 234,56 $, à payer le 1er octobre.",
        ),
        (
            Account(500, due_on=date(2018, 9, 20)),
            "Your balance is $5.00. It was due yesterday.",
            "A payment of $5.00 was due yesterday.",
            "Votre solde est de 5,00 $. L'échéance était hier.",
        ),
        (
            Account(500, due_on=date(2018, 9, 21)),
            "Your balance is $5.00, due today.",
            "Your next payment, $5.00, is due today.",
            "Votre solde est de 5,00 $, à payer aujourd'hui.",
        ),
        (Account(-500), "You have a credit of $5.00.", "You have no payment coming up.", "Vous avez un crédit de 5,00 $."),
        (Account(0), "You have nothing to pay.", "You have no payment coming up.", "Vous n'avez rien à payer."),
    ],
)
def test_balance_and_payment_in_both_languages(account: Account, balance: str, payment: str, french: str) -> None:
    stage = Stage(HOME, account=account)
    assert stage.says(Intent.ACCOUNT_BALANCE) == balance
    assert stage.says(Intent.NEXT_PAYMENT) == payment
    assert stage.says(Intent.ACCOUNT_BALANCE, lang="fr") == french


@pytest.mark.parametrize("away", ["tokens", "customers"])
def test_a_directory_that_is_away_costs_an_outage_answer_nothing(away: str, caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(HOME, account=Account(500), extents=(FEEDER,))
    getattr(stage, away).down = True
    with caplog.at_level(logging.DEBUG):
        assert stage.says(home="Vancouver").startswith("There are 2 power outages in Vancouver.")
        reply = asyncio.run(stage.reply(Intent.ACCOUNT_BALANCE))
    assert reply.outcome is Outcome.UNABLE
    assert reply.answer.startswith("I can't reach your account just now.")
    assert not reply.needs_link
    assert GOOD not in caplog.text


def test_nobody_is_a_customer_where_none_are_set_up() -> None:
    voice = Voice()
    voice.publish(AREAS)
    turn = Turn(platform=Platform.ASK, lang="en", intent=Intent.ACCOUNT_BALANCE, account=GOOD)
    assert asyncio.run(voice.conversation.answer(turn)).answer == "I have no account to look up for you. Call us at 613-555-0100."
