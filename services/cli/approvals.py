"""`surgecast approvals`: what waits for people, and what they say of it."""

import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from services.adapters.ledger_approvals import SqlApprovals
from services.cli.approval_maps import show_maps
from services.cli.failure import Failure
from services.cli.look_now import look_now
from services.cli.reports import account
from services.fanout.social_text import form_of
from services.kernel.accounts import Service
from services.kernel.approval import Act, Edit, NotAllowed, Say, Standing, Verdict
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.social import Asked
from services.kit.clock import SystemClock
from services.kit.settings import Settings
from services.wire import Channel


def listed(settings: Settings) -> None:
    """Show what waits, what waits longest first. Raises `Failure`."""
    now = SystemClock().now()
    try:
        with_ledger = _approvals(settings)
        found = with_ledger.waiting(now)
        with_ledger.close()
    except Unavailable as error:
        raise Failure(str(error)) from None
    table = Table("ID", "Area", "Kind", "Account", "Version", "State", "Waits", "Expires in", box=None)
    for asked in found:
        case = asked.case
        state = f"{len(case.approvers)} of {case.others} approved" if case.standing(now) is Standing.WAITING else case.standing(now)
        late = " (escalated)" if case.is_escalated else ""
        waits, left = _span(now - case.asked_at) + late, _span(case.expires_at - now)
        table.add_row(str(asked.number), escape(asked.area), asked.kind, escape(asked.account), str(case.newest.number), state, waits, left)
    Console(highlight=False).print(table if found else "Nothing waits for approval.")


def show(settings: Settings, number: int, maps: Path | None = None) -> None:
    """Show one with its whole history and what its maps show, which are written into the folder `maps`. Raises `Failure`."""
    asked = _found(settings, number)
    _show(asked)
    show_maps(settings, asked, maps)


def say(settings: Settings, number: int, verdict: Verdict, person: str, version: int | None, reason: str) -> None:
    """Record what a person says of a version. Raises `Failure`."""
    by = _known(settings, person)
    _done(settings, number, Say(verdict, by, _read(settings, number, version), reason))


def edit(settings: Settings, number: int, person: str, version: int | None, texts: Mapping[str, str | None]) -> None:
    """Give it other words. Raises `Failure`."""
    given = {lang: text for lang, text in texts.items() if text is not None}
    if not given:
        raise Failure("Give the new words: --en TEXT, --fr TEXT, or both.")
    by, channel = _known(settings, person), _found(settings, number).channel
    form = form_of(Service.X if channel == Channel.SOCIAL else Service(channel), settings)
    for lang, text in given.items():
        if not form.fits(text):
            raise Failure(f"The text in {lang} is too long: it counts {form.length(text)} of {form.maximum}.")
    _done(settings, number, Edit(by, _read(settings, number, version), given))


def _done(settings: Settings, number: int, act: Act) -> None:
    now = SystemClock().now()
    try:
        ledger = _approvals(settings)
        asked = ledger.take(number, act, now)
        ledger.close()
    except (Unavailable, NotAllowed) as error:
        raise Failure(str(error)) from None
    _show(asked)
    if asked.case.standing(now) in (Standing.APPROVED, Standing.BYPASSED):
        Console(highlight=False).print(look_now(settings, [(asked.channel, asked.area)]), markup=False)


def _approvals(settings: Settings) -> SqlApprovals:
    return SqlApprovals(settings.ledger, settings.ledger_timeout_s, f"{account()}@{socket.gethostname()}")


def _found(settings: Settings, number: int) -> Asked:
    try:
        ledger = _approvals(settings)
        asked = ledger.find(number)
        ledger.close()
    except Unavailable as error:
        raise Failure(str(error)) from None
    if asked is None:
        raise Failure(f"There is no message {number} to approve. `surgecast approvals list` shows those that wait.")
    return asked


def _read(settings: Settings, number: int, version: int | None) -> int:
    """The version that the person has read: nobody approves words by accident that came while they read others."""
    if version is not None:
        return version
    if (newest := _found(settings, number).case.newest.number) > 1:
        raise Failure(f"It has {newest} versions: say which you have read, as in --version {newest}.")
    return 1


def _known(settings: Settings, person: str) -> str:
    """The person as the settings spell the name. Raises `Failure`."""
    name = next((name for name in settings.approvers if name.casefold() == person.casefold()), None)
    if name is None:
        raise Failure(f"{person!r} may not approve posts. SURGECAST_APPROVERS names who may: {', '.join(settings.approvers) or 'nobody yet'}.")
    return name


def _show(asked: Asked) -> None:
    console, case, now = Console(highlight=False), asked.case, SystemClock().now()
    console.print(f"[bold]{asked.number}[/]  {escape(asked.area)}  {asked.kind}  on {escape(asked.account)}: {case.standing(now)}")
    console.print(f"  Asked {_at(case.asked_at)}; {len(case.approvers)} of {case.others} approved; never sent after {_at(case.expires_at)}.")
    for version in case.versions:
        console.print(f"  Version {version.number}, {_at(version.at)}, by {escape(version.author)}")
        for lang, text in version.texts.items():
            console.print(Padding(f"{lang}  {escape(text)}", (0, 0, 0, 6)))
        for one in (one for one in case.decisions if one.version == version.number):
            console.print(f"    {_at(one.at)}  {one.verdict} by {escape(one.by)}{': ' if one.reason else ''}{escape(one.reason)}")
    for lang, outcome, held_for in asked.outcomes:
        console.print(f"  {lang}: {outcome}{f' ({held_for})' if held_for else ''}")


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _span(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
