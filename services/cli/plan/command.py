"""`surgecast plan`."""

import sys
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.adapters.policy_file import PolicyError, policy
from services.cli import storm
from services.cli.failure import Failure
from services.cli.plan.rehearsal import Message, Rehearsal
from services.cli.plan.storms import SOURCE, Step, recorded
from services.cli.plan.timeline import budgets_left, clock_in, span_in_words, written
from services.kernel.ids import EVERYWHERE, outage_key
from services.kernel.messages import LANGS
from services.kernel.planning.tiers import Tier, X, with_budget
from services.kit.settings import Settings


def plan(settings: Settings, file: Path | None, format_name: str | None, tier: Tier, dollars: float | None, own: Path | None, html: Path | None) -> None:
    """Show what would have been posted of the storm in `file`, or of the demo storm. Raises `Failure`."""
    if own is not None:
        settings = settings.model_copy(update={"social_policy": own})
    try:
        rules = policy(settings)
    except PolicyError as error:
        raise Failure(f"{error}. docs/messages.md explains each line.") from None
    rehearsal = Rehearsal(settings, rules, X[tier] if dollars is None else with_budget(X[tier], dollars))
    demo = (Step(event.occurred_at, [(outage_key(SOURCE, event.outage_id), event)]) for event in storm.storm())
    rehearsal.run(demo if file is None else recorded(file, format_name, settings))
    if rehearsal.begun_at is None:
        raise Failure(f"{file} holds no pictures and no events.")
    console = Console(highlight=False)
    _show(console, rehearsal, settings, tier)
    if html is not None:
        title = file.name.partition(".")[0] if file else "the demo storm"
        page = written(rehearsal, title, settings, tier)
        if html == Path("-"):
            sys.stdout.write(page)
            return
        try:
            html.write_text(page, encoding="utf-8")
        except OSError as error:
            raise Failure(f"{html} can't be written: {error.strerror}.") from None
        console.print(f"The timeline is in {html}.", markup=False)


def _show(console: Console, rehearsal: Rehearsal, settings: Settings, tier: Tier) -> None:
    for message in rehearsal.messages:
        _show_message(console, message, settings)
    posts, lapsed, waiting = len(rehearsal.messages) * len(LANGS), len(rehearsal.desk.lapsed), rehearsal.desk.untold()
    table = Table(box=None, show_header=False)
    table.add_row("updates", f"{rehearsal.updates:,}")
    table.add_row("messages", f"{len(rehearsal.messages):,}, each in {len(LANGS)} languages: {posts:,} posts")
    table.add_row("updates covered", f"{rehearsal.updates_a_post:,.1f} a message")
    table.add_row("kinds", ", ".join(f"{count} {kind}" for kind, count in Counter(message.told.post.kind for message in rehearsal.messages).most_common()))
    table.add_row("price", f"${rehearsal.dollars:,.2f} ({tier}); {rehearsal.billed}")
    longest = rehearsal.longest_wait
    told = f"{len(rehearsal.emergencies)} told" + (f", the slowest {span_in_words(longest)} after its cause" if longest is not None else "")
    table.add_row("emergencies", f"{told}; {lapsed} never told")
    table.add_row("still waiting", f"{len(waiting)}")
    console.print(table)


def _show_message(console: Console, message: Message, settings: Settings) -> None:
    told, post = message.told, message.told.post
    where = "all areas" if post.area == EVERYWHERE else message.name.en
    asked = f"; had to be worth {told.bid:.0f}" if told.bid else ""
    why = f"worth {post.value:.0f}{asked}; covers {message.covers}; left: {budgets_left(told.left)}"
    console.print(f"{clock_in(settings, told.at)}  {post.kind}, {where}  ({why})", markup=False, soft_wrap=True)
    for lang, text in message.texts.items():
        console.print(f"    {lang}  {text}", markup=False, soft_wrap=True)
