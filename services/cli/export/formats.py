"""Rows as lines: NDJSON, and CSV that a spreadsheet can open without danger. Parquet is in `parquet`."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any, BinaryIO, Protocol

import msgspec

from services.cli.export.columns import Column, Kind
from services.kernel.events import encode_event

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that begins so is run as a formula by spreadsheets (OWASP, CSV Injection); the text may be anybody's."""
BETWEEN_TEXTS = ";"
"""No area's id has one."""


class Writer(Protocol):
    """Writes rows to a file in one format. Raises OSError where the file can't be written."""

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Write some rows."""
        ...

    def close(self) -> None:
        """Write what a file of this format ends with; the file itself stays open."""
        ...


class Ndjson:
    """One JSON object a line; times in RFC 3339, lists and events as they are."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._file, self._names = file, [column.name for column in columns]
        self._encode = msgspec.json.Encoder().encode_lines

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Meets `Writer.write`."""
        self._file.write(self._encode([dict(zip(self._names, row, strict=True)) for row in rows]))

    def close(self) -> None:
        """Meets `Writer.close`."""


class Csv:
    """RFC 4180, UTF-8, with a heading; lists joined by `;`. Text that a spreadsheet would run as a formula gets an apostrophe before it."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._file, self._kinds = file, [column.kind for column in columns]
        self._put([[column.name for column in columns]])

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Meets `Writer.write`."""
        self._put([[cell(kind, value) for kind, value in zip(self._kinds, row, strict=True)] for row in rows])

    def close(self) -> None:
        """Meets `Writer.close`."""

    def _put(self, rows: Sequence[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        self._file.write(text.getvalue().encode())


def cell(kind: Kind, value: Any) -> str:
    """`value` as the text of one cell; empty where it is missing."""
    if value is None:
        return ""
    match kind:
        case Kind.BOOLEAN:
            return "true" if value else "false"
        case Kind.MOMENT:
            moment: datetime = value
            return moment.isoformat().replace("+00:00", "Z")
        case Kind.JSON:
            return encode_event(value).decode()
        case Kind.TEXT | Kind.TEXTS:
            text = value if kind is Kind.TEXT else BETWEEN_TEXTS.join(value)
            return f"'{text}" if text.startswith(FORMULA) else text
        case _:
            return str(value)
