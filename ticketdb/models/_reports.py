"""What was sold, taken and owed, and how full it was."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal


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
