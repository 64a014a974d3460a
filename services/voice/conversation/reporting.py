"""Reports to the crew desk. A hazard's safety words come first and always; what was passed on is said only where it is on disk."""

from services.kernel.customers import Premise
from services.kernel.outage import Acceptance
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.reports import Reports
from services.kernel.reports import Kind, Report, said_of
from services.kit import metrics
from services.kit.askers import Askers
from services.voice.conversation.accounts import Accounts
from services.voice.conversation.answerer import Asked
from services.voice.conversation.mine import with_known_area
from services.voice.conversation.turn import Outcome, Said
from services.voice.understanding.question import Intent

_KINDS = {Intent.REPORT_OUTAGE: Kind.OUTAGE, Intent.REPORT_HAZARD: Kind.HAZARD}
_TAKEN = {Acceptance.ACCEPTED: "report-passed-on", Acceptance.DUPLICATE: "report-again"}


class ReportAnswers:
    """Meets `Answerer`. Waits no longer than the reports and the accounts do."""

    intents = tuple(_KINDS)

    def __init__(self, reports: Reports | None, accounts: Accounts, askers: Askers, said_max: int) -> None:
        """Without `reports` people are told whom to call."""
        self._reports, self._accounts, self._askers, self._said_max = reports, accounts, askers, said_max

    async def answer(self, asked: Asked) -> Said:
        """Meets `Answerer.answer`."""
        kind = _KINDS[asked.intent]
        if self._reports is None or asked.turn.only_reads:
            return Said(_call_us(asked, kind))
        report = await self._report(asked, kind)
        if report is None:
            return Said(_with_safety(asked, kind, "report-where"), Outcome.ASKED_BACK, waits_for_place=True, open=True)
        try:
            outcome = await self._reports.take(report)
        except Unavailable:
            metrics.REPORTS.labels(kind, "unavailable").inc()
            return Said(_call_us(asked, kind), Outcome.UNABLE)
        metrics.REPORTS.labels(kind, outcome).inc()
        if outcome not in _TAKEN:
            return Said(_call_us(asked, kind), Outcome.SHED)
        return Said(_with_safety(asked, kind, _TAKEN[outcome]))

    async def _report(self, asked: Asked, kind: Kind) -> Report | None:
        """What to pass on; None where it isn't known where. A hazard is seldom at home: where it is has to be said."""
        turn, area, premise, where = asked.turn, asked.place.area, "", asked.said
        if not asked.named:
            if kind is Kind.HAZARD:
                return None
            if (home := await self._home(asked)) is not None:
                premise, where, area = home.id, "", home.area
            elif turn.memory.place:
                where, area = turn.memory.place, asked.gazetteer.named(turn.memory.place).area
            elif not turn.home:  # `region` is a guess
                return None
        said, who = said_of(turn.words or turn.place or where, self._said_max), self._askers.name(turn.platform, turn.asker or turn.session)
        return Report(kind, said, turn.platform, asked.lang, asked.now, who, area, premise)

    async def _home(self, asked: Asked) -> Premise | None:
        """The premise of whoever has linked an account; None where they have none, or several."""
        if not asked.turn.account:
            return None
        customer = (await self._accounts.asker(asked.turn)).customer
        return with_known_area(customer.premises[0], asked) if customer is not None and len(customer.premises) == 1 else None


def _with_safety(asked: Asked, kind: Kind, then: str) -> str:
    tail = asked.wording.say(then, kind=kind)
    return f"{asked.wording.say('report-hazard')} {tail}" if kind is Kind.HAZARD else tail


def _call_us(asked: Asked, kind: Kind) -> str:
    return asked.wording.say("voice-hazard" if kind is Kind.HAZARD else "voice-report")
