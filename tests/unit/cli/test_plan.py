"""`surgecast plan`: a storm rehearsed in its own time, as text and as a page that needs nothing else."""

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from services.adapters.policy_file import policy
from services.cli import storm
from services.cli.failure import Failure
from services.cli.plan.command import plan
from services.cli.plan.rehearsal import Rehearsal
from services.cli.plan.storms import Step, recorded
from services.cli.plan.timeline import written
from services.kernel.ids import EVERYWHERE, AreaId, OutageKey
from services.kernel.planning.posts import Kind
from services.kernel.planning.tiers import Terms, Tier, X, with_budget
from services.kit.settings import Settings

SETTINGS = Settings()
TICK = timedelta(microseconds=1)


def rehearsed(terms: Terms) -> Rehearsal:
    rehearsal = Rehearsal(SETTINGS, policy(SETTINGS), terms)
    rehearsal.run(Step(event.occurred_at, [(OutageKey(f"storm:{event.outage_id}"), event)]) for event in storm.storm())
    return rehearsal


@pytest.mark.parametrize("terms", [*X.values(), with_budget(X[Tier.PAY_PER_USE], 1.0)])
def test_no_tier_is_ever_overspent_and_no_emergency_lost(terms: Terms) -> None:
    rehearsal = rehearsed(terms)
    sent, cost = [message.told.at for message in rehearsal.messages], terms.cost(2)
    for limit in terms.limits:
        assert max(within(sent, at, limit.window) for at in sent) * cost.under(limit) <= limit.most + 1e-9
    assert rehearsal.desk.lapsed == []
    assert rehearsal.emergencies
    for message in rehearsal.emergencies:
        since = message.told.offered_at
        full = any((within(sent, since - limit.window + TICK, limit.window) + 1) * cost.under(limit) > limit.most for limit in terms.limits)
        assert message.told.at == since or full, "at once, but where nothing at all was left"
    ids = [message.told.post.id for message in rehearsal.messages]
    assert len(ids) == len(set(ids))
    assert all(set(message.texts) == {"en", "fr"} for message in rehearsal.messages)


def within(sent: list[datetime], begin: datetime, window: timedelta) -> int:
    return sum(begin <= at < begin + window for at in sent)


def test_where_posts_are_scarce_the_rest_is_told_together() -> None:
    scarce = rehearsed(X[Tier.BASIC])
    assert len(scarce.messages) <= 50
    digests = [message for message in scarce.messages if message.told.post.area == EVERYWHERE]
    assert digests
    assert digests[0].covers > 10
    assert len({message.texts["fr"] for message in digests}) == len(digests), "never the same again"
    assert len(rehearsed(X[Tier.PAY_PER_USE]).messages) > 100


class Reader(HTMLParser):
    """What a page refers to, and the languages it marks."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.langs: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "action", "xlink:href")]
        self.langs += [value or "" for name, value in attrs if name == "lang" and tag == "blockquote"]
        assert tag not in ("script", "link", "iframe", "img")
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ("rect", "polygon", "polyline")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_timeline_is_one_file_with_both_languages() -> None:
    rehearsal = rehearsed(X[Tier.FREE])
    page = written(rehearsal, "A <storm>", SETTINGS, Tier.FREE)
    reader = Reader()
    reader.feed(page)
    assert (reader.links, reader.open) == (["#posts"], [])
    assert reader.langs == ["en-CA", "fr-CA"] * len(rehearsal.messages)
    assert not re.search(r"url\(|@import|https?:", page)
    assert "A &lt;storm&gt;" in page


def test_a_recorded_storm_is_read_as_ingest_reads_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "storm.ndjson"
    record = '{"id":"1","numCustomersOut":%d,"municipality":"Delta","dateOff":1732075200000,"latitude":49.1,"longitude":-123.0}'
    lines = (",".join([*([record % customers] if customers else []), OTHER]) for customers in (700, 1_500, 0, 0))
    file.write_text("\n".join(PICTURE % (14 + at, records) for at, records in enumerate(lines)))
    steps = list(recorded(file, None, SETTINGS))
    assert [[event.status for key, event in step.changes if key == "storm:1"] for step in steps] == [["active"], ["active"], ["clearing"], ["restored"]]
    assert steps[0].names[AreaId("delta")].en == "Delta"
    plan(SETTINGS, file, None, Tier.PAY_PER_USE, None, None, tmp_path / "page.html")
    said = capsys.readouterr().out
    assert [kind for kind in Kind if f"{kind}, Delta" in said] == [Kind.FIRST_REPORT, Kind.GROWTH, Kind.RESTORED]
    assert "secteur Delta" in (tmp_path / "page.html").read_text()


PICTURE = '{"observed_at":"2024-11-20T%02d:00:00Z","format":"bchydro","records":[%s]}'
OTHER = '{"id":"2","numCustomersOut":7,"municipality":"Surrey","dateOff":1732075200000,"latitude":49.1,"longitude":-122.8}'


def test_a_policy_that_is_wrong_is_told_with_its_line(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("kinds:\n  growth: {}")
    with pytest.raises(Failure, match=r"own\.yaml, line 2: kinds\.growth: .*`value`"):
        plan(SETTINGS, None, None, Tier.FREE, None, own, None)
