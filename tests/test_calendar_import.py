"""Calendars of others come in as events: what they mean, again and again, and what is refused by name."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import psycopg
import pytest
from factories import call, define, expect_error, insert, row, rows, value
from psycopg.types.json import Jsonb
from roles import acting

from ticketdb import TicketDB
from ticketdb.cli._failure import CommandError
from ticketdb.cli._icalendar import read_events

FILES = Path(__file__).parent / "calendars"
LONG_AGO, FAR_AWAY = date(2031, 1, 1), date(2031, 12, 31)
EVENT: dict[str, Any] = {
    "uid": "1@example.org",
    "title": "Yoga",
    "event_category": "wellness",
    "timezone": "Europe/Paris",
    "starts_at": "2031-03-03T07:00:00",
    "seconds": 3600,
    "rules": ["FREQ=WEEKLY;COUNT=4"],
}


def take_in(tx: psycopg.Connection, **changes: Any) -> Any:
    return call(tx, "import_event", Jsonb(EVENT | changes))


def occurrences(tx: psycopg.Connection, event: int) -> list[str]:
    found = rows(
        tx,
        "select * from ticketdb.definition_occurrences(%s, %s, %s) order by 1, 2",
        event,
        LONG_AGO,
        FAR_AWAY,
    )
    return [f"{o.schedule_date:%m-%d} {o.start_time:%H:%M}-{o.end_time:%H:%M}" for o in found]


def bring(tx: psycopg.Connection, name: str) -> list[Any]:
    events = read_events((FILES / name).read_bytes(), name)
    return [TicketDB(tx).import_event({"event_category": "other"} | event) for event in events]


FOREIGN = {
    "google.ics": [
        (
            "Morning Yoga",
            "Asia/Kolkata",
            [f"03-{day} 07:00-08:00" for day in ("03", "17", "19", "24", "26", "31")],
            ["03-12 18:00-19:00"],
        ),
        ("Open evening", "Asia/Kolkata", ["03-20 19:00-20:30"], []),
    ],
    "outlook.ics": [
        ("Jazz night", "Europe/Berlin", [f"{day} 19:30-22:00" for day in ("03-14", "05-09", "06-13")], []),
    ],
    "apple.ics": [
        (
            "Late salsa",
            "America/New_York",
            [f"03-{day} 22:00-01:00" for day in ("06", "07", "09", "10", "11")],
            ["03-20 18:00-20:00"],
        ),
        ("Open day", "America/New_York", ["03-21 00:00-00:00", "04-04 00:00-00:00"], []),
    ],
}


@pytest.mark.parametrize("name", FOREIGN)
def test_calendar_as_others_write_it_means_here_what_it_means_there(
    tx: psycopg.Connection, name: str
) -> None:
    imported = bring(tx, name)
    found = [
        (
            event.title,
            value(tx, "select timezone from event_definitions where id = %s", event.event_definition_id),
            occurrences(tx, event.event_definition_id),
        )
        for event in imported
    ]
    assert found == [
        (title, zone, sorted([*usual, *changed])) for title, zone, usual, changed in FOREIGN[name]
    ]
    assert {event.result for event in imported} == {"created"}
    assert [event.result for event in bring(tx, name)] == ["unchanged"] * len(imported)


def test_event_is_a_draft_with_a_code_of_its_title(tx: psycopg.Connection) -> None:
    first = take_in(tx, title="Morning Yoga!", description="a\nb")
    assert first[:2] == ("created", first.event_definition_id)
    assert first.event_code == "morning-yoga"
    assert take_in(tx, uid="2", title="Morning  yoga").event_code.startswith("morning-yoga-")
    assert take_in(tx, uid="3", title="योग").event_code.startswith("event-")
    saved = row(
        tx,
        "select is_active, event_category, event_type, description, calendar_uid"
        " from event_definitions where id = %s",
        first.event_definition_id,
    )
    assert saved == (False, "wellness", "wellness", "a\nb", "1@example.org")


def test_calendar_that_says_the_same_again_writes_nothing(tx: psycopg.Connection) -> None:
    said = {
        "exdates": ["2031-03-10T06:00:00Z", "2031-03-17"],
        "rdates": [{"starts_at": "2031-04-01T09:00:00"}],
    }
    event = take_in(tx, **said).event_definition_id
    before = row(tx, "select d::text from event_definitions as d where id = %s", event)
    exceptions = rows(tx, "select * from schedule_exceptions order by id")
    assert take_in(tx, **said).result == "unchanged"
    assert row(tx, "select d::text from event_definitions as d where id = %s", event) == before
    assert rows(tx, "select * from schedule_exceptions order by id") == exceptions
    assert occurrences(tx, event) == ["03-03 07:00-08:00", "03-24 07:00-08:00", "04-01 09:00-10:00"]


def test_calendar_that_changed_changes_its_event_and_leaves_what_is_ours(tx: psycopg.Connection) -> None:
    event = take_in(tx, exdates=["2031-03-10T07:00:00"]).event_definition_id
    insert(tx, "schedule_exceptions", event_definition_id=event, exception_date="2031-03-17")
    assert occurrences(tx, event) == ["03-03 07:00-08:00", "03-24 07:00-08:00"]
    again = take_in(tx, title="Late Yoga", starts_at="2031-03-03T08:00:00", exdates=["2031-03-24T08:00:00"])
    assert (again.result, again.event_definition_id, again.event_code) == ("updated", event, "yoga")
    assert occurrences(tx, event) == ["03-03 08:00-09:00", "03-10 08:00-09:00"]
    assert value(tx, "select title from event_definitions where id = %s", event) == "Late Yoga"


def test_file_of_an_event_that_is_here_finds_it(tx: psycopg.Connection) -> None:
    venue = insert(tx, "venues", name="Hall")
    event = define(tx, recurrence_starts_on=LONG_AGO, venue_id=venue)
    insert(tx, "schedule_exceptions", venue_id=venue, exception_date="2031-03-03")
    (read,) = read_events(call(tx, "definition_ics", event)[0].encode(), "own.ics")
    assert call(tx, "import_event", Jsonb(read))[:2] == ("unchanged", event)
    assert value(tx, "select is_active from event_definitions where id = %s", event)


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        # what is left out is not added
        ({"exdates": ["2031-04-01T09:00:00"], "rdates": [{"starts_at": "2031-04-01T09:00:00"}]}, []),
        # a date is the whole day, or the event's own time
        ({"rdates": [{"starts_at": "2031-04-01"}]}, ["04-01 07:00-08:00"]),
        # a time of another zone
        ({"rdates": [{"starts_at": "2031-04-01T05:00:00Z", "seconds": 60}]}, ["04-01 07:00-07:01"]),
        # a first start that the rule does not name takes place all the same
        (
            {"starts_at": "2031-03-02T07:00:00", "rules": ["FREQ=WEEKLY;COUNT=4;BYDAY=MO"]},
            ["03-02 07:00-08:00"],
        ),
        # only longer
        (
            {
                "overrides": [
                    {
                        "recurrence_id": "2031-03-03T07:00:00",
                        "starts_at": "2031-03-03T07:00:00",
                        "seconds": 7200,
                    }
                ]
            },
            ["-03-03 07:00-08:00", "03-03 07:00-09:00"],
        ),
        # called off
        (
            {
                "overrides": [
                    {
                        "recurrence_id": "2031-03-03T06:00:00Z",
                        "starts_at": "2031-03-03T07:00:00",
                        "status": "CANCELLED",
                    }
                ]
            },
            ["-03-03 07:00-08:00"],
        ),
    ],
)
def test_dates_are_read_as_calendars_mean_them(
    tx: psycopg.Connection, changes: dict[str, Any], changed: list[str]
) -> None:
    usual = {f"03-{day} 07:00-08:00" for day in ("03", "10", "17", "24")}
    usual -= {one[1:] for one in changed if one.startswith("-")}
    usual |= {one for one in changed if not one.startswith("-")}
    assert occurrences(tx, take_in(tx, **changes).event_definition_id) == sorted(usual)
    assert take_in(tx, **changes).result == "unchanged"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"rules": ["FREQ=DAILY", "FREQ=WEEKLY"]}, "invalid_recurrence"),
        ({"exclusion_rules": ["FREQ=DAILY"]}, "invalid_recurrence"),
        ({"rules": ["FREQ=HOURLY"]}, "invalid_recurrence"),
        ({"rules": ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"]}, "invalid_recurrence"),
        ({"rules": "FREQ=DAILY"}, "invalid_argument"),
        ({"timezone": "Customized Time Zone"}, "invalid_argument"),
        ({"seconds": 367 * 86_400 + 1}, "invalid_argument"),
        ({"seconds": 9_999_999_999}, "invalid_argument"),
        ({"seconds": None, "ends_at": "2031-03-03T06:59:59"}, "invalid_argument"),
        (
            {"rdates": [{"starts_at": "2031-04-01T09:00:00", "ends_at": "2035-04-01T09:00:00"}]},
            "invalid_argument",
        ),
        ({"seconds": -1}, "invalid_argument"),
        ({"seconds": "long"}, "invalid_argument"),
        ({"starts_at": None}, "invalid_argument"),
        ({"starts_at": "2031-02-30T07:00:00"}, "invalid_argument"),
        ({"starts_at": "tomorrow"}, "invalid_argument"),
        ({"exdates": ["infinity"]}, "invalid_argument"),
        ({"rdates": [{}]}, "invalid_argument"),
        ({"rdates": ["2031-03-01"]}, "invalid_argument"),
        ({"status": "CANCELLED"}, "invalid_argument"),
        ({"title": "  "}, "invalid_argument"),
        ({"title": "x" * 256}, "invalid_argument"),
        ({"uid": None}, "invalid_argument"),
        ({"event_category": None}, "invalid_argument"),
    ],
)
def test_what_we_do_not_have_is_refused_and_nothing_is_written(
    tx: psycopg.Connection, changes: dict[str, Any], reason: str
) -> None:
    with expect_error(tx, "PT400", reason):
        take_in(tx, **changes)
    assert value(tx, "select count(*) from event_definitions where calendar_uid is not null") == 0


def test_only_staff_import(tx: psycopg.Connection) -> None:
    tx.execute("select ticketdb.create_roles(), ticketdb.grant_roles()")
    with acting(tx, "authenticated"), expect_error(tx, "PT403", "not_allowed"):
        take_in(tx)
    with acting(tx, "anon"), pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
        take_in(tx)
    with acting(tx, "authenticated", app_metadata={"role": "admin"}):
        assert take_in(tx).result == "created"
    with acting(tx, "service_role"):
        assert take_in(tx).result == "unchanged"


BEGIN = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
GOOD = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Yoga\r\nDTSTART:20310303T070000Z\r\nEND:VEVENT\r\n"
END = "END:VCALENDAR\r\n"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "file.ics"),
        ("no calendar", "file.ics"),
        (BEGIN + GOOD, "file.ics"),
        (BEGIN + END, "file.ics"),
        (BEGIN + GOOD + GOOD + END, "Yoga"),
        (BEGIN + GOOD.replace("20310303", "20310399") + END, "DTSTART"),
        (BEGIN + GOOD.replace("SUMMARY", "RRULE:FREQ=SOMETIMES\r\nSUMMARY") + END, "RRULE"),
        (BEGIN + GOOD.replace("UID:1\r\n", "") + END, "Yoga"),
        (BEGIN + GOOD.replace("SUMMARY", "RECURRENCE-ID:20310303T070000Z\r\nSUMMARY") + END, "Yoga"),
        (
            BEGIN
            + GOOD
            + GOOD.replace("SUM", "RECURRENCE-ID;RANGE=THISANDFUTURE:20310303T070000Z\r\nSUM")
            + END,
            "Yoga",
        ),
    ],
)
def test_file_that_is_no_calendar_is_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(CommandError) as refused:
        read_events(text.encode(), "file.ics")
    assert named in refused.value.message
    assert refused.value.hint
