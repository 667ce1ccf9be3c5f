"""Events that make no sense are refused: recurrence, time zone, prices, capacities."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from factories import (
    NEXT_WEEK,
    call,
    change,
    define,
    expect_constraint,
    schedule,
    ticket_type,
)
from shops import UNKNOWN, Shop


@pytest.fixture
def shop(tx: psycopg.Connection) -> Shop:
    event = define(tx)
    return Shop(tx, event, schedule(tx, event))


GENERATORS = ["generate_recurring_schedules", "preview_recurring_schedules"]


@pytest.mark.parametrize("function", GENERATORS)
@pytest.mark.parametrize("unknown", [UNKNOWN, 0, -1])
def test_an_unknown_definition_is_not_found(shop: Shop, function: str, unknown: int) -> None:
    with shop.refuses("PT404", "definition_not_found", event_definition_id=unknown):
        call(shop.tx, function, unknown, NEXT_WEEK, NEXT_WEEK)


@pytest.mark.parametrize("unknown", [UNKNOWN, 0, None])
def test_an_occurrence_of_an_unknown_definition_is_refused(shop: Shop, unknown: int | None) -> None:
    with shop.refuses("PT404", "definition_not_found", event_definition_id=unknown):
        schedule(shop.tx, shop.event, event_definition_id=unknown)


@pytest.mark.parametrize("function", GENERATORS)
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2030-01-02", "2030-01-01"),
        (None, "2030-01-01"),
        ("2030-01-01", None),
        (None, None),
        ("2030-01-01", "infinity"),
        ("-infinity", "2030-01-01"),
        ("-infinity", "infinity"),
        ("infinity", "infinity"),
        ("-infinity", "-infinity"),
        ("infinity", "-infinity"),
        ("4713-01-01 BC", "4713-01-01 BC"),
        ("1899-12-31", "1900-01-01"),
        ("294276-12-31", "294276-12-31"),
        ("2030-01-01", "2041-01-01"),
        ("2030-01-01", "2040-01-02"),
    ],
)
def test_a_period_that_cannot_be_generated_is_refused(
    shop: Shop, function: str, start: str | None, end: str | None
) -> None:
    with shop.refuses("PT400", "invalid_argument"):
        call(shop.tx, function, shop.event, start, end)


@pytest.mark.parametrize("day", ["infinity", "-infinity", "5874897-12-31", "4713-01-01 BC", "1899-12-31"])
def test_an_occurrence_is_on_a_day_of_this_calendar(shop: Shop, day: str) -> None:
    kept = schedule(shop.tx, shop.event, start_time="11:00", end_time="12:00")
    with shop.refuses("PT400", "invalid_argument"):
        schedule(shop.tx, shop.event, schedule_date=day)
    with shop.refuses("PT400", "invalid_argument"):
        call(shop.tx, "move_schedule", kept, schedule_date=day)


@pytest.mark.parametrize("function", GENERATORS)
def test_a_definition_has_to_be_named(shop: Shop, function: str) -> None:
    with shop.refuses("PT400", "invalid_argument"):
        call(shop.tx, function, None, NEXT_WEEK, NEXT_WEEK)


def test_ten_years_can_be_generated(shop: Shop) -> None:
    rare = define(shop.tx, recurrence_type="weekly", recurrence_days="2")
    assert call(shop.tx, "generate_recurring_schedules", rare, "2030-01-01", "2040-01-01") == (522,)


@pytest.mark.parametrize("recurrence_type", ["none", "daily", "weekly"])
@pytest.mark.parametrize(
    "days",
    [
        "8",
        "0",
        "1,1",
        "1,2,1",
        "1,,2",
        "a",
        "",
        " 1",
        "1 ",
        "1, 2",
        "1,",
        ",1",
        "-1",
        "1;2",
        "12",
        "1\n",
        "mon",
    ],
)
def test_malformed_recurrence_days_are_refused(shop: Shop, recurrence_type: str, days: str) -> None:
    with shop.refuses("PT400", "invalid_recurrence", recurrence_days=days):
        define(shop.tx, recurrence_type=recurrence_type, recurrence_days=days)
    with shop.refuses("PT400", "invalid_recurrence", recurrence_days=days):
        change(shop.tx, "event_definitions", shop.event, recurrence_days=days)


@pytest.mark.parametrize("recurrence_type", ["monthly", "Daily", "", " daily", None])
def test_an_unknown_recurrence_is_refused(shop: Shop, recurrence_type: str | None) -> None:
    with shop.refuses("PT400", "invalid_recurrence", recurrence_type=recurrence_type):
        define(shop.tx, recurrence_type=recurrence_type)
    with shop.refuses("PT400", "invalid_recurrence", recurrence_type=recurrence_type):
        change(shop.tx, "event_definitions", shop.event, recurrence_type=recurrence_type)


def test_a_weekly_event_says_on_which_days(shop: Shop) -> None:
    with shop.refuses("PT400", "invalid_recurrence"):
        define(shop.tx, recurrence_type="weekly")
    with shop.refuses("PT400", "invalid_recurrence"):
        change(shop.tx, "event_definitions", shop.event, recurrence_type="weekly")


@pytest.mark.parametrize(
    "recurrence", [{"recurrence_type": "daily"}, {"recurrence_type": "weekly", "recurrence_days": "1"}]
)
def test_a_recurring_event_has_a_start_time(shop: Shop, recurrence: dict) -> None:
    with shop.refuses("PT400", "invalid_recurrence"):
        define(shop.tx, **recurrence, default_start_time=None)
    with shop.refuses("PT400", "invalid_recurrence"):
        change(shop.tx, "event_definitions", shop.event, **recurrence, default_start_time=None)


@pytest.mark.parametrize(
    "zone",
    [
        "Mars/Olympus",
        "IST",
        "EST",
        "EST5EDT",
        "asia/kolkata",
        "ASIA/KOLKATA",
        "utc",
        "+05:30",
        "-5",
        "UTC+5",
        "<+05>-5",
        "Asia/Kolkata ",
        "posix/Asia/Kolkata",
        "localtime",
        "Factory",
        "",
        None,
    ],
)
def test_a_time_zone_is_an_iana_name(shop: Shop, zone: str | None) -> None:
    with shop.refuses("PT400", "invalid_argument", timezone=zone):
        define(shop.tx, timezone=zone)
    with shop.refuses("PT400", "invalid_argument", timezone=zone):
        change(shop.tx, "event_definitions", shop.event, timezone=zone)


@pytest.mark.parametrize(
    "zone", ["UTC", "Asia/Kolkata", "America/Port-au-Prince", "America/Indiana/Knox", "Etc/UTC"]
)
def test_iana_names_are_taken(shop: Shop, zone: str) -> None:
    change(shop.tx, "event_definitions", shop.event, timezone=zone)


@pytest.mark.parametrize(
    ("table", "column", "written", "constraint"),
    [
        ("event_definitions", "default_ticket_price", "-0.01", "definition_price_not_negative"),
        ("event_definitions", "default_ticket_price", "NaN", "definition_price_not_negative"),
        ("event_definitions", "max_tickets", -1, "definition_capacity_not_negative"),
        ("event_definitions", "default_duration_minutes", 0, "duration_within_a_day"),
        ("event_definitions", "default_duration_minutes", 1441, "duration_within_a_day"),
        ("event_definitions", "event_code", "", "event_code_not_empty"),
        ("event_definitions", "title", "", "event_code_not_empty"),
        ("event_definitions", "space_id", UNKNOWN, "event_definition_space"),
        ("event_schedules", "ticket_price", "-0.01", "schedule_price_not_negative"),
        ("event_schedules", "ticket_price", "NaN", "schedule_price_not_negative"),
        ("event_schedules", "status", "open", "schedule_status_known"),
        ("event_schedules", "booking_id", UNKNOWN, "event_schedule_booking"),
        ("ticket_types", "price", "-0.01", "ticket_type_price_not_negative"),
        ("ticket_types", "price", "NaN", "ticket_type_price_not_negative"),
        ("ticket_types", "max_quantity", -1, "ticket_type_quantity_not_negative"),
    ],
)
def test_a_value_out_of_range_breaks_the_constraint_that_is_named_for_it(
    shop: Shop, table: str, column: str, written: Any, constraint: str
) -> None:
    kind = ticket_type(shop.tx, shop.class_)
    ids = {"event_definitions": shop.event, "event_schedules": shop.class_, "ticket_types": kind}
    with expect_constraint(shop.tx, constraint):
        change(shop.tx, table, ids[table], **{column: written})


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("event_definitions", "event_code"),
        ("event_definitions", "title"),
        ("event_definitions", "max_tickets"),
        ("event_definitions", "default_ticket_price"),
        ("event_definitions", "default_duration_minutes"),
        ("event_schedules", "schedule_date"),
        ("event_schedules", "start_time"),
        ("event_schedules", "end_time"),
        ("event_schedules", "max_tickets"),
        ("event_schedules", "is_blocked"),
        ("event_schedules", "status"),
        ("ticket_types", "name"),
        ("ticket_types", "price"),
    ],
)
def test_null_where_a_value_is_needed_is_refused(shop: Shop, table: str, column: str) -> None:
    kind = ticket_type(shop.tx, shop.class_)
    ids = {"event_definitions": shop.event, "event_schedules": shop.class_, "ticket_types": kind}
    with pytest.raises(psycopg.errors.NotNullViolation), shop.tx.transaction():
        change(shop.tx, table, ids[table], **{column: None})


def test_two_events_have_two_codes(shop: Shop) -> None:
    define(shop.tx, event_code="yoga")
    with expect_constraint(shop.tx, "event_code_unique"):
        define(shop.tx, event_code="yoga")


def test_an_event_does_not_start_twice_at_one_time(shop: Shop) -> None:
    with expect_constraint(shop.tx, "one_schedule_per_start"):
        schedule(shop.tx, shop.event)


def test_two_ticket_types_of_an_event_have_two_names(shop: Shop) -> None:
    ticket_type(shop.tx, shop.class_, name="VIP")
    with expect_constraint(shop.tx, "ticket_type_name_unique"):
        ticket_type(shop.tx, shop.class_, name="VIP")
