"""`surgecast messages`, `approvals`, `deliveries` and `ledger`: what people do about messages. Each imports what it needs when it runs."""

from pathlib import Path
from typing import Annotated

import typer

from services.cli.environment import settings as _settings

messages_app = typer.Typer(no_args_is_help=True, help="The words: look your own through, and see every message as it would be posted.")
approvals_app = typer.Typer(no_args_is_help=True, help="Posts that wait until people have approved them.")
deliveries_app = typer.Typer(no_args_is_help=True, help="What became of each post in each language, another try for dead letters, and what is left of budgets.")
ledger_app = typer.Typer(no_args_is_help=True, help="The ledger's audit trail.")

Number = Annotated[int, typer.Argument(metavar="ID", help="As `approvals list` shows it.")]
Person = Annotated[str, typer.Option("--as", help="Who you are, of those that SURGECAST_APPROVERS names.")]
Seen = Annotated[int | None, typer.Option(help="The version that you have read. [default: 1, while there is no other]", show_default=False)]
Why = Annotated[str, typer.Option(help="Why; it is kept.")]


def add_to(app: typer.Typer, panel: str) -> None:
    """Make them commands of `app`, listed under `panel`."""
    for name, group in {"messages": messages_app, "approvals": approvals_app, "deliveries": deliveries_app, "ledger": ledger_app}.items():
        app.add_typer(group, name=name, rich_help_panel=panel)


@messages_app.command("check")
def messages_check(
    folder: Annotated[Path | None, typer.Argument(help="Folder with en.ftl and fr.ftl. [default: SURGECAST_MESSAGES_FOLDER]", show_default=False)] = None,
) -> None:
    """Look through words of your own: each that can't be said, with its line and what to do. Exit code 1 where there is one."""
    from services.cli.messages.check import check

    raise typer.Exit(check(_settings(), folder))


@messages_app.command("preview")
def messages_preview(
    account: Annotated[str, typer.Option(help="As one account posts, of those in SURGECAST_ACCOUNTS. [default: every service]", show_default=False)] = "",
    service: Annotated[str, typer.Option(help="On one service only: x, mastodon, bluesky, facebook, webhook or apprise.", show_default=False)] = "",
    kind: Annotated[str, typer.Option(help="One kind of message only: first_report, restored, ...", show_default=False)] = "",
    lang: Annotated[str, typer.Option(help="In one language only: en or fr.", show_default=False)] = "",
    html: Annotated[Path | None, typer.Option(help="Write a page, in one file, instead.", show_default=False)] = None,
) -> None:
    """See every message as it would be posted: each service, language, tone and wording, how much of the limit it takes and what is left out."""
    from services.cli.messages.preview import preview, wanted

    preview(_settings(), wanted(_settings(), account, service, kind, lang), html)


@approvals_app.command("list")
def approvals_list() -> None:
    """List what waits, what waits longest first."""
    from services.cli.approvals import listed

    listed(_settings())


@approvals_app.command("show")
def approvals_show(
    number: Number,
    maps: Annotated[
        Path | None, typer.Option(help="Write the maps that go with it into this folder.", file_okay=False, exists=True, show_default=False)
    ] = None,
) -> None:
    """Show one post with all its versions, what people said of them, and what the maps show that go with it."""
    from services.cli.approvals import show

    show(_settings(), number, maps)


@approvals_app.command("approve")
def approvals_approve(number: Number, person: Person, version: Seen = None) -> None:
    """Approve a post. It goes out once enough people have."""
    from services.cli.approvals import say
    from services.kernel.approval import Verdict

    say(_settings(), number, Verdict.APPROVED, person, version, "")


@approvals_app.command("reject")
def approvals_reject(number: Number, person: Person, reason: Why, version: Seen = None) -> None:
    """Say no to a post's words: it doesn't go out unless they are changed."""
    from services.cli.approvals import say
    from services.kernel.approval import Verdict

    say(_settings(), number, Verdict.REJECTED, person, version, reason)


@approvals_app.command("bypass")
def approvals_bypass(number: Number, person: Person, reason: Why, version: Seen = None) -> None:
    """In an emergency: let a post go out on one person's word."""
    from services.cli.approvals import say
    from services.kernel.approval import Verdict

    say(_settings(), number, Verdict.BYPASSED, person, version, reason)


@approvals_app.command("edit")
def approvals_edit(
    number: Number,
    person: Person,
    en: Annotated[str | None, typer.Option(help="The English text. [default: as it is]", show_default=False)] = None,
    fr: Annotated[str | None, typer.Option(help="The French text. [default: as it is]", show_default=False)] = None,
    version: Seen = None,
) -> None:
    """Give a post other words: a new version, which must be approved anew."""
    from services.cli.approvals import edit

    edit(_settings(), number, person, version, {"en": en, "fr": fr})


@deliveries_app.command("list")
def deliveries_list(
    dead: Annotated[bool, typer.Option("--dead", help="Only dead letters: what the service will never take as it is.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000, help="How many, those that changed last first.")] = 20,
) -> None:
    """List deliveries, and why they stand where they do."""
    from services.cli.deliveries import listed

    listed(_settings(), limit, dead=dead)


@deliveries_app.command("retry")
def deliveries_retry(ids: Annotated[list[int], typer.Argument(metavar="ID...", help="As `deliveries list` shows them.")]) -> None:
    """Queue dead letters again: all of these, or none."""
    from services.cli.deliveries import retry

    retry(_settings(), ids)


@deliveries_app.command("budgets")
def deliveries_budgets() -> None:
    """Show what each account may still post and spend, what is kept back for emergencies, and when more comes back."""
    from services.cli.budgets import show

    show(_settings())


@ledger_app.command("verify")
def ledger_verify(
    head: Annotated[str, typer.Option(help="An earlier head, as `ledger head` printed it, that the trail must still hold.", show_default=False)] = "",
) -> None:
    """Look whether anything in the audit trail, or in what it tells of, was changed, taken out, moved or put in. Exit code 1 where it was."""
    from services.cli.ledger import verify

    verify(_settings(), head)


@ledger_app.command("head")
def ledger_head() -> None:
    """Print the audit trail's newest seal, to be kept elsewhere."""
    from services.cli.ledger import head

    head(_settings())
