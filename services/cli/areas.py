"""`surgecast areas`: load boundary files, see what is loaded, and look it over."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from services.adapters.areas_redis import RedisAreas
from services.adapters.redis_link import sync_link
from services.cli.demo_areas import ensure_demo_areas
from services.cli.embedded_link import with_journal
from services.cli.failure import Failure
from services.ingest.areas.boundaries import BoundaryError, Columns, Limits, read_boundaries
from services.ingest.areas.layers import counted_by, names_of, with_layer
from services.ingest.areas.review import review
from services.kernel.areas import Area, Catalogue
from services.kernel.ports.failures import CatalogueConflict, Unavailable
from services.kit.settings import Settings

NONE_LOADED = "No areas are loaded. `surgecast areas load FILE` loads boundaries (GeoJSON)."
_console = Console(highlight=False, soft_wrap=True)


@contextmanager
def _store(settings: Settings) -> Iterator[RedisAreas]:
    try:
        with sync_link(with_journal(settings)) as link:
            yield RedisAreas(link)
    except Unavailable as error:
        raise Failure(f"{error}. Areas live in the journal's Redis: set SURGECAST_JOURNAL_URL to it, or start `surgecast up` first.") from None
    except CatalogueConflict as error:
        raise Failure(f"{error} Nothing of this load was taken: look at `surgecast areas list`, and load again.") from None


@contextmanager
def _told(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on a terminal; nothing elsewhere."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def load(settings: Settings, files: Sequence[Path], kind: str, columns: Columns, merge: bool) -> None:
    """Put the areas of `files` in place of those of this kind. Raises `Failure`, and then nothing has changed."""
    areas = _read(settings, files, kind, columns, merge)
    with _store(settings) as store:
        try:
            catalogue = with_layer(store.read(), areas, layers_in(settings), settings.areas_max)
        except BoundaryError as error:
            raise Failure(f"{error} Nothing was loaded.") from None
        after = store.replace(catalogue, names_of(catalogue, settings.area_alias_share))
    _console.print(f"Loaded {len(areas)} areas of the kind {kind}. {_counting(after)} Ingest places outages by them within {settings.area_check_s:g} s.")


def load_demo(settings: Settings) -> None:
    """Load the demo's areas where none were ever loaded. Raises `Failure`."""
    with _store(settings) as store:
        loaded = ensure_demo_areas(store, settings)
    _console.print("The demo's areas are loaded." if loaded else "Areas were loaded before, or SURGECAST_DEMO_AREAS says no: nothing was changed.")


def use(settings: Settings, layers: Sequence[str]) -> None:
    """Count outages by other layers, of those loaded. Raises `Failure`."""
    with _store(settings) as store:
        try:
            catalogue = counted_by(store.read(), layers)
        except BoundaryError as error:
            raise Failure(str(error)) from None
        after = store.replace(catalogue, names_of(catalogue, settings.area_alias_share))
    _console.print(_counting(after))


def show(settings: Settings, kind: str) -> None:
    """Print a table of the areas, of one kind or all."""
    with _store(settings) as store:
        catalogue = store.read()
    table = Table(box=None)
    for heading in ("Kind", "ID", "English", "French", "Also called"):
        table.add_column(heading)
    for area in catalogue.areas:
        if kind in ("", area.kind):
            table.add_row(area.kind, area.id, area.name.en, area.name.fr or area.name.en, ", ".join(area.name.aliases))
    if not table.row_count:
        _console.print(
            "No areas are loaded. `surgecast areas load FILE` loads boundaries (GeoJSON)." if not kind else f"There are no areas of the kind {kind}."
        )
        return
    _console.print(table, markup=False)
    _console.print(f"{table.row_count} areas; revision {catalogue.revision}. {_counting(catalogue)}", markup=False)


def check(settings: Settings, files: Sequence[Path], kind: str, columns: Columns, merge: bool) -> int:
    """Look over `files` as `load` would read them, or what is loaded; gives 1 where something needs a look. Changes nothing. Raises `Failure`."""
    if files:
        areas: Sequence[Area] = _read(settings, files, kind, columns, merge)
    else:
        with _store(settings) as store:
            areas = store.read().areas
        if not areas:
            raise Failure(NONE_LOADED)
    found = review(areas)
    for line in found:
        _console.print(line, markup=False)
    _console.print(f"{len(areas)} areas looked over; {len(found)} {'thing needs' if len(found) == 1 else 'things need'} a look.")
    return 1 if found else 0


def layers_in(settings: Settings) -> tuple[str, ...]:
    """The layers that the setting names."""
    return tuple(layer for name in settings.area_layers.split(",") if (layer := name.strip()))


def _counting(catalogue: Catalogue) -> str:
    others = [kind for kind in catalogue.kinds if kind not in catalogue.layers]
    also = f" Areas of the kind {', '.join(others)} lead to those that they lie in." if others else ""
    return f"Outages are counted by {', '.join(catalogue.layers)}.{also}"


def _read(settings: Settings, files: Sequence[Path], kind: str, columns: Columns, merge: bool) -> list[Area]:
    limits = Limits(settings.areas_max, settings.area_positions_max, settings.area_simplify_m)
    with _told("Reading boundaries") as told:
        try:
            return read_boundaries([_bytes(path, settings.area_file_max_bytes) for path in files], kind, columns, limits, merge, told)
        except BoundaryError as error:
            raise Failure(f"{', '.join(map(str, files))}: {error}") from None


def _bytes(path: Path, most: int) -> bytes:
    try:
        if (size := path.stat().st_size) > most:
            raise Failure(f"{path}: {size} bytes; at most {most} are read (SURGECAST_AREA_FILE_MAX_BYTES). Simplify the boundaries, or load them in parts.")
        return path.read_bytes()
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None
