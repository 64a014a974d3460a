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
        _console.print("\nCtrl-C ends it.")
    else:
        for line in (f"Surgecast is ready: {origin}", *(f"{name}: {value}" for name, value in rows)):
            _console.print(line, markup=False)


def ending() -> None:
    """Once it was told to end."""
    _console.print("Stopping; what was accepted is on disk.")


def addresses(origin: str, folder: DataFolder) -> list[tuple[str, str]]:
    """What is where, for a newcomer to copy."""
    ask = f"""curl -s {origin}/voice/v1/ask -H 'Content-Type: application/json' -d '{{"text": "how many are out", "locale": "en-CA"}}'"""
    return [
        ("Status page", f"{origin}/en/   {origin}/fr/"),
        ("Feeds", f"{origin}/feeds/v1/en/summary.json   outages.geojson   atom.xml"),
        ("Send events", f"POST {origin}/ingest/v1/events"),
        ("Key for that", str(folder.key_file)),
        ("Ask by voice", ask),
        ("See a storm", "surgecast demo"),
        ("Health", f"{origin}/readyz   {origin}/metrics"),
        ("Logs", str(folder.logs)),
    ]
