"""Passes to start from, and what became of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from factories import call, define, insert, rows, value

ZONE = ZoneInfo("Asia/Kolkata")
TODAY = datetime.now(ZONE).date()
DAY = timedelta(days=1)
START = TODAY + 7 * DAY
_numbers = count(1)


def pass_type(tx: psycopg.Connection, definition: int | None = None, **columns: Any) -> int:
    """Ten days of a daily class for 1000."""
    defaults = {
        "event_definition_id": definition or define(tx),
        "name": f"Pass {next(_numbers)}",
        "kind": "monthly",
        "valid_for": "10 days",
        "price": 1000,
    }
    return insert(tx, "pass_types", **{**defaults, **columns})


def visits_type(
    tx: psycopg.Connection, definition: int | None = None, visits: int = 3, **columns: Any
) -> int:
    """Three visits within ten days, for 300."""
    return pass_type(tx, definition, **{"kind": "visits", "visits": visits, "price": 300, **columns})


def buy(tx: psycopg.Connection, type_id: int, **named: Any) -> Any:
    """A pass that is to be paid, from next week: the row of buy_pass."""
    return call(tx, "buy_pass", type_id, **{"starts_on": START, **named})


def pay_pass(tx: psycopg.Connection, pass_id: int, reference: str | None = None, **named: Any) -> Any:
    """A payment of a pass: the row of confirm_pass."""
    return call(tx, "confirm_pass", pass_id, reference or f"pass payment {next(_numbers)}", **named)


def sell_pass(tx: psycopg.Connection, type_id: int, **named: Any) -> Any:
    """A pass that is paid: the row of confirm_pass."""
    paid = pay_pass(tx, buy(tx, type_id, **named).pass_id)
    assert paid.status == "active"
    return paid


def occurrence(tx: psycopg.Connection, type_id: int, day: date) -> int:
    """The occurrence on a day of the event that a type of pass is for; made where there is none."""
    definition = value(tx, "select event_definition_id from public.pass_types where id = %s", type_id)
    tx.execute("select public.generate_recurring_schedules(%s, %s, %s)", (definition, day, day))
    return value(
        tx,
        "select id from public.event_schedules where event_definition_id = %s and schedule_date = %s",
        definition,
        day,
    )


def places(tx: psycopg.Connection, pass_id: int, *statuses: str) -> list[date]:
    """The days on which a pass has a place, in order."""
    found = rows(
        tx,
        """
        select s.schedule_date
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        where r.pass_id = %s and r.status = any (%s)
        order by s.schedule_date
        """,
        pass_id,
        list(statuses or ("held", "confirmed")),
    )
    return [day for (day,) in found]


def days(first: date, number: int) -> list[date]:
    """So many days in a row."""
    return [first + n * DAY for n in range(number)]


def pass_row(tx: psycopg.Connection, pass_id: int) -> Any:
    """What v_event_passes says of a pass."""
    (only,) = rows(tx, "select * from public.v_event_passes where pass_id = %s", pass_id)
    return only


def time_goes_on(tx: psycopg.Connection, pass_id: int, days: int) -> None:
    """Let a pass and the occurrences of its event be so many days older."""
    tx.execute(
        """
        update public.event_schedules as s
        set schedule_date = s.schedule_date - %(days)s
        from public.event_passes as e
        where e.id = %(pass)s and s.event_definition_id = e.event_definition_id
        """
        if days > 0
        else "select",
        {"days": days, "pass": pass_id},
    )
    tx.execute(
        """
        update public.event_passes
        set starts_on = starts_on - %(days)s, ends_on = ends_on - %(days)s
        where id = %(pass)s
        """,
        {"days": days, "pass": pass_id},
    )


def lapse_pass(tx: psycopg.Connection, pass_id: int) -> None:
    """Let the hold of a pass run out. Nobody has swept its places."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    tx.execute("update public.event_passes set expires_at = %s where id = %s", (past, pass_id))
    tx.execute("update public.ticket_reservations set expires_at = %s where pass_id = %s", (past, pass_id))
