"""Rows as Parquet, with typed columns: times in UTC, lists as lists. Needs pyarrow (the extra `history`)."""

from collections.abc import Sequence
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from services.cli.export.columns import Column, Kind
from services.kernel.events import encode_event

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
    Kind.TEXTS: pa.list_(pa.string()),
    Kind.JSON: pa.string(),
}


class Parquet:
    """A row group each time rows are written. Meets `formats.Writer`."""

    def __init__(self, file: BinaryIO, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._schema = pa.schema([pa.field(column.name, _TYPES[column.kind]) for column in columns])
        self._writer = pq.ParquetWriter(file, self._schema, compression="zstd")

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Meets `Writer.write`."""
        by_column = [[row[index] for row in rows] for index in range(len(self._columns))]
        arrays = [pa.array(_plain(column.kind, values), _TYPES[column.kind]) for column, values in zip(self._columns, by_column, strict=True)]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema))

    def close(self) -> None:
        """Meets `Writer.close`: the footer, without which nothing can be read."""
        self._writer.close()


def _plain(kind: Kind, values: list[Any]) -> list[Any]:
    return [encode_event(event).decode() for event in values] if kind is Kind.JSON else values
