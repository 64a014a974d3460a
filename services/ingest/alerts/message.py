"""The parts of a CAP message that this house reads, by their names. Values are as sent: `schema` checks them, `mapping` understands them."""

from collections.abc import Iterable

from msgspec import Struct

from services.ingest.alerts.reading import Node

DEFAULT_LANGUAGE = "en-US"
"""Where an info block names none (CAP 1.2, section 3.2.2)."""

Pairs = tuple[tuple[str, str], ...]
"""Name and value, of a code or a parameter."""


class Reference(Struct, frozen=True):
    """A message, named as later messages refer to it."""

    sender: str
    identifier: str
    sent: str

    def __str__(self) -> str:
        return f"{self.sender},{self.identifier},{self.sent}"


class Area(Struct, frozen=True):
    """A place of an info block."""

    name: str
    polygons: tuple[str, ...]
    circles: tuple[str, ...]
    geocodes: Pairs


class Info(Struct, frozen=True):
    """What the message says, in one language."""

    language: str
    event: str
    event_codes: Pairs
    response_types: tuple[str, ...]
    effective: str
    onset: str
    headline: str
    description: str
    instruction: str
    parameters: Pairs
    areas: tuple[Area, ...]

    @property
    def is_all_clear(self) -> bool:
        """Whether it says that there is nothing to fear any more."""
        return "AllClear" in self.response_types


class Alert(Struct, frozen=True):
    """The whole message. `contact`, in which senders put people's names and numbers, is never read."""

    name: Reference
    status: str
    type: str
    scope: str
    addresses: str
    codes: tuple[str, ...]
    references: tuple[Reference, ...]
    is_follow_up: bool
    """Whether it refers to any message, in whatever form."""
    infos: tuple[Info, ...]


def alert_of(root: Node) -> Alert:
    """The parts of `root`, empty where they are missing: what is broken is told by `schema`."""
    name = Reference(_text(root, "sender").strip(), _text(root, "identifier").strip(), _text(root, "sent").strip())
    return Alert(
        name=name,
        status=_text(root, "status"),
        type=_text(root, "msgType"),
        scope=_text(root, "scope"),
        addresses=_text(root, "addresses").strip(),
        codes=tuple(_texts(root, "code")),
        references=tuple(_references(_text(root, "references"))),
        is_follow_up=bool(_text(root, "references").strip()),
        infos=tuple(_info(node) for node in root.children if node.name == "info"),
    )


def _info(node: Node) -> Info:
    return Info(
        language=_text(node, "language").strip() or DEFAULT_LANGUAGE,
        event=_text(node, "event"),
        event_codes=_pairs(node, "eventCode"),
        response_types=tuple(_texts(node, "responseType")),
        effective=_text(node, "effective"),
        onset=_text(node, "onset"),
        headline=_text(node, "headline"),
        description=_text(node, "description"),
        instruction=_text(node, "instruction"),
        parameters=_pairs(node, "parameter"),
        areas=tuple(
            Area(_text(area, "areaDesc"), tuple(_texts(area, "polygon")), tuple(_texts(area, "circle")), _pairs(area, "geocode"))
            for area in node.children
            if area.name == "area"
        ),
    )


def _references(text: str) -> Iterable[Reference]:
    for word in text.split():
        parts = word.split(",")
        if len(parts) == 3:
            yield Reference(*parts)


def _texts(node: Node, name: str) -> Iterable[str]:
    return (child.text for child in node.children if child.name == name)


def _text(node: Node, name: str) -> str:
    return next(iter(_texts(node, name)), "")


def _pairs(node: Node, name: str) -> Pairs:
    return tuple((_text(child, "valueName").strip(), _text(child, "value").strip()) for child in node.children if child.name == name)
