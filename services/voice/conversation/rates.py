"""Is it a good time to do laundry: what electricity costs now, and when it is cheapest next."""

from datetime import datetime

from services.kernel.messages import Lang
from services.kernel.rates import Period, Tariff
from services.voice.conversation.accounts import Accounts, Standing
from services.voice.conversation.answerer import Asked
from services.voice.conversation.turn import Outcome, Said
from services.voice.understanding.question import Intent


class RateAnswers:
    """Meets `Answerer`: from the tariff in memory. Only who has linked an account may wait, no longer than the directory may take, for their plan."""

    intents = (Intent.RATE_NOW,)

    def __init__(self, tariff: Tariff, usual_plan: str, accounts: Accounts) -> None:
        """`usual_plan` is told to whoever names none and whose own isn't known: the answer says which plan it is about."""
        self._tariff, self._usual, self._accounts = tariff, usual_plan, accounts
        self._minute: datetime | None = None
        self._said: dict[tuple[Lang, str], str] = {}
        """What was said this minute: periods begin with an hour, and many ask."""

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        plan, unknown = asked.turn.slots.get("plan", ""), ""
        if not plan:
            plan, unknown = await self._own(asked)
        if plan in self._tariff.plans:
            return Said(unknown + self._this_minute(asked, plan))
        if plan in self._tariff.tiers:
            return Said(unknown + self._tiered(asked, plan))
        known = asked.wording.list([asked.wording.say("rate-plan", plan=name) for name in (*self._tariff.plans, *self._tariff.tiers)])
        return Said(asked.wording.say("rate-no-plan", plans=known), Outcome.ASKED_BACK, open=True)

    async def _own(self, asked: Asked) -> tuple[str, str]:
        """The plan of the asker's account, else the usual one, and what is said of that."""
        if not asked.turn.account:
            return self._usual, ""
        asker = await self._accounts.asker(asked.turn)
        account = asker.customer.account if asker.customer is not None else None
        if account is not None and account.plan is not None and (account.plan in self._tariff.plans or account.plan in self._tariff.tiers):
            return account.plan, ""
        if asker.standing is Standing.UNLINKED:
            return self._usual, ""
        return self._usual, asked.wording.say("rate-plan-unknown", why="away" if asker.standing is Standing.AWAY else "none") + " "

    def _this_minute(self, asked: Asked, plan: str) -> str:
        minute, key = asked.now.replace(second=0, microsecond=0), (asked.lang, plan)
        if minute != self._minute:
            self._minute, self._said = minute, {}
        if key not in self._said:
            self._said[key] = self._hourly(asked, plan)
        return self._said[key]

    def _hourly(self, asked: Asked, plan: str) -> str:
        wording, now = asked.wording, asked.now
        period, cheapest = self._tariff.now(plan, now), self._tariff.next_cheapest(plan, now)
        rank, dearest = self._tariff.cheapness(plan, period), len(self._tariff.plans[plan].cheapest_first) - 1
        level = "cheapest" if rank == 0 else "dearest" if rank == dearest else "between"
        named = wording.say("rate-plan", plan=plan)
        told = [wording.say("rate-now", level=level, plan=named, until=wording.when(period.until, now), **self._priced(asked, period))]
        if cheapest is not None:
            told.append(wording.say("rate-next", start=wording.at(cheapest.since, now), **self._priced(asked, cheapest)))
        if period.price is None:
            told.append(wording.say("rate-unpriced"))
        return " ".join(told)

    def _tiered(self, asked: Asked, plan: str) -> str:
        wording, day = asked.wording, self._tariff.day(asked.now)
        lower, higher = (self._tariff.price(plan, tier, day) for tier in ("lower", "higher"))
        priced = lower is not None and higher is not None
        tier = self._tariff.tier(plan, asked.now)
        return wording.say(
            "rate-tiered",
            plan=wording.say("rate-plan", plan=plan),
            priced="yes" if priced else "no",
            lower=wording.decimal(lower or 0),
            higher=wording.decimal(higher or 0),
            home=wording.number(tier.home),
        )

    @staticmethod
    def _priced(asked: Asked, period: Period) -> dict[str, str]:
        name = asked.wording.say("rate-period", period=period.name)
        priced = "no" if period.price is None else "yes"
        return {"period": name, "priced": priced, "price": asked.wording.decimal(period.price or 0)}
