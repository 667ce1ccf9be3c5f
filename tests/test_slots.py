"""A space is occupied once: by schedules and by the application's bookings, whoever comes first."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import psycopg
import pytest
from factories import book, call, change, define, expect_error, insert, row, rows, schedule, value
from spaces import DAY, conflict, hire, occupied

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def studio(tx: psycopg.Connection) -> int:
    return insert(tx, "spaces", name="Studio")


@pytest.fixture
def yoga(tx: psycopg.Connection, studio: int) -> int:
    """Every day from 07:00 to 08:00 in the studio."""
    return define(tx, space_id=studio, event_code="yoga", timezone="UTC")


def test_a_schedule_where_a_booking_is_names_the_booking(
    tx: psycopg.Connection, studio: int, yoga: int
) -> None:
    hire(tx, studio, "07:30", "09:00", booking_reference="BK-7", event_type="meeting", status="pending")
    with conflict(tx, space_id=studio, source="booking", reference="BK-7", title="meeting"):
        schedule(tx, yoga, schedule_date=DAY)


def test_a_booking_where_a_schedule_is_names_the_event(
    tx: psycopg.Connection, studio: int, yoga: int
) -> None:
    schedule(tx, yoga, schedule_date=DAY)
    told = {"source": "schedule", "reference": "yoga", "title": "Yoga", "starts_at": f"{DAY}T07:00:00+00:00"}
    with conflict(tx, **told):
        hire(tx, studio, "06:00", "07:01")
    hire(tx, studio, "06:00", "07:00")
    hire(tx, studio, "08:00", "09:00")


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "cancelled"},
        {"booking_type": "live-", "event_type": "concert"},
        {"booking_type": "daily", "event_type": "yoga"},
        {"start_datetime": f"{DAY} 08:00", "end_datetime": f"{DAY} 07:00"},
        {"start_datetime": "-infinity", "end_datetime": "infinity"},
        {"space_id": None},
    ],
    ids=["cancelled", "a show's ticket", "a class's ticket", "backwards", "no time", "no space"],
)
def test_what_takes_no_space_is_not_refused(
    tx: psycopg.Connection, studio: int, yoga: int, columns: dict[str, Any]
) -> None:
    schedule(tx, yoga, schedule_date=DAY)
    hire(tx, studio, "07:00", "08:00", **columns)
    assert len(occupied(tx, studio)) == 1


def test_a_booking_that_names_a_schedule_buys_a_ticket_there(
    tx: psycopg.Connection, studio: int, yoga: int
) -> None:
    book(tx, schedule(tx, yoga), space_id=studio)
    assert len(occupied(tx, studio)) == 1


def test_cancelled_schedules_give_up_the_space_and_blocked_and_completed_ones_keep_it(
    tx: psycopg.Connection, studio: int, yoga: int
) -> None:
    one = schedule(tx, yoga, schedule_date=DAY, is_blocked=True)
    with conflict(tx):
        hire(tx, studio, "07:00", "08:00")
    change(tx, "event_schedules", one, status="completed")
    with conflict(tx):
        hire(tx, studio, "07:00", "08:00")
    change(tx, "event_schedules", one, status="cancelled")
    other = hire(tx, studio, "07:00", "08:00")
    with conflict(tx):
        change(tx, "event_schedules", one, status="scheduled")
    change(tx, "bookings", other, status="cancelled")
    change(tx, "event_schedules", one, status="scheduled")
    with conflict(tx):
        change(tx, "bookings", other, status="paid")


def test_setup_and_teardown_take_the_space_too(tx: psycopg.Connection, studio: int, yoga: int) -> None:
    change(tx, "event_definitions", yoga, setup_minutes=30, teardown_minutes=15)
    schedule(tx, yoga, schedule_date=DAY)
    for start, end in (("06:00", "06:31"), ("08:14", "09:00")):
        with conflict(tx):
            hire(tx, studio, start, end)
    hire(tx, studio, "06:00", "06:30")
    with conflict(tx):
        change(tx, "event_definitions", yoga, setup_minutes=31)
    assert rows(
        tx, "select starts_at, event_starts_at from public.v_space_calendar where source = 'schedule'"
    ) == [
        (
            value(tx, "select %s::timestamptz", f"{DAY} 06:30Z"),
            value(tx, "select %s::timestamptz", f"{DAY} 07:00Z"),
        )
    ]


def test_moving_an_event_moves_its_schedules_but_those_with_a_space_of_their_own(
    tx: psycopg.Connection, studio: int, yoga: int
) -> None:
    hall, garden = insert(tx, "spaces", name="Hall"), insert(tx, "spaces", name="Garden")
    schedule(tx, yoga, schedule_date=DAY)
    schedule(tx, yoga, schedule_date=DAY + timedelta(days=1), space_id=garden)
    change(tx, "event_definitions", yoga, space_id=hall)
    assert [len(occupied(tx, space)) for space in (studio, hall, garden)] == [0, 1, 1]
    hire(tx, studio, "07:00", "08:00")
    with conflict(tx):
        change(tx, "event_definitions", yoga, space_id=studio)


def test_a_whole_day_moves_at_once(tx: psycopg.Connection, studio: int, yoga: int) -> None:
    for hour in range(7, 12):
        schedule(tx, yoga, schedule_date=DAY, start_time=time(hour), end_time=time(hour + 1))
        hire(tx, studio, f"{hour + 5:02}:00", f"{hour + 6:02}:00")
    for hours in (1, -1):
        tx.execute(
            "update public.bookings set start_datetime = start_datetime + make_interval(hours => %s), "
            "end_datetime = end_datetime + make_interval(hours => %s)",
            (hours, hours),
        )
    tx.execute(
        "update public.event_schedules set start_time = start_time - interval '30 min', "
        "end_time = end_time - interval '30 min'"
    )
    with conflict(tx):
        tx.execute("update public.event_schedules set end_time = end_time + interval '31 min'")


def test_two_change_places_in_one_statement(tx: psycopg.Connection, studio: int) -> None:
    hall = insert(tx, "spaces", name="Hall")
    hire(tx, studio, "10:00", "11:00")
    hire(tx, hall, "10:00", "11:00")
    tx.execute("update public.bookings set space_id = %s - space_id", (studio + hall,))
    assert [len(occupied(tx, space)) for space in (studio, hall)] == [1, 1]


def test_the_venues_daily_booking_takes_its_hours_on_each_day(tx: psycopg.Connection, studio: int) -> None:
    hire(
        tx, studio, "07:00", "08:00", end_datetime=f"{DAY + timedelta(days=2)} 08:00",
        booking_type="daily", event_type="yoga", is_admin_booking=True,
    )  # fmt: skip
    assert len(occupied(tx, studio)) == 3
    hire(tx, studio, "08:00", "23:00")
    with conflict(tx):
        hire(
            tx,
            studio,
            "07:00",
            "08:00",
            start_datetime=f"{DAY + timedelta(days=2)} 07:59",
            end_datetime=f"{DAY + timedelta(days=2)} 09:00",
        )


def test_an_announcement_and_its_schedule_are_one(tx: psycopg.Connection, studio: int, yoga: int) -> None:
    show = hire(tx, studio, "19:00", "21:00", booking_type="live-", is_admin_booking=True)
    one = schedule(tx, yoga, schedule_date=DAY, start_time="19:00", end_time="21:00", booking_id=show)
    assert [o.source for o in occupied(tx, studio)] == ["schedule"]
    tx.execute("delete from public.event_schedules where id = %s", (one,))
    assert [o.source for o in occupied(tx, studio)] == ["booking"]
    tx.execute("delete from public.bookings where id = %s", (show,))
    assert occupied(tx, studio) == []


def test_generating_leaves_out_what_is_taken_and_the_preview_says_by_whom(
    tx: psycopg.Connection, studio: int, yoga: int
) -> None:
    hire(tx, studio, "07:30", "07:45", booking_reference="BK-9")
    zumba = define(tx, space_id=studio, event_code="zumba", timezone="UTC")
    schedule(tx, zumba, schedule_date=DAY + timedelta(days=1), end_time="07:10")
    period = (DAY, DAY + timedelta(days=3))
    told = rows(tx, "select conflict from public.preview_recurring_schedules(%s, %s, %s)", yoga, *period)
    assert [one.conflict for one in told] == [
        f"booking BK-9 {DAY} 07:30 to 07:45",
        f"schedule zumba {DAY + timedelta(days=1)} 07:00 to 07:10",
        None,
        None,
    ]
    notices: list[str] = []
    tx.add_notice_handler(lambda notice: notices.append(notice.message_primary or ""))
    assert call(tx, "generate_recurring_schedules", yoga, *period)[0] == 2
    assert len(notices) == 1
    assert call(tx, "generate_recurring_schedules", yoga, *period)[0] == 0
    assert call(tx, "run_maintenance", 0)


def test_an_event_longer_than_a_day_is_generated_without_overlapping_itself(
    tx: psycopg.Connection, studio: int
) -> None:
    stay = define(tx, space_id=studio, default_end_time="07:00", teardown_minutes=60)
    assert call(tx, "generate_recurring_schedules", stay, DAY, DAY + timedelta(days=3))[0] == 1


def test_slots_of_a_day(tx: psycopg.Connection, studio: int, yoga: int) -> None:
    zone = value(tx, "select ticketdb.database_time_zone()")
    change(tx, "event_definitions", yoga, timezone=zone)
    schedule(tx, yoga, schedule_date=DAY)
    hire(tx, studio, "08:30", "09:00", booking_reference="BK-5")
    found = rows(
        tx, "select * from public.get_available_time_slots(%s, %s, 60, '06:00', '10:00')", studio, DAY
    )
    assert [(f.slot_start.hour, f.is_available, f.blocked_by) for f in found] == [
        (6, True, None), (7, False, "yoga"), (8, False, "BK-5"), (9, True, None),
    ]  # fmt: skip
    assert found[0].slot_end == datetime.combine(DAY, time(7))
    assert len(rows(tx, "select * from public.get_available_time_slots(%s, %s)", studio, DAY)) == 16
    assert (
        len(
            rows(
                tx, "select * from public.get_available_time_slots(%s, %s, 90, '06:00', '24:00')", studio, DAY
            )
        )
        == 12
    )


@pytest.mark.parametrize(
    "arguments",
    [
        (None, DAY, 60, time(6), time(22)),
        (1, None, 60, time(6), time(22)),
        (1, DAY, 0, time(6), time(22)),
        (1, DAY, 1441, time(6), time(22)),
        (1, DAY, 60, time(22), time(6)),
        (1, date(1, 1, 1), 60, time(6), time(22)),
    ],
)
def test_slots_that_make_no_sense_are_refused(tx: psycopg.Connection, arguments: tuple[Any, ...]) -> None:
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "get_available_time_slots", *arguments)


def test_slots_of_an_unknown_space_are_refused(tx: psycopg.Connection) -> None:
    with expect_error(tx, "PT404", "space_not_found", space_id=2147483647):
        call(tx, "get_available_time_slots", 2147483647, DAY)


def test_a_month_of_one_space_of_many_comes_by_index(tx: psycopg.Connection, studio: int) -> None:
    tx.execute(
        """
        insert into public.bookings (booking_reference, space_id, start_datetime, end_datetime)
        select 'M' || n, %s, timestamp '2031-01-01' + n * interval '6 hours',
            timestamp '2031-01-01' + (n + 1) * interval '6 hours'
        from generate_series(1, 2000) as n
        """,
        (studio,),
    )
    tx.execute("analyze ticketdb.space_occupations")
    query = """
        select * from public.v_space_calendar
        where space_id = %s and starts_at >= '2031-02-01' and starts_at < '2031-03-01'
    """
    plan = "\n".join(r[0] for r in tx.execute("explain " + query, (studio,)).fetchall())
    assert "space_occupations_calendar" in plan
    assert row(tx, f"select count(*) from ({query}) as found", studio) == (112,)
