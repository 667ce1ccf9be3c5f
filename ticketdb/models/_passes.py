"""Passes: bought, used for visits, paused, extended, cancelled, renewed."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Pass:
    """A pass: what it is good for, what became of it, and what its buyer has to get back."""

    pass_id: int
    pass_code: UUID
    event_definition_id: int
    kind: str
    starts_on: date
    ends_on: date
    visits: int
    visits_left: int
    price: Decimal
    status: str
    expires_at: datetime
    renews: bool
    refund_due: Decimal


@dataclass(frozen=True, slots=True)
class PassVisit:
    """A place that a pass has on an occurrence, or had."""

    reservation_id: int
    reservation_code: str
    pass_id: int
    schedule_id: int
    status: str
    ticket_codes: tuple[UUID, ...]
    visits_left: int


@dataclass(frozen=True, slots=True)
class PassChange:
    """What a pause or an extension moved; `full_schedules` had no room for the pass."""

    pass_id: int
    ends_on: date
    places_released: int
    places_added: int
    full_schedules: tuple[int, ...]
