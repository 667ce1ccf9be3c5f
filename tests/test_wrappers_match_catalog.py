"""The Python client, both kinds, and its models against the catalog: names, order, defaults, types."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator
from dataclasses import fields
from datetime import date, datetime, time
from decimal import Decimal
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

import psycopg
import pytest

from ticketdb import AsyncTicketDB, TicketDB, models

KINDS = [TicketDB, AsyncTicketDB]
# function: the model of its rows
FUNCTIONS: dict[str, type | None] = {
    "generate_recurring_schedules": None,
    "preview_recurring_schedules": models.SchedulePreview,
    "get_available_time_slots": models.TimeSlot,
    "expand_rrule": None,
    "describe_rrule": None,
    "list_moved_schedules": models.ShiftedSchedule,
    "move_unsold_schedules": None,
    "check_ticket_availability": models.Availability,
    "reserve_tickets": models.Reservation,
    "confirm_reservation": models.Confirmation,
    "release_reservation": models.Reservation,
    "cancel_reservation": models.Cancellation,
    "reserve_series": models.Reservation,
    "move_reservation": models.Confirmation,
    "settle_refund": models.Refund,
    "change_schedules": models.ScheduleChange,
    "move_schedule": models.MovedSchedule,
    "cancel_schedule": models.ScheduleCancellation,
    "buy_pass": models.Pass,
    "confirm_pass": models.Pass,
    "redeem_pass": models.PassVisit,
    "return_visit": models.PassVisit,
    "pause_pass": models.PassChange,
    "extend_pass": models.PassChange,
    "cancel_pass": models.Pass,
    "set_pass_renewal": models.Pass,
    "join_waitlist": models.WaitlistEntry,
    "leave_waitlist": models.WaitlistEntry,
    "check_in": models.CheckIn,
    "check_in_batch": models.BatchScan,
    "schedules_ics": None,
    "definition_ics": None,
    "import_event": models.ImportedEvent,
    "run_maintenance": None,
    "schedule_maintenance_jobs": models.MaintenanceJob,
    "unschedule_maintenance_jobs": None,
    "claim_notifications": models.Notification,
    "complete_notification": models.NotificationResult,
    "retry_notification": models.NotificationRetry,
    "link_legacy_data": models.LinkStep,
    "verify_inventory": models.InventoryProblem,
    "report_sales": models.SalesOfDay,
    "report_revenue": models.RevenueOfType,
    "report_attendance": models.AttendanceOfSchedule,
    "report_occupancy": models.Occupancy,
    "report_no_shows": models.NoShow,
}
VIEWS = {
    "v_event_availability": models.EventAvailability,
    "v_schedule_participants": models.ScheduleParticipant,
    "v_refunds_due": models.RefundDue,
    "v_waitlist": models.Waiting,
    "v_attendance": models.Attendance,
    "v_tickets": models.Ticket,
}
PYTHON_TYPES = {
    "bool": bool,
    "date": date,
    "int4": int,
    "int8": int,
    "jsonb": dict[str, Any],
    "numeric": Decimal,
    "text": str,
    "time": time,
    "timestamp": datetime,
    "timestamptz": datetime,
    "uuid": UUID,
    "varchar": str,
    "_int4": tuple[int, ...],
    "_uuid": tuple[UUID, ...],
}

ARGUMENTS = """
select
    p.proargnames[a.n], format_type(p.proargtypes[a.n - 1], null), a.n > p.pronargs - p.pronargdefaults,
    pg_get_function_arg_default(p.oid, a.n)
from pg_proc as p
cross join lateral generate_series(1, p.pronargs) as a (n)
where p.pronamespace = 'public'::regnamespace and p.proname = %s
order by a.n
"""


def arguments(tx: psycopg.Connection, function: str) -> list[tuple[str, str, bool, str | None]]:
    return tx.execute(ARGUMENTS, (function,)).fetchall()


def test_every_function_has_a_method(tx: psycopg.Connection) -> None:
    rows = tx.execute(
        """
        select p.proname from pg_proc as p
        where p.pronamespace = 'public'::regnamespace and p.prorettype <> 'trigger'::regtype
          and not exists (select from pg_depend as d where d.objid = p.oid and d.deptype = 'e')
        """
    ).fetchall()
    assert sorted(name for (name,) in rows) == sorted(FUNCTIONS)
    assert all(hasattr(kind, name) for kind in KINDS for name in FUNCTIONS)


def test_every_view_that_the_client_reads_has_a_method_of_its_name() -> None:
    assert all(hasattr(kind, view.removeprefix("v_")) for kind in KINDS for view in VIEWS)


def test_both_kinds_have_the_same_methods_and_one_of_them_waits() -> None:
    def methods(kind: type) -> dict[str, inspect.Signature]:
        found = inspect.getmembers(kind, inspect.isfunction)
        return {name: inspect.signature(method) for name, method in found if not name.startswith("_")}

    assert {name: signature.parameters for name, signature in methods(TicketDB).items()} == {
        name: signature.parameters for name, signature in methods(AsyncTicketDB).items()
    }
    for name, signature in methods(AsyncTicketDB).items():
        method = getattr(AsyncTicketDB, name)
        # what is read page by page waits for each of them
        is_read = get_origin(signature.return_annotation) is AsyncIterator
        assert inspect.iscoroutinefunction(method) is not is_read, name
        assert not inspect.iscoroutinefunction(getattr(TicketDB, name)), name


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_parameters_have_the_names_the_order_and_the_defaults_of_the_function(
    tx: psycopg.Connection, function: str, kind: type
) -> None:
    expected = []
    for name, type_name, has_default, default in arguments(tx, function):
        value: object = inspect.Parameter.empty
        if has_default:
            row = tx.execute(f"select ({default})::{type_name}").fetchone()
            assert row is not None
            value = row[0]
        expected.append((name.removeprefix("p_"), value))
    parameters = list(inspect.signature(getattr(kind, function)).parameters.values())[1:]
    # Python has words of its own, such as from
    assert [(p.name.rstrip("_"), p.default) for p in parameters] == expected


def python_type(annotation: object) -> object:
    """The annotation without its None."""
    if isinstance(annotation, UnionType):
        (annotation,) = (part for part in get_args(annotation) if part is not NoneType)
    # the catalog does not say of what a jsonb is
    return dict[str, Any] if get_origin(annotation) is dict else annotation


def columns_of(tx: psycopg.Connection, relation: str) -> list[tuple[str, str]]:
    return tx.execute(
        """
        select a.attname, t.typname from pg_attribute as a join pg_type as t on t.oid = a.atttypid
        where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum
        """,
        (relation,),
    ).fetchall()


def assert_same(model: type, columns: list[tuple[str, str]]) -> None:
    hints = get_type_hints(model)
    assert [(f.name, python_type(hints[f.name])) for f in fields(model)] == [
        (name, PYTHON_TYPES[type_name]) for name, type_name in columns
    ]


@pytest.mark.parametrize("function", [name for name, model in FUNCTIONS.items() if model])
def test_a_model_has_the_columns_of_its_function(tx: psycopg.Connection, function: str) -> None:
    nulls = ", ".join(f"null::{type_name}" for _, type_name, _, _ in arguments(tx, function))
    # a view asks for the columns without a call
    tx.execute(f"create temporary view answer as select * from public.{function}({nulls})")
    model = FUNCTIONS[function]
    assert model is not None
    assert_same(model, columns_of(tx, "pg_temp.answer"))


@pytest.mark.parametrize("view", VIEWS)
def test_a_model_has_the_columns_of_its_view(tx: psycopg.Connection, view: str) -> None:
    assert_same(VIEWS[view], columns_of(tx, f"public.{view}"))
