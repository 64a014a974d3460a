"""However many items there are in a body, no more are taken apart than a request may have."""

import json
import tracemalloc
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.batches import split_json, split_lines
from services.ingest.formats import FORMATS, Limits
from services.ingest.items import MEMBERS_MAX, TooMany, items_in, lines_in, members_in

MOST = 100
MANY = 2_000_000
BATCHES: dict[str, tuple[Callable[[bytes, int], object], bytes]] = {
    "events": (split_json, b'{"events":[' + b"1," * MANY + b"1]}"),
    "lines": (split_lines, b"1\n" * MANY),
    "members": (split_json, b"{" + b",".join(b'"%d":1' % number for number in range(MANY // 10)) + b"}"),
}
PICTURES = {
    "arcgis": b'{"features":[' + b"{}," * MANY + b"{}]}",
    "bchydro": b"[" + b"1," * MANY + b"1]",
    "csv": b"id\n" + b"1\n" * MANY,
    "csv of blanks": b"id\n" + b"\n" * MANY,
    "geojson": b'{"features":[' + b"1," * MANY + b"1]}",
    "geojson of members": b"{" + b",".join(b'"%d":1' % number for number in range(MANY // 10)) + b"}",
    "hydroquebec": b'{"markers":{"pannes":[' + b"1," * MANY + b"1]}}",
    "ifactor": b'{"file_data":[' + b"1," * MANY + b"1]}",
    "ifactor of areas": b'{"file_data":{"areas":[' + b"1," * MANY + b"1]}}",
    "kubra": b"[" + b"1," * MANY + b"1]",
    "multispeak": b"<outages>" + b"<outageEvent/>" * (MANY // 10) + b"</outages>",
    "odin": b"<outages>" + b"<outage/>" * (MANY // 10) + b"</outages>",
    "odin of others": b"<outages>" + b"<a/>" * (MANY // 10) + b"</outages>",
    "pge": b"[" + b"1," * MANY + b"1]",
}


def peak_of(read: Callable[[], object]) -> int:
    """Bytes held at most while `read` finds that there are too many."""
    tracemalloc.start(1)
    try:
        with pytest.raises(TooMany):
            read()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", BATCHES)
def test_a_batch_of_millions_costs_no_more_than_its_own_bytes_and_a_little(name: str) -> None:
    split, body = BATCHES[name]
    assert peak_of(lambda: split(body, MOST)) < 2 * len(body) + 2_000_000


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_of_millions_costs_no_more_than_its_own_text_and_a_little(name: str) -> None:
    body, known = PICTURES[name], FORMATS[name.partition(" ")[0]]
    allowed = 6 * len(body) + 2_000_000  # CSV is read as text, of four bytes a character
    assert peak_of(lambda: known.read(body, Limits(records_max=MOST))) < allowed


@given(st.lists(st.recursive(st.integers() | st.text(), st.lists, max_leaves=5), max_size=8), st.integers(1, 8))
def test_a_list_is_taken_apart_as_it_is_up_to_the_limit(values: list[object], most: int) -> None:
    text = json.dumps(values).encode()
    if len(values) > most and text.count(b",") >= most:
        with pytest.raises(TooMany):
            items_in(text, most)
    else:
        assert [json.loads(bytes(item)) for item in items_in(text, most)] == values


@given(st.text(alphabet=" \t\r\nab", max_size=40))
def test_lines_are_those_with_something_on_them_by_their_numbers(text: str) -> None:
    split = [(number, line.lstrip()) for number, line in enumerate(text.encode().split(b"\n"), 1) if line.strip()]
    assert list(lines_in(text.encode(), 100)) == split


def test_what_is_no_list_or_object_is_told_as_ever() -> None:
    for read in (lambda: items_in(b'{"a":[1,2,3]}', 1), lambda: members_in(b"[1]")):
        with pytest.raises(msgspec.ValidationError, match="Expected `"):
            read()


def test_as_many_members_as_are_taken_are_taken() -> None:
    assert len(members_in(json.dumps(dict.fromkeys(map(str, range(MEMBERS_MAX)), 1)).encode())) == MEMBERS_MAX
