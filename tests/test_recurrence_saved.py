"""Recurrence rules of definitions: what is saved, what is refused, what is generated."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import psycopg
import pytest
from factories import call, change, define, expect_error, rows, value


def save(tx: psycopg.Connection, rule: str | None, **columns) -> int:
    """An event from Tuesday 1 January 2030 on."""
    return define(
        tx, **{"recurrence_type": "rrule", "rrule": rule, "recurrence_starts_on": "2030-01-01", **columns}
    )


def saved(tx: psycopg.Connection, event: int) -> str:
    return value(tx, "select rrule from public.event_definitions where id = %s", event)


@pytest.mark.parametrize(
    ("rule", "part"),
    [
        (None, None),
        ("", ""),
        ("weekly", "WEEKLY"),
        ("INTERVAL=2", "INTERVAL=2"),
        ("FREQ=HOURLY", "FREQ=HOURLY"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY"),
        ("FREQ=DAILY;", ""),
        ("FREQ=DAILY;;COUNT=2", ""),
        ("FREQ=DAILY;BYEASTER=1", "BYEASTER=1"),
        ("FREQ=DAILY;BYSECOND=1", "BYSECOND=1"),
        ("FREQ=DAILY; COUNT=2", " COUNT=2"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL=0"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL=-1"),
        ("FREQ=DAILY;INTERVAL=99999999999", "INTERVAL=99999999999"),
        ("FREQ=DAILY;COUNT=0", "COUNT=0"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20300201", "COUNT=2"),
        ("FREQ=DAILY;UNTIL=20300230", "UNTIL=20300230"),
        ("FREQ=DAILY;UNTIL=20300201T250000", "UNTIL=20300201T250000"),
        ("FREQ=DAILY;UNTIL=2030-02-01", "UNTIL=2030-02-01"),
        ("FREQ=DAILY;BYMONTH=13", "BYMONTH=13"),
        ("FREQ=DAILY;BYMONTH=0", "BYMONTH=0"),
        ("FREQ=DAILY;BYMONTH=1,", "BYMONTH=1,"),
        ("FREQ=DAILY;BYMONTHDAY=32", "BYMONTHDAY=32"),
        ("FREQ=DAILY;BYMONTHDAY=0", "BYMONTHDAY=0"),
        ("FREQ=YEARLY;BYYEARDAY=367", "BYYEARDAY=367"),
        ("FREQ=YEARLY;BYWEEKNO=-54", "BYWEEKNO=-54"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR=24"),
        ("FREQ=DAILY;BYMINUTE=60", "BYMINUTE=60"),
        ("FREQ=DAILY;BYDAY=XX", "BYDAY=XX"),
        ("FREQ=MONTHLY;BYDAY=0MO", "BYDAY=0MO"),
        ("FREQ=YEARLY;BYDAY=54MO", "BYDAY=54MO"),
        ("FREQ=WEEKLY;WKST=MON", "WKST=MON"),
        ("FREQ=WEEKLY;BYDAY=2MO", "BYDAY=2MO"),
        ("FREQ=DAILY;BYDAY=-1MO", "BYDAY=-1MO"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "BYMONTHDAY=1"),
        ("FREQ=MONTHLY;BYYEARDAY=1", "BYYEARDAY=1"),
        ("FREQ=MONTHLY;BYWEEKNO=1", "BYWEEKNO=1"),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "BYDAY=1MO"),
        ("FREQ=YEARLY;BYWEEKNO=1;INTERVAL=2", "INTERVAL=2"),
        ("FREQ=YEARLY;BYDAY=1MO;BYMONTHDAY=1", "BYDAY=1MO"),
        ("FREQ=DAILY;BYSETPOS=1", "BYSETPOS=1"),
        ("FREQ=DAILY;BYHOUR=9;BYSETPOS=0", "BYSETPOS=0"),
        # never
        ("FREQ=YEARLY;BYMONTHDAY=30;BYMONTH=2", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"),
        ("FREQ=MONTHLY;BYDAY=6MO", "FREQ=MONTHLY;BYDAY=6MO"),
        ("FREQ=DAILY;UNTIL=20291231", "FREQ=DAILY;UNTIL=20291231"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "FREQ=DAILY;INTERVAL=7;BYDAY=MO"),
    ],
)
def test_a_rule_that_is_none_is_refused_with_the_part(
    tx: psycopg.Connection, rule: str | None, part: str | None
) -> None:
    with expect_error(tx, "PT400", "invalid_recurrence", part=part):
        save(tx, rule)
    event = save(tx, "FREQ=DAILY")
    with expect_error(tx, "PT400", "invalid_recurrence", part=part):
        change(tx, "event_definitions", event, rrule=rule)


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("rrule:freq=daily", "FREQ=DAILY"),
        ("BYDAY=WE,MO,WE;INTERVAL=01;WKST=MO;FREQ=WEEKLY", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("FREQ=MONTHLY;BYDAY=-1FR,WE,+2TU", "FREQ=MONTHLY;BYDAY=2TU,WE,-1FR"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1,31,2,-2", "FREQ=MONTHLY;BYMONTHDAY=2,31,-2,-1"),
        ("FREQ=YEARLY;BYMONTHDAY=13", "FREQ=YEARLY;BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12;BYMONTHDAY=13"),
        ("FREQ=YEARLY;BYWEEKNO=20", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=TU"),
        (
            "WKST=SU;FREQ=WEEKLY;INTERVAL=2;UNTIL=20300301T000000Z",
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=20300301T000000Z;WKST=SU",
        ),
        ("FREQ=DAILY;BYMINUTE=30,0;BYHOUR=20,9;COUNT=007", "FREQ=DAILY;COUNT=7;BYHOUR=9,20;BYMINUTE=0,30"),
        ("FREQ=MONTHLY;BYSETPOS=-1,1;BYDAY=SU,MO", "FREQ=MONTHLY;BYDAY=MO,SU;BYSETPOS=1,-1"),
    ],
)
def test_a_rule_is_saved_as_everybody_reads_it(tx: psycopg.Connection, rule: str, kept: str) -> None:
    event = save(tx, rule)
    assert saved(tx, event) == kept
    change(tx, "event_definitions", event, rrule=kept)
    assert saved(tx, event) == kept


@pytest.mark.parametrize(
    "columns",
    [
        {"recurrence_type": "daily"},
        {"recurrence_type": "none"},
        {"recurrence_days": "1"},
        {"default_start_time": None},
        {"recurrence_starts_on": "infinity"},
        {"recurrence_starts_on": "1899-12-31"},
    ],
)
def test_a_rule_goes_with_its_type_and_its_start(tx: psycopg.Connection, columns: dict) -> None:
    with expect_error(tx, "PT400", "invalid_recurrence"):
        save(tx, "FREQ=DAILY", **columns)


def test_without_a_start_the_rule_begins_today_where_the_event_is(tx: psycopg.Connection) -> None:
    event = save(tx, "FREQ=DAILY", recurrence_starts_on=None, timezone="Pacific/Kiritimati")
    assert value(
        tx,
        """
        select d.recurrence_starts_on = (now() at time zone 'Pacific/Kiritimati')::date
        from public.event_definitions as d where d.id = %s
        """,
        event,
    )


def generated(tx: psycopg.Connection, event: int, first: str, last: str) -> list[tuple]:
    call(tx, "generate_recurring_schedules", event, date.fromisoformat(first), date.fromisoformat(last))
    return rows(
        tx,
        """
        select schedule_date::text, start_time, end_time, starts_at from public.event_schedules
        where event_definition_id = %s order by start_datetime
        """,
        event,
    )


def test_a_rule_is_generated_and_only_once(tx: psycopg.Connection) -> None:
    event = save(tx, "FREQ=MONTHLY;BYDAY=2TU", default_start_time="19:00", default_end_time="21:30")
    made = generated(tx, event, "2029-12-01", "2030-03-12")
    assert [at[:3] for at in made] == [
        (day, time(19), time(21, 30)) for day in ("2030-01-08", "2030-02-12", "2030-03-12")
    ]
    assert generated(tx, event, "2029-12-01", "2030-03-12") == made


def test_several_shows_a_day_have_the_length_of_the_first(tx: psycopg.Connection) -> None:
    event = save(tx, "FREQ=DAILY;BYHOUR=11,23;COUNT=3", default_start_time="11:15", default_end_time="12:45")
    assert [at[:3] for at in generated(tx, event, "2030-01-01", "2030-01-31")] == [
        ("2030-01-01", time(11, 15), time(12, 45)),
        ("2030-01-01", time(23, 15), time(0, 45)),
        ("2030-01-02", time(11, 15), time(12, 45)),
    ]


def test_daily_begins_where_a_date_says_so(tx: psycopg.Connection) -> None:
    event = define(tx, recurrence_starts_on="2030-01-03")
    made = generated(tx, event, "2030-01-01", "2030-01-04")
    assert [at[0] for at in made] == ["2030-01-03", "2030-01-04"]


def test_local_time_stays_over_a_clock_change(tx: psycopg.Connection) -> None:
    event = save(
        tx,
        "FREQ=WEEKLY",
        recurrence_starts_on="2030-03-03",
        default_start_time="02:30",
        default_end_time="03:45",
        timezone="America/New_York",
    )
    made = generated(tx, event, "2030-03-03", "2030-03-17")
    assert [at.start_time for at in made] == [time(2, 30)] * 3
    # the second one is in the gap, and is read with the offset before it
    assert [at.starts_at.astimezone(UTC).hour for at in made] == [7, 7, 6]


@pytest.mark.parametrize(
    ("zone", "until", "last"),
    [
        # 19:00 in Kolkata is 13:30 UTC
        ("Asia/Kolkata", "20300103T133000Z", "2030-01-03"),
        ("Asia/Kolkata", "20300103T132959Z", "2030-01-02"),
        ("Asia/Kolkata", "20300101T133000Z", "2030-01-01"),
        ("America/New_York", "20300104T000000Z", "2030-01-03"),
        ("America/New_York", "20300103T235959Z", "2030-01-02"),
        ("Pacific/Apia", "20300103T060000Z", "2030-01-03"),
    ],
)
def test_until_in_utc_is_an_instant(tx: psycopg.Connection, zone: str, until: str, last: str) -> None:
    event = save(
        tx, f"FREQ=DAILY;UNTIL={until}", timezone=zone, default_start_time="19:00", default_end_time="20:00"
    )
    assert generated(tx, event, "2030-01-01", "2030-01-31")[-1][0] == last


def test_until_in_utc_tells_the_repeated_hour_apart(tx: psycopg.Connection) -> None:
    # 01:30 means the first one, 05:30 UTC; 06:10 UTC reads 01:10 on the clock
    event = save(
        tx,
        "FREQ=DAILY;UNTIL=20301103T061000Z",
        recurrence_starts_on="2030-11-02",
        default_start_time="01:30",
        default_end_time="03:30",
        timezone="America/New_York",
    )
    made = generated(tx, event, "2030-11-01", "2030-11-10")
    assert [at.starts_at.astimezone(UTC) for at in made] == [
        datetime(2030, 11, 2, 5, 30, tzinfo=UTC),
        datetime(2030, 11, 3, 5, 30, tzinfo=UTC),
    ]
