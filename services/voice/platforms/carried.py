"""A conversation's memory on its way through a platform's hands: as JSON, or packed into a line for an address or a cookie."""

import base64
import binascii
from typing import Any

import msgspec
from msgspec.structs import replace

from services.voice.conversation.outages import ECHO_MAX
from services.voice.conversation.turn import Memory

PACKED_MAX = 512
"""Letters of a packed memory: an address or a cookie has room for no more of it."""
NAME_MAX = 40
"""Letters of a flow's name and of a step's."""
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Memory).decode


def unchanged(carried: Any) -> Memory:
    """The memory that was handed out as JSON, unless it was made into something else on the way."""
    try:
        return _short(msgspec.convert(carried, Memory))
    except msgspec.ValidationError:
        return Memory()


def packed(memory: Memory) -> str:
    """`memory` as letters that an address and a cookie may hold; '' where there is nothing to remember."""
    if memory == Memory():
        return ""
    line = base64.urlsafe_b64encode(_encode(_short(memory))).rstrip(b"=").decode()
    return line if len(line) <= PACKED_MAX else ""


def unpacked(line: str) -> Memory:
    """What `packed` made of a memory; nothing where somebody else made `line`."""
    if not line or len(line) > PACKED_MAX or not line.isascii():
        return Memory()
    try:
        return _short(_decode(base64.b64decode(line + "=" * (-len(line) % 4), b"-_", validate=True)))
    except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError):
        return Memory()


def _short(memory: Memory) -> Memory:
    return replace(memory, place=memory.place[:ECHO_MAX], offered=memory.offered[:3], flow=memory.flow[:NAME_MAX], step=memory.step[:NAME_MAX])
