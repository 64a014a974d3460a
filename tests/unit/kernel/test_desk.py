"""One account's desk: the most urgent first, what doesn't fit held back and told together, emergencies always."""

from datetime import datetime, timedelta

import msgspec

from services.adapters.policy_file import policy
from services.kernel.board import Board
from services.kernel.events import Cause, Status
from services.kernel.ids import EVERYWHERE, OutageKey
from services.kernel.planning.agenda import Agenda
from services.kernel.planning.desk import Desk, Told
from services.kernel.planning.memory import Memory
from services.kernel.planning.outlook import Outlook
from services.kernel.planning.policy import Policy
from services.kernel.planning.posts import Kind
from services.kernel.planning.spending import Cost, Limit, Purse
from services.kit.settings import Settings
from tests.builders import NOW, event

POLICY = msgspec.structs.replace(policy(Settings()), quiet=None)


class Storm:
    """A board and a desk on a clock."""

    def __init__(self, posts: int, rules: Policy = POLICY) -> None:
        self.board, self.now = Board(5), NOW
        outlook = Outlook(self.board, {}, self.board.standing)
        self.desk = Desk(rules, outlook, Purse([Limit(timedelta(hours=24), posts)]), Cost(1), Memory(), {})
        self.agenda = Agenda(self.desk)
        self.told: list[Told] = []

    def hear(self, area: str, customers: int, status: Status = Status.ACTIVE, outage: str = "", cause: Cause = Cause.UNKNOWN) -> None:
        one = outage or area
        happened = event(one, areas=(area,), customers_affected=customers, status=status, event_id=f"{self.now}{one}", cause=cause)
        self.agenda.due(self.board.apply(OutageKey(f"s:{outage or area}"), happened) | set(happened.areas), self.now)

    def until(self, end: datetime) -> list[Told]:
        since = len(self.told)
        while (at := self.agenda.next_at()) is not None and at <= end:
            self.now = max(at, self.now)
            self.told += self.agenda.look(self.now)
        self.now = end
        return self.told[since:]


def test_with_room_for_all_the_most_urgent_goes_first() -> None:
    storm = Storm(100)
    for area, customers in (("a", 600), ("b", 9_000), ("c", 700)):
        storm.hear(area, customers)
    assert [told.post.area for told in storm.until(NOW)] == ["b", "c", "a"]


def test_what_doesnt_fit_is_told_together_and_emergencies_take_the_reserve() -> None:
    storm = Storm(10)
    for number in range(20):
        storm.hear(f"area{number}", 600 + number)
    first = storm.until(NOW)
    assert 0 < len(first) < 10, "one is kept back, and more of the kind are to be expected"
    storm.hear("large", 8_000)
    assert [told.post.emergency for told in storm.until(NOW + timedelta(minutes=1))] == [True]
    digests = [told for told in storm.until(NOW + timedelta(hours=3)) if told.post.area == EVERYWHERE]
    assert digests
    assert digests[0].post.facts.places[0].area == "large"
    assert len(digests[0].held) == 20 - len(first), "all that were held back"
    assert digests[0].post.facts.customers.customers == sum(600 + number for number in range(20)) + 8_000
    storm.hear("larger", 9_000)
    storm.until(NOW + timedelta(hours=4))
    assert len(storm.told) <= 10


def test_more_emergencies_than_there_is_room_for_are_told_together_first() -> None:
    storm = Storm(3)
    for number in range(5):
        storm.hear(f"area{number}", 6_000 + number)
    told = storm.until(NOW + timedelta(hours=1))
    assert [one.post.area for one in told] == [EVERYWHERE, "area0"], "those that a digest names take no more than others on a post of their own"
    assert told[0].post.emergency
    assert told[0].held == tuple(place.area for place in told[0].post.facts.places) == ("area4", "area3", "area2", "area1")
    assert (told[0].post.facts.urgent, told[0].post.facts.cause) == (True, Cause.UNKNOWN)
    storm.hear("later", 7_000)
    assert [one.post.area for one in storm.until(NOW + timedelta(hours=1, minutes=1))] == ["later"], "those that were told together have left room for it"
    for number in range(5):
        storm.hear(f"area{number}", 6_000 + number, Status.CANCELLED)
    storm.until(NOW + timedelta(hours=2))
    assert (storm.desk.untold(), storm.desk.lapsed) == ([], [])


def test_emergencies_that_one_picture_lacks_are_not_named_again_when_the_next_has_them() -> None:
    storm = Storm(12)
    for status in (Status.ACTIVE, Status.CLEARING, Status.ACTIVE):
        for number in range(9):
            storm.hear(f"area{number}", 6_000 + number, status)
        storm.until(storm.now + timedelta(minutes=10))
    places = [place.area for told in storm.told for place in told.post.facts.places if told.post.facts.urgent]
    assert len(places) == len(set(places)) >= 4
    assert storm.desk.lapsed == []


def test_digests_name_emergencies_by_the_dozen_until_there_is_room_for_the_rest() -> None:
    """Each of a sort: matters of safety first, by name alone."""
    storm = Storm(6)
    for number in range(40):
        storm.hear(f"safe{number:02}", 60, cause=Cause.SAFETY)
    storm.hear("large1", 9_000)
    storm.hear("large2", 8_000)
    told = storm.until(NOW)
    together = [one for one in told if one.post.area == EVERYWHERE]
    assert [one.post.facts.cause for one in together] == [Cause.SAFETY] * 3 + [Cause.UNKNOWN]
    named = [place.area for one in together for place in one.post.facts.places]
    alone = [one.post.area for one in told if one.post.area != EVERYWHERE]
    assert sorted([*named, *alone]) == sorted([*(f"safe{number:02}" for number in range(40)), "large1", "large2"]), "each once"
    assert len({one.post.id for one in told}) == len(told) <= 6


def test_a_restoration_that_was_held_back_is_told_later() -> None:
    storm = Storm(2, msgspec.structs.replace(POLICY, reserve=0.0, digests=None))
    storm.hear("a", 600)
    assert len(storm.until(NOW + timedelta(minutes=31))) == 1
    storm.hear("a", 600, Status.RESTORED)
    assert storm.until(NOW + timedelta(hours=1)) == [], "another first report would be worth more"
    assert [post.kind for post in storm.desk.untold()] == [Kind.RESTORED]
    assert [(told.post.area, told.post.kind) for told in storm.until(NOW + timedelta(hours=25))] == [("a", Kind.RESTORED)]
    assert (storm.desk.untold(), storm.desk.lapsed) == ([], [])
