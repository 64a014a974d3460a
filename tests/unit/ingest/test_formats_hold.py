"""What holds for every format, whatever is sent: nothing but sightings or a refusal, no personal data, and never for long."""

import json
import re

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.ingest.formats import FORMATS, BodyError, Sightings
from tests.examples import examples
from tests.mutants import BODIES, format_of, mangled, mutated, with_personal, written
from tests.unit.ingest.formats_read import LIMITS

_TELLS = re.compile(rb"Pat|613-555|Example Street|8002243210|example\.org")


def taken(name: str, body: bytes) -> Sightings | None:
    """What the format makes of `body`; None where it refuses it. Anything else is a failure."""
    try:
        sightings = FORMATS[name].read(body, LIMITS)
    except BodyError:
        return None
    assert all(flaw.field and flaw.message for flaw in sightings.flaws)
    msgspec.json.encode([list(sightings.conditions.values()), sightings.unnamed])
    return sightings


@pytest.mark.parametrize("name", sorted(BODIES))
@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_real_picture_with_anything_wrong_in_it_is_read_or_refused(name: str, data: st.DataObject) -> None:
    body = BODIES[name]
    by_value = data.draw(st.booleans()) and name.endswith(".json")
    body = written(mutated(json.loads(body), data.draw)) if by_value else mangled(body, data.draw)
    for other in {format_of(name), data.draw(st.sampled_from(sorted(FORMATS)))}:
        taken(other, body)


@pytest.mark.parametrize(("name", "record"), [("geojson", '{"a": [%s]}'), ("bchydro", '{"a": [%s]}'), ("kubra", '{"a": [%s]}'), ("hydroquebec", "[[%s]]")])
def test_a_record_too_large_to_be_read_whole_is_a_flaw(name: str, record: str) -> None:
    large = record % ("[]," * 400_000 + "[]")
    (flaw,) = FORMATS[name].read(f'{{"records": [{large}, 1]}}'.encode(), LIMITS).flaws[:1]
    assert (flaw.field, "at most" in flaw.message) == ("record", True)


DEEP = 3_000
RINGS = b"[[0,0],[0,1],[1,1],[0,0]],[[0,0],[1,1],[0,1],[0,0]],"
"""The same outer ring, and a hole that is all of it."""
HARMFUL = {
    "lists": b"[" * DEEP + b"]" * DEEP,
    "objects": b'{"file_data":' * DEEP + b"1" + b"}" * DEEP,
    "a record": b'[{"id":1,"desc":' + b"[" * DEEP + b"]" * DEEP + b"}]",
    "clusters": b'[{"geom":{"p":["mg~oGlc{cK"]},"desc":' + b'{"cluster":true,"outages":[' * 200 + b"]}" * 200 + b"}]",
    "areas": b'{"file_data":' + b'{"name":"a","cust_a":{"val":1},"areas":[' * 200 + b"]}" * 200 + b"}",
    "nearly as deep as can be read": b'[{"objectID":"1","isPlanned":' + b"[" * 400 + b"]" * 400 + b',"identifier":"1","ETR":' + b"[" * 400 + b"]" * 400 + b"}]",
    "rings": b'{"features":[{"attributes":{"identifier":"1"},"geometry":{"rings":[' + RINGS * 3_000 + b"[]]}}]}",
    "fewer rings": b'{"features":[{"attributes":{"identifier":"1"},"geometry":{"rings":[' + RINGS * 240 + b"[]]}}]}",
    "elements": b"<outages>" + b"<outage>" * 60 + b"</outage>" * 60 + b"</outages>",
    "attributes": b"<outage " + b" ".join(b'a%d="1"' % number for number in range(20_000)) + b"/>",
    "columns": b"id" + b",c" * 5_000 + b"\n" + b"1" + b"," * 5_000 + b"\n",
    "quotes": b'id,area\n1,"' + b'""' * 30_000 + b'"\n',
    "numbers": b'[{"id":' + b"9" * 100_000 + b',"identifier":' + b"9" * 100_000 + b"}]",
}  # fmt: skip


@pytest.mark.timeout(20)
@pytest.mark.parametrize("harm", sorted(HARMFUL))
def test_a_body_made_to_harm_is_read_or_refused_soon(harm: str) -> None:
    for name in FORMATS:
        taken(name, HARMFUL[harm])


@pytest.mark.parametrize("name", [name for name in sorted(BODIES) if name.endswith(".json")])
def test_personal_data_never_gets_in(name: str) -> None:
    plain = json.loads(BODIES[name])
    leaking = FORMATS[format_of(name)].read(json.dumps(with_personal(plain)).encode(), LIMITS)
    assert leaking == FORMATS[format_of(name)].read(json.dumps(plain).encode(), LIMITS)


@pytest.mark.parametrize("name", sorted(BODIES))
def test_personal_data_of_the_fixtures_stays_out(name: str) -> None:
    sightings = FORMATS[format_of(name)].read(BODIES[name], LIMITS)
    assert sightings.conditions or sightings.unnamed
    assert not _TELLS.search(msgspec.json.encode([list(sightings.conditions.values()), sightings.unnamed, list(sightings.area_names.values())]))
