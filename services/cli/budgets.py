"""`surgecast deliveries budgets`: what each account may still post and spend."""

from rich.console import Console
from rich.table import Table

from services.adapters.accounts_file import AccountsError
from services.adapters.budgets_redis import budgets_of
from services.adapters.policy_file import PolicyError, policy
from services.adapters.redis_link import sync_link
from services.adapters.social_build import terms
from services.cli.embedded_link import with_journal
from services.cli.failure import Failure
from services.cli.plan.timeline import span_in_words
from services.kernel.counted import UNSIZED
from services.kernel.planning.spending import DUST, Left, Limit
from services.kernel.ports.failures import Unavailable
from services.kit.clock import SystemClock
from services.kit.settings import Settings


def show(settings: Settings) -> None:
    """A row for each limit of each account. Raises `Failure`."""
    now = SystemClock().now()
    try:
        reserve = policy(settings).reserve
        with sync_link(with_journal(settings)) as link:
            found = [
                (channel.value, account, budgets_of(link, channel, account, told, reserve, settings).left(now)) for channel, account, told in terms(settings)
            ]
    except (AccountsError, PolicyError, Unavailable) as error:
        raise Failure(str(error)) from None
    table = Table(box=None)
    for head in ("account", "of", "left", "limit", "kept for emergencies", "more comes back"):
        table.add_column(head, justify="left" if head in ("account", "of", "more comes back") else "right")
    for channel, account, lefts in found:
        for number, one in enumerate(lefts):
            table.add_row("" if number else f"{account} ({channel})", *_row(one, reserve))
        if not lefts:
            table.add_row(f"{account} ({channel})", "no limit is known")
    Console(highlight=False).print(table)


def _row(one: Left, reserve: float) -> tuple[str, ...]:
    limit = one.limit
    if limit.most >= UNSIZED:
        return "now", "[red]0", "", "", f"the service said to wait until {one.back[0][0]:%Y-%m-%d %H:%M} UTC"
    kept = _amount(limit, reserve * limit.most)
    back = f"{_amount(limit, one.back[0][1])} at {one.back[0][0]:%Y-%m-%d %H:%M} UTC" if one.back else "all is there"
    style = "[red]" if one.left < DUST else "[yellow]" if one.left <= reserve * limit.most else ""
    return span_in_words(limit.window), f"{style}{_amount(limit, max(0.0, one.left))}", _amount(limit, limit.most), kept, back


def _amount(limit: Limit, number: float) -> str:
    return f"${number:,.2f}" if limit.money else f"{number:,.0f}"
