"""SQL text and row mapping, shared by every client. Pure: nothing here talks to a database."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from psycopg.rows import BaseRowFactory, args_row, scalar_row
from psycopg.types.json import Jsonb

from ticketdb import models

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Statement(Generic[Row]):
    """A statement with `%s` for each parameter, and what makes an object of each row."""

    sql: str
    row: BaseRowFactory[Row]


def columns(model: type) -> str:
    """The columns of a model, listed: an answer that gained a column does not shift the others."""
    return ", ".join(f"r.{field.name}" for field in fields(model))


def _call(function: str, types: str) -> str:
    # The casts let a null find its function, and make of a number too big for its type an error that says so.
    arguments = ", ".join(f"%s::{name}" for name in types.split())
    return f"public.{function}({arguments})"


def _rows_of(
    model: type[Row], function: str, types: str = "", make: Callable[..., Row] | None = None
) -> Statement[Row]:
    return Statement(f"select {columns(model)} from {_call(function, types)} as r", args_row(make or model))


def _confirmation(
    reservation_id: int, status: str, tickets_sold: int, ticket_codes: list[UUID] | None, refund_due: Decimal
) -> models.Confirmation:
    return models.Confirmation(reservation_id, status, tickets_sold, tuple(ticket_codes or ()), refund_due)


# for connections of our own: psycopg reads times in ISO style only, and tickets are sold at this level only
PIN_SESSION: Statement[str] = Statement(
    "select pg_catalog.set_config(s.name, s.value, false) from (values"
    " ('datestyle', 'ISO'), ('default_transaction_isolation', 'read committed')) as s (name, value)",
    scalar_row,
)
GENERATE_RECURRING_SCHEDULES: Statement[int] = Statement(
    f"select {_call('generate_recurring_schedules', 'int timestamp timestamp')}", scalar_row
)
PREVIEW_RECURRING_SCHEDULES = _rows_of(
    models.SchedulePreview, "preview_recurring_schedules", "int timestamp timestamp"
)
CHECK_TICKET_AVAILABILITY = _rows_of(models.Availability, "check_ticket_availability", "int int int")
RESERVE_TICKETS = _rows_of(models.Reservation, "reserve_tickets", "int int int int interval text jsonb")
CONFIRM_RESERVATION = _rows_of(
    models.Confirmation, "confirm_reservation", "bigint text numeric jsonb", _confirmation
)
RELEASE_RESERVATION = _rows_of(models.Reservation, "release_reservation", "bigint")
CANCEL_RESERVATION = _rows_of(models.Cancellation, "cancel_reservation", "bigint text")
RESERVE_SERIES = _rows_of(models.Reservation, "reserve_series", "int timestamp timestamp int int text jsonb")
CHECK_IN = _rows_of(models.CheckIn, "check_in", "uuid int text uuid timestamptz")
RUN_MAINTENANCE: Statement[dict[str, int]] = Statement(
    f"select {_call('run_maintenance', 'int')}", scalar_row
)
LINK_LEGACY_DATA = _rows_of(models.LinkStep, "link_legacy_data", "boolean")
VERIFY_INVENTORY = _rows_of(models.InventoryProblem, "verify_inventory")
SCHEDULE_PARTICIPANTS = Statement(
    f"select {columns(models.ScheduleParticipant)} from public.v_schedule_participants as r"
    " where r.schedule_id = %s::int order by r.name, r.participant_id",
    args_row(models.ScheduleParticipant),
)


def event_availability(
    event_type: str | None, from_date: date | None, to_date: date | None
) -> tuple[Statement[models.EventAvailability], list[Any]]:
    """The statement for these filters, and its parameters.

    A filter that is not given is left out of the text: as `%s is null or ...` it would keep a prepared
    statement from using the index.
    """
    filters: list[tuple[str, Any]] = [
        ("r.event_type = %s::text", event_type),
        ("r.schedule_date >= %s::date", from_date),
        ("r.schedule_date <= %s::date", to_date),
    ]
    given = [(condition, value) for condition, value in filters if value is not None]
    where = " where " + " and ".join(condition for condition, _ in given) if given else ""
    sql = (
        f"select {columns(models.EventAvailability)} from public.v_event_availability as r{where}"
        " order by r.schedule_date, r.start_time, r.schedule_id"
    )
    return Statement(sql, args_row(models.EventAvailability)), [value for _, value in given]


def jsonb(value: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None) -> Jsonb | None:
    """A JSON parameter; None stays SQL's null, not JSON's."""
    return None if value is None else Jsonb(value)
