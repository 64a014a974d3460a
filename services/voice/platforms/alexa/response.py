"""What we answer Alexa: the Alexa Skills Kit's response, version 1.0. At most 24,000 bytes."""

from typing import Literal

import msgspec
from msgspec import Struct

from services.voice.conversation.turn import Memory

RESPONSE_MAX_BYTES = 24_000


class Kept(Struct, frozen=True, omit_defaults=True):
    """What a session remembers. It comes back with the session's next request; nothing of it outlives the session."""

    memory: Memory = Memory()
    home: str = ""
    """The first half of the postal code that the device is registered at."""
    homeless: bool = False
    """The device did not tell it: it is not asked again."""


class Speech(Struct, frozen=True):
    """What is said."""

    ssml: str
    type: Literal["SSML"] = "SSML"


class Reprompt(Struct, frozen=True, rename="camel"):
    """What is said to somebody who says nothing."""

    output_speech: Speech


class Image(Struct, frozen=True, rename="camel"):
    """A card's picture: https addresses."""

    small_image_url: str
    large_image_url: str


class SimpleCard(Struct, frozen=True):
    """Words in the Alexa app."""

    title: str
    content: str
    type: Literal["Simple"] = "Simple"


class StandardCard(Struct, frozen=True):
    """Words and a picture in the Alexa app."""

    title: str
    text: str
    image: Image
    type: Literal["Standard"] = "Standard"


class LinkAccountCard(Struct, frozen=True):
    """Offers to link an account."""

    type: Literal["LinkAccount"] = "LinkAccount"


class ConsentCard(Struct, frozen=True):
    """Offers to let us know something."""

    permissions: tuple[str, ...]
    type: Literal["AskForPermissionsConsent"] = "AskForPermissionsConsent"


Card = SimpleCard | StandardCard | LinkAccountCard | ConsentCard


class EntityName(Struct, frozen=True):
    """What an entity is called."""

    value: str
    synonyms: tuple[str, ...] = ()


class Entity(Struct, frozen=True):
    """One value of a slot's type."""

    id: str
    name: EntityName


class EntityType(Struct, frozen=True):
    """Values of one slot's type, for this session."""

    name: str
    values: tuple[Entity, ...]


class UpdateDynamicEntities(Struct, frozen=True, rename="camel"):
    """Names to listen for until the session ends."""

    types: tuple[EntityType, ...]
    update_behavior: Literal["REPLACE"] = "REPLACE"
    type: Literal["Dialog.UpdateDynamicEntities"] = "Dialog.UpdateDynamicEntities"


class ElicitSlot(Struct, frozen=True, rename="camel"):
    """Listen for this slot of the same intent next."""

    slot_to_elicit: str
    type: Literal["Dialog.ElicitSlot"] = "Dialog.ElicitSlot"


class SlotAbility(Struct, frozen=True, rename="camel"):
    """What we could do with a slot."""

    can_understand: Literal["YES", "NO", "MAYBE"]
    can_fulfill: Literal["YES", "NO"]


class CanFulfill(Struct, frozen=True, rename="camel"):
    """Whether we could answer, were we asked."""

    can_fulfill: Literal["YES", "NO", "MAYBE"]
    slots: dict[str, SlotAbility]


class Response(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The response proper; empty where nothing is to be said."""

    output_speech: Speech | None = None
    card: Card | None = None
    reprompt: Reprompt | None = None
    directives: tuple[UpdateDynamicEntities | ElicitSlot, ...] = ()
    should_end_session: bool | None = None
    can_fulfill_intent: CanFulfill | None = None


class Answer(Struct, frozen=True, omit_defaults=True, rename="camel"):
    """All that we answer."""

    version: str
    session_attributes: Kept | None = None
    response: Response | None = None


VERSION = "1.0"
NOTHING = Answer(VERSION, response=Response())
_encode = msgspec.json.Encoder().encode


def encoded(answer: Answer) -> bytes:
    """`answer` as it travels. What would be too much for Alexa goes without its card, its directives, and then what it remembers: speech goes first."""
    body = _encode(answer)
    if len(body) < RESPONSE_MAX_BYTES or answer.response is None:
        return body
    less = msgspec.structs.replace(answer, response=msgspec.structs.replace(answer.response, card=None, directives=()))
    body = _encode(less)
    return body if len(body) < RESPONSE_MAX_BYTES else _encode(msgspec.structs.replace(less, session_attributes=Kept()))
