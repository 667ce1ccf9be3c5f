"""Who may come in, who comes, and who came."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from uuid import UUID


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
