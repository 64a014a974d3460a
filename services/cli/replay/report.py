"""What a replay says: progress while it runs, and at the end what was sent, what became of it, and when the outputs showed it."""

from collections.abc import Mapping

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.cli.replay.frames import Frame
from services.cli.replay.sender import OUTCOMES, Tally

console = Console(highlight=False)


class Bar:
    """Where the replay is in the storm, and at what pace; silent where nobody watches."""

    def __init__(self) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[storm_time]}"),
            BarColumn(pulse_style="blue"),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("replay", total=None, storm_time="", said="")

    def __enter__(self) -> "Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, frame: Frame, tally: Tally) -> None:
        """After each answer."""
        counts = f"{tally.requests:,} sent, {tally.outcomes['accepted']:,} accepted"
        if tally.retries:
            counts += f", {tally.retries:,} tried again"
        self._progress.update(self._task, storm_time=f"{frame.at:%Y-%m-%d %H:%M}", said=counts)


def tell(tally: Tally, took_s: float, raw_bytes: int, reached: Mapping[str, float | None]) -> None:
    """The end of a replay."""
    counts = ", ".join(f"{tally.outcomes[outcome]:,} {outcome}" for outcome in OUTCOMES)
    again = f"; {tally.retries:,} tried again" if tally.retries else ""
    unchanged = f", {tally.unchanged:,} unchanged" if tally.unchanged else ""
    rate = tally.outcomes.total() / took_s if took_s else 0.0
    console.print(f"Sent {tally.requests:,} requests ({raw_bytes / 1e6:,.0f} MB) in {took_s:.1f} s{again}.")
    console.print(f"Events: {counts}{unchanged}; {rate:,.0f} a second.")
    for fault in tally.faults:
        console.print(f"  refused: {fault}", markup=False)
    console.print(f"Last position: {tally.position}. After the last answer it was shown by:")
    table = Table(box=None, show_header=False)
    for name, after_s in reached.items():
        table.add_row(name, f"{after_s:.2f} s" if after_s is not None else "[red]not within the time allowed[/]")
    console.print(table)
