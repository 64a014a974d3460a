"""`surgecast questions`: the report as tables, JSON or a page."""

import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import msgspec
from jinja2 import Environment, PackageLoader
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.adapters.asked_redis import RedisAskedCounts
from services.adapters.asked_sql import SqlAskedArchive
from services.adapters.redis_link import sync_link
from services.cli.failure import Failure
from services.cli.questions.report import Report, report
from services.kernel.asked import Phrase, Tallied
from services.kernel.messages import Lang, wordings
from services.kernel.ports.failures import Unavailable
from services.kit.clock import SystemClock
from services.kit.settings import Settings


def questions(settings: Settings, days: float, most: int, *, as_json: bool, page: Path | None, lang: Lang) -> None:
    """Show what was asked in the last `days`; with `page`, write it there as HTML in `lang`. Raises `Failure` where neither Redis nor the ledger answers."""
    found = _found(settings, days, most)
    if page is not None:
        try:
            page.write_text(html(found, settings, lang), encoding="utf-8")
        except OSError as error:
            raise Failure(f"{page} can't be written: {error.strerror}.") from None
    if as_json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(found)).decode() + "\n")
    elif page is None:
        show(Console(), found, settings)


def _found(settings: Settings, days: float, most: int) -> Report:
    """From the ledger what it has, from Redis what is newer; either may be down."""
    now = SystemClock().now()
    since = now - timedelta(days=days)
    archive = SqlAskedArchive(settings.ledger, settings.ledger_timeout_s)
    troubles: list[str] = []
    counts: dict[Tallied, int] = {}
    phrases: Mapping[Phrase, int] = {}
    try:
        counts.update(archive.read(since))
    except Unavailable as error:
        troubles.append(f"the ledger: {error}")
    finally:
        archive.close()
    try:
        with sync_link(settings) as link:
            live = RedisAskedCounts(link, SystemClock())
            for tallied, count in live.counts(since).items():
                counts[tallied] = max(count, counts.get(tallied, 0))
            phrases = live.phrases(since)
    except Unavailable as error:
        troubles.append(f"Redis: {error}")
    if len(troubles) == 2:
        raise Failure(f"What was asked can't be read. {'; '.join(troubles)}.")
    for trouble in troubles:
        sys.stderr.write(f"surgecast: without {trouble}\n")
    return report(counts, phrases, since, now, most)


def show(console: Console, found: Report, settings: Settings) -> None:
    """For a terminal."""
    say = wordings(settings.utility, settings.timezone)["en"].say
    console.print(f"{found.turns:,} turns since {found.since:%Y-%m-%d %H:%M} UTC, {found.understood:.1%} understood.", markup=False, highlight=False)
    asked = Table("Asked", "Turns", "Share", "Ended in", title="What people ask", title_justify="left")
    for line in found.asked:
        ended = ", ".join(f"{what} {count:,}" for what, count in sorted(line.endings.items(), key=lambda item: -item[1]))
        asked.add_row(say("questions-intent", intent=line.intent), f"{line.turns:,}", f"{line.share:.1%}", ended)
    gave_up = Table("After", "Times", "How", title="Where people give up", title_justify="left")
    for line in found.giving_up:
        how = ", ".join(f"{say('questions-sign', sign=sign)} {count:,}" for sign, count in line.signs.items())
        gave_up.add_row(say("questions-intent", intent=line.intent), f"{line.gave_up:,}", how)
    unmatched = Table("Words, redacted", "Language", "Platform", "Times", title="Not understood", title_justify="left")
    for phrase, count in found.unmatched:
        unmatched.add_row(escape(phrase.words), phrase.lang, phrase.platform, f"{count:,}")
    for table in (asked, gave_up, unmatched):
        if table.row_count:
            console.print(table)


def html(found: Report, settings: Settings, lang: Lang) -> str:
    """As one page that needs nothing else. It has no personal data, and is for the utility's own people all the same."""
    pages = Environment(loader=PackageLoader("services.cli.questions", "."), autoescape=True, trim_blocks=True)
    wording = wordings(settings.utility, settings.timezone)[lang]
    return pages.get_template("page.html").render(
        lang=lang,
        say=wording.say,
        number=wording.number,
        share=lambda part: wording.decimal(round(100 * part, 1)),
        at=lambda moment: wording.when(moment, found.until),
        found=found,
    )
