"""XML from outside: what is refused, and that nothing else can happen."""

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.ingest.alerts import profile, schema
from services.ingest.alerts.message import alert_of
from services.ingest.alerts.reading import Bounds, TooMuch, Unreadable, tree_of
from tests.cap import FIXTURES, fixture

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


@settings(max_examples=300, deadline=None)
@given(mangled() | st.binary(max_size=200))
def test_whatever_is_sent_is_refused_or_read(body: bytes) -> None:
    try:
        root = tree_of(body, BOUNDS)
    except Unreadable:
        return
    alert = alert_of(root)
    reasons = list(islice((*schema.faults_in(root), *profile.conditions_unmet(alert), *profile.faults_in(alert)), 1_000))
    assert all(": " in reason for reason in reasons)


def test_our_own_sound_messages_are_sound() -> None:
    for name in ("alert", "update", "all-clear"):
        root = tree_of(fixture(name).encode(), BOUNDS)
        assert [*schema.faults_in(root), *profile.conditions_unmet(alert_of(root)), *profile.faults_in(alert_of(root))] == []
