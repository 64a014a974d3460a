"""The maps that go with a post that waits for people: what they show belongs to what is approved."""

from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding

from services.adapters.pictures_sql import SqlPictures
from services.cli.failure import Failure
from services.kernel.ports.failures import Unavailable
from services.kernel.ports.pictures import Kept
from services.kernel.ports.social import Asked
from services.kit.settings import Settings


def show_maps(settings: Settings, asked: Asked, folder: Path | None) -> None:
    """Say in each language what the map shows that would go with the newest version's words, and write it into `folder`. Raises `Failure`."""
    console = Console(highlight=False)
    for lang, text in asked.case.newest.texts.items():
        kept = _kept(settings, asked, lang)
        if kept is None:
            continue
        if kept.words != text:
            console.print(f"  {lang}: goes without its map, which was drawn for other words")
            continue
        console.print(f"  {lang}: with a map")
        console.print(Padding(escape(kept.picture.alt), (0, 0, 0, 6)))
        if folder is not None:
            console.print(f"      {_written(folder / f'{asked.number}-{lang}.png', kept)}", markup=False)


def _kept(settings: Settings, asked: Asked, lang: str) -> Kept | None:
    shelf = SqlPictures(settings.ledger, settings.ledger_timeout_s, timedelta(seconds=settings.pictures_keep_s))
    try:
        return shelf.of(asked.channel, asked.account, asked.post, lang)
    except Unavailable as error:
        raise Failure(str(error)) from None
    finally:
        shelf.close()


def _written(path: Path, kept: Kept) -> Path:
    try:
        path.write_bytes(kept.picture.png)
    except OSError as error:
        raise Failure(f"{path} can't be written: {error.strerror or error}") from None
    return path
