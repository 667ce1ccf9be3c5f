"""Reminders: once for each start, at the venue's local time, to those who come."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from factories import (
    call,
    change,
    define,
    expect_constraint,
    lapsed_hold,
    reserve,
    row,
    rows,
    schedule,
    sell,
    value,
)
from outbox import claim, complete, kinds, make_due

pytestmark = pytest.mark.usefixtures("sound")
ZONE = "Asia/Kolkata"


def occurrence(tx: psycopg.Connection, away: timedelta, **columns: Any) -> int:
    """An occurrence that starts so long from now, of an event of its own."""
    zone = ZoneInfo(columns.get("timezone", ZONE))
    start = (datetime.now(UTC) + away).astimezone(zone).replace(microsecond=0)
    end = start + timedelta(minutes=30)
    of = define(tx, **{"recurrence_type": "none", **columns})
    return schedule(tx, of, schedule_date=start.date(), start_time=start.time(), end_time=end.time())


def remind(tx: psycopg.Connection) -> int:
    return value(tx, "select ticketdb.queue_reminders(1000)")


def reminders(tx: psycopg.Connection) -> list[Any]:
    return rows(
        tx,
        """
        select n.reservation_id, n.due_at from public.ticket_notifications as n
        where n.kind = 'schedule_reminder' order by n.id
        """,
    )


def test_those_who_come_are_reminded_a_day_before_once(tx: psycopg.Connection) -> None:
    soon = occurrence(tx, timedelta(hours=40))
    sold = sell(tx, soon)
    reserve(tx, soon)
    lapsed_hold(tx, soon)
    call(tx, "cancel_reservation", sell(tx, soon))
    sell(tx, occurrence(tx, timedelta(hours=50)))
    assert (remind(tx), remind(tx)) == (1, 0)
    (reminder,) = reminders(tx)
    starts_at = value(tx, "select starts_at from public.event_schedules where id = %s", soon)
    assert (reminder.reservation_id, reminder.due_at) == (sold, starts_at - timedelta(days=1))


def test_the_round_queues_reminders(tx: psycopg.Connection) -> None:
    sell(tx, occurrence(tx, timedelta(hours=30)))
    assert call(tx, "run_maintenance").run_maintenance["reminders_queued"] == 1
    assert kinds(tx) == ["ticket_confirmation", "schedule_reminder"]


def test_who_bought_after_the_reminder_was_due_gets_none(tx: psycopg.Connection) -> None:
    sell(tx, occurrence(tx, timedelta(hours=20)))
    assert remind(tx) == 0


def test_a_round_that_comes_late_still_reminds(tx: psycopg.Connection) -> None:
    sold = sell(tx, occurrence(tx, timedelta(hours=20)))
    change(tx, "ticket_reservations", sold, confirmed_at=datetime.now(UTC) - timedelta(days=3))
    assert remind(tx) == 1
    assert [told.kind for told in claim(tx)] == ["ticket_confirmation", "schedule_reminder"]


@pytest.mark.parametrize(
    ("before", "reminded"), [(None, 0), ("2 hours", 0), ("1 day", 1), ("2 days", 1), ("3 days", 0)]
)
def test_an_event_says_how_long_before(tx: psycopg.Connection, before: str | None, reminded: int) -> None:
    sell(
        tx,
        occurrence(tx, timedelta(hours=48, minutes=-1 if before == "1 day" else 1), reminder_before=before),
    )
    assert remind(tx) == reminded


def test_more_than_a_month_before_is_refused(tx: psycopg.Connection) -> None:
    for before in ("31 days", "-1 hour"):
        with expect_constraint(tx, "reminder_within_a_month"):
            define(tx, reminder_before=before)


@pytest.mark.parametrize(
    ("before", "at", "due"),
    [
        # a day of the calendar, over the night that the clocks go forward
        ("1 day", None, datetime(2030, 3, 30, 10, tzinfo=ZoneInfo("Europe/Paris"))),
        ("24 hours", None, datetime(2030, 3, 30, 9, tzinfo=ZoneInfo("Europe/Paris"))),
        ("1 day", time(18), datetime(2030, 3, 30, 18, tzinfo=ZoneInfo("Europe/Paris"))),
        ("0", time(8), datetime(2030, 3, 31, 8, tzinfo=ZoneInfo("Europe/Paris"))),
        # a time that the clocks leave out
        ("0", time(2, 30), datetime(2030, 3, 31, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))),
        (None, time(18), None),
    ],
)
def test_the_reminder_comes_at_the_venues_local_time(
    tx: psycopg.Connection, before: str | None, at: time | None, due: datetime | None
) -> None:
    of = define(tx, timezone="Europe/Paris")
    show = schedule(tx, of, schedule_date=date(2030, 3, 31), start_time="10:00", end_time="11:00")
    told = value(
        tx,
        """
        select ticketdb.reminder_at(s.starts_at, %s::interval, %s::time, 'Europe/Paris')
        from public.event_schedules as s where s.id = %s
        """,
        before,
        at,
        show,
    )
    assert told == due


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_no_zone_is_too_far_away(tx: psycopg.Connection, zone: str) -> None:
    tx.execute("set local timezone = 'UTC'")
    sell(tx, occurrence(tx, timedelta(hours=47, minutes=50), timezone=zone))
    sell(tx, occurrence(tx, timedelta(minutes=90), timezone=zone, reminder_before="1 hour"))
    assert remind(tx) == 2


def test_what_was_moved_is_reminded_of_anew(tx: psycopg.Connection) -> None:
    show = occurrence(tx, timedelta(hours=30))
    sell(tx, show)
    remind(tx)
    (confirmation,) = claim(tx)
    complete(tx, confirmation)
    later = (datetime.now(UTC) + timedelta(hours=40)).astimezone(ZoneInfo(ZONE))
    change(
        tx,
        "event_schedules",
        show,
        schedule_date=later.date(),
        start_time=later.time(),
        end_time=(later + timedelta(minutes=5)).time(),
    )
    assert (remind(tx), remind(tx)) == (1, 0)
    make_due(tx)
    moved, told = sorted(claim(tx), key=lambda message: message.kind)
    assert (moved.kind, told.kind) == ("schedule_moved", "schedule_reminder")
    assert moved.start_datetime == told.start_datetime == later.replace(tzinfo=None)


@pytest.mark.parametrize("change_of", ["occurrence", "reservation"])
def test_what_was_called_off_is_not_reminded_of(tx: psycopg.Connection, change_of: str) -> None:
    show = occurrence(tx, timedelta(hours=30))
    sold = sell(tx, show)
    remind(tx)
    if change_of == "occurrence":
        change(tx, "event_schedules", show, status="cancelled")
    else:
        call(tx, "cancel_reservation", sold)
    make_due(tx)
    assert "schedule_reminder" not in [told.kind for told in claim(tx)]
    skipped = row(tx, "select status from public.ticket_notifications where kind = 'schedule_reminder'")
    assert skipped.status == "skipped"
    assert remind(tx) == 0


def test_many_reminders_take_several_rounds(tx: psycopg.Connection) -> None:
    show = occurrence(tx, timedelta(hours=30))
    for _ in range(3):
        sell(tx, show)
    assert [value(tx, "select ticketdb.queue_reminders(2)") for _ in range(3)] == [2, 1, 0]
