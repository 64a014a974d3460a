"""A rehearsed storm as one HTML file: nothing from elsewhere, for phones and screen readers too."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.cli.plan.rehearsal import Message, Rehearsal
from services.kernel.ids import EVERYWHERE, UNPLACED
from services.kernel.messages import LANGS
from services.kernel.planning.posts import Kind
from services.kernel.planning.spending import Left
from services.kernel.planning.tiers import Tier
from services.kit.settings import Settings

NAMES = {
    Kind.SAFETY: "Safety notice",
    Kind.FIRST_REPORT: "First report",
    Kind.GROWTH: "Growth",
    Kind.RESTORED: "Restored",
    Kind.MISSED: "Estimate missed",
    Kind.HALF_RESTORED: "Half restored",
    Kind.ESTIMATE: "Estimate",
    Kind.CAUSE: "Cause known",
    Kind.PLANNED: "Planned work",
    Kind.DIGEST: "Digest",
}
WIDTH, HEIGHT, LANE, MARK = 1_000, 200, 26, 2.5
"""Of the picture: the curve, and below it the lane of posts, each a mark so wide."""
POINTS_MAX = 500


def written(rehearsal: Rehearsal, title: str, settings: Settings, tier: Tier) -> str:
    """The page."""
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    zone = ZoneInfo(settings.timezone)
    return environment.get_template("timeline.html").render(
        title=title,
        zone=settings.timezone,
        utility=settings.utility_name,
        figures=_figures(rehearsal, tier),
        picture=_picture(rehearsal, zone),
        days=[(f"{day:%A}, {day:%B} {day.day}, {day.year}", list(rows)) for day, rows in groupby(_rows(rehearsal, zone), key=lambda row: row["at"].date())],
        kinds=[(kind, NAMES[kind], count) for kind, count in Counter(message.told.post.kind for message in rehearsal.messages).most_common()],
        emergencies=len(rehearsal.emergencies),
        waiting=len(rehearsal.desk.untold()),
    )


def _figures(rehearsal: Rehearsal, tier: Tier) -> list[tuple[str, str, str]]:
    messages, longest = len(rehearsal.messages), rehearsal.longest_wait
    slowest = f"the slowest {span_in_words(longest)} after its cause" if longest is not None else "there were none"
    return [
        ("Updates", f"{rehearsal.updates:,}", "from the source"),
        ("Messages", f"{messages:,}", f"each in {len(LANGS)} languages: {messages * len(LANGS):,} posts"),
        ("Updates covered", f"{rehearsal.updates_a_post:,.1f}", "by each message"),
        ("Price", f"${rehearsal.dollars:,.2f}", f"{tier}; {rehearsal.billed}"),
        ("Emergencies", f"{len(rehearsal.emergencies):,}", f"{slowest}; {len(rehearsal.desk.lapsed)} never told"),
    ]


def _rows(rehearsal: Rehearsal, zone: ZoneInfo) -> list[dict[str, Any]]:
    begun = {message.told.post.id: message.told.at for message in rehearsal.messages}
    return [_row(message, begun, zone, number) for number, message in enumerate(rehearsal.messages, 1)]


def _row(message: Message, begun: dict[str, datetime], zone: ZoneInfo, number: int) -> dict[str, Any]:
    told, post = message.told, message.told.post
    answers = begun.get(post.said.thread) if post.said.thread != post.id else None
    notes = [f"worth {post.value:.0f}" + (f", had to be worth {told.bid:.0f}" if told.bid else ""), post.reason]
    if answers is not None:
        notes.append(f"answers the post of {answers.astimezone(zone):%b %d, %H:%M}")
    if told.at > told.offered_at:
        notes.append(f"waited {span_in_words(told.at - told.offered_at)} for its turn")
    if post.approval:
        notes.append("people approve it first")
    return {
        "id": f"m{number}",
        "at": told.at.astimezone(zone),
        "kind": post.kind,
        "kind_name": NAMES[post.kind],
        "emergency": post.emergency,
        "where": "All areas" if post.area == EVERYWHERE else "Without a place" if post.area == UNPLACED else message.name.en,
        "texts": message.texts,
        "notes": notes,
        "covers": message.covers,
        "left": budgets_left(told.left),
    }


def _picture(rehearsal: Rehearsal, zone: ZoneInfo) -> dict[str, Any]:
    out, begun = rehearsal.out, rehearsal.out[0][0]
    ended = max(out[-1][0], *(message.told.at for message in rehearsal.messages)) if rehearsal.messages else out[-1][0]
    span_s = max((ended - begun).total_seconds(), 1.0)
    most_at, most = max(out, key=lambda point: point[1])

    def across(at: datetime) -> float:
        return round((at - begun).total_seconds() / span_s * WIDTH, 1)

    points = [(across(at), round(HEIGHT - customers / max(most, 1) * (HEIGHT - 4), 1)) for at, customers in _thinned(out)]
    return {
        "curve": " ".join(f"{x},{y}" for x, y in points),
        "area": f"0,{HEIGHT} " + " ".join(f"{x},{y}" for x, y in points) + f" {points[-1][0]},{HEIGHT}",
        "marks": [(min(across(message.told.at), WIDTH - MARK), message.told.post.kind, message.told.post.emergency) for message in rehearsal.messages],
        "width": WIDTH,
        "height": HEIGHT,
        "lane": LANE,
        "mark": MARK,
        "most": f"{most:,}",
        "most_at": f"{most_at.astimezone(zone):%b %d, %H:%M}",
        "ticks": [f"{(begun + (ended - begun) * share / 2).astimezone(zone):%b %d, %H:%M}" for share in range(3)],
    }


def _thinned(points: Sequence[tuple[datetime, int]]) -> list[tuple[datetime, int]]:
    """Of each stretch its highest point, and the last of all."""
    step = max(len(points) // POINTS_MAX, 1)
    return [max(points[at : at + step], key=lambda point: point[1]) for at in range(0, len(points), step)] + [points[-1]]


def clock_in(settings: Settings, at: datetime) -> str:
    """Date and time on the utility's clocks."""
    return f"{at.astimezone(ZoneInfo(settings.timezone)):%Y-%m-%d %H:%M:%S}"


def budgets_left(lefts: Sequence[Left]) -> str:
    """How much is left of each limit: 96 of 100 in 15 min."""

    def amount(left: Left, number: float) -> str:
        return f"${number:,.2f}" if left.limit.money else f"{number:,.0f}"

    return ", ".join(f"{amount(left, left.left)} of {amount(left, left.limit.most)} in {span_in_words(left.limit.window)}" for left in lefts)


def span_in_words(span: timedelta) -> str:
    """45 s, 15 min, 24 h, 30 days."""
    seconds = span.total_seconds()
    for unit, name in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * unit or (seconds == unit and name == "h"):
            return f"{seconds / unit:.3g} {name}"
    return f"{seconds:.0f} s"
