"""The outbox, for a program that sends its messages."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Notification:
    """A message that was claimed, with what its sender needs to know.

    What is of a reservation and its occurrence is None where it is about a pass as a whole, and the
    other way round.
    """

    notification_id: int
    lease_id: UUID
    kind: str
    attempts: int
    created_at: datetime
    details: dict[str, Any]
    reservation_id: int | None
    reservation_code: str | None
    reservation_status: str | None
    quantity: int | None
    total_amount: Decimal
    refund_due: Decimal
    expires_at: datetime
    contact_name: str | None
    contact_mobile: str | None
    contact_email: str | None
    schedule_id: int | None
    event_code: str
    event_title: str
    schedule_status: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    start_datetime: datetime | None
    end_datetime: datetime | None
    timezone: str
    venue_name: str | None
    space_name: str | None
    ticket_type: str | None
    ticket_codes: tuple[UUID, ...]
    pass_id: int | None
    pass_code: UUID | None
    pass_status: str | None
    pass_starts_on: date | None
    pass_ends_on: date | None


@dataclass(frozen=True, slots=True)
class NotificationResult:
    """What became of a message that was claimed, and whether this call changed it."""

    notification_id: int
    status: str
    attempts: int
    due_at: datetime
    is_counted: bool


@dataclass(frozen=True, slots=True)
class NotificationRetry:
    """A message that is back in the outbox."""

    notification_id: int
    status: str
    attempts: int
    due_at: datetime
