"""Small helpers for tests of the SQL: rows to start from, and what a refusal must look like."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import namedtuple_row

NEXT_WEEK = datetime.now(UTC).date() + timedelta(days=7)
_numbers = count(1)


def rows(tx: psycopg.Connection, query: str, *arguments: Any) -> list[Any]:
    """All rows, as named tuples."""
    return tx.cursor(row_factory=namedtuple_row).execute(query, arguments or None).fetchall()


def row(tx: psycopg.Connection, query: str, *arguments: Any) -> Any:
    """The only row, as a named tuple."""
    (only,) = rows(tx, query, *arguments)
    return only


def value(tx: psycopg.Connection, query: str, *arguments: Any) -> Any:
    """The only column of the only row."""
    (only,) = row(tx, query, *arguments)
    return only


def call(tx: psycopg.Connection, function: str, *arguments: Any, **named: Any) -> Any:
    """The row that a function of `public` returns; a named argument may leave out its p_."""
    parts = [sql.Placeholder() for _ in arguments]
    parts += [sql.SQL("p_{} => {}").format(sql.SQL(name), sql.Placeholder()) for name in named]
    query = sql.SQL("select * from public.{}({})").format(sql.Identifier(function), sql.SQL(", ").join(parts))
    return tx.cursor(row_factory=namedtuple_row).execute(query, [*arguments, *named.values()]).fetchone()


def insert(tx: psycopg.Connection, table: str, **columns: Any) -> Any:
    """Insert one row of `public`; returns its id."""
    query = sql.SQL("insert into public.{} ({}) values ({}) returning id").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
    )
    return tx.execute(query, list(columns.values())).fetchone()[0]


def change(tx: psycopg.Connection, table: str, row_id: int, **columns: Any) -> None:
    """Update one row of `public`."""
    query = sql.SQL("update public.{} set {} where id = {}").format(
        sql.Identifier(table),
        sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(c), sql.Placeholder()) for c in columns),
        sql.Placeholder(),
    )
    assert tx.execute(query, [*columns.values(), row_id]).rowcount == 1


def define(tx: psycopg.Connection, **columns: Any) -> int:
    """An event: a class in Kolkata, five places at 100, every day from 07:00 to 08:00."""
    defaults = {
        "event_code": f"class-{next(_numbers)}",
        "title": "Yoga",
        "event_category": "wellness",
        "event_type": "yoga",
        "recurrence_type": "daily",
        "default_start_time": "07:00",
        "default_end_time": "08:00",
        "max_tickets": 5,
        "default_ticket_price": 100,
        "timezone": "Asia/Kolkata",
    }
    return insert(tx, "event_definitions", **{**defaults, **columns})


def schedule(tx: psycopg.Connection, definition_id: int | None = None, **columns: Any) -> int:
    """An occurrence next week, with five places."""
    defaults = {
        "event_definition_id": definition_id or define(tx),
        "schedule_date": NEXT_WEEK,
        "start_time": "07:00",
        "end_time": "08:00",
        "max_tickets": 5,
    }
    return insert(tx, "event_schedules", **{**defaults, **columns})


def ticket_type(tx: psycopg.Connection, schedule_id: int, **columns: Any) -> int:
    """A ticket type of the event of an occurrence."""
    definition = value(
        tx, "select event_definition_id from public.event_schedules where id = %s", schedule_id
    )
    defaults = {"event_definition_id": definition, "name": f"Type {next(_numbers)}", "price": 250}
    return insert(tx, "ticket_types", **{**defaults, **columns})


def user(tx: psycopg.Connection, **columns: Any) -> int:
    """A user of the application."""
    defaults = {"username": f"user{next(_numbers)}@example.org", "first_name": "Asha", "last_name": "Rao"}
    return insert(tx, "users", **{**defaults, **columns})


def book(tx: psycopg.Connection, schedule_id: int | None, **columns: Any) -> int:
    """A booking of the application's for two people, 300 in all, pending."""
    start = datetime.combine(NEXT_WEEK, datetime.min.time())
    defaults = {
        "booking_reference": f"BK-{next(_numbers)}",
        "start_datetime": start,
        "end_datetime": start + timedelta(hours=1),
        "attendees": 2,
        "total_amount": 300,
        "status": "pending",
        "event_schedule_id": schedule_id,
    }
    return insert(tx, "bookings", **{**defaults, **columns})


def reserve(tx: psycopg.Connection, schedule_id: int, quantity: int = 1, **named: Any) -> Any:
    """A hold: the row of reserve_tickets."""
    return call(tx, "reserve_tickets", schedule_id, quantity, **named)


def pay(tx: psycopg.Connection, reservation_id: int, reference: str | None = None, **named: Any) -> Any:
    """A payment: the row of confirm_reservation."""
    return call(tx, "confirm_reservation", reservation_id, reference or f"payment {next(_numbers)}", **named)


def sell(tx: psycopg.Connection, schedule_id: int, quantity: int = 1, **named: Any) -> int:
    """The id of a reservation that is paid."""
    held = reserve(tx, schedule_id, quantity, **named)
    assert pay(tx, held.reservation_id).status == "confirmed"
    return held.reservation_id


def lapse(tx: psycopg.Connection, reservation_id: int) -> None:
    """Let a hold run out, as if its time had passed. Nobody has swept it."""
    change(tx, "ticket_reservations", reservation_id, expires_at=datetime.now(UTC) - timedelta(seconds=1))


def lapsed_hold(tx: psycopg.Connection, schedule_id: int, quantity: int = 1, **named: Any) -> int:
    """The id of a hold that has run out."""
    held = reserve(tx, schedule_id, quantity, **named)
    lapse(tx, held.reservation_id)
    return held.reservation_id


def sweep(tx: psycopg.Connection, schedule_id: int) -> None:
    """Reclaim the lapsed holds of an occurrence."""
    tx.execute("select ticketdb.reclaim_lapsed_holds(%s)", (schedule_id,))


def status(tx: psycopg.Connection, reservation_id: int) -> str:
    """The status of a reservation."""
    return value(tx, "select status from public.ticket_reservations where id = %s", reservation_id)


def pool(tx: psycopg.Connection, schedule_id: int, ticket_type_id: int = 0) -> tuple[int, int]:
    """Seats held and sold, as the counters say."""
    return tuple(
        row(
            tx,
            """
            select coalesce(sum(b.held), 0)::int as held, coalesce(sum(b.sold), 0)::int as sold
            from ticketdb.seat_buckets as b
            where b.schedule_id = %s and b.ticket_type_id = %s
            """,
            schedule_id,
            ticket_type_id,
        )
    )


def counters(tx: psycopg.Connection, schedule_id: int) -> tuple[int, int, int]:
    """What can be bought, what is held, what is sold, as the view says; all the others must agree."""
    seen = row(
        tx,
        """
        select v.tickets_available, v.tickets_held, v.tickets_sold, s.tickets_sold as kept, b.sold as counted
        from public.v_event_availability as v
        join public.event_schedules as s on s.id = v.schedule_id
        cross join (
            select coalesce(sum(b.sold), 0) as sold
            from ticketdb.seat_buckets as b
            where b.schedule_id = %s and b.ticket_type_id = 0
        ) as b
        where v.schedule_id = %s
        """,
        schedule_id,
        schedule_id,
    )
    assert seen.tickets_sold == seen.kept == seen.counted
    assert call(tx, "check_ticket_availability", schedule_id).tickets_available == seen.tickets_available
    return seen[:3]


def assert_sound(tx: psycopg.Connection) -> None:
    """Every counter equals its rows."""
    assert rows(tx, "select * from public.verify_inventory()") == []


def weekday_dates(first: date, last: date, *isoweekdays: int) -> list[date]:
    """The dates between two that fall on these weekdays."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day.isoweekday() in isoweekdays]


@contextmanager
def expect_error(tx: psycopg.Connection, sqlstate: str, reason: str, **detail: Any) -> Iterator[None]:
    """What is done inside must be refused so; the transaction goes on as if it had not been tried."""
    error: psycopg.Error | None = None
    try:
        with tx.transaction():
            yield
    except psycopg.Error as caught:
        error = caught
    assert error is not None, f"nothing was refused, expected {sqlstate} {reason}"
    assert error.sqlstate == sqlstate, error
    told = json.loads(error.diag.message_detail or "{}")
    assert told.get("reason") == reason, error
    assert {key: told.get(key) for key in detail} == detail
    assert error.diag.message_hint, "a refusal says the next step"


@contextmanager
def expect_constraint(tx: psycopg.Connection, name: str) -> Iterator[None]:
    """What is done inside must break this constraint."""
    broken = None
    try:
        with tx.transaction():
            yield
    except psycopg.errors.IntegrityError as caught:
        broken = caught.diag.constraint_name
    assert broken == name
