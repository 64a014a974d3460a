"""The utility's customers, as far as an answer needs them: where they are supplied, by what, and what they owe. Personal data: never logged, never counted."""

from datetime import date
from enum import StrEnum
from typing import NewType

from msgspec import Struct

from services.kernel.ids import AreaId

CustomerId = NewType("CustomerId", str)
"""The utility's own id for a customer, as its directory and its tokens spell it; up to CUSTOMER_ID_MAX characters."""
CUSTOMER_ID_MAX = 200


class Plan(StrEnum):
    """How a customer pays for electricity (Ontario Energy Board): by time of use, ultra-low overnight, or tiered."""

    TOU = "tou"
    ULO = "ulo"
    TIERED = "tiered"


class Premise(Struct, frozen=True, omit_defaults=True):
    """One place that is supplied."""

    id: str
    address: str
    """As one would say it: '12 Example Street'."""
    area: AreaId
    point: tuple[float, float] | None = None
    """Longitude and latitude in degrees, WGS 84."""
    devices: tuple[str, ...] = ()
    """All that its electricity passes through, from the substation to its transformer, as outages name them: `feeder:7F12`."""


class Account(Struct, frozen=True, omit_defaults=True):
    """What a customer owes, and when. Amounts in hundredths of `currency`."""

    balance_cents: int
    """Below zero: in credit."""
    currency: str = "CAD"
    """ISO 4217."""
    due_on: date | None = None
    """By when the balance is to be paid; None where nothing is due."""
    next_payment_cents: int | None = None
    """Of the next payment that is planned or asked for; None where there is none."""
    next_payment_on: date | None = None
    plan: Plan | None = None


class Customer(Struct, frozen=True, omit_defaults=True):
    """One customer. Without an account, where the directory knows only where they live."""

    id: CustomerId
    premises: tuple[Premise, ...] = ()
    account: Account | None = None
