"""Our table of CAP 1.2 against the schema that OASIS publishes, and against messages that break each rule."""

from typing import Any
from xml.etree import ElementTree

import pytest

from services.ingest.alerts import forms, schema
from services.ingest.alerts.reading import Bounds, tree_of
from services.ingest.alerts.schema import ALERT, Element
from tests.cap import changed, fixture, sample

XSD = "{http://www.w3.org/2001/XMLSchema}"
FORMS = {
    "xs:string": (forms.anything, forms.name, forms.references, forms.polygon, forms.circle),
    "xs:anyURI": (forms.anything,),
    "xs:integer": (forms.integer,),
    "xs:decimal": (forms.decimal,),
    "xs:language": (forms.language,),
    "xs:dateTime": (forms.date_time,),
}
"""By the schema's type, what may stand for it in our table: the same, or what CAP says of it in words besides."""


def compare(declared: Any, row: Element) -> None:
    """`declared`, an xs:element, and our `row` say the same, and so do all within."""
    assert (declared.get("name") or declared.get("ref").removeprefix("cap:")) == row.name
    if row is not ALERT:
        assert (declared.get("minOccurs", "1") == "0", declared.get("maxOccurs", "1") == "unbounded") == (row.optional, row.repeated), row.name
    inside = declared.find(f"{XSD}complexType/{XSD}sequence")
    if inside is not None:
        parts = inside.findall(f"{XSD}element")
        assert [part.get("name") or part.get("ref").removeprefix("cap:") for part in parts] == [part.name for part in row.parts]
        for part, its_row in zip(parts, row.parts, strict=True):
            compare(part, its_row)
        return
    restriction = declared.find(f"{XSD}simpleType/{XSD}restriction")
    words = [] if restriction is None else [word.get("value") for word in restriction.findall(f"{XSD}enumeration")]
    if words:
        assert isinstance(row.form, forms.Words)
        assert list(row.form.words) == words
    else:
        base = restriction.get("base") if restriction is not None else declared.get("type", "xs:string")
        assert row.form in FORMS[base], row.name


def test_our_table_is_the_published_schema() -> None:
    published = ElementTree.fromstring(sample("CAP-v1.2.xsd"))  # noqa: S314 - the published schema, not something that was sent
    alert, *pair = published.findall(f"{XSD}element")
    compare(alert, ALERT)
    assert [part.get("name") for part in pair] == ["valueName", "value"]


def reasons(text: str) -> list[str]:
    return list(schema.faults_in(tree_of(text.encode(), Bounds(1_000, 32))))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("cap:1.2", "cap:1.1"), "alert: the document's root must be alert of urn:oasis:names:tc:emergency:cap:1.2"),
        (("<scope>.*?</scope>", ""), "scope: missing"),
        (("<status>Actual</status>", "<status>Actual</status><status>Actual</status>"), "status: may be there once only"),
        (("<status>(.*?)</status>(.*?)<msgType>Alert</msgType>", "<msgType>Alert</msgType><status>Actual</status>"), "status: must stand before msgType"),
        (("<status>", "<status xml:lang='en'>"), "status: unknown attribute"),
        (("<scope>", "words<scope>"), "alert: must hold elements only"),
        (("<scope>", "<x xmlns='urn:x'/><scope>"), "alert: unknown element {urn:x}x"),
        (("<scope>", "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/><scope>"), "alert: a signature may stand only at the end"),
        (("<scope>Public", "<scope>Public "), "scope: must be one of Public, Restricted, Private"),
        (("<code>.*?</code>", "<code><b/></code>"), "code[0]: must hold text only"),
        (("05:01:00-05:00", "05:01:00Z"), "sent: must be a time"),
        (("05:01:00-05:00", "05:01:00.0-05:00"), "sent: must be a time"),
        (("05:01:00-05:00", "05:01:00,05:00"), "sent: must be a time"),
        (("05:01:00-05:00", "05:01:00-15:00"), "sent: must be a time"),
        (("2024-11-20T05:01", "2024-02-30T05:01"), "sent: must be a time"),
        (("2024-11-20T05:01:00-", "0001-01-01T03:01:00+"), "sent: must be a time"),
        (("HX-2024-0001", "HX 2024"), "identifier: must have no spaces"),
        (("HX-2024-0001", ""), "identifier: must not be empty"),
        (("outages@hydro.example", "a&amp;b"), "sender: must have no spaces"),
        (("45.45,-75.73 2.5", "45.45,-75.73 -2.5"), "info[0].area[1].circle[0]: must be latitude,longitude and a radius"),
        (("45.38,-75.80 45.30", "95.38,-75.80 45.30"), "info[0].area[0].polygon[0]: must hold latitude,longitude pairs in degrees"),
        (("45.38,-75.80 45.30", "nan,-75.80 45.30"), "info[0].area[0].polygon[0]: must hold latitude,longitude pairs in degrees"),
        (("45.38,-75.80 45.30,-75.80<", "45.38,-75.80<"), "info[0].area[0].polygon[0]: must end where it begins"),
    ],
)
def test_each_rule_is_told_by_its_path(change: tuple[str, str], reason: str) -> None:
    assert any(told.startswith(reason) for told in reasons(changed(change))), reasons(changed(change))


def test_what_the_schema_allows_is_allowed() -> None:
    assert (
        reasons(
            changed(
                ("<scope>Public</scope>", "<source/><scope>Public</scope><restriction/><addresses/>"),
                ("<sent>", "<sent>\n"),
                ("<language>en-CA</language>", "<language/>"),
                ("45.30,-75.80 45.30", "45.30,-75.80\n\t45.3"),
                ("</alert>", "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><Any/></Signature></alert>"),
                ("<alert ", "<alert xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:schemaLocation='a b' "),
            )
        )
        == []
    )
    assert reasons(fixture().replace("<alert xmlns=", "<c:alert xmlns:c=").replace("</alert>", "</c:alert>")) != []
