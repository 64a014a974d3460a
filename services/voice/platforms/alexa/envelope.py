"""What Alexa posts, as far as we read it: the Alexa Skills Kit's request, version 1.0. Fields that are not known are passed over; there are more each year."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct, field


class Code(Struct, frozen=True):
    """How an entity was resolved."""

    code: str = ""


class Name(Struct, frozen=True):
    """An entity of a slot's type."""

    name: str = ""
    id: str | None = None


class Resolved(Struct, frozen=True):
    """One candidate."""

    value: Name = Name()


class Authority(Struct, frozen=True):
    """What one list of entities makes of a slot."""

    status: Code = Code()
    values: list[Resolved] = field(default_factory=list)


class Resolutions(Struct, frozen=True):
    """What all lists make of it."""

    authorities: list[Authority] = field(default_factory=list, name="resolutionsPerAuthority")


class Slot(Struct, frozen=True):
    """A part of what was said."""

    value: str | None = None
    resolutions: Resolutions | None = None


class AlexaIntent(Struct, frozen=True, rename="camel"):
    """What Alexa understood."""

    name: str
    slots: dict[str, Slot] | None = None
    confirmation_status: str = "NONE"


class Fault(Struct, frozen=True):
    """What went wrong on Alexa's side, or with our last response."""

    type: str = ""
    message: str = ""


class Cause(Struct, frozen=True, rename="camel"):
    """The request whose response it went wrong with."""

    request_id: str = ""


class AlexaRequest(Struct, frozen=True, rename="camel"):
    """The request proper."""

    type: str
    request_id: str
    timestamp: datetime | int
    """As text, or (some of Amazon's tools) as milliseconds since 1970."""
    locale: str | None = None
    intent: AlexaIntent | None = None
    dialog_state: str | None = None
    reason: str | None = None
    """Of a session's end."""
    error: Fault | None = None
    cause: Cause | None = None
    event_creation_time: datetime | None = None
    body: msgspec.Raw = field(default_factory=msgspec.Raw)
    """Of an event that nobody spoke."""

    @property
    def sent_at(self) -> datetime:
        """When it was sent: aware. A time without an offset is taken for UTC."""
        return _aware(self.timestamp)

    @property
    def created_at(self) -> datetime:
        """When what an event tells of happened; when it was sent, where it doesn't say."""
        return _aware(self.timestamp if self.event_creation_time is None else self.event_creation_time)


def _aware(moment: datetime | int) -> datetime:
    if isinstance(moment, int):
        return datetime.fromtimestamp(min(max(moment, 0), 253_402_300_799_999) / 1000, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Application(Struct, frozen=True, rename="camel"):
    """Whom it is for."""

    application_id: str = ""


class User(Struct, frozen=True, rename="camel"):
    """Who asks: an account of Amazon's, and of ours where it is linked."""

    user_id: str | None = None
    access_token: str | None = None


class Device(Struct, frozen=True, rename="camel"):
    """What they speak to."""

    device_id: str = ""


class System(Struct, frozen=True, rename="camel"):
    """The state of the platform."""

    application: Application = Application()
    user: User = User()
    device: Device = Device()
    api_endpoint: str | None = None
    api_access_token: str | None = None


class Coordinate(Struct, frozen=True):
    """Degrees, WGS 84."""

    latitude: float = field(name="latitudeInDegrees")
    longitude: float = field(name="longitudeInDegrees")


class Geolocation(Struct, frozen=True):
    """Where the device is, where its owner lets us know."""

    coordinate: Coordinate | None = None


class Context(Struct, frozen=True):
    """What surrounds the request."""

    system: System = field(default=System(), name="System")
    geolocation: msgspec.Raw = field(default_factory=msgspec.Raw, name="Geolocation")
    """Read apart (`point_of`): one without all its numbers must not sink the request."""


class Session(Struct, frozen=True, rename="camel"):
    """A conversation."""

    session_id: str = ""
    application: Application | None = None
    attributes: msgspec.Raw = field(default_factory=msgspec.Raw)
    """What we said to remember until it ends; of whichever version of us said it."""


class Envelope(Struct, frozen=True):
    """All that Alexa posts. `session` is absent from events that nobody spoke."""

    request: AlexaRequest
    context: Context = field(default_factory=Context)
    session: Session | None = None

    @property
    def applications(self) -> set[str]:
        """The skills that it names: one, unless someone put it together."""
        named = {self.context.system.application.application_id}
        if self.session is not None and self.session.application is not None:
            named.add(self.session.application.application_id)
        named.discard("")
        return named


def raw_as(raw: msgspec.Raw, kind: Any, default: Any) -> Any:
    """`raw` as a `kind`; `default` where it isn't one."""
    if not raw:
        return default
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, RecursionError):
        return default


def point_of(context: Context) -> tuple[float, float] | None:
    """Longitude and latitude of the device, where it told them."""
    if not context.geolocation:
        return None
    found: Geolocation = raw_as(context.geolocation, Geolocation, _NOWHERE)
    where = found.coordinate
    if where is None or not (-90 <= where.latitude <= 90 and -180 <= where.longitude <= 180):
        return None
    return where.longitude, where.latitude


_NOWHERE = Geolocation()
Slots = Mapping[str, Slot]
