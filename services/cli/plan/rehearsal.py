"""One account through a storm, in the storm's own time."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from services.adapters.messages_folder import spoken_by
from services.cli.plan.storms import Step
from services.fanout.social_text import compose
from services.kernel.areas import AreaName, name_of
from services.kernel.board import Board, placed
from services.kernel.ids import AreaId
from services.kernel.messages import LANGS
from services.kernel.planning.agenda import Agenda
from services.kernel.planning.desk import Desk, Told
from services.kernel.planning.memory import Memory
from services.kernel.planning.outlook import Outlook
from services.kernel.planning.policy import Policy
from services.kernel.planning.spending import Purse
from services.kernel.planning.tiers import Terms
from services.kit.settings import Settings


class Message(Struct, frozen=True):
    """One message that would have gone out, in every language."""

    told: Told
    name: AreaName
    texts: dict[str, str]
    covers: int
    """Updates of its areas since they were last told of."""


class Rehearsal:
    """What an account with `terms` would have posted by `policy`. Memory holds what is open and what was posted, however long the storm."""

    def __init__(self, settings: Settings, policy: Policy, terms: Terms) -> None:
        self.terms, self.updates, self.messages = terms, 0, list[Message]()
        self.begun_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.out: list[tuple[datetime, int]] = []
        """Customers without power, moment by moment."""
        self._board, self._names = Board(settings.privacy_threshold), dict[AreaId, AreaName]()
        outlook = Outlook(self._board, self._names, self._board.standing)
        self.desk = Desk(policy, outlook, Purse(terms.limits), terms.cost(len(LANGS)), Memory(), {})
        self._agenda = Agenda(self.desk)
        self._wordings = spoken_by(settings)
        self._coalesce = timedelta(seconds=settings.social_coalesce_s)
        self._since_told: Counter[AreaId] = Counter()

    @property
    def coalesce(self) -> timedelta:
        """How long changes are gathered before they are looked at."""
        return self._coalesce

    def run(self, steps: Iterable[Step]) -> None:
        """All of the storm, and then until what was gathered last is looked at."""
        for step in steps:
            self._look_until(step.at)
            self._take(step)
        if self.ended_at is not None:
            self._look_until(self.ended_at + self._coalesce)

    def _take(self, step: Step) -> None:
        self.begun_at, self.ended_at = self.begun_at or step.at, step.at
        self._names.update(step.names)
        for key, event in step.changes:
            areas = self._board.apply(key, event) | set(placed(event.areas))
            self._agenda.due(areas, step.at + self._coalesce)
            self._since_told.update(areas)
        self.updates += len(step.changes)
        self.out.append((step.at, self._board.totals().customers.customers))

    def _look_until(self, end: datetime) -> None:
        while (at := self._agenda.next_at()) is not None and at <= end:
            self.messages += [self._message(told) for told in self._agenda.look(at)]

    def _message(self, told: Told) -> Message:
        post = told.post
        name = name_of(self._names, post.area)
        texts = compose(post, name, self._wordings, self.ended_at or told.at, told.at, self._names)
        covers = sum(self._since_told.pop(area, 0) for area in (post.area, *told.held))
        return Message(told, name, texts, covers)

    @property
    def dollars(self) -> float:
        """What the posts would have cost."""
        return self.terms.cost(len(LANGS) * len(self.messages)).dollars

    @property
    def dollars_with_links(self) -> float:
        """The same, had each held a link."""
        return self.terms.post_with_link * len(LANGS) * len(self.messages)

    @property
    def billed(self) -> str:
        """How the price comes to be."""
        return f"with a link in each ${self.dollars_with_links:,.2f}" if self.terms.post else "nothing by the post"

    @property
    def updates_a_post(self) -> float:
        """How many updates one message stands for."""
        return self.updates / len(self.messages) if self.messages else 0.0

    @property
    def emergencies(self) -> list[Message]:
        """Of the messages, those."""
        return [message for message in self.messages if message.told.post.emergency]

    @property
    def longest_wait(self) -> timedelta | None:
        """From the change to the post, of an emergency: the time that changes are gathered, and the wait for room."""
        waits = [message.told.at - message.told.offered_at + self._coalesce for message in self.emergencies]
        return max(waits, default=None)
