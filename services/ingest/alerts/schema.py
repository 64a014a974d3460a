"""CAP 1.2 as a table: which elements there are, in which order, how often, and how each is written (CAP 1.2, section 3.2 and 3.4)."""

from collections import Counter
from collections.abc import Iterator

from msgspec import Struct

from services.ingest.alerts import forms
from services.ingest.alerts.forms import Check, Words
from services.ingest.alerts.reading import Node

SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"
"""XML signatures may end an alert. They are not verified: the ingest key says who sends."""
_SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}"


class Element(Struct, frozen=True):
    """One row: an element, with either the form of its text or the elements inside."""

    name: str
    form: Check = forms.anything
    parts: tuple["Element", ...] = ()
    optional: bool = False
    repeated: bool = False


def _may(name: str, form: Check = forms.anything, parts: tuple[Element, ...] = (), repeated: bool = False) -> Element:
    return Element(name, form, parts, optional=True, repeated=repeated)


_PAIR = (Element("valueName"), Element("value"))
_RESOURCE = (
    Element("resourceDesc"),
    Element("mimeType"),
    _may("size", forms.integer),
    _may("uri"),
    _may("derefUri"),
    _may("digest"),
)
_AREA = (
    Element("areaDesc"),
    _may("polygon", forms.polygon, repeated=True),
    _may("circle", forms.circle, repeated=True),
    _may("geocode", parts=_PAIR, repeated=True),
    _may("altitude", forms.decimal),
    _may("ceiling", forms.decimal),
)
_INFO = (
    _may("language", forms.language),
    Element(
        "category",
        Words("Geo", "Met", "Safety", "Security", "Rescue", "Fire", "Health", "Env", "Transport", "Infra", "CBRNE", "Other"),
        repeated=True,
    ),
    Element("event"),
    _may(
        "responseType",
        Words("Shelter", "Evacuate", "Prepare", "Execute", "Avoid", "Monitor", "Assess", "AllClear", "None"),
        repeated=True,
    ),
    Element("urgency", Words("Immediate", "Expected", "Future", "Past", "Unknown")),
    Element("severity", Words("Extreme", "Severe", "Moderate", "Minor", "Unknown")),
    Element("certainty", Words("Observed", "Likely", "Possible", "Unlikely", "Unknown")),
    _may("audience"),
    _may("eventCode", parts=_PAIR, repeated=True),
    _may("effective", forms.date_time),
    _may("onset", forms.date_time),
    _may("expires", forms.date_time),
    _may("senderName"),
    _may("headline"),
    _may("description"),
    _may("instruction"),
    _may("web"),
    _may("contact"),
    _may("parameter", parts=_PAIR, repeated=True),
    _may("resource", parts=_RESOURCE, repeated=True),
    _may("area", parts=_AREA, repeated=True),
)
ALERT = Element(
    "alert",
    parts=(
        Element("identifier", forms.name),
        Element("sender", forms.name),
        Element("sent", forms.date_time),
        Element("status", Words("Actual", "Exercise", "System", "Test", "Draft")),
        Element("msgType", Words("Alert", "Update", "Cancel", "Ack", "Error")),
        _may("source"),
        Element("scope", Words("Public", "Restricted", "Private")),
        _may("restriction"),
        _may("addresses"),
        _may("code", repeated=True),
        _may("note"),
        _may("references", forms.references),
        _may("incidents"),
        _may("info", parts=_INFO, repeated=True),
    ),
)


def faults_in(root: Node) -> Iterator[str]:
    """`path: what is wrong` with the document, each way in which it is not CAP 1.2."""
    if root.name == ALERT.name:
        yield from _within(root, ALERT, "")
    else:
        yield f"alert: the document's root must be alert of urn:oasis:names:tc:emergency:cap:1.2, not {root.name[:100]}"


def _within(node: Node, row: Element, path: str) -> Iterator[str]:
    """What is wrong inside an element that has parts: strange, misplaced, missing and too many, then each part by itself."""
    here = path or row.name
    yield from _bare(node, here)
    if node.text.strip():
        yield f"{here}: must hold elements only, and has text"
    places = {part.name: at for at, part in enumerate(row.parts)}
    counted: Counter[str] = Counter()
    furthest = 0
    for index, child in enumerate(node.children):
        at = places.get(child.name)
        if at is None:
            yield from _strange(child, here, is_signature=row is ALERT and not any(later.name in places for later in node.children[index:]))
            continue
        if at < furthest:
            yield f"{_below(path, child.name)}: must stand before {row.parts[furthest].name}: the order of CAP's elements is fixed"
        furthest = max(furthest, at)
        yield from _part(child, row.parts[at], path, counted[child.name])
        counted[child.name] += 1
    for part in row.parts:
        if not counted[part.name] and not part.optional:
            yield f"{_below(path, part.name)}: missing; it is required"
        if counted[part.name] > 1 and not part.repeated:
            yield f"{_below(path, part.name)}: may be there once only, and is there {counted[part.name]} times"


def _part(node: Node, row: Element, path: str, index: int) -> Iterator[str]:
    here = _below(path, row.name) + (f"[{index}]" if row.repeated else "")
    if row.parts:
        yield from _within(node, row, here)
        return
    yield from _bare(node, here)
    if node.children:
        yield f"{here}: must hold text only, and has the element {node.children[0].name[:100]}"
    elif fault := row.form(node.text):
        yield f"{here}: {fault}"


def _strange(child: Node, here: str, *, is_signature: bool) -> Iterator[str]:
    if child.name.startswith(SIGNATURE):
        if not is_signature:
            yield f"{here}: a signature may stand only at the end of an alert"
    else:
        yield f"{here}: unknown element {child.name[:100]}; leave it out"


def _bare(node: Node, here: str) -> Iterator[str]:
    if unknown := next((name for name in node.attributes if not name.startswith(_SCHEMA_LOCATION)), None):
        yield f"{here}: unknown attribute {unknown[:100]}; CAP 1.2 has none"


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
