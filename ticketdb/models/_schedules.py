"""What takes place when: occurrences made, moved, changed and called off, and the free times of a space."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any


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
class ScheduleCancellation:
    """An occurrence that was called off: holds released, and payments that have to go back."""

    schedule_id: int
    holds_released: int
    refunds_due: int
    refund_amount: Decimal


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
