"""SQL text and row mapping, shared by every client. Pure: nothing here talks to a database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, Generic, NamedTuple, TypeVar, get_origin
from uuid import UUID

from psycopg.rows import BaseRowFactory, TupleRow, args_row, scalar_row, tuple_row
from psycopg.types.json import Jsonb

from ticketdb import models

Row = TypeVar("Row")

# how many rows a client reads ahead of its caller
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Statement(Generic[Row]):
    """A statement with `%s` for each parameter, and what makes an object of each row.

    Doing it twice does no more than doing it once; if it has a `key`, only where that parameter is given.
    """

    sql: str
    row: BaseRowFactory[Row]
    key: int | None = None

    def may_repeat(self, parameters: Sequence[Any]) -> bool:
        """Whether it may be sent again while nobody knows if it was done."""
        return self.key is None or parameters[self.key] is not None


def columns(model: type) -> str:
    """The columns of a model, listed: an answer that gained a column does not shift the others."""
    return ", ".join(f"r.{field.name}" for field in fields(model))


def _call(function: str, types: str) -> str:
    # The casts let a null find its function, and make of a number too big for its type an error that says so.
    arguments = ", ".join(f"%s::{name}" for name in types.split())
    return f"public.{function}({arguments})"


def _rows_of(model: type[Row], function: str, types: str = "", key: int | None = None) -> Statement[Row]:
    sql = f"select {columns(model)} from {_call(function, types)} as r"
    return Statement(sql, args_row(_row_of(model, _arrays(model))), key)


def _value_of(function: str, types: str = "") -> Statement[Any]:
    return Statement(f"select {_call(function, types)}", scalar_row)


def _arrays(model: type) -> list[int]:
    return [at for at, field in enumerate(fields(model)) if get_origin(field.type) is tuple]


def _row_of(model: type[Row], arrays: list[int]) -> Callable[..., Row]:
    """What makes a row of the values of an answer, whose arrays become tuples: a row does not change."""
    make: Callable[..., Row] = model

    def row(*values: Any) -> Row:
        return make(*(tuple(value or ()) if at in arrays else value for at, value in enumerate(values)))

    return row if arrays else make


def jsonb(value: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None) -> Jsonb | None:
    """A JSON parameter; None stays SQL's null, not JSON's."""
    return None if value is None else Jsonb(value)


# a connection through a transaction pooler keeps no setting: what it starts with is looked at, not changed
ISOLATION: Statement[str] = Statement("select current_setting('default_transaction_isolation')", scalar_row)
# the migrations have their order from their ids
_NEWEST = 'select max(m.migration_id collate "C") from ticketdb.ticket_migrations as m'
NEWEST_MIGRATION: Statement[str | None] = Statement(_NEWEST, scalar_row)
# both at once, as a tuple
ISOLATION_AND_NEWEST: Statement[TupleRow] = Statement(f"{ISOLATION.sql}, ({_NEWEST})", tuple_row)
BEGIN: Statement[TupleRow] = Statement("select", tuple_row)

# schedules
GENERATE_RECURRING_SCHEDULES: Statement[int] = _value_of(
    "generate_recurring_schedules", "int timestamp timestamp"
)
PREVIEW_RECURRING_SCHEDULES = _rows_of(
    models.SchedulePreview, "preview_recurring_schedules", "int timestamp timestamp"
)
GET_AVAILABLE_TIME_SLOTS = _rows_of(models.TimeSlot, "get_available_time_slots", "int date int time time")
CHANGE_SCHEDULES = _rows_of(
    models.ScheduleChange, "change_schedules", "int jsonb text int boolean boolean boolean"
)
MOVE_SCHEDULE = _rows_of(models.MovedSchedule, "move_schedule", "int date time time int text")
CANCEL_SCHEDULE = _rows_of(models.ScheduleCancellation, "cancel_schedule", "int text")
LIST_MOVED_SCHEDULES = _rows_of(models.ShiftedSchedule, "list_moved_schedules")
MOVE_UNSOLD_SCHEDULES: Statement[int] = _value_of("move_unsold_schedules")

# calendars
EXPAND_RRULE: Statement[datetime] = Statement(
    f"select r.at from {_call('expand_rrule', 'text timestamp timestamp timestamp')} as r (at)", scalar_row
)
DESCRIBE_RRULE: Statement[str] = _value_of("describe_rrule", "text")
SCHEDULES_ICS: Statement[str] = _value_of("schedules_ics", "int int date date")
DEFINITION_ICS: Statement[str] = _value_of("definition_ics", "int")
IMPORT_EVENT = _rows_of(models.ImportedEvent, "import_event", "jsonb")

# selling
CHECK_TICKET_AVAILABILITY = _rows_of(models.Availability, "check_ticket_availability", "int int int")
RESERVE_TICKETS = _rows_of(
    models.Reservation, "reserve_tickets", "int int int int interval text jsonb", key=5
)
RESERVE_SERIES = _rows_of(
    models.Reservation, "reserve_series", "int timestamp timestamp int int text jsonb", key=5
)
CONFIRM_RESERVATION = _rows_of(models.Confirmation, "confirm_reservation", "bigint text numeric jsonb")
RELEASE_RESERVATION = _rows_of(models.Reservation, "release_reservation", "bigint")
CANCEL_RESERVATION = _rows_of(models.Cancellation, "cancel_reservation", "bigint text")
MOVE_RESERVATION = _rows_of(models.Confirmation, "move_reservation", "bigint int")
SETTLE_REFUND = _rows_of(models.Refund, "settle_refund", "text text numeric")

# waitlist
JOIN_WAITLIST = _rows_of(models.WaitlistEntry, "join_waitlist", "int int int jsonb", key=2)
LEAVE_WAITLIST = _rows_of(models.WaitlistEntry, "leave_waitlist", "bigint")

# passes
BUY_PASS = _rows_of(models.Pass, "buy_pass", "int date int boolean text jsonb", key=4)
CONFIRM_PASS = _rows_of(models.Pass, "confirm_pass", "bigint text numeric")
REDEEM_PASS = _rows_of(models.PassVisit, "redeem_pass", "bigint int")
RETURN_VISIT = _rows_of(models.PassVisit, "return_visit", "bigint")
PAUSE_PASS = _rows_of(models.PassChange, "pause_pass", "bigint date date")
EXTEND_PASS = _rows_of(models.PassChange, "extend_pass", "bigint date")
CANCEL_PASS = _rows_of(models.Pass, "cancel_pass", "bigint text")
SET_PASS_RENEWAL = _rows_of(models.Pass, "set_pass_renewal", "bigint boolean")

# door
CHECK_IN = _rows_of(models.CheckIn, "check_in", "uuid int text uuid timestamptz", key=3)
CHECK_IN_BATCH = _rows_of(models.BatchScan, "check_in_batch", "jsonb")

# notifications
CLAIM_NOTIFICATIONS = _rows_of(models.Notification, "claim_notifications", "int interval")
COMPLETE_NOTIFICATION = _rows_of(models.NotificationResult, "complete_notification", "bigint uuid text")
RETRY_NOTIFICATION = _rows_of(models.NotificationRetry, "retry_notification", "bigint")

# reports
REPORT_SALES = _rows_of(models.SalesOfDay, "report_sales", "date date")
REPORT_REVENUE = _rows_of(models.RevenueOfType, "report_revenue", "date date")
REPORT_ATTENDANCE = _rows_of(models.AttendanceOfSchedule, "report_attendance", "date date")
REPORT_OCCUPANCY = _rows_of(models.Occupancy, "report_occupancy", "date date")
REPORT_NO_SHOWS = _rows_of(models.NoShow, "report_no_shows", "date date")
REFUNDS_DUE = Statement(
    f"""
    select {columns(models.RefundDue)} from public.v_refunds_due as r
    where r.due_date between coalesce(%s::date, '-infinity') and coalesce(%s::date, 'infinity')
    order by r.due_since, r.payment_id
    """,
    args_row(models.RefundDue),
)

# maintenance
RUN_MAINTENANCE: Statement[dict[str, Any]] = _value_of("run_maintenance", "int")
SCHEDULE_MAINTENANCE_JOBS = _rows_of(models.MaintenanceJob, "schedule_maintenance_jobs", "interval int")
UNSCHEDULE_MAINTENANCE_JOBS: Statement[int] = _value_of("unschedule_maintenance_jobs")
LINK_LEGACY_DATA = _rows_of(models.LinkStep, "link_legacy_data", "boolean")
VERIFY_INVENTORY = _rows_of(models.InventoryProblem, "verify_inventory")


# Pages of views. A filter that is not given is left out of the text: as `%s is null or ...` it would keep a
# prepared statement from using the index.
_IN_TIME = "r.schedule_date, r.start_time, r.schedule_id"


def event_availability(
    event_type: str | None,
    from_date: date | None,
    to_date: date | None,
    after: models.EventAvailability | None = None,
) -> tuple[Statement[models.EventAvailability], list[Any]]:
    """The statement for the page after a row, with these filters, and its parameters."""
    conditions = _given("r.event_type = %s::text", event_type) + _in_time(from_date, to_date, after)
    return _page(models.EventAvailability, "v_event_availability", conditions, _IN_TIME)


def tickets(
    reservation_id: int | None, ticket_code: UUID | str | None, after: models.Ticket | None = None
) -> tuple[Statement[models.Ticket], list[Any]]:
    """The statement for a page of tickets, of a reservation or with a code, and its parameters."""
    conditions = [
        *_given("r.reservation_id = %s::bigint", reservation_id),
        *_given("r.ticket_code = %s::uuid", ticket_code),
        *_given("r.ticket_id > %s::bigint", after and after.ticket_id),
    ]
    return _page(models.Ticket, "v_tickets", conditions, "r.ticket_id")


def waitlist(
    schedule_id: int, after: models.Waiting | None = None
) -> tuple[Statement[models.Waiting], list[Any]]:
    """The statement for a page of an occurrence's waiting list, and its parameters."""
    conditions = [
        _Condition("r.schedule_id = %s::int", (schedule_id,)),
        *_given("r.entry_id > %s::bigint", after and after.entry_id),
    ]
    return _page(models.Waiting, "v_waitlist", conditions, "r.entry_id")


def schedule_participants(
    schedule_id: int, after: models.ScheduleParticipant | None = None
) -> tuple[Statement[models.ScheduleParticipant], list[Any]]:
    """The statement for a page of an occurrence, and its parameters; those without a name come last."""
    conditions = [_Condition("r.schedule_id = %s::int", (schedule_id,))]
    if after is not None and after.name is not None:
        later = "((r.name, r.participant_id) > (%s::text, %s::int) or r.name is null)"
        conditions.append(_Condition(later, (after.name, after.participant_id)))
    elif after is not None:
        conditions.append(
            _Condition("r.name is null and r.participant_id > %s::int", (after.participant_id,))
        )
    return _page(
        models.ScheduleParticipant, "v_schedule_participants", conditions, "r.name, r.participant_id"
    )


def attendance(
    schedule_id: int | None,
    from_date: date | None,
    to_date: date | None,
    after: models.Attendance | None = None,
) -> tuple[Statement[models.Attendance], list[Any]]:
    """The statement for the page after a row, with these filters, and its parameters."""
    conditions = _given("r.schedule_id = %s::int", schedule_id) + _in_time(from_date, to_date, after)
    return _page(models.Attendance, "v_attendance", conditions, _IN_TIME)


class _Condition(NamedTuple):
    text: str
    values: tuple[Any, ...]


def _given(text: str, value: Any) -> list[_Condition]:
    return [] if value is None else [_Condition(text, (value,))]


def _in_time(
    from_date: date | None, to_date: date | None, after: models.EventAvailability | models.Attendance | None
) -> list[_Condition]:
    """After a row, in order of time, or else from a date on; and until a date."""
    if after is None:
        first = _given("r.schedule_date >= %s::date", from_date)
    else:
        row = (after.schedule_date, after.start_time, after.schedule_id)
        first = [
            # the date by itself says nothing new, but is what an index is entered with
            _Condition("r.schedule_date >= %s::date", row[:1]),
            _Condition(f"({_IN_TIME}) > (%s::date, %s::time, %s::int)", row),
        ]
    return first + _given("r.schedule_date <= %s::date", to_date)


def _page(
    model: type[Row], view: str, conditions: Sequence[_Condition], order: str
) -> tuple[Statement[Row], list[Any]]:
    where = f" where {' and '.join(condition.text for condition in conditions)}" if conditions else ""
    sql = f"select {columns(model)} from public.{view} as r{where} order by {order} limit {PAGE}"
    return Statement(sql, args_row(model)), [value for condition in conditions for value in condition.values]
