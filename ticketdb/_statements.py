"""SQL text and row mapping, shared by every client. Pure: nothing here talks to a database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
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


def _rows_of(
    model: type[Row],
    function: str,
    types: str = "",
    make: Callable[..., Row] | None = None,
    key: int | None = None,
) -> Statement[Row]:
    sql = f"select {columns(model)} from {_call(function, types)} as r"
    return Statement(sql, args_row(make or model), key)


def _confirmation(
    reservation_id: int, status: str, tickets_sold: int, ticket_codes: list[UUID] | None, refund_due: Decimal
) -> models.Confirmation:
    return models.Confirmation(reservation_id, status, tickets_sold, tuple(ticket_codes or ()), refund_due)


def _visit(
    reservation_id: int,
    reservation_code: str,
    pass_id: int,
    schedule_id: int,
    status: str,
    ticket_codes: list[UUID],
    visits_left: int,
) -> models.PassVisit:
    return models.PassVisit(
        reservation_id, reservation_code, pass_id, schedule_id, status, tuple(ticket_codes), visits_left
    )


def _change(
    pass_id: int, ends_on: date, places_released: int, places_added: int, full_schedules: list[int]
) -> models.PassChange:
    return models.PassChange(pass_id, ends_on, places_released, places_added, tuple(full_schedules))


def _notification(*values: Any) -> models.Notification:
    named = dict(zip((field.name for field in fields(models.Notification)), values, strict=True))
    return models.Notification(**named | {"ticket_codes": tuple(named["ticket_codes"])})


# a connection through a transaction pooler keeps no setting: what it starts with is looked at, not changed
ISOLATION: Statement[str] = Statement("select current_setting('default_transaction_isolation')", scalar_row)
# the migrations have their order from their ids
_NEWEST = 'select max(m.migration_id collate "C") from ticketdb.ticket_migrations as m'
NEWEST_MIGRATION: Statement[str | None] = Statement(_NEWEST, scalar_row)
# both at once, as a tuple
ISOLATION_AND_NEWEST: Statement[TupleRow] = Statement(f"{ISOLATION.sql}, ({_NEWEST})", tuple_row)
BEGIN: Statement[TupleRow] = Statement("select", tuple_row)
GENERATE_RECURRING_SCHEDULES: Statement[int] = Statement(
    f"select {_call('generate_recurring_schedules', 'int timestamp timestamp')}", scalar_row
)
PREVIEW_RECURRING_SCHEDULES = _rows_of(
    models.SchedulePreview, "preview_recurring_schedules", "int timestamp timestamp"
)
GET_AVAILABLE_TIME_SLOTS = _rows_of(models.TimeSlot, "get_available_time_slots", "int date int time time")
EXPAND_RRULE: Statement[datetime] = Statement(
    f"select r.at from {_call('expand_rrule', 'text timestamp timestamp timestamp')} as r (at)", scalar_row
)
DESCRIBE_RRULE: Statement[str] = Statement(f"select {_call('describe_rrule', 'text')}", scalar_row)
LIST_MOVED_SCHEDULES = _rows_of(models.ShiftedSchedule, "list_moved_schedules")
MOVE_UNSOLD_SCHEDULES: Statement[int] = Statement(f"select {_call('move_unsold_schedules', '')}", scalar_row)
CHECK_TICKET_AVAILABILITY = _rows_of(models.Availability, "check_ticket_availability", "int int int")
RESERVE_TICKETS = _rows_of(
    models.Reservation, "reserve_tickets", "int int int int interval text jsonb", key=5
)
CONFIRM_RESERVATION = _rows_of(
    models.Confirmation, "confirm_reservation", "bigint text numeric jsonb", _confirmation
)
RELEASE_RESERVATION = _rows_of(models.Reservation, "release_reservation", "bigint")
CANCEL_RESERVATION = _rows_of(models.Cancellation, "cancel_reservation", "bigint text")
RESERVE_SERIES = _rows_of(
    models.Reservation, "reserve_series", "int timestamp timestamp int int text jsonb", key=5
)
MOVE_RESERVATION = _rows_of(models.Confirmation, "move_reservation", "bigint int", _confirmation)
SETTLE_REFUND = _rows_of(models.Refund, "settle_refund", "text text numeric")
CHANGE_SCHEDULES = _rows_of(
    models.ScheduleChange, "change_schedules", "int jsonb text int boolean boolean boolean"
)
MOVE_SCHEDULE = _rows_of(models.MovedSchedule, "move_schedule", "int date time time int text")
CANCEL_SCHEDULE = _rows_of(models.ScheduleCancellation, "cancel_schedule", "int text")
BUY_PASS = _rows_of(models.Pass, "buy_pass", "int date int boolean text jsonb", key=4)
CONFIRM_PASS = _rows_of(models.Pass, "confirm_pass", "bigint text numeric")
REDEEM_PASS = _rows_of(models.PassVisit, "redeem_pass", "bigint int", _visit)
RETURN_VISIT = _rows_of(models.PassVisit, "return_visit", "bigint", _visit)
PAUSE_PASS = _rows_of(models.PassChange, "pause_pass", "bigint date date", _change)
EXTEND_PASS = _rows_of(models.PassChange, "extend_pass", "bigint date", _change)
CANCEL_PASS = _rows_of(models.Pass, "cancel_pass", "bigint text")
SET_PASS_RENEWAL = _rows_of(models.Pass, "set_pass_renewal", "bigint boolean")
JOIN_WAITLIST = _rows_of(models.WaitlistEntry, "join_waitlist", "int int int jsonb", key=2)
LEAVE_WAITLIST = _rows_of(models.WaitlistEntry, "leave_waitlist", "bigint")
CHECK_IN = _rows_of(models.CheckIn, "check_in", "uuid int text uuid timestamptz", key=3)
CHECK_IN_BATCH = _rows_of(models.BatchScan, "check_in_batch", "jsonb")
SCHEDULES_ICS: Statement[str] = Statement(f"select {_call('schedules_ics', 'int int date date')}", scalar_row)
DEFINITION_ICS: Statement[str] = Statement(f"select {_call('definition_ics', 'int')}", scalar_row)
IMPORT_EVENT = _rows_of(models.ImportedEvent, "import_event", "jsonb")
RUN_MAINTENANCE: Statement[dict[str, Any]] = Statement(
    f"select {_call('run_maintenance', 'int')}", scalar_row
)
SCHEDULE_MAINTENANCE_JOBS = _rows_of(models.MaintenanceJob, "schedule_maintenance_jobs", "interval int")
UNSCHEDULE_MAINTENANCE_JOBS: Statement[int] = Statement(
    f"select {_call('unschedule_maintenance_jobs', '')}", scalar_row
)
CLAIM_NOTIFICATIONS = _rows_of(models.Notification, "claim_notifications", "int interval", _notification)
COMPLETE_NOTIFICATION = _rows_of(models.NotificationResult, "complete_notification", "bigint uuid text")
RETRY_NOTIFICATION = _rows_of(models.NotificationRetry, "retry_notification", "bigint")
LINK_LEGACY_DATA = _rows_of(models.LinkStep, "link_legacy_data", "boolean")
VERIFY_INVENTORY = _rows_of(models.InventoryProblem, "verify_inventory")
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


def event_availability(
    event_type: str | None,
    from_date: date | None,
    to_date: date | None,
    after: models.EventAvailability | None = None,
) -> tuple[Statement[models.EventAvailability], list[Any]]:
    """The statement for the page after a row, with these filters, and its parameters.

    A filter that is not given is left out of the text: as `%s is null or ...` it would keep a prepared
    statement from using the index.
    """
    where: list[str] = []
    values: list[Any] = []

    def keep(condition: str, *compared: Any) -> None:
        if None not in compared:
            where.append(condition)
            values.extend(compared)

    keep("r.event_type = %s::text", event_type)
    if after is None:
        keep("r.schedule_date >= %s::date", from_date)
    else:
        # the date by itself says nothing new, but is what an index is entered with
        keep("r.schedule_date >= %s::date", after.schedule_date)
        keep(
            "(r.schedule_date, r.start_time, r.schedule_id) > (%s::date, %s::time, %s::int)",
            after.schedule_date,
            after.start_time,
            after.schedule_id,
        )
    keep("r.schedule_date <= %s::date", to_date)
    return _page(
        models.EventAvailability,
        "v_event_availability",
        where,
        "r.schedule_date, r.start_time, r.schedule_id",
    ), values


def schedule_participants(
    schedule_id: int, after: models.ScheduleParticipant | None = None
) -> tuple[Statement[models.ScheduleParticipant], list[Any]]:
    """The statement for a page of an occurrence, and its parameters; those without a name come last."""
    where = ["r.schedule_id = %s::int"]
    values: list[Any] = [schedule_id]
    if after is not None and after.name is not None:
        where.append("((r.name, r.participant_id) > (%s::text, %s::int) or r.name is null)")
        values += [after.name, after.participant_id]
    elif after is not None:
        where.append("r.name is null and r.participant_id > %s::int")
        values.append(after.participant_id)
    return _page(
        models.ScheduleParticipant, "v_schedule_participants", where, "r.name, r.participant_id"
    ), values


def waitlist(
    schedule_id: int, after: models.Waiting | None = None
) -> tuple[Statement[models.Waiting], list[Any]]:
    """The statement for a page of an occurrence's waiting list, and its parameters."""
    where = ["r.schedule_id = %s::int"]
    values: list[Any] = [schedule_id]
    if after is not None:
        where.append("r.entry_id > %s::bigint")
        values.append(after.entry_id)
    return _page(models.Waiting, "v_waitlist", where, "r.entry_id"), values


def _page(model: type[Row], view: str, where: list[str], order: str) -> Statement[Row]:
    condition = f" where {' and '.join(where)}" if where else ""
    return Statement(
        f"select {columns(model)} from public.{view} as r{condition} order by {order} limit {PAGE}",
        args_row(model),
    )


def jsonb(value: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None) -> Jsonb | None:
    """A JSON parameter; None stays SQL's null, not JSON's."""
    return None if value is None else Jsonb(value)


def attendance(
    schedule_id: int | None,
    from_date: date | None,
    to_date: date | None,
    after: models.Attendance | None = None,
) -> tuple[Statement[models.Attendance], list[Any]]:
    """The statement for the page after a row, with these filters, and its parameters."""
    where: list[str] = []
    values: list[Any] = []
    if schedule_id is not None:
        where.append("r.schedule_id = %s::int")
        values.append(schedule_id)
    if after is not None:
        where.append("r.schedule_date >= %s::date")
        where.append("(r.schedule_date, r.start_time, r.schedule_id) > (%s::date, %s::time, %s::int)")
        values += [after.schedule_date, after.schedule_date, after.start_time, after.schedule_id]
    elif from_date is not None:
        where.append("r.schedule_date >= %s::date")
        values.append(from_date)
    if to_date is not None:
        where.append("r.schedule_date <= %s::date")
        values.append(to_date)
    return _page(
        models.Attendance, "v_attendance", where, "r.schedule_date, r.start_time, r.schedule_id"
    ), values


def tickets(
    reservation_id: int | None, ticket_code: UUID | str | None, after: models.Ticket | None = None
) -> tuple[Statement[models.Ticket], list[Any]]:
    """The statement for a page of tickets, of a reservation or with a code, and its parameters."""
    where: list[str] = []
    values: list[Any] = []
    if reservation_id is not None:
        where.append("r.reservation_id = %s::bigint")
        values.append(reservation_id)
    if ticket_code is not None:
        where.append("r.ticket_code = %s::uuid")
        values.append(ticket_code)
    if after is not None:
        where.append("r.ticket_id > %s::bigint")
        values.append(after.ticket_id)
    return _page(models.Ticket, "v_tickets", where, "r.ticket_id"), values
