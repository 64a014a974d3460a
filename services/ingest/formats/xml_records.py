"""Records out of XML: each element of a given name becomes a JSON object of its attributes and elements, without namespaces."""

from collections.abc import Collection
from typing import Any
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ErrorString

import msgspec
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from msgspec import Struct

from services.ingest.formats.format import BodyError
from services.ingest.items import TooMany

DEPTH_MAX = 64
"""Real documents have a tenth of that; deeper ones are made to exhaust whoever reads them."""
ELEMENTS_EACH = 100
"""Elements of a record; real ones have a third of that."""
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def is_xml(body: bytes) -> bool:
    """Whether a body that may be JSON or XML is XML, by its first character."""
    return body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<"


class Document(Struct, frozen=True):
    """What is in a document."""

    records: list[bytes]
    is_notification: bool = False
    """It tells of some changes (`...Notification`), and so is no whole picture."""


def xml_records(body: bytes, names: Collection[str], most: int) -> Document:
    """The outermost elements whose names, in small letters, are among `names`, each as JSON. Reads once and keeps nothing else of the document.

    Text is text, an element that is `xsi:nil` or has nothing in it is null, and several of one name are a list. Raises BodyError: where it is not
    well formed, declares entities or a document type, nests too deeply, or has no element at all that is about outages (an error page, say).
    Raises TooMany for more than `most` records, or elements enough for many more.
    """
    target = _Target(frozenset(names), most)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        parser.feed(body)
        parser.close()
    except ParseError as error:
        line, column = error.position
        raise BodyError(
            f"The body is not well-formed XML: {ErrorString(error.code)}, at line {line}, column {column}. Send the whole picture again."
        ) from error
    except DefusedXmlException as error:
        raise BodyError("The XML declares a document type or entities, which are not taken. Send it without.") from error
    except (LookupError, ValueError) as error:
        if isinstance(error, BodyError):
            raise
        raise BodyError(f"The XML can't be read: {error}. Send UTF-8.") from error
    if not target.about_outages:
        raise BodyError(f"The XML has no element about outages; its root is {target.root[:60] or 'missing'}. Send the service's answer as it came.")
    return Document(target.records, target.is_notification)


class _Target:
    """What the parser tells, element by element; see XMLParser in Python's xml.etree.ElementTree."""

    def __init__(self, names: frozenset[str], most: int) -> None:
        self.records: list[bytes] = []
        self.root = ""
        self.about_outages = self.is_notification = False
        self._names = names
        self._depth = self._elements = 0
        self._most = most
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        """Elements within a record that are not closed yet: name, members, pieces of text."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        self._depth += 1
        self._elements += 1
        if len(self.records) >= self._most and not self._open and name.lower() in self._names:
            raise TooMany
        if self._elements > self._most * ELEMENTS_EACH:
            raise TooMany
        if self._depth > DEPTH_MAX:
            raise BodyError(f"The XML nests elements more than {DEPTH_MAX} deep. Send the service's answer as it came.")
        self.root = self.root or name
        self.about_outages = self.about_outages or "outage" in name.lower()
        self.is_notification = self.is_notification or (not self._open and name.endswith("Notification"))
        if self._open or name.lower() in self._names:
            members: dict[str, Any] = {} if attributes.get(_NIL) == "true" else {_local(key): value for key, value in attributes.items() if key != _NIL}
            self._open.append((name, members, []))

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1][2].append(text)

    def end(self, _tag: str) -> None:
        self._depth -= 1
        if not self._open:
            return
        name, members, pieces = self._open.pop()
        if not self._open:
            self.records.append(msgspec.json.encode(members))
            return
        value = members or "".join(pieces).strip() or None
        around = self._open[-1][1]
        if name not in around:
            around[name] = value
        elif isinstance(around[name], list):
            around[name].append(value)
        else:
            around[name] = [around[name], value]

    def close(self) -> None:
        """Nothing is left to do: the records are there."""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
