"""XML from outside, read without trust: no DTD, no entity of its own, nothing fetched; and depth and size are bounded while it is read."""

from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from msgspec import Struct

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"


class Bounds(Struct, frozen=True):
    """How much XML is read."""

    elements: int
    depth: int


class Node(Struct):
    """One element. A name of CAP 1.2 stands alone, any other after its namespace in braces."""

    name: str
    attributes: tuple[str, ...] = ()
    """Their names: CAP gives none a meaning."""
    text: str = ""
    """All character data directly in it."""
    children: list["Node"] = []


class Unreadable(ValueError):
    """The body can't be read as XML that is taken here; the text says why, and what to do."""


class TooMuch(Unreadable):
    """More of it than is read."""


def tree_of(body: bytes, bounds: Bounds) -> Node:
    """The root of the document. Raises `Unreadable`, or `TooMuch` for more elements than `bounds` allow."""
    builder = _Builder(bounds)
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    try:
        parser.feed(body)
        parser.close()
    except Unreadable:
        raise
    except DefusedXmlException as error:
        raise Unreadable("a DTD or an entity declaration is not taken: a CAP message needs neither. Leave the DOCTYPE out") from error
    except ParseError as error:
        line, column = error.position
        raise Unreadable(f"not well-formed XML at line {line}, column {column + 1} ({_reason(error)})") from error
    except (ValueError, LookupError) as error:
        raise Unreadable("its encoding can't be read: send UTF-8") from error
    if builder.root is None:
        raise Unreadable("it has no element")
    return builder.root


def _reason(error: ParseError) -> str:
    return str(error).partition(":")[0]


class _Builder:
    """What the parser tells, as nodes. Comments and processing instructions mean nothing in CAP, and are not listened to."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds, self._elements = bounds, 0
        self._open: list[tuple[Node, list[str]]] = []
        self.root: Node | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > self._bounds.elements:
            raise TooMuch(f"more than {self._bounds.elements} elements (SURGECAST_INGEST_ALERT_ELEMENTS_MAX)")
        if len(self._open) >= self._bounds.depth:
            raise Unreadable(f"elements are nested more than {self._bounds.depth} deep; CAP needs 4 (SURGECAST_INGEST_ALERT_DEPTH_MAX)")
        node = Node(_name(tag), tuple(attributes))
        if self._open:
            self._open[-1][0].children.append(node)
        else:
            self.root = node
        self._open.append((node, []))

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1][1].append(text)

    def end(self, _tag: str) -> None:
        node, texts = self._open.pop()
        node.text = "".join(texts)


def _name(tag: str) -> str:
    namespace, brace, local = tag.rpartition("}")
    if namespace == "{" + NAMESPACE:
        return local
    return tag if brace else "{}" + tag
