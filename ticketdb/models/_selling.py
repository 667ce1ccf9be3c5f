"""From what is on sale to tickets, and back to a refund."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class EventAvailability:
    """An occurrence on sale: a row of `v_event_availability`."""

    event_definition_id: int
    event_code: str
    title: str
    event_category: str
    event_type: str
    banner_image_url: str | None
    default_ticket_price: Decimal
    schedule_id: int
    schedule_date: date
    start_time: time
    end_time: time
    start_datetime: datetime
    end_datetime: datetime
    max_tickets: int
    tickets_sold: int
    tickets_available: int
    effective_price: Decimal
    status: str
    space_id: int | None
    venue_id: int | None
    tickets_held: int
    starts_at: datetime
    ends_at: datetime
    timezone: str
    is_blocked: bool
    sales_open_at: datetime | None
    sales_close_at: datetime | None
    max_per_order: int | None
    limit_per_user: int | None
    extra_days: int


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a number of tickets can be bought now, and if not, why."""

    is_available: bool
    message: str
    tickets_available: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """A hold on tickets, or what became of it."""

    reservation_id: int
    reservation_code: str
    schedule_id: int
    ticket_type_id: int | None
    quantity: int
    unit_price: Decimal
    total_amount: Decimal
    status: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a payment led to: tickets (`confirmed`), or money to be given back (`refund_due`)."""

    reservation_id: int
    status: str
    tickets_sold: int
    ticket_codes: tuple[UUID, ...]
    refund_due: Decimal


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A cancelled reservation and what the buyer has to get back."""

    reservation_id: int
    status: str
    refund_due: Decimal


@dataclass(frozen=True, slots=True)
class Refund:
    """A payment of which money went back; `reservation_id` is None where it was for a pass."""

    payment_reference: str
    reservation_id: int | None
    amount: Decimal
    refunded: Decimal
    refund_due: Decimal
    refund_reference: str
    refunded_at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """What stands on a ticket: a row of `v_tickets`."""

    ticket_id: int
    ticket_code: UUID
    status: str
    reservation_id: int
    reservation_code: str
    event_code: str
    title: str
    schedule_id: int
    schedule_date: date
    start_time: time
    end_time: time
    starts_at: datetime
    ends_at: datetime
    timezone: str
    schedule_status: str
    venue_name: str | None
    space_name: str | None
    ticket_type: str | None
    name: str | None
    admission_policy: str
    max_entries: int | None
    scan_count: int
    first_scanned_at: datetime | None
    extra_days: int
