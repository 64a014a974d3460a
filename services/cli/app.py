"""`surgecast`: the commands. Each imports what it needs when it runs, so that help is instant and a process holds only its own code."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from services.cli import app_messages
from services.cli.environment import settings as _settings
from services.cli.failure import Failure

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Outage notifications that hold through the worst two days.")
keys_app = typer.Typer(no_args_is_help=True, help="Ingest keys: who may send events.")
app.add_typer(keys_app, name="keys", rich_help_panel="Operate")
areas_app = typer.Typer(no_args_is_help=True, help="The area catalogue: which places there are, and what people call them.")
app.add_typer(areas_app, name="areas", rich_help_panel="Operate")
sources_app = typer.Typer(help="Sources: how each fares, and those that are polled. Alone, it lists them.")
app.add_typer(sources_app, name="sources", rich_help_panel="Operate")
alexa_app = typer.Typer(no_args_is_help=True, help="The Alexa skill: its package, and sessions replayed.")
app.add_typer(alexa_app, name="alexa", rich_help_panel="Operate")
app_messages.add_to(app, "Operate")

Host = Annotated[str | None, typer.Option(help="Address to listen on. [default: SURGECAST_HOST]", show_default=False)]
Port = Annotated[int | None, typer.Option(min=0, max=65_535, help="Port to listen on. [default: PORT, else SURGECAST_PORT, else 8000]", show_default=False)]
Origin = Annotated[str | None, typer.Option(help="Origin of a running Surgecast. [default: 127.0.0.1 and PORT]", show_default=False)]
C = TypeVar("C", bound=StrEnum)
Boundaries = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, readable=True, help="GeoJSON FeatureCollections, WGS 84.")]
Kind = Annotated[str, typer.Option(help="What the areas are: ward, fsa, county... They replace those of the same kind.")]
IdField = Annotated[str | None, typer.Option(help="Property with the id. [default: the feature's id, else `id`, else made of the name]", show_default=False)]
NameEn = Annotated[str | None, typer.Option("--name-en", help="Property with the English name. [default: `name_en`, else `name`]", show_default=False)]
NameFr = Annotated[str | None, typer.Option("--name-fr", help="Property with the French name. [default: `name_fr`, else `nom`]", show_default=False)]
Aliases = Annotated[str | None, typer.Option(help="Property with other names: a list, or parted by semicolons. [default: `aliases`]", show_default=False)]
Merge = Annotated[bool, typer.Option("--merge", help="Join features that have one id into one area.")]
_TREE, _SERVICES, _OPERATE = "Everything at once", "One service a process", "Operate"


def run() -> None:
    """The entry point: a `Failure` is one sentence on standard error and exit code 1."""
    try:
        app()
    except Failure as failure:
        sys.stderr.write(f"surgecast: {failure}\n")
        sys.exit(1)


def _one_of(choices: type[C], given: str, option: str) -> C:
    """The choice that `given` names. Raises `Failure`."""
    try:
        return choices(given)
    except ValueError:
        raise Failure(f"{option} {given!r} isn't known: it is one of {', '.join(choices)}.") from None


@app.command(rich_help_panel=_TREE)
def up(port: Port = None) -> None:
    """Run everything in one process tree, with Redis and SQLite of its own."""
    from services.cli.up.command import up as run_tree

    settings = _settings()
    raise typer.Exit(run_tree(settings, settings.port if port is None else port))


@app.command(rich_help_panel=_TREE)
def ask(
    words: Annotated[str, typer.Argument(help='The question, in English or French: "is the power out in Kanata?"')],
    url: Origin = None,
    lang: Annotated[str | None, typer.Option(help="en or fr. [default: as the words seem]", show_default=False)] = None,
    place: Annotated[str, typer.Option(help="Where the asker lives, for questions that name no place.", show_default=False)] = "",
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer, as JSON.")] = False,
) -> None:
    """Ask a Surgecast that runs, as a customer would."""
    from services.cli.ask import ask as ask_it

    ask_it(_settings(), url, words, lang, place, as_json=as_json)


@app.command(rich_help_panel=_OPERATE)
def customers() -> None:
    """Load the demo utility's made-up customers, and print the codes that they link their accounts with."""
    from services.cli.customers import demo

    demo(_settings())


@app.command(rich_help_panel=_SERVICES)
def ingest(host: Host = None, port: Port = None) -> None:
    """Take events and pictures in over HTTP."""
    from services.cli import serving

    serving.ingest(_settings(), host, port)


@app.command(rich_help_panel=_SERVICES)
def public(host: Host = None, port: Port = None) -> None:
    """Serve feeds and the status page."""
    from services.cli import serving

    serving.public(_settings(), host, port)


@app.command(rich_help_panel=_SERVICES)
def voice(host: Host = None, port: Port = None) -> None:
    """Answer voice assistants and chat."""
    from services.cli import serving

    serving.voice(_settings(), host, port)


@app.command(rich_help_panel=_SERVICES)
def relay(port: Port = None) -> None:
    """Fold the journal into due work and ring for it. The port serves health and metrics."""
    from services.cli import serving

    serving.relay(_settings(), port)


@app.command(rich_help_panel=_SERVICES)
def worker(
    channel: Annotated[list[str] | None, typer.Option(help="A channel to work for; repeat for several. [default: all]", show_default=False)] = None,
    port: Port = None,
) -> None:
    """Render and deliver: a Celery worker. The port serves health and metrics."""
    from services.cli import serving

    channels = serving.channels_named(channel or [])
    serving.worker(_settings(), channels, port)


@app.command(rich_help_panel=_SERVICES)
def beat(port: Port = None) -> None:
    """Ring for what is due by the clock. The port serves health and metrics."""
    from services.cli import serving

    serving.beat(_settings(), port)


@app.command(rich_help_panel=_OPERATE)
def questions(
    days: Annotated[float, typer.Option(min=0.04, help="How far back.")] = 7,
    limit: Annotated[int, typer.Option(min=1, help="Most phrases that were not understood.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, as JSON.")] = False,
    page: Annotated[Path | None, typer.Option(help="Write it there as a page, too.", show_default=False)] = None,
    lang: Annotated[str, typer.Option(help="The page's language: en or fr.")] = "en",
) -> None:
    """Show what people ask, what is not understood, and where they give up."""
    from services.cli.questions.command import questions as show
    from services.kernel.messages import LANGS

    if lang not in LANGS:
        raise Failure(f"--lang {lang!r} isn't known: it is one of {', '.join(LANGS)}.")
    show(_settings(), days, limit, as_json=as_json, page=page, lang=lang)


@app.command(rich_help_panel=_OPERATE)
def replay(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, readable=True, help="NDJSON of pictures or events; may be .xz or .gz.")],
    format: Annotated[str | None, typer.Option(help="`events`, or a picture format. [default: what the file says]", show_default=False)] = None,
    speed: Annotated[str, typer.Option(help="How many times faster than it happened, or `max`.")] = "max",
    url: Origin = None,
    key: Annotated[str | None, typer.Option(envvar="SURGECAST_KEY", help="Ingest key. [default: the demo key in the data folder]", show_default=False)] = None,
    key_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="File that holds the ingest key.")] = None,
) -> None:
    """Send a recorded storm again, and see how long the outputs take to show it."""
    from services.cli.replay.command import replay as run_replay

    raise typer.Exit(run_replay(_settings(), files, format, speed, url, key, key_file))


@app.command(rich_help_panel=_TREE)
def demo(
    speed: Annotated[str, typer.Option(help="How many times faster than life, or `max`.")] = "60",
    url: Origin = None,
    key_file: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="File that holds the ingest key.")] = None,
) -> None:
    """Let a small made-up tornado storm begin now, on a Surgecast that runs."""
    from services.cli.replay.command import demo as run_demo

    raise typer.Exit(run_demo(_settings(), speed, url, key_file))


@app.command(rich_help_panel=_OPERATE)
def plan(
    file: Annotated[
        Path | None,
        typer.Argument(
            exists=True, dir_okay=False, readable=True, help="A recorded storm, as `replay` takes it. [default: the demo storm]", show_default=False
        ),
    ] = None,
    format: Annotated[str | None, typer.Option(help="`events`, or a picture format. [default: what the file says]", show_default=False)] = None,
    tier: Annotated[str, typer.Option(help="What the account may do on X: pay-per-use, free, basic or pro.")] = "pay-per-use",
    budget: Annotated[float | None, typer.Option(min=0, help="Most dollars in thirty days. [default: any]", show_default=False)] = None,
    policy: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Policy to try. [default: SURGECAST_SOCIAL_POLICY]", show_default=False)
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a timeline there, as a page.", show_default=False)] = None,
) -> None:
    """Show what would be posted of a recorded storm, when, and at what price. Nothing is sent."""
    from services.cli.plan.command import plan as rehearse
    from services.kernel.planning.tiers import Tier

    rehearse(_settings(), file, format, _one_of(Tier, tier, "--tier"), budget, policy, html)


@app.command(rich_help_panel=_OPERATE)
def doctor(port: Port = None) -> None:
    """Look for what is wrong, and say what to do about it."""
    from services.cli.doctor.command import examine

    settings = _settings()
    raise typer.Exit(examine(settings, settings.port if port is None else port))


@app.command(rich_help_panel=_OPERATE)
def migrate() -> None:
    """Bring the ledger's database to this version's tables. Safe to repeat."""
    from services.adapters.ledger_upgrade import upgrade

    upgrade(_settings().ledger)
    typer.echo("The ledger is up to date.")


@app.command(rich_help_panel=_OPERATE)
def posts(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000, help="How many posts, newest first.")] = 20,
    area: Annotated[str, typer.Option(help="Only those about this area (its id).")] = "",
) -> None:
    """Show the newest social posts and what became of each."""
    from services.cli.posts import posts as show_posts

    raise typer.Exit(show_posts(_settings(), limit, area))


@app.command(rich_help_panel=_OPERATE)
def reports(
    since: Annotated[str, typer.Option(help="From when on: a span back from now (24h, 7d), a date or a time; UTC unless it has an offset.")] = "24h",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=10_000, help="How many, newest first.")] = 100,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    named: Annotated[
        bool, typer.Option("--named", help="With what tells of whom they are, for those whom SURGECAST_REPORTS_NAMED_FOR names. Kept: who looked.")
    ] = False,
    looks: Annotated[bool, typer.Option("--looks", help="Show instead who has looked at that.")] = False,
) -> None:
    """Show what people reported: outages and hazards, newest first. Claims, seen by nobody else."""
    from services.cli.reports import looks as show_looks
    from services.cli.reports import reports as show_reports

    if looks:
        show_looks(_settings(), limit)
    else:
        show_reports(_settings(), since, limit, json, named)


@app.command(rich_help_panel=_OPERATE)
def waiting() -> None:
    """Show how many wait to be told that power is back, by area, and how many notices are to be sent. Never who."""
    from services.cli.waiting import waiting as show_waiting

    show_waiting(_settings())


Expires = Annotated[str | None, typer.Option(help="When it ends: a span (90d), a date or a time. [default: never]", show_default=False)]


@app.command(rich_help_panel=_OPERATE)
def export(
    since: Annotated[
        str, typer.Option(help="Accepted from this date or time on; UTC unless it has an offset. [default: the beginning]", show_default=False)
    ] = "",
    until: Annotated[str, typer.Option(help="Accepted before this date or time. [default: now]", show_default=False)] = "",
    format: Annotated[str, typer.Option(help="`parquet`, `csv` or `ndjson`.")] = "ndjson",
    what: Annotated[str, typer.Option(help="`events`, or `outages`: one row each, from its first event to its newest.")] = "events",
    out: Annotated[str, typer.Option(help="File to write; `-` is standard output.")] = "-",
) -> None:
    """Write the history to a file, oldest first, with what is still only in the journal. Counts are the exact ones: not for the public."""
    from services.cli.export.command import Format, What
    from services.cli.export.command import export as run_export

    raise typer.Exit(run_export(_settings(), since, until, _one_of(Format, format, "--format"), _one_of(What, what, "--what"), out))


@keys_app.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="The source that the key names: a-z, 0-9 and -.")],
    scope: Annotated[list[str] | None, typer.Option(help="What it may do; repeat for several. [default: all]", show_default=False)] = None,
    format: Annotated[list[str] | None, typer.Option(help="A picture format it may send; repeat for several. [default: all]", show_default=False)] = None,
    expires: Expires = None,
    requests_per_s: Annotated[float | None, typer.Option(min=0, help="In place of the setting; 0: any number.", show_default=False)] = None,
    events_per_s: Annotated[float | None, typer.Option(min=0, help="In place of the setting; 0: any number.", show_default=False)] = None,
    events_per_day: Annotated[int | None, typer.Option(min=0, help="In place of the setting; 0: any number.", show_default=False)] = None,
) -> None:
    """Make a key for a source. It is shown once."""
    from services.cli.keys import create

    create(_settings(), name, scope, format, expires, (requests_per_s, events_per_s, events_per_day))


@keys_app.command("rotate")
def keys_rotate(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it.")],
    overlap: Annotated[str, typer.Option(help="How long the old key stays good: 30m, 24h, 7d.")] = "24h",
    expires: Annotated[str | None, typer.Option(help="When the new one ends. [default: it lives as long as the old one]", show_default=False)] = None,
) -> None:
    """Make a key in place of another, for the same source with the same rights. It is shown once."""
    from services.cli.keys import rotate

    rotate(_settings(), key_id, overlap, expires)


@keys_app.command("list")
def keys_list() -> None:
    """List the keys: whom they name, never the keys themselves."""
    from services.cli.keys import show

    show(_settings())


@keys_app.command("revoke")
def keys_revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it.")]) -> None:
    """End a key."""
    from services.cli.keys import revoke

    revoke(_settings(), key_id)


@areas_app.command("load")
def areas_load(
    files: Boundaries,
    kind: Kind = "area",
    id_field: IdField = None,
    name_en: NameEn = None,
    name_fr: NameFr = None,
    aliases: Aliases = None,
    merge: Merge = False,
) -> None:
    """Load boundary files: all of them, or nothing. Ingest takes them over without a restart."""
    from services.cli.areas import load
    from services.ingest.areas.boundaries import Columns

    load(_settings(), files, kind, Columns(id_field, name_en, name_fr, aliases), merge)


@areas_app.command("check")
def areas_check(
    files: Annotated[list[Path] | None, typer.Argument(exists=True, dir_okay=False, help="[default: what is loaded]", show_default=False)] = None,
    kind: Kind = "area",
    id_field: IdField = None,
    name_en: NameEn = None,
    name_fr: NameFr = None,
    aliases: Aliases = None,
    merge: Merge = False,
) -> None:
    """Look boundary files over before they are loaded, or the areas that are. Changes nothing."""
    from services.cli.areas import check
    from services.ingest.areas.boundaries import Columns

    raise typer.Exit(check(_settings(), files or [], kind, Columns(id_field, name_en, name_fr, aliases), merge))


@areas_app.command("list")
def areas_list(kind: Annotated[str, typer.Argument(help="Only those of this kind. [default: all]", show_default=False)] = "") -> None:
    """List the areas, and by which of them outages are counted."""
    from services.cli.areas import show

    show(_settings(), kind)


@areas_app.command("use")
def areas_use(kinds: Annotated[list[str], typer.Argument(metavar="KIND...", help="The kinds that outages are counted by from now on.")]) -> None:
    """Count outages by areas of another kind, of those loaded."""
    from services.cli.areas import use

    use(_settings(), kinds)


@areas_app.command("demo")
def areas_demo() -> None:
    """Load the areas of the made-up utility of `surgecast demo`, where none were ever loaded."""
    from services.cli.areas import load_demo

    load_demo(_settings())


@sources_app.callback(invoke_without_command=True)
def sources(context: typer.Context) -> None:
    """List the sources: when each was last heard, and how its polls went."""
    if context.invoked_subcommand is None:
        from services.cli.sources import show

        show(_settings())


@sources_app.command("poll")
def sources_poll(
    name: Annotated[str, typer.Argument(help="The source, as SURGECAST_SOURCES names it.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what its picture would change.")] = False,
) -> None:
    """Poll one source now, due or not."""
    from services.kit import logs

    logs.configure("sources", "error")  # what came of it is said once, by the command
    if dry_run:
        from services.cli.rehearsal import rehearse

        rehearse(_settings(), name)
    else:
        from services.cli.sources import poll

        poll(_settings(), name)


@sources_app.command("forget")
def sources_forget(name: Annotated[str, typer.Argument(help="A source that has gone for good.")]) -> None:
    """Show a source's silence no longer."""
    from services.cli.sources import forget

    forget(_settings(), name)


@sources_app.command("serve")
def sources_serve(port: Port = None) -> None:
    """Poll the sources that SURGECAST_SOURCES names, until SIGTERM. The port serves health and metrics."""
    from services.cli import serving

    serving.sources(_settings(), port)


@alexa_app.command("session")
def alexa_session(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="Alexa's requests: a JSON list, or one a line.")],
    url: Origin = None,
) -> None:
    """Say a recorded session again to a Surgecast that runs with `surgecast up`, signed for development."""
    from services.cli.alexa.session import replay as replay_session

    raise typer.Exit(replay_session(_settings(), file, url))


@alexa_app.command("package")
def alexa_package(
    out: Annotated[Path, typer.Option(file_okay=False, help="Folder to write into.")],
    endpoint: Annotated[
        str | None, typer.Option(help="https address of the skill. [default: /voice/v1/alexa of SURGECAST_PUBLIC_URL]", show_default=False)
    ] = None,
    privacy_url: Annotated[str | None, typer.Option(help="Your privacy policy. [default: SURGECAST_PUBLIC_URL]", show_default=False)] = None,
    invocation_en: Annotated[str | None, typer.Option(help="The skill's name in English. [default: SURGECAST_UTILITY_NAME]", show_default=False)] = None,
    invocation_fr: Annotated[str | None, typer.Option(help="And in French. [default: SURGECAST_UTILITY_NAME_FR]", show_default=False)] = None,
) -> None:
    """Write the skill's package: its manifest, and what it understands in each language, with the areas that are loaded."""
    from services.cli.alexa.package import package

    package(_settings(), out, endpoint, privacy_url, invocation_en, invocation_fr)
