"""Answers about an account: only for whoever has linked it. What is said is for them alone: none of it is logged or counted."""

from datetime import date, datetime, time
from decimal import Decimal

from babel.numbers import format_currency

from services.kernel.customers import Account
from services.kernel.messages import LOCALE, NO_BREAK, Wording
from services.voice.conversation.accounts import Accounts, Standing
from services.voice.conversation.answerer import Asked
from services.voice.conversation.turn import Outcome, Platform, Said
from services.voice.understanding.question import Intent

_WAY = {Platform.ALEXA: "alexa", Platform.PHONE: "call", Platform.SMS: "call"}
"""How an account is linked from where somebody asks; from a telephone it can't be."""


class AccountAnswers:
    """What is my balance; when is my next payment due. Meets `Answerer`."""

    intents = (Intent.ACCOUNT_BALANCE, Intent.NEXT_PAYMENT)

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        asker, wording = await self._accounts.asker(asked.turn), asked.wording
        if asker.standing is Standing.UNLINKED:
            way = _WAY.get(asked.turn.platform, "link")
            return Said(wording.say("account-link", way=way), Outcome.ASKED_BACK, needs_link=way != "call", hands_over=way == "call")
        if asker.standing is Standing.AWAY:
            return Said(wording.say("account-away"), Outcome.UNABLE)
        account = asker.customer.account if asker.customer is not None else None
        if account is None:
            return Said(wording.say("account-closed"), Outcome.UNABLE)
        today = asked.now.astimezone(wording.zone).date()
        told = balance(wording, account, today) if asked.intent is Intent.ACCOUNT_BALANCE else next_payment(wording, account, today)
        return Said(told)


def balance(wording: Wording, account: Account, today: date) -> str:
    """What is owed, or in credit, and by when."""
    cents = account.balance_cents
    state = "owed" if cents > 0 else "credit" if cents < 0 else "zero"
    due = _due(account.due_on, today) if cents > 0 else "none"
    day = _day(wording, account.due_on, today)
    return wording.say("account-balance", state=state, amount=amount(wording, abs(cents), account.currency), due=due, day=day)


def next_payment(wording: Wording, account: Account, today: date) -> str:
    """How much is to be paid next, and by when; what is due now where nothing else is planned."""
    cents, on = account.next_payment_cents, account.next_payment_on
    if not cents or on is None:
        cents, on = max(0, account.balance_cents), account.due_on
    if not cents or on is None:
        return wording.say("account-next", due="none", amount="", day="")
    return wording.say("account-next", due=_due(on, today), amount=amount(wording, cents, account.currency), day=_day(wording, on, today))


def amount(wording: Wording, cents: int, currency: str) -> str:
    """An amount of money as this language writes it: $1,234.50 or 1 234,50 $."""
    text = str(format_currency(Decimal(cents) / 100, currency, locale=LOCALE[wording.lang]))
    return text.replace(NO_BREAK, " ").replace("\u202f", " ") if wording.spoken else text


def _due(on: date | None, today: date) -> str:
    return "none" if on is None else "passed" if on < today else "ahead"


def _day(wording: Wording, on: date | None, today: date) -> str:
    """The day as an adverb: today, tomorrow, on September 21."""
    if on is None:
        return ""
    noon, now = (datetime.combine(day, time(12), wording.zone) for day in (on, today))
    day = wording.day(noon, now)
    return wording.say("account-day", near="today" if not day else "near" if abs((on - today).days) == 1 else "date", day=day)
