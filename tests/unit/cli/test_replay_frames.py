"""Recordings are read as they are, and what is no recording is named with its line."""

import gzip
import json
import lzma
from pathlib import Path

import pytest

from services.cli.failure import Failure
from services.cli.replay.ahead import Ahead
from services.cli.replay.frames import frames

PICTURE = b'{"observed_at": "2022-12-23T00:04:50Z", "source": "x", "format": "kubra", "records": [ {"id":  "1",  "n": 1.50} ]}\n'


def _event(number: int, second: int) -> bytes:
    return json.dumps({"event_id": f"e{number}", "outage_id": "o", "occurred_at": f"2022-12-23T00:04:{second:02}Z", "status": "active"}).encode() + b"\n"


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".xz", lzma.compress), (".gz", gzip.compress)], ids=["plain", "xz", "gz"])
def test_a_picture_is_sent_with_its_records_byte_for_byte(tmp_path: Path, suffix, pack) -> None:
    path = tmp_path / f"storm.ndjson{suffix}"
    path.write_bytes(pack(PICTURE + b"\n" + PICTURE))
    first, second = frames(path, None, 500, 1.0)
    assert first.body == second.body == b'[ {"id":  "1",  "n": 1.50} ]'
    assert first.path == "/ingest/v1/snapshots/kubra?observed_at=2022-12-23T00%3A04%3A50Z"


def test_a_named_format_wins_over_the_lines_own(tmp_path: Path) -> None:
    path = tmp_path / "storm.ndjson"
    path.write_bytes(PICTURE)
    (frame,) = frames(path, "pge", 500, 1.0)
    assert frame.path.startswith("/ingest/v1/snapshots/pge?")


def test_events_within_the_window_go_together_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"".join(_event(number, second) for number, second in enumerate([0, 0, 0, 1, 9, 9])))
    assert [frame.records for frame in frames(path, None, 2, 1.0)] == [2, 2, 2]
    assert [frame.records for frame in frames(path, None, 500, 1.0)] == [4, 2]


def test_all_events_are_sent_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(b"".join(_event(number, number) for number in range(10)))
    assert b"\n".join(frame.body for frame in frames(path, None, 3, 100.0)) + b"\n" == path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.ndjson", b"", "is empty"),
        ("a.ndjson", PICTURE + b'{"observed_at": "2022', "line 2"),
        ("a.ndjson", b'{"observed_at": "yesterday", "format": "kubra", "records": []}', "observed_at"),
        ("a.ndjson", b'{"observed_at": "2022-12-23T00:04:50Z", "records": []}', "--format"),
        ("a.ndjson", b'{"event_id": "1"}', "occurred_at"),
        ("a.ndjson", b'{"event_id": "1", "occurred_at": "2022-12-23T00:04:50"}', "timezone"),
        ("a.ndjson.xz", b"not xz", "can't be read"),
        ("a.ndjson.xz", lzma.compress(PICTURE * 50)[:-20], "can't be read"),
        ("a.ndjson.gz", gzip.compress(PICTURE * 50)[:-9], "can't be read"),
    ],
)
def test_what_is_no_recording_is_said_plainly(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Failure, match=says):
        list(frames(path, None, 500, 1.0))


def test_reading_ahead_keeps_order_and_raises_errors_in_their_place() -> None:
    def items():
        yield from range(5)
        raise Failure("broken after five")

    ahead = iter(Ahead(items(), depth=1))
    assert [next(ahead) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(Failure, match="after five"):
        next(ahead)
