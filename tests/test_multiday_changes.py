"""Occurrences that last for days are moved, made longer and shorter, and shown in calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import psycopg
import pytest
from factories import (
    call,
    change,
    define,
    expect_error,
    insert,
    schedule,
    sell,
    value,
)
from icalendar import Calendar
from multiday import FESTIVAL, times, weekly_festival
from psycopg.types.json import Jsonb
from spaces import DAY

from ticketdb import TicketDB

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def festival(tx: psycopg.Connection) -> int:
    return weekly_festival(tx, insert(tx, "spaces", name="Hall"))


def test_a_calendar_and_a_ticket_say_how_long_it_lasts(tx: psycopg.Connection, festival: int) -> None:
    made = schedule(tx, festival, **FESTIVAL)
    sale = sell(tx, made)
    (entry,) = Calendar.from_ical(call(tx, "schedules_ics", festival)[0]).walk("VEVENT")
    assert entry["DTEND"].dt - entry["DTSTART"].dt == timedelta(hours=56)
    sequence = entry["SEQUENCE"]
    (ticket,) = TicketDB(tx).tickets(reservation_id=sale)
    assert (ticket.extra_days, ticket.ends_at) == (2, times(tx, made).ends_at)
    # longer: calendars hear of it, and so do its holders
    change(tx, "event_schedules", made, extra_days=3)
    (entry,) = Calendar.from_ical(call(tx, "schedules_ics", festival)[0]).walk("VEVENT")
    assert entry["DTEND"].dt - entry["DTSTART"].dt == timedelta(hours=80)
    assert entry["SEQUENCE"] == sequence + 1
    told = value(
        tx,
        "select details from public.ticket_notifications where reservation_id = %s and kind = %s",
        sale,
        "schedule_moved",
    )
    assert told["new"]["ends_at"] != told["old"]["ends_at"]


def test_moved_it_is_as_long_as_it_was(tx: psycopg.Connection, festival: int) -> None:
    made = schedule(tx, festival, schedule_date=DAY, **FESTIVAL)
    moved = TicketDB(tx).move_schedule(made, schedule_date=DAY + timedelta(days=7), start_time=time(20))
    assert moved.ends_at - moved.starts_at == timedelta(hours=56)
    assert moved.ends_at == datetime(2031, 3, 13, 4, tzinfo=UTC)


def test_change_schedules_changes_the_length_of_all_that_come(tx: psycopg.Connection, festival: int) -> None:
    db = TicketDB(tx)
    call(tx, "generate_recurring_schedules", festival, DAY, date(2031, 3, 16))
    first, own = value(
        tx,
        "select array_agg(id order by starts_at) from public.event_schedules where event_definition_id = %s",
        festival,
    )
    change(tx, "event_schedules", own, extra_days=0)
    changed = db.change_schedules(festival, {"extra_days": 1})
    assert [(c.schedule_id, c.action, c.reason, c.before, c.after) for c in changed] == [
        (first, "change", None, {"extra_days": 2}, {"extra_days": 1}),
        (own, "keep", "changed_individually", {"extra_days": 0}, {"extra_days": 0}),
    ]
    assert times(tx, first).ends_at == datetime(2031, 3, 8, 18, tzinfo=UTC)
    (later,) = db.preview_recurring_schedules(festival, date(2031, 3, 17), date(2031, 3, 23))
    assert later.extra_days == 1
    assert [c.reason for c in db.change_schedules(festival, {"extra_days": 1})] == [
        "as_wanted",
        "changed_individually",
    ]


@pytest.mark.parametrize("days", [-1, 367, "many", None])
def test_change_schedules_refuses_what_is_no_number_of_days(
    tx: psycopg.Connection, festival: int, days: Any
) -> None:
    with expect_error(tx, "PT400", "invalid_argument", key="extra_days"):
        call(tx, "change_schedules", festival, Jsonb({"extra_days": days}))


def test_time_zone_update_is_seen_at_the_last_day(tx: psycopg.Connection) -> None:
    made = schedule(tx, define(tx, timezone="UTC"), **FESTIVAL)
    moved = "select count(*) from ticketdb.moved_schedules() as m where m.schedule_id = %s"
    assert value(tx, moved, made) == 0
    tx.execute("alter table public.event_schedules disable trigger derive_schedule_times")
    change(tx, "event_schedules", made, ends_at=times(tx, made).ends_at + timedelta(hours=1))
    tx.execute("alter table public.event_schedules enable trigger derive_schedule_times")
    assert value(tx, moved, made) == 1
    tx.execute("select ticketdb.move_unsold()")
    assert value(tx, moved, made) == 0
