"""The instants for which local dates and times stand, clock changes included."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import psycopg
import pytest
from factories import NEXT_WEEK, call, change, define, row, rows, schedule, value


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


CASES = [
    ("plain", "Asia/Kolkata", "2026-05-10", "07:00", "08:00", "2026-05-10 01:30", "2026-05-10 02:30"),
    (
        "end past midnight",
        "Asia/Kolkata",
        "2026-05-10",
        "22:00",
        "02:00",
        "2026-05-10 16:30",
        "2026-05-10 20:30",
    ),
    (
        "ends at midnight",
        "Asia/Kolkata",
        "2026-05-10",
        "22:00",
        "00:00",
        "2026-05-10 16:30",
        "2026-05-10 18:30",
    ),
    ("end is start", "Asia/Kolkata", "2026-05-10", "10:00", "10:00", "2026-05-10 04:30", "2026-05-11 04:30"),
    # 02:30 does not exist and is read as 03:30 EDT
    ("gap", "America/New_York", "2026-03-08", "02:30", "04:00", "2026-03-08 07:30", "2026-03-08 08:00"),
    (
        "end in gap",
        "America/New_York",
        "2026-03-08",
        "01:30",
        "02:30",
        "2026-03-08 06:30",
        "2026-03-08 07:30",
    ),
    (
        "hour in gap",
        "America/New_York",
        "2026-03-08",
        "02:00",
        "03:00",
        "2026-03-08 07:00",
        "2026-03-08 08:00",
    ),
    (
        "half in gap",
        "America/New_York",
        "2026-03-08",
        "02:30",
        "03:00",
        "2026-03-08 07:30",
        "2026-03-08 08:00",
    ),
    # 01:30 comes twice and means the first one
    ("fold", "America/New_York", "2026-11-01", "01:30", "02:30", "2026-11-01 05:30", "2026-11-01 07:30"),
    (
        "end in fold",
        "America/New_York",
        "2026-11-01",
        "00:30",
        "01:30",
        "2026-11-01 04:30",
        "2026-11-01 05:30",
    ),
    (
        "fold within",
        "America/New_York",
        "2026-11-01",
        "01:15",
        "01:45",
        "2026-11-01 05:15",
        "2026-11-01 05:45",
    ),
    (
        "before fold",
        "America/New_York",
        "2026-11-01",
        "00:59",
        "03:00",
        "2026-11-01 04:59",
        "2026-11-01 08:00",
    ),
    (
        "over night",
        "America/New_York",
        "2026-10-31",
        "22:00",
        "01:30",
        "2026-11-01 02:00",
        "2026-11-01 05:30",
    ),
    (
        "day of 23 h",
        "America/New_York",
        "2026-03-07",
        "10:00",
        "10:00",
        "2026-03-07 15:00",
        "2026-03-08 14:00",
    ),
    ("gap", "Europe/Paris", "2026-03-29", "02:30", "04:00", "2026-03-29 01:30", "2026-03-29 02:00"),
    ("fold", "Europe/Paris", "2026-10-25", "02:30", "03:30", "2026-10-25 00:30", "2026-10-25 02:30"),
    (
        "half-hour fold",
        "Australia/Lord_Howe",
        "2026-04-05",
        "01:45",
        "02:15",
        "2026-04-04 14:45",
        "2026-04-04 15:45",
    ),
    (
        "half-hour gap",
        "Australia/Lord_Howe",
        "2026-10-04",
        "02:15",
        "03:00",
        "2026-10-03 15:45",
        "2026-10-03 16:00",
    ),
    ("midnight gap", "Asia/Beirut", "2026-03-29", "00:30", "02:00", "2026-03-28 22:30", "2026-03-28 23:00"),
    ("midnight fold", "Asia/Beirut", "2026-10-24", "23:30", "00:30", "2026-10-24 20:30", "2026-10-24 22:30"),
    # a day that was skipped is read with the offset before it
    ("lost day", "Pacific/Apia", "2011-12-30", "10:00", "11:00", "2011-12-30 20:00", "2011-12-30 21:00"),
    ("after it", "Pacific/Apia", "2011-12-31", "00:30", "01:30", "2011-12-30 10:30", "2011-12-30 11:30"),
    ("plain", "Pacific/Apia", "2026-06-01", "10:00", "11:00", "2026-05-31 21:00", "2026-05-31 22:00"),
]


@pytest.mark.parametrize("session_zone", ["UTC", "America/New_York", "Pacific/Apia"])
@pytest.mark.parametrize(
    ("zone", "day", "start", "end", "starts_at", "ends_at"),
    [case[1:] for case in CASES],
    ids=[f"{case[1]} {case[0]}" for case in CASES],
)
def test_local_times_stand_for_these_instants_whatever_the_session_s_zone(
    tx: psycopg.Connection,
    zone: str,
    day: str,
    start: str,
    end: str,
    starts_at: str,
    ends_at: str,
    session_zone: str,
) -> None:
    tx.execute("select set_config('TimeZone', %s, true)", (session_zone,))
    event = define(tx, timezone=zone, default_start_time=start, default_end_time=end)
    preview = call(tx, "preview_recurring_schedules", event, date.fromisoformat(day), date.fromisoformat(day))
    assert call(
        tx, "generate_recurring_schedules", event, date.fromisoformat(day), date.fromisoformat(day)
    ) == (1,)
    made = row(tx, "select * from public.event_schedules where event_definition_id = %s", event)
    assert made.schedule_date == date.fromisoformat(day)
    for found in (made, preview):
        # Python calls instants of different zones unequal where a clock change repeats the hour
        instants = (found.starts_at.astimezone(UTC), found.ends_at.astimezone(UTC))
        assert instants == (utc(starts_at), utc(ends_at))
    # the local ones know no clock change
    assert made.start_datetime == datetime.fromisoformat(f"{day} {start}")
    assert made.end_datetime.time() == time.fromisoformat(end)
    assert made.end_datetime > made.start_datetime


@pytest.mark.parametrize(
    ("start", "minutes", "end_time", "end_datetime"),
    [
        ("07:00", 90, time(8, 30), datetime(2026, 5, 10, 8, 30)),
        ("23:30", 90, time(1, 0), datetime(2026, 5, 11, 1, 0)),
        ("22:00", 120, time(0, 0), datetime(2026, 5, 11, 0, 0)),
        ("10:00", 1440, time(10, 0), datetime(2026, 5, 11, 10, 0)),
    ],
)
def test_without_an_end_time_the_duration_counts(
    tx: psycopg.Connection, start: str, minutes: int, end_time: time, end_datetime: datetime
) -> None:
    event = define(tx, default_start_time=start, default_end_time=None, default_duration_minutes=minutes)
    day = date(2026, 5, 10)
    preview = call(tx, "preview_recurring_schedules", event, day, day)
    call(tx, "generate_recurring_schedules", event, day, day)
    made = row(tx, "select * from public.event_schedules where event_definition_id = %s", event)
    assert (made.end_time, made.end_datetime) == (end_time, end_datetime)
    assert preview.end_time == end_time
    assert (made.ends_at - made.starts_at).total_seconds() == minutes * 60


def test_an_occurrence_moved_by_hand_gets_new_instants(tx: psycopg.Connection) -> None:
    made = schedule(tx, schedule_date="2026-05-10")
    change(tx, "event_schedules", made, schedule_date="2026-05-11", start_time="09:00", end_time="01:00")
    moved = row(tx, "select starts_at, ends_at, end_datetime from public.event_schedules where id = %s", made)
    assert moved == (utc("2026-05-11 03:30"), utc("2026-05-11 19:30"), datetime(2026, 5, 12, 1))


def test_instants_written_by_hand_do_not_stay(tx: psycopg.Connection) -> None:
    made = schedule(tx, schedule_date="2026-05-10", starts_at=utc("2020-01-01"), ends_at=utc("2020-01-02"))
    change(tx, "event_schedules", made, starts_at=utc("2020-01-01"))
    found = row(tx, "select starts_at, ends_at from public.event_schedules where id = %s", made)
    assert found == (utc("2026-05-10 01:30"), utc("2026-05-10 02:30"))


def test_a_new_time_zone_moves_coming_occurrences_only(tx: psycopg.Connection) -> None:
    event = define(tx)
    past = schedule(tx, event, schedule_date="2020-05-10")
    coming = schedule(tx, event, schedule_date="2040-01-10")
    change(tx, "event_definitions", event, timezone="Europe/Paris")
    query = """
        select id, start_time, starts_at from public.event_schedules where event_definition_id = %s order by 1
    """
    assert rows(tx, query, event) == [
        (past, time(7), utc("2020-05-10 01:30")),
        (coming, time(7), utc("2040-01-10 06:00")),
    ]


def test_sales_end_by_the_clock_of_the_event_s_zone(tx: psycopg.Connection) -> None:
    """The same local time is over in the east and to come in the west."""
    now = value(tx, "select now() at time zone 'Pacific/Kiritimati'")
    start, end = now - timedelta(minutes=2), now - timedelta(minutes=1)
    columns = {"schedule_date": start.date(), "start_time": start.time(), "end_time": end.time()}
    east = schedule(tx, define(tx, timezone="Pacific/Kiritimati"), **columns)
    west = schedule(tx, define(tx, timezone="Pacific/Pago_Pago"), **columns)
    assert call(tx, "check_ticket_availability", east).is_available is False
    assert call(tx, "check_ticket_availability", west).is_available is True


def insert_without_zone(connection: psycopg.Connection) -> str:
    made = connection.execute(
        """
        insert into public.event_definitions (event_code, title, event_category, event_type)
        values ('plain', 'Plain', 'show', 'show') returning timezone
        """
    ).fetchone()
    assert made is not None
    return made[0]


@pytest.fixture
def zone_of_database(connect: Callable[..., psycopg.Connection]) -> str:
    connection = connect()
    connection.execute(f"alter database \"{connection.info.dbname}\" set timezone = 'Europe/Paris'")
    connection.close()
    return "Europe/Paris"


def test_the_default_zone_is_the_database_s(
    zone_of_database: str, connect: Callable[..., psycopg.Connection]
) -> None:
    assert insert_without_zone(connect()) == zone_of_database


def test_the_default_zone_is_not_the_session_s(
    zone_of_database: str, connect: Callable[..., psycopg.Connection]
) -> None:
    connection = connect(options="-c TimeZone=Asia/Tokyo")
    connection.execute("set timezone = 'America/New_York'")
    assert insert_without_zone(connection) == zone_of_database


def test_the_default_zone_is_not_the_session_s_where_the_database_has_none_set(
    connect: Callable[..., psycopg.Connection],
) -> None:
    connection = connect()
    expected = value(connection, "select reset_val from pg_settings where name = 'TimeZone'")
    connection.execute("set timezone = 'America/New_York'")
    assert insert_without_zone(connection) == expected != "America/New_York"


def test_the_default_zone_is_spelt_as_the_server_spells_it(
    connect: Callable[..., psycopg.Connection],
) -> None:
    connection = connect()
    connection.execute(f"alter database \"{connection.info.dbname}\" set timezone = 'asia/kolkata'")
    assert insert_without_zone(connect()) == "Asia/Kolkata"


def test_the_date_of_a_generated_occurrence_does_not_depend_on_the_session_s_zone(
    tx: psycopg.Connection,
) -> None:
    event = define(tx)
    tx.execute("set local timezone = 'Pacific/Kiritimati'")
    call(tx, "generate_recurring_schedules", event, NEXT_WEEK, NEXT_WEEK)
    tx.execute("set local timezone = 'Pacific/Pago_Pago'")
    assert call(tx, "generate_recurring_schedules", event, NEXT_WEEK, NEXT_WEEK) == (0,)
    found = value(
        tx, "select schedule_date from public.event_schedules where event_definition_id = %s", event
    )
    assert found == NEXT_WEEK


def test_the_default_zone_is_not_the_one_a_client_connects_with(
    connect: Callable[..., psycopg.Connection],
) -> None:
    """Some drivers send their machine's zone whenever they connect."""
    expected = insert_without_zone(connect())
    connection = connect(options="-c TimeZone=Asia/Tokyo")
    connection.execute("delete from public.event_definitions")
    assert insert_without_zone(connection) == expected != "Asia/Tokyo"
