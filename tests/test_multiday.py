"""Occurrences that last for days: extra_days beyond what the end time says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
    call,
    change,
    define,
    expect_constraint,
    expect_error,
    insert,
    reserve,
    row,
    rows,
    schedule,
    sell,
    value,
)
from multiday import FESTIVAL, times, weekly_festival
from spaces import DAY, conflict, hire, occupied

from ticketdb import TicketDB

pytestmark = pytest.mark.usefixtures("sound")


@pytest.mark.parametrize(
    ("start", "end", "extra_days", "expected"),
    [
        ("10:00", "18:00", 0, "2026-05-08 18:00"),
        ("10:00", "10:00", 0, "2026-05-09 10:00"),
        ("10:00", "18:00", 2, "2026-05-10 18:00"),
        ("10:00", "10:00", 2, "2026-05-11 10:00"),
        ("22:00", "02:00", 2, "2026-05-11 02:00"),
        ("10:00", "18:00", 366, "2027-05-09 18:00"),
    ],
)
def test_extra_days_are_beyond_what_the_end_time_says(
    tx: psycopg.Connection, start: str, end: str, extra_days: int, expected: str
) -> None:
    made = schedule(
        tx,
        define(tx, timezone="Asia/Kolkata"),
        schedule_date="2026-05-08",
        start_time=start,
        end_time=end,
        extra_days=extra_days,
    )
    found = times(tx, made)
    assert found.end_datetime == datetime.fromisoformat(expected)
    assert found.ends_at == found.end_datetime.replace(tzinfo=UTC) - timedelta(hours=5, minutes=30)


@pytest.mark.parametrize(
    ("zone", "first", "hours"),
    [
        ("Europe/Paris", "2026-03-27", 55),
        ("Europe/Paris", "2026-10-23", 57),
        ("America/New_York", "2026-03-06", 55),
    ],
)
def test_a_clock_change_inside_makes_it_an_hour_shorter_or_longer(
    tx: psycopg.Connection, zone: str, first: str, hours: int
) -> None:
    found = times(tx, schedule(tx, define(tx, timezone=zone), schedule_date=first, **FESTIVAL))
    assert found.end_datetime - found.start_datetime == timedelta(hours=56)
    assert found.ends_at - found.starts_at == timedelta(hours=hours)


def test_a_new_time_zone_and_a_new_length_derive_the_end_anew(tx: psycopg.Connection) -> None:
    event = define(tx, timezone="Asia/Kolkata")
    made = schedule(tx, event, **FESTIVAL)
    change(tx, "event_definitions", event, timezone="UTC")
    assert times(tx, made).ends_at == datetime.combine(NEXT_WEEK + timedelta(days=2), time(18), UTC)
    change(tx, "event_schedules", made, extra_days=1)
    found = times(tx, made)
    assert found.ends_at == datetime.combine(NEXT_WEEK + timedelta(days=1), time(18), UTC)
    assert found.end_datetime == found.ends_at.replace(tzinfo=None)


def test_the_local_end_cannot_be_written_by_hand(tx: psycopg.Connection) -> None:
    made = schedule(tx, end_datetime="2000-01-01", **FESTIVAL)
    before = times(tx, made)
    assert before.end_datetime == datetime.combine(NEXT_WEEK + timedelta(days=2), time(18))
    change(tx, "event_schedules", made, end_datetime="2000-01-01")
    assert times(tx, made) == before


@pytest.mark.parametrize("days", [-1, 367])
def test_so_many_days_are_refused(tx: psycopg.Connection, days: int) -> None:
    event = define(tx)
    with expect_constraint(tx, "extra_days_within_a_year"):
        schedule(tx, event, extra_days=days)
    with expect_constraint(tx, "default_extra_days_within_a_year"):
        change(tx, "event_definitions", event, default_extra_days=days)


@pytest.fixture
def hall(tx: psycopg.Connection) -> int:
    return insert(tx, "spaces", name="Hall")


@pytest.fixture
def festival(tx: psycopg.Connection, hall: int) -> int:
    return weekly_festival(tx, hall)


def test_generating_makes_what_the_preview_says(tx: psycopg.Connection, festival: int) -> None:
    first, last = date(2031, 3, 3), date(2031, 3, 16)
    planned = TicketDB(tx).preview_recurring_schedules(festival, first, last)
    assert [(p.schedule_date.day, p.extra_days, p.ends_at.day, p.conflict) for p in planned] == [
        (7, 2, 9, None),
        (14, 2, 16, None),
    ]
    assert call(tx, "generate_recurring_schedules", festival, first, last)[0] == 2
    made = rows(
        tx,
        "select schedule_date, extra_days, starts_at, ends_at from public.event_schedules "
        "where event_definition_id = %s order by 1",
        festival,
    )
    assert [tuple(m) for m in made] == [
        (p.schedule_date, p.extra_days, p.starts_at, p.ends_at) for p in planned
    ]
    assert all(p.already_exists for p in TicketDB(tx).preview_recurring_schedules(festival, first, last))


def test_duration_and_extra_days_go_together(tx: psycopg.Connection) -> None:
    event = define(
        tx, default_end_time=None, default_duration_minutes=1440, default_extra_days=1, timezone="UTC"
    )
    (planned,) = TicketDB(tx).preview_recurring_schedules(event, DAY, DAY)
    assert planned.ends_at - planned.starts_at == timedelta(days=2)


def test_an_added_date_lasts_as_long_unless_it_has_an_end_of_its_own(
    tx: psycopg.Connection, festival: int
) -> None:
    added = {"event_definition_id": festival, "kind": "added"}
    insert(tx, "schedule_exceptions", exception_date="2031-03-18", **added)
    insert(tx, "schedule_exceptions", exception_date="2031-03-25", end_time="12:00", **added)
    planned = TicketDB(tx).preview_recurring_schedules(festival, date(2031, 3, 17), date(2031, 3, 26))
    ends = [(p.schedule_date.day, p.ends_at.day, p.ends_at.hour) for p in planned]
    assert ends == [(18, 20, 18), (21, 23, 18), (25, 25, 12)]


def test_the_space_is_taken_on_every_day(tx: psycopg.Connection, hall: int, festival: int) -> None:
    friday = schedule(tx, festival, schedule_date=DAY, **FESTIVAL)
    for days, start, end in ((1, "07:00", "08:00"), (2, "17:00", "19:00")):
        day = DAY + timedelta(days=days)
        with conflict(tx, source="schedule", reference="festival"):
            hire(tx, hall, "", "", start_datetime=f"{day} {start}", end_datetime=f"{day} {end}")
    slots = rows(tx, "select * from public.get_available_time_slots(%s, %s)", hall, DAY + timedelta(days=1))
    assert slots
    assert not any(slot.is_available for slot in slots)
    # shorter, it gives the last day back; and it is not made longer over who came
    change(tx, "event_schedules", friday, extra_days=1)
    sunday = DAY + timedelta(days=2)
    hire(tx, hall, "", "", start_datetime=f"{sunday} 17:00", end_datetime=f"{sunday} 19:00")
    with conflict(tx, source="booking"):
        change(tx, "event_schedules", friday, extra_days=2)
    assert [(one.starts_at.day, one.ends_at.day) for one in occupied(tx, hall)] == [
        (DAY.day, DAY.day + 1),
        (DAY.day + 2,) * 2,
    ]


def test_the_preview_names_who_has_the_space_on_the_second_day(
    tx: psycopg.Connection, hall: int, festival: int
) -> None:
    saturday = {"start_datetime": "2031-03-08 07:00", "end_datetime": "2031-03-08 08:00"}
    hire(tx, hall, "", "", booking_reference="BK-SAT", **saturday)
    (planned,) = TicketDB(tx).preview_recurring_schedules(festival, DAY, date(2031, 3, 9))
    assert planned.conflict is not None
    assert "BK-SAT" in planned.conflict
    assert call(tx, "generate_recurring_schedules", festival, DAY, date(2031, 3, 9))[0] == 0


def test_what_lasts_longer_than_its_recurrence_meets_itself(tx: psycopg.Connection, festival: int) -> None:
    change(tx, "event_definitions", festival, default_extra_days=8)
    first, second = TicketDB(tx).preview_recurring_schedules(festival, DAY, date(2031, 3, 16))
    assert (first.conflict, second.conflict) == (None, "schedule festival before it")


def begun(tx: psycopg.Connection, *, days_ago: int, over: bool = False) -> int:
    """An occurrence of three days that began so many days ago: its daily end is near, or just over."""
    zone, now = row(
        tx,
        """
        select z.name, now() at time zone z.name
        from unnest('{UTC,Asia/Kolkata,Pacific/Honolulu}'::text[]) as z (name)
        where (now() at time zone z.name)::time between '01:00' and '22:00' limit 1
        """,
    )
    end = now + timedelta(minutes=-10 if over else 30)
    return schedule(
        tx, define(tx, timezone=zone), schedule_date=now.date() - timedelta(days=days_ago),
        start_time="00:30", end_time=end.time(), extra_days=2,
    )  # fmt: skip


@pytest.mark.parametrize("days_ago", [0, 1, 2])
def test_it_is_listed_and_sold_until_the_end_of_its_last_day(tx: psycopg.Connection, days_ago: int) -> None:
    running = begun(tx, days_ago=days_ago)
    (listed,) = [one for one in TicketDB(tx).event_availability() if one.schedule_id == running]
    assert (listed.tickets_available, listed.extra_days) == (5, 2)
    assert listed.ends_at == times(tx, running).ends_at
    sell(tx, running, 2)


def test_it_is_listed_on_the_day_on_which_it_only_ends(tx: psycopg.Connection) -> None:
    end = value(tx, "select now() at time zone 'UTC' + interval '20 minutes'")
    running = schedule(
        tx,
        define(tx, timezone="UTC"),
        schedule_date=end.date() - timedelta(days=2),
        start_time=end.time(),
        end_time=end.time(),
        extra_days=1,
    )
    assert running in [one.schedule_id for one in TicketDB(tx).event_availability()]


def test_its_sale_closes_with_its_last_day(tx: psycopg.Connection) -> None:
    over = begun(tx, days_ago=2, over=True)
    with expect_error(tx, "PT409", "schedule_completed"):
        reserve(tx, over)
    assert (
        value(tx, "select tickets_available from public.v_event_availability where schedule_id = %s", over)
        == 0
    )
    gone = begun(tx, days_ago=3)
    assert rows(tx, "select from public.v_event_availability where schedule_id = %s", gone) == []


def test_the_daily_round_completes_it_when_it_is_over(tx: psycopg.Connection) -> None:
    running, over = begun(tx, days_ago=2), begun(tx, days_ago=2, over=True)
    tx.execute("select ticketdb.complete_schedules(100)")
    states = "select array_agg(status order by id) from public.event_schedules where id = any (%s)"
    assert value(tx, states, [running, over]) == ["scheduled", "completed"]
