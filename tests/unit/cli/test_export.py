"""What `surgecast export` writes, read back by independent readers; and what it says where it can't."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from services.adapters.history_sql import SqlArchive
from services.adapters.ledger_upgrade import upgrade
from services.cli.app import app
from services.cli.export.columns import EVENTS, OUTAGES, Column, Kind, row
from services.cli.export.formats import Csv, Ndjson, cell
from services.cli.export.out import opened
from services.cli.export.parquet import Parquet
from services.cli.failure import Failure
from services.kernel.events import Note, Status, decode_event
from services.kernel.history import Recorded, position_at, records
from services.kernel.ids import outage_key
from services.kernel.ports.history import Cursor
from services.kernel.views import Position, position_order
from tests.builders import NOW, SOURCE, event
from tests.tree import ROOT

EST = datetime.fromisoformat("2018-09-21T20:00:00-05:00")
FULL = event(
    "-A=1", areas=("K2G", "K1A"), customers_affected=3, customers_masked=True, estimated_restoration=EST, note=Note("=cmd|' /C calc'!A0", 'Une "note", à\nlire')
)
BARE = event("B", minute=1, areas=(), status=Status.RESTORED)


def recorded(*events: Any) -> list[Recorded]:
    start = position_order(position_at(NOW))[0]
    return [
        Recorded(Position(f"{start + number}-{number}"), number, outage_key(SOURCE, one.outage_id), one.areas or ("unplaced",), one)
        for number, one in enumerate(events, 1)
    ]


def written(form: Any, columns: Any = EVENTS, rows: Any = None) -> io.BytesIO:
    file = io.BytesIO()
    writer = form(file, columns)
    for one in recorded(FULL, BARE) if rows is None else rows:  # two writes: two row groups, and one heading
        writer.write([row(columns, one)])
    writer.close()
    file.seek(0)
    return file


def test_ndjson_has_every_column_and_the_event_as_it_may_be_sent_again() -> None:
    full, bare = [json.loads(line) for line in written(Ndjson)]
    assert list(full) == [column.name for column in EVENTS]
    assert full["accepted_at"] == "2018-09-21T21:04:00.001000Z"
    assert full["estimated_restoration"] == "2018-09-22T01:00:00Z"
    assert (full["areas"], full["customers_affected"], full["customers_masked"]) == (["K2G", "K1A"], 3, True)
    assert (bare["areas"], bare["crew"], bare["note_fr"]) == (["unplaced"], None, None)
    assert decode_event(json.dumps(full["event"])) == FULL
    jsonschema.validate(full["event"], json.loads((ROOT / "contracts/event-v1.schema.json").read_text()))


def test_csv_is_read_back_and_runs_nothing_in_a_spreadsheet() -> None:
    full, bare = csv.DictReader(io.TextIOWrapper(written(Csv), encoding="utf-8", newline=""))
    assert (full["outage_id"], full["note_en"]) == ("'-A=1", "'=cmd|' /C calc'!A0")
    assert full["note_fr"] == 'Une "note", à\nlire'
    assert (full["areas"], full["customers_masked"], full["occurred_at"]) == ("K2G;K1A", "true", "2018-09-21T21:04:00Z")
    assert (bare["customers_affected"], bare["note_en"], bare["restored_at"]) == ("", "", "")
    assert decode_event(full["event"]) == FULL


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_text_that_begins_a_formula_is_marked_as_text(text: str) -> None:
    assert cell(Kind.TEXT, text) == f"'{text}"
    assert cell(Kind.TEXT, f"x{text}") == f"x{text}"


def test_parquet_has_typed_columns_with_times_in_utc() -> None:
    table = pq.read_table(written(Parquet))
    types = {field.name: str(field.type) for field in table.schema}
    assert [types[name] for name in ("occurred_at", "number", "planned", "areas", "note_en")] == [
        "timestamp[us, tz=UTC]",
        "int64",
        "bool",
        "list<element: string>",
        "string",
    ]
    full, bare = table.to_pylist()
    assert (full["estimated_restoration"], full["note_en"], full["areas"]) == (EST.astimezone(UTC), FULL.note.en, ["K2G", "K1A"])  # type: ignore[union-attr]
    assert (bare["customers_affected"], bare["occurred_at"]) == (None, NOW + timedelta(minutes=1))
    assert decode_event(full["event"]) == FULL


@pytest.mark.parametrize("form", [Ndjson, Csv, Parquet])
def test_an_empty_export_is_a_whole_file(form: Any) -> None:
    file = written(form, OUTAGES, [])
    if form is Parquet:
        assert pq.read_table(file).num_rows == 0
    else:
        assert len(file.read().splitlines()) == (form is Csv)


def test_outages_tell_their_whole_story() -> None:
    story = recorded(FULL, event("-A=1", minute=5, customers_affected=90), event("-A=1", minute=9, status=Status.RESTORED, areas=("K9Z",)))
    (told,) = [json.loads(line) for line in written(Ndjson, OUTAGES, records(story).values())]
    assert (told["outage_id"], told["status"], told["peak_customers"], told["areas"]) == ("-A=1", "restored", 90, ["K1A", "K2G", "K9Z"])
    assert (told["started_at"], told["restored_at"]) == ("2018-09-21T21:04:00Z", "2018-09-21T21:13:00Z")


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("of yesterday")
    with pytest.raises(ZeroDivisionError), opened(str(path), binary=False) as file:
        file.write(bytes([1, 2 // 0]))
    assert (path.read_text(), len(list(tmp_path.iterdir()))) == ("of yesterday", 1)
    with opened(str(path), binary=False) as file:
        file.write(b"whole")
    assert (path.read_text(), len(list(tmp_path.iterdir()))) == ("whole", 1)
    with pytest.raises(Failure, match="can't be written"), opened(str(tmp_path / "nowhere" / "x"), binary=False):
        pass


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--since", "yesterday"], "--since 'yesterday' is no date"),
        (["--until", "2026-13-01"], "--until"),
        (["--format", "xlsx"], "parquet, csv, ndjson"),
        (["--what", "posts"], "events, outages"),
    ],
)
def test_what_is_wrong_is_named(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(app, ["export", *arguments])
    assert isinstance(result.exception, Failure)
    assert said in str(result.exception)


def test_an_export_says_what_it_needs_when_redis_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURGECAST_JOURNAL_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("SURGECAST_DATA", str(tmp_path))
    upgrade(f"sqlite:///{tmp_path}/ledger.sqlite3")
    result = CliRunner().invoke(app, ["export", "--out", str(tmp_path / "x")])
    assert isinstance(result.exception, Failure)
    assert "journal" in str(result.exception)
    assert not (tmp_path / "x").exists()


def test_the_command_exports_a_window(redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SURGECAST_JOURNAL_URL", redis_url)
    monkeypatch.setenv("SURGECAST_DATA", str(tmp_path))
    upgrade(f"sqlite:///{tmp_path}/ledger.sqlite3")
    archive = SqlArchive(f"sqlite:///{tmp_path}/ledger.sqlite3", 5)
    assert archive.write(recorded(FULL, BARE), Cursor(), NOW)
    archive.close()

    def lines(*arguments: str) -> int:
        result = CliRunner().invoke(app, ["export", *arguments])
        assert result.exit_code == 0, result.stderr
        return len(result.stdout.splitlines())

    assert lines() == lines("--since", "2018-09-21") == lines("--what", "outages") == 2
    assert lines("--since", "2018-09-21T17:04:00.002-04:00") == lines("--until", "2018-09-21T21:04:00.002") == 1
    assert lines("--since", "2018-09-22", "--format", "csv") == 1  # the heading


def test_columns_are_named_once() -> None:
    for columns in (EVENTS, OUTAGES):
        names = [column.name for column in columns]
        assert len(set(names)) == len(names)
        assert all(isinstance(column, Column) for column in columns)
