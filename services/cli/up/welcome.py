"""What `surgecast up` says on the terminal: little, and where everything is."""

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from services.cli.up.folder import DataFolder

_console = Console(highlight=False, soft_wrap=True)


def for_people() -> bool:
    """Whether somebody watches."""
    return sys.stderr.isatty()


def starting(logs: Path) -> None:
    """Before the parts are up."""
    _console.print(f"Surgecast is starting. Its logs are in {logs}.")


def ready(origin: str, folder: DataFolder) -> None:
    """Once every part serves."""
    rows = addresses(origin, folder)
    if _console.is_terminal:
        table = Table(box=None, show_header=False, pad_edge=False)
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name, value in rows:
            table.add_row(name, value)
        _console.print(f"\n[bold green]Surgecast is ready:[/] {origin}\n")
        _console.print(table, markup=False)
        _console.print(f"\nTry it:\n{example(origin)}\n\nCtrl-C ends it.", markup=False)
    else:
        for line in (f"Surgecast is ready: {origin}", *(f"{name}: {value}" for name, value in rows), f"Try it: {example(origin)}"):
            _console.print(line, markup=False)


def ending() -> None:
    """Once it was told to end."""
    _console.print("Stopping; what was accepted is on disk.")


def example(origin: str) -> str:
    """A question, in one line to copy."""
    return f"""curl -s {origin}/voice/v1/ask -H 'Content-Type: application/json' -d '{{"text": "how many are out", "locale": "en-CA"}}'"""


def addresses(origin: str, folder: DataFolder) -> list[tuple[str, str]]:
    """What is where, for a newcomer to copy."""
    return [
        ("Status page", f"{origin}/en/   {origin}/fr/"),
        ("Feeds", f"{origin}/feeds/v1/en/summary.json   outages.geojson   atom.xml"),
        ("Send events", f"POST {origin}/ingest/v1/events"),
        ("Key for that", str(folder.key_file)),
        ("Ask by voice", f"POST {origin}/voice/v1/ask"),
        ("Made-up customers", "surgecast customers prints the codes that they link accounts with"),
        ("See a storm", "make demo, or surgecast demo"),
        ("Health", f"{origin}/readyz   {origin}/metrics"),
        ("Logs", str(folder.logs)),
    ]
