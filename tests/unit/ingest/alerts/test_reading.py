"""XML from outside: what is refused, and that nothing else can happen."""

import asyncio
import re
from datetime import UTC, datetime
from xml.sax.saxutils import escape  # only writes

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.chains_memory import MemoryChains
from services.adapters.journal_memory import MemoryJournal
from services.ingest.alerts import profile, schema
from services.ingest.alerts.message import alert_of
from services.ingest.alerts.reading import Bounds, TooMuch, Unreadable, tree_of
from services.ingest.alerts.take import Alerts
from services.kernel.events import decode_event, encode_event
from services.kit.http import Problem
from services.kit.settings import Settings
from tests.builders import SOURCE, SetClock
from tests.cap import FIXTURES, fixture
from tests.examples import examples

SETTINGS = {profile: Settings(_env_file=None, ingest_cap_profile=profile) for profile in ("cap", "cap-cp")}
NOW = datetime(2024, 11, 20, 12, 0, tzinfo=UTC)

BOUNDS = Bounds(elements=5_000, depth=32)
LAUGHS = '<!DOCTYPE a [<!ENTITY a "ha">' + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)) + "]><a>&i;</a>"
HOSTILE = {
    "a bomb": LAUGHS,
    "one huge entity": '<!DOCTYPE a [<!ENTITY a "' + "x" * 10_000 + '">]><a>' + "&a;" * 10_000 + "</a>",
    "an external entity": '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><a>&a;</a>',
    "a parameter entity": '<!DOCTYPE a [<!ENTITY % a SYSTEM "http://127.0.0.1:1/x.dtd"> %a;]><a/>',
    "an external DTD": '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
    "an empty DTD": "<!DOCTYPE a><a/>",
    "an entity never declared": "<a>&nbsp;</a>",
    "deep nesting": "<a>" * 100_000,
    "an unclosed element": "<a><b></a>",
    "two roots": "<a/><a/>",
    "nothing": "",
    "blanks": " \n",
    "JSON": '{"alert": 1}',
    "a NUL": "<a>\0</a>",
    "an unknown encoding": '<?xml version="1.0" encoding="x-nobody"?><a/>',
    "an encoding of several bytes": '<?xml version="1.0" encoding="shift_jis"?><a/>',
    "a prefix without a namespace": "<x:a/>",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_and_broken_documents_are_refused(text: str) -> None:
    with pytest.raises(Unreadable) as refused:
        tree_of(text.encode(), BOUNDS)
    assert len(str(refused.value)) < 200


def test_elements_are_counted_while_reading() -> None:
    with pytest.raises(TooMuch, match="more than 5000 elements"):
        tree_of(b"<a>" + b"<b/>" * 5_000 + b"</a>", BOUNDS)


def test_text_is_put_together_and_other_namespaces_keep_theirs() -> None:
    root = tree_of(b"<a xmlns='urn:x' b='1'>one<!-- no --> two<![CDATA[ & three]]><c xmlns=''/>&#x20;four</a>", BOUNDS)
    assert (root.name, root.text, root.attributes) == ("{urn:x}a", "one two & three four", ("b",))
    assert [child.name for child in root.children] == ["{}c"]


LEAF = re.compile(r"<(\w+)>[^<>]*</\1>")
NASTY = [
    "", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-11-20T05:01:00-05:00", "1e999,0 1", "9" * 400, "0,0 0,0 0,0 0,0", "0,0 0",
    "a,b,2024-11-20T05:01:00-05:00", "a,b,0001-01-01T00:00:00+14:00 a,b,9999-12-31T23:59:59-14:00", "AllClear", "Cancel", "\x85",
]  # fmt: skip


@st.composite
def altered(draw: st.DrawFn) -> bytes:
    """A message of ours with some of its texts replaced, left out or told twice: most are still XML, and some still CAP."""
    text = draw(st.sampled_from(sorted(FIXTURES.glob("*.xml")))).read_text("utf-8")
    for _ in range(draw(st.integers(1, 2))):
        leaves = list(LEAF.finditer(text))
        name = draw(st.sampled_from(sorted({leaf[1] for leaf in leaves})))
        leaf = draw(st.sampled_from([leaf for leaf in leaves if leaf[1] == name]))
        other = draw(
            st.sampled_from(["", leaf[0] * 2])
            | (st.sampled_from(NASTY) | st.text(max_size=30)).map(lambda words, name=leaf[1]: f"<{name}>{escape(words)}</{name}>")
        )
        text = text[: leaf.start()] + other + text[leaf.end() :]
    return text.encode("utf-8", "replace")


@st.composite
def mangled(draw: st.DrawFn) -> bytes:
    """A document of ours with a few pieces cut, repeated, swapped for others of it, or overwritten."""
    text = draw(st.sampled_from(sorted(FIXTURES.glob("*.xml")))).read_bytes()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        upto = min(len(text), at + draw(st.integers(0, 200)))
        other = draw(st.integers(0, len(text)))
        piece = draw(
            st.sampled_from([b"", text[at:upto] * 2, text[other : other + upto - at], b"<a>", b"&amp;", b"\xff", b"]]>", b"0", b" "]) | st.binary(max_size=8)
        )
        text = text[:at] + piece + text[upto:]
    return text


@settings(max_examples=examples(80), deadline=None)
@given(body=altered() | mangled() | st.binary(max_size=200), profile=st.sampled_from(sorted(SETTINGS)))
def test_whatever_is_sent_is_taken_or_refused_for_a_reason(body: bytes, profile: str) -> None:
    journal = MemoryJournal()
    alerts = Alerts(journal, MemoryChains(), SetClock(NOW), SETTINGS[profile])
    try:
        answered = asyncio.run(alerts.take(SOURCE, body))
        refused = None
    except Problem as problem:
        refused = problem
    if refused:
        assert refused.status in (400, 413, 422)
        assert all(": " in reason for reason in refused.body.get("reasons", ()))
        assert journal.entries == []
    else:
        assert (answered.accepted, answered.accepted + answered.rejected) == (len(journal.entries), 1)
        assert [decode_event(encode_event(entry.event)) for entry in journal.entries] == [entry.event for entry in journal.entries]


def test_our_own_sound_messages_are_sound() -> None:
    for name in ("alert", "update", "all-clear"):
        root = tree_of(fixture(name).encode(), BOUNDS)
        assert [*schema.faults_in(root), *profile.conditions_unmet(alert_of(root)), *profile.faults_in(alert_of(root))] == []
