"""`surgecast messages check`: an operator's own words, looked through before they are used."""

from pathlib import Path

from rich.console import Console

from services.adapters.messages_folder import looked_through
from services.cli.failure import Failure
from services.kit.settings import Settings


def check(settings: Settings, folder: Path | None) -> int:
    """Print what is wrong, line by line, and what is said; gives the exit code: 1 where a message can't be said. Raises `Failure`."""
    folder = folder or settings.messages_folder
    if folder is None:
        raise Failure("there are no words of your own: name their folder here, or in SURGECAST_MESSAGES_FOLDER (docs/messages.md).")
    found, faults = looked_through(folder)
    console = Console(highlight=False, soft_wrap=True)
    for fault in faults:
        console.print("[red]not said[/]  " if fault.refused else "[yellow]look at[/]   ", end="")
        console.print(str(fault), markup=False)
    names = {lang: len([line for line in text.splitlines() if line[:1].isalpha()]) for lang, text in found.items()}
    console.print(f"Said in your words: {', '.join(f'{count} messages in {lang}' for lang, count in names.items()) or 'nothing'}.", markup=False)
    refused = any(fault.refused for fault in faults)
    if refused:
        console.print("What is not said is said in the words that come along.", markup=False)
    return int(refused)
