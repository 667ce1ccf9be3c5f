"""Days on which an event does not keep to its recurrence: left out, holidays of its venue, and added ones."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import psycopg
import pytest
from factories import call, change, define, expect_constraint, expect_error, insert, rows, user, value
from house import House
from roles import acting

from ticketdb import TicketDB

FIRST, LAST = date(2030, 1, 7), date(2030, 1, 9)


def generated(tx: psycopg.Connection, event: int, first: date = FIRST, last: date = LAST) -> list[str]:
    """The local starts that exist after generating, which agree with the preview before it."""
    preview = rows(tx, "select * from public.preview_recurring_schedules(%s, %s, %s)", event, first, last)
    missing = [one for one in preview if not one.already_exists]
    made = value(tx, "select public.generate_recurring_schedules(%s, %s, %s)", event, first, last)
    assert made == len(missing)
    assert value(tx, "select public.generate_recurring_schedules(%s, %s, %s)", event, first, last) == 0
    found = rows(
        tx,
        """
        select s.start_datetime, s.end_time
        from public.event_schedules as s where s.event_definition_id = %s order by 1
        """,
        event,
    )
    planned = {(datetime.combine(one.schedule_date, one.start_time), one.end_time) for one in missing}
    assert planned <= set(found)
    return [f"{one.start_datetime:%d %H:%M}-{one.end_time:%H:%M}" for one in found]


def leave_out(tx: psycopg.Connection, **columns: Any) -> int:
    return insert(tx, "schedule_exceptions", **{"exception_date": "2030-01-08", **columns})


def add(tx: psycopg.Connection, event: int, **columns: Any) -> int:
    return leave_out(tx, event_definition_id=event, kind="added", **columns)


@pytest.mark.parametrize(
    "recurrence", [{"recurrence_type": "daily"}, {"recurrence_type": "weekly", "recurrence_days": "1,2,3"}]
)
def test_day_that_is_left_out_is_not_generated(tx: psycopg.Connection, recurrence: dict[str, str]) -> None:
    event = define(tx, **recurrence)
    leave_out(tx, event_definition_id=event, reason="teacher away")
    assert generated(tx, event) == ["07 07:00-08:00", "09 07:00-08:00"]


def test_only_the_occurrence_of_a_start_is_left_out(tx: psycopg.Connection) -> None:
    event = define(tx)
    leave_out(tx, event_definition_id=event, start_time="07:00")
    leave_out(tx, event_definition_id=event, exception_date="2030-01-09", start_time="09:00")
    assert generated(tx, event) == ["07 07:00-08:00", "09 07:00-08:00"]


def test_exception_of_one_event_is_not_that_of_another(tx: psycopg.Connection) -> None:
    leave_out(tx, event_definition_id=define(tx))
    assert len(generated(tx, define(tx))) == 3


def test_holiday_of_a_venue_is_one_of_all_its_events(tx: psycopg.Connection) -> None:
    venue = insert(tx, "venues", name="Studio")
    by_its_space = define(tx, space_id=insert(tx, "spaces", name="Hall", venue_id=venue))
    leave_out(tx, venue_id=venue, reason="Makar Sankranti")
    for event in (define(tx, venue_id=venue), by_its_space):
        assert generated(tx, event) == ["07 07:00-08:00", "09 07:00-08:00"]
    assert len(generated(tx, define(tx))) == 3


@pytest.mark.parametrize(
    ("columns", "extra"),
    [
        ({}, "12 07:00-08:00"),
        ({"start_time": "17:30"}, "12 17:30-18:30"),
        ({"start_time": "17:30", "end_time": "19:00"}, "12 17:30-19:00"),
        ({"start_time": "23:30"}, "12 23:30-00:30"),
    ],
)
def test_date_that_is_added_takes_place_besides(
    tx: psycopg.Connection, columns: dict[str, str], extra: str
) -> None:
    event = define(tx, recurrence_type="weekly", recurrence_days="1")
    add(tx, event, exception_date="2030-01-12", **columns)
    assert generated(tx, event, FIRST, date(2030, 1, 13)) == ["07 07:00-08:00", extra]


def test_added_date_stands_against_holidays_and_days_left_out(tx: psycopg.Connection) -> None:
    venue = insert(tx, "venues", name="Studio")
    event = define(tx, venue_id=venue)
    leave_out(tx, venue_id=venue)
    leave_out(tx, event_definition_id=event)
    add(tx, event, start_time="17:00")
    assert generated(tx, event) == ["07 07:00-08:00", "08 17:00-18:00", "09 07:00-08:00"]


def test_added_date_that_the_recurrence_has_is_one_occurrence(tx: psycopg.Connection) -> None:
    event = define(tx)
    add(tx, event)
    add(tx, event, start_time="07:00", end_time="09:00")
    assert generated(tx, event) == ["07 07:00-08:00", "08 07:00-09:00", "09 07:00-08:00"]


def test_occurrence_that_stands_is_not_taken_away_by_an_exception(tx: psycopg.Connection) -> None:
    event = define(tx)
    assert len(generated(tx, event)) == 3
    leave_out(tx, event_definition_id=event)
    assert len(generated(tx, event)) == 3


@pytest.mark.parametrize(
    ("constraint", "columns"),
    [
        ("exception_of_event_or_venue", {}),
        ("exception_kind_known", {"kind": "moved", "event_definition_id": 1}),
        ("holiday_is_a_whole_day", {"venue_id": 1, "kind": "added"}),
        ("holiday_is_a_whole_day", {"venue_id": 1, "start_time": "07:00"}),
        ("exception_end_is_of_an_added_date", {"event_definition_id": 1, "end_time": "09:00"}),
        ("exception_date_in_calendar", {"event_definition_id": 1, "exception_date": "infinity"}),
        ("exception_said_once", {"event_definition_id": 1, "exception_date": "2030-02-01"}),
    ],
)
def test_exception_that_makes_no_sense_is_refused(
    tx: psycopg.Connection, constraint: str, columns: dict[str, Any]
) -> None:
    owners = {
        "event_definition_id": define(tx),
        "venue_id": insert(tx, "venues", name="Studio"),
    }
    leave_out(tx, event_definition_id=owners["event_definition_id"], exception_date="2030-02-01")
    with expect_constraint(tx, constraint):
        leave_out(tx, **{**columns, **{name: owners[name] for name in columns.keys() & owners.keys()}})


def test_moved_occurrence_is_not_generated_again(tx: psycopg.Connection) -> None:
    event = define(tx)
    generated(tx, event)
    (first, *_) = rows(
        tx, "select id from public.event_schedules where event_definition_id = %s order by id", event
    )
    call(tx, "move_schedule", first.id, schedule_date="2030-01-20")
    call(tx, "move_schedule", first.id, start_time="18:00")
    assert generated(tx, event) == ["08 07:00-08:00", "09 07:00-08:00", "20 18:00-19:00"]
    assert all(
        one.already_exists
        for one in rows(
            tx, "select * from public.preview_recurring_schedules(%s, %s, %s)", event, FIRST, LAST
        )
    )
    # whoever moves it: an application that updates the row does the same
    change(tx, "event_schedules", first.id, schedule_date="2030-01-07", start_time="06:00", end_time="07:00")
    assert generated(tx, event)[0] == "07 06:00-07:00"


def test_staff_alone_keeps_exceptions(tx: psycopg.Connection) -> None:
    tx.execute("select ticketdb.create_roles()")
    tx.execute("select ticketdb.grant_roles()")
    event = define(tx)
    with acting(tx, "authenticated", app_metadata={"role": "admin"}):
        leave_out(tx, event_definition_id=event)
        assert len(generated(tx, event)) == 2
    with acting(tx, "authenticated", user_id=user(tx)):
        assert rows(tx, "select from public.schedule_exceptions") == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
            leave_out(tx, event_definition_id=event, exception_date="2030-01-09")
        with expect_error(tx, "PT403", "not_allowed"):
            call(tx, "generate_recurring_schedules", event, FIRST, LAST)


def test_admin_keeps_exceptions_over_http_and_the_client_generates(house: House, db: str) -> None:
    event = define(house.shop)
    answer = house.admin().post(
        "/schedule_exceptions", {"event_definition_id": event, "exception_date": "2030-01-08"}
    )
    assert answer.status == 201
    with TicketDB(db) as client:
        assert client.generate_recurring_schedules(event, FIRST, LAST) == 2
    assert house.visitor().get("/schedule_exceptions").status == 401


def test_event_of_two_times_a_day_has_its_added_ones_at_their_length(tx: psycopg.Connection) -> None:
    event = define(tx, default_end_time=None, default_duration_minutes=90)
    add(tx, event, start_time="12:00")
    assert "08 12:00-13:30" in generated(tx, event)
    assert time(8, 30) == value(
        tx,
        """
        select distinct s.end_time
        from public.event_schedules as s where s.event_definition_id = %s and s.start_time = '07:00'
        """,
        event,
    )
