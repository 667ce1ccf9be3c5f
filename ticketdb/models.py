"""The rows that ticketdb answers with. Fields have the names and the order of the columns they come from."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SchedulePreview:
    """An occurrence that `generate_recurring_schedules` would make, or that exists already."""

    schedule_date: date
    start_time: time
    end_time: time
    starts_at: datetime
    ends_at: datetime
    already_exists: bool
    conflict: str | None
    extra_days: int


@dataclass(frozen=True, slots=True)
class TimeSlot:
    """A slot of a day in a space, on the clock of the database's time zone; `blocked_by` says who has it."""

    slot_start: datetime
    slot_end: datetime
    is_available: bool
    blocked_by: str | None


@dataclass(frozen=True, slots=True)
class ShiftedSchedule:
    """A coming occurrence whose instants are not what its zone's rules say now (`starts_at_now`)."""

    schedule_id: int
    event_code: str
    schedule_date: date
    start_time: time
    timezone: str
    starts_at: datetime
    ends_at: datetime
    starts_at_now: datetime
    ends_at_now: datetime
    tickets_taken: int


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
class ScheduleChange:
    """An occurrence that `change_schedules` is about: what became of it, or would, and why."""

    schedule_id: int
    schedule_date: date
    action: str
    reason: str | None
    before: dict[str, Any]
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class MovedSchedule:
    """Where and when an occurrence takes place after it was moved."""

    schedule_id: int
    schedule_date: date
    start_time: time
    end_time: time
    space_id: int | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ImportedEvent:
    """What became of an event of a calendar: `result` is created, updated or unchanged."""

    result: str
    event_definition_id: int
    event_code: str
    title: str
    uid: str


@dataclass(frozen=True, slots=True)
class ScheduleCancellation:
    """An occurrence that was called off: holds released, and payments that have to go back."""

    schedule_id: int
    holds_released: int
    refunds_due: int
    refund_amount: Decimal


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


@dataclass(frozen=True, slots=True)
class WaitlistEntry:
    """A place in a waiting list: a position while it waits, then an offer to be paid before it expires."""

    entry_id: int
    schedule_id: int
    quantity: int
    status: str
    position: int | None
    reservation_id: int | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class CheckIn:
    """What the door is told about a ticket."""

    result: str
    ticket_id: int | None
    name: str | None
    quantity: int | None
    scan_count: int | None
    first_scanned_at: datetime | None


@dataclass(frozen=True, slots=True)
class BatchScan:
    """The verdict on one scan of a batch; `line` counts from 1."""

    line: int
    scan_id: UUID | None
    ticket_code: str | None
    result: str
    ticket_id: int | None
    name: str | None
    quantity: int | None
    scan_count: int | None
    first_scanned_at: datetime | None
    conflict: bool
    problem: str | None


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


@dataclass(frozen=True, slots=True)
class MaintenanceJob:
    """A job of the daily round: scheduled, or else what to do instead."""

    job_name: str
    schedule: str
    command: str
    is_scheduled: bool
    next_step: str | None


@dataclass(frozen=True, slots=True)
class LinkStep:
    """A step of `link_legacy_data` and the number of rows it linked."""

    step: str
    rows: int


@dataclass(frozen=True, slots=True)
class InventoryProblem:
    """A counter that differs from the rows it stands for.

    `schedule_id` is None where a booking has a space wrongly, and for a pass, which is of no one occurrence.
    """

    schedule_id: int | None
    problem: str
    expected: int
    actual: int


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
class ScheduleParticipant:
    """Somebody who comes to an occurrence: a row of `v_schedule_participants`."""

    schedule_id: int
    schedule_date: date
    event_title: str
    event_type: str
    participant_id: int
    name: str | None
    mobile: str | None
    ticket_quantity: int | None
    amount_paid: Decimal | None
    is_verified: bool | None
    scan_count: int | None
    joined_at: datetime | None
    booking_reference: str | None
    booking_status: str | None
    user_email: str | None
    first_name: str | None
    last_name: str | None
    booking_id: int | None
    is_active: bool | None
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class SalesOfDay:
    """What was sold of an event on a day: a row of `report_sales`. `net` is `gross` less `refunds`."""

    sale_date: date
    event_definition_id: int
    event_code: str
    title: str
    event_type: str
    payments: int
    tickets_sold: int
    tickets_returned: int
    gross: Decimal
    refunds: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class RevenueOfType:
    """What was taken with a type of event: a row of `report_revenue`. `net` is `gross` less `refunds`."""

    event_type: str
    payments: int
    tickets_sold: int
    tickets_returned: int
    gross: Decimal
    refunds: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class AttendanceOfSchedule:
    """Who came to an occurrence: a row of `report_attendance`. `no_shows` is None until it is over."""

    schedule_id: int
    schedule_date: date
    start_time: time
    event_code: str
    title: str
    event_type: str
    max_tickets: int
    tickets_sold: int
    admitted: int
    no_shows: int | None
    attendance_rate: Decimal | None


@dataclass(frozen=True, slots=True)
class Occupancy:
    """How full it was on a weekday (1 is Monday) at an hour: a row of `report_occupancy`."""

    weekday: int
    hour: int
    schedules: int
    max_tickets: int
    tickets_sold: int
    occupancy: Decimal | None


@dataclass(frozen=True, slots=True)
class NoShow:
    """A sale with tickets that let nobody in: a row of `report_no_shows`."""

    schedule_id: int
    schedule_date: date
    start_time: time
    event_code: str
    title: str
    reservation_id: int
    reservation_code: str
    user_id: int | None
    tickets: int
    no_shows: int


@dataclass(frozen=True, slots=True)
class RefundDue:
    """A payment of which something is due back: a row of `v_refunds_due`.

    It was made for a reservation of a schedule or, as a whole, for a pass; the other is None.
    """

    payment_id: int
    payment_reference: str
    received_at: datetime
    amount: Decimal
    refund_due: Decimal
    due_since: datetime
    due_date: date
    reservation_id: int | None
    reservation_code: str | None
    reservation_status: str | None
    user_id: int | None
    schedule_id: int | None
    schedule_date: date | None
    event_definition_id: int
    event_code: str
    title: str
    event_type: str
    pass_id: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Somebody who waits, or waited, for seats of an occurrence: a row of `v_waitlist`."""

    entry_id: int
    schedule_id: int
    quantity: int
    status: str
    position: int | None
    reservation_id: int | None
    expires_at: datetime | None
    user_id: int | None
    contact: dict[str, Any] | None
    joined_at: datetime
    offered_at: datetime | None
    closed_at: datetime | None


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


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who came to an occurrence, in numbers: a row of `v_attendance`."""

    schedule_id: int
    event_definition_id: int
    event_code: str
    title: str
    event_category: str
    event_type: str
    schedule_date: date
    start_time: time
    starts_at: datetime
    ends_at: datetime
    timezone: str
    status: str
    space_id: int | None
    venue_id: int | None
    admission_policy: str
    tickets_sold: int
    tickets_admitted: int
    verified_without_scan: int
    attended: int
    no_shows: int | None
    inside_now: int | None
    entries: int
    exits: int
    refused_scans: int
    first_scanned_at: datetime | None
    last_scanned_at: datetime | None
    entries_by_gate: dict[str, int]
