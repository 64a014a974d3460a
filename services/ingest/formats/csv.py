"""CSV with a header (RFC 4180): one row an outage; which column is what stands in the format's table."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

import msgspec

from services.ingest.formats.fields import Flawed, Record
from services.ingest.formats.format import BodyError, Limits, Sightings
from services.ingest.formats.mapped import Mapped, mapped_outcome
from services.ingest.formats.mapping import Table
from services.ingest.formats.reading import Outcome, each, sightings
from services.ingest.formats.recent import Recent
from services.ingest.items import TooMany
from services.kernel.ids import OutageId

_DELIMITERS = ",;\t|"
_BEYOND = " cells"
"""Where a row says how many cells it has, if those are more than the columns. No column is called this: names begin with no blank."""


class Csv:
    """Columns that the table doesn't name are never looked at. UTF-8; quotes, and line breaks within them, as in RFC 4180."""

    media_types = ("text/csv",)

    def __init__(self, table: Table) -> None:
        self._table = table
        self._known = frozenset(name.casefold() for names in table.fields.values() for name in names)

    def read(self, body: bytes, limits: Limits, recent: Recent[Outcome] | None = None) -> Sightings:
        """See Format."""
        records = [msgspec.json.encode(row) for row in self._rows(body, limits)]
        return sightings(each(records, self._outcome, recent), self._table.fields["outage_id"][0], cut_short=False, observed_at=None)

    def _outcome(self, raw: bytes) -> Outcome:
        return mapped_outcome(raw, self._table, _read)

    def _rows(self, body: bytes, limits: Limits) -> list[Record]:
        try:
            text = body.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise BodyError(f"The body is not UTF-8, at byte {error.start} of {len(body)}. Send CSV with a header, as UTF-8.") from error
        header = text.split("\n", 1)[0]
        seen = Counter(header)
        delimiter = self._table.conventions.delimiter or max(_DELIMITERS, key=lambda one: seen[one])
        rows = csv.reader(_lines(text, delimiter, limits.columns_max), delimiter=delimiter, strict=True)
        try:
            columns = self._columns([name.strip() for name in next(rows, [])])
            return [self._named(columns, cells) for number, cells in enumerate(rows) if not _beyond(number, limits.records_max) and any(map(str.strip, cells))]
        except csv.Error as error:
            raise BodyError(f"The CSV can't be read at line {rows.line_num}: {error}. Send the whole picture again.") from error

    def _named(self, columns: list[str], cells: list[str]) -> Record:
        """The row by column: only those that the table names, as each row repeats their names."""
        row = {column: cell.strip() for column, cell in zip(columns, cells, strict=False) if column.casefold() in self._known}
        if len(cells) > len(columns):
            row[_BEYOND] = str(len(cells))
        return row

    def _columns(self, names: list[str]) -> list[str]:
        """The header; raises BodyError where it has no column for an outage's id, or the same twice."""
        wanted = {name.casefold() for name in self._table.fields["outage_id"]}
        repeated = [name for name, count in Counter(map(str.casefold, names)).items() if name and count > 1]
        if repeated:
            raise BodyError(f"The header has the column {repeated[0][:60]!r} more than once. Name each column once.")
        if not wanted & set(map(str.casefold, names)):
            told = ", ".join(filter(None, names))[:200] or "none"
            raise BodyError(
                f"The header has no column for the outage's id ({', '.join(self._table.fields['outage_id'])}); it has: {told}. "
                "Send a header, or name its column in SURGECAST_INGEST_MAPPINGS, csv.fields.outage_id."
            )
        return names


def _beyond(number: int, most: int) -> bool:
    """False; raises TooMany for a row, blank or not, beyond the first `most`."""
    if number >= most:
        raise TooMany
    return False


def _lines(text: str, delimiter: str, most: int) -> Iterator[str]:
    """The lines of the text. Raises BodyError for one of so many cells that reading it would take long."""
    for number, line in enumerate(io.StringIO(text, newline=""), 1):
        if line.count(delimiter) >= most:
            most_told = f"{most} cells (SURGECAST_INGEST_CSV_COLUMNS_MAX)"
            raise BodyError(f"Line {number} has more than {most_told}. Send a header, and each outage on a line of its own.")
        yield line


def _read(outage_id: OutageId, row: Mapped) -> Outcome:
    if _BEYOND in row.record:
        raise Flawed("row", f"has {row.record[_BEYOND]} cells, more than the header has columns: is a cell with the delimiter in it not quoted?")
    return row.outcome(outage_id)
