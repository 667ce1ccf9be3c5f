"""What lasts for days comes in from calendars and goes out again: the same days, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from factories import call, expect_constraint, insert, row, rows, value
from rule_calendars import bring_in, export, listed, ours, theirs, vevent

BEGIN = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:days\r\nSUMMARY:Festival\r\n"
END = "END:VEVENT\r\nEND:VCALENDAR\r\n"
SPRING = (date(2031, 3, 1), date(2031, 4, 30))


def take_in(tx: psycopg.Connection, *lines: str) -> int:
    """The event of these lines; said again, it is the same."""
    text = BEGIN + "\r\n".join(lines) + "\r\n" + END
    event = bring_in(tx, text, event_category="live-show").event_definition_id
    assert bring_in(tx, text).result == "unchanged"
    return event


def kept(tx: psycopg.Connection, event: int) -> Any:
    return row(
        tx,
        "select default_start_time::text, default_end_time::text, default_extra_days, timezone"
        " from event_definitions where id = %s",
        event,
    )


@pytest.mark.parametrize(
    ("lines", "start", "end", "days"),
    [
        (("DTSTART:20310307T100000", "DTEND:20310309T180000"), "10:00:00", "18:00:00", 2),
        (("DTSTART:20310307T220000", "DTEND:20310310T020000"), "22:00:00", "02:00:00", 2),
        (("DTSTART:20310307T100000", "DTEND:20310308T100000"), "10:00:00", "10:00:00", 0),
        (("DTSTART:20310307T100000", "DTEND:20310308T100001"), "10:00:00", "10:00:01", 1),
        (("DTSTART:20310307T100000", "DURATION:P2DT8H"), "10:00:00", "18:00:00", 2),
        (("DTSTART:20310307T100000", "DURATION:PT56H"), "10:00:00", "18:00:00", 2),
        (("DTSTART:20310307T100000", "DURATION:P1W"), "10:00:00", "10:00:00", 6),
        # the end of a date is not of it
        (("DTSTART;VALUE=DATE:20310307", "DTEND;VALUE=DATE:20310310"), "00:00:00", "00:00:00", 2),
        (("DTSTART;VALUE=DATE:20310307", "DURATION:P3D"), "00:00:00", "00:00:00", 2),
        (("DTSTART;VALUE=DATE:20310307",), "00:00:00", "00:00:00", 0),
        (("DTSTART;VALUE=DATE:20310307", "DTEND;VALUE=DATE:20320308"), "00:00:00", "00:00:00", 366),
    ],
)
def test_length_of_days_is_an_end_time_and_days_beyond_it(
    tx: psycopg.Connection, lines: tuple[str, ...], start: str, end: str, days: int
) -> None:
    assert kept(tx, take_in(tx, *lines))[:3] == (start, end, days)


WEEKENDS = (
    "DTSTART;TZID=Europe/Paris:20310307T100000",
    "DTEND;TZID=Europe/Paris:20310309T180000",
    "RRULE:FREQ=WEEKLY;COUNT=6",
    "EXDATE;TZID=Europe/Paris:20310314T100000",
    # begins as the clocks go forward, and lasts over it
    "RDATE;VALUE=PERIOD;TZID=Europe/Paris:20310329T200000/P1DT4H,20310402T090000/20310402T120000",
)


def test_days_go_out_as_they_came_in_and_end_at_their_local_time_over_a_clock_change(
    tx: psycopg.Connection,
) -> None:
    event = take_in(tx, *WEEKENDS)
    text = export(tx, event)
    seen = vevent(text)
    assert "\r\nDURATION:P2DT8H\r\n" in text
    assert "\r\nRDATE;VALUE=PERIOD;TZID=Europe/Paris:20310329T200000/P1DT4H\r\n" in text
    assert [at.day for at in listed(seen, "EXDATE")] == [14]
    expected = ours(tx, event, *SPRING)
    assert [(start.day, str(end - start)) for start, end in expected] == [
        (7, "2 days, 8:00:00"),
        (21, "2 days, 8:00:00"),
        (28, "2 days, 8:00:00"),
        (29, "1 day, 4:00:00"),
        (2, "3:00:00"),
        (4, "2 days, 8:00:00"),
        (11, "2 days, 8:00:00"),
    ]
    assert theirs(text, *SPRING) == expected
    copy = bring_in(tx, text, "copy").event_definition_id
    assert kept(tx, copy) == kept(tx, event)
    assert ours(tx, copy, *SPRING) == expected
    assert bring_in(tx, text).result == "unchanged"


@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("Europe/Paris", date(2031, 3, 30)),
        ("Europe/Paris", date(2031, 10, 26)),
        ("America/New_York", date(2031, 3, 9)),
        ("Australia/Lord_Howe", date(2031, 4, 6)),
    ],
)
def test_instants_of_several_days_are_those_of_a_calendar_program(
    tx: psycopg.Connection, zone: str, around: date
) -> None:
    first = around - timedelta(days=2)
    event = take_in(
        tx, f"DTSTART;TZID={zone}:{first:%Y%m%d}T100000", "DURATION:P2DT8H", "RRULE:FREQ=WEEKLY;COUNT=2"
    )
    call(tx, "generate_recurring_schedules", event, first, first + timedelta(days=13))
    found = rows(
        tx,
        "select starts_at, ends_at from event_schedules where event_definition_id = %s order by starts_at",
        event,
    )
    # days first, on the clock; then hours that pass (RFC 5545, 3.3.6)
    length = vevent(export(tx, event))["DURATION"].dt
    expected = []
    for start, _ in theirs(export(tx, event), first, first + timedelta(days=13)):
        begins = start.replace(tzinfo=ZoneInfo(zone))
        on_last_day = (begins + timedelta(days=length.days)).astimezone(UTC)
        expected.append((begins, on_last_day + timedelta(seconds=length.seconds)))
    assert found == expected
    assert len({end - start for start, end in found}) == 2


def test_date_of_its_own_keeps_its_days_and_the_next_calendar_changes_them(tx: psycopg.Connection) -> None:
    event = take_in(tx, *WEEKENDS)
    exceptions = "select exception_date::text, end_time::text, extra_days from schedule_exceptions"
    exceptions += " where event_definition_id = %s and kind = 'added' order by 1"
    assert rows(tx, exceptions, event) == [("2031-03-29", "00:00:00", 1), ("2031-04-02", "12:00:00", 0)]
    longer = tuple(line.replace("P1DT4H", "P3DT4H") for line in WEEKENDS)
    assert take_in(tx, *longer) == event
    assert rows(tx, exceptions, event)[0] == ("2031-03-29", "00:00:00", 3)
    shorter = tuple(line.replace("20310309T18", "20310308T18") for line in longer)
    assert take_in(tx, *shorter) == event
    assert kept(tx, event)[2] == 1


def test_occurrence_that_was_made_longer_in_the_calendar_is_longer(tx: psycopg.Connection) -> None:
    event = take_in(
        tx,
        "DTSTART;VALUE=DATE:20310307",
        "DTEND;VALUE=DATE:20310309",
        "RRULE:FREQ=WEEKLY;COUNT=2",
        "END:VEVENT",
        "BEGIN:VEVENT",
        "UID:days",
        "SUMMARY:Festival",
        "RECURRENCE-ID;VALUE=DATE:20310314",
        "DTSTART;VALUE=DATE:20310313",
        "DTEND;VALUE=DATE:20310318",
    )
    days = [(start.day, (end - start).days) for start, end in ours(tx, event, *SPRING)]
    assert days == [(7, 2), (13, 5)]


def test_exception_has_days_only_with_an_end_of_its_own(tx: psycopg.Connection) -> None:
    event = take_in(tx, *WEEKENDS)
    date_added = {"event_definition_id": event, "kind": "added", "exception_date": date(2031, 6, 1)}
    for wrong in ({"extra_days": 1}, {"end_time": "09:00", "extra_days": 367}):
        with expect_constraint(tx, "exception_extra_days_within_a_year"):
            insert(tx, "schedule_exceptions", **date_added, **wrong)
    insert(tx, "schedule_exceptions", **date_added, end_time="09:00", extra_days=1)
    assert ours(tx, event, date(2031, 6, 1), date(2031, 6, 1)) == [
        (datetime(2031, 6, 1, 10), datetime(2031, 6, 3, 9))
    ]
    assert value(tx, "select count(*) from schedule_exceptions where extra_days > 0") == 2
