"""One statement that moves or makes several at once takes no time twice, and nobody's who is not its own."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from factories import assert_sound, change, define, insert, rows, schedule, value
from spaces import DAY, conflict, hire, overlaps

pytestmark = pytest.mark.usefixtures("sound")


@pytest.fixture
def hall(tx: psycopg.Connection) -> int:
    return insert(tx, "spaces", name="Hall")


def make_two(tx: psycopg.Connection, definition: int, second_start: str) -> None:
    tx.execute(
        """
        insert into public.event_schedules (
            event_definition_id, schedule_date, start_time, end_time, max_tickets
        )
        values (%(event)s, %(day)s, '07:00', '08:00', 5), (%(event)s, %(day)s, %(second)s, '09:00', 5)
        """,
        {"event": definition, "day": DAY, "second": second_start},
    )


def test_two_schedules_made_by_one_statement_are_not_there_at_once(tx: psycopg.Connection, hall: int) -> None:
    event = define(tx, space_id=hall)
    with conflict(tx, source="schedule", space_id=hall):
        make_two(tx, event, "07:30")
    make_two(tx, event, "08:00")
    assert overlaps(tx) == []


@pytest.mark.parametrize("minutes", ["setup_minutes", "teardown_minutes"])
def test_a_longer_set_up_does_not_reach_into_the_events_own_next_schedule(
    tx: psycopg.Connection, hall: int, minutes: str
) -> None:
    event = define(tx, space_id=hall)
    make_two(tx, event, "08:00")
    with conflict(tx, source="schedule", space_id=hall):
        change(tx, "event_definitions", event, **{minutes: 30})
    assert overlaps(tx) == []


def test_an_event_whose_schedules_overlap_is_given_no_space(tx: psycopg.Connection, hall: int) -> None:
    event = define(tx)
    make_two(tx, event, "07:30")
    with conflict(tx, source="schedule", space_id=hall):
        change(tx, "event_definitions", event, space_id=hall)
    tx.execute("update event_schedules set start_time = '08:00' where start_time = '07:30'")
    change(tx, "event_definitions", event, space_id=hall)
    assert overlaps(tx) == []


@pytest.mark.parametrize("order", ["A first", "B first"])
def test_two_bookings_moved_by_one_statement_do_not_meet_in_the_time_that_one_had(
    tx: psycopg.Connection, hall: int, order: str
) -> None:
    for reference in ["A", "B"] if order == "A first" else ["B", "A"]:
        times = {"A": ("07:00", "09:00"), "B": ("09:00", "11:00")}[reference]
        hire(tx, hall, *times, booking_reference=reference)
    moved = """
    update public.bookings as b
    set start_datetime = %(day)s + t.starts::time, end_datetime = %(day)s + t.ends::time
    from (values ('A', '07:00', %(a_ends)s), ('B', %(b_starts)s, %(b_ends)s)) as t (reference, starts, ends)
    where b.booking_reference = t.reference
    """
    with conflict(tx, source="booking", space_id=hall):
        tx.execute(moved, {"day": DAY, "a_ends": "09:30", "b_starts": "08:00", "b_ends": "09:00"})
    tx.execute(moved, {"day": DAY, "a_ends": "10:00", "b_starts": "10:00", "b_ends": "12:00"})
    assert overlaps(tx) == []


def keep_pair(tx: psycopg.Connection, hall: int) -> dict[str, int]:
    """A from 10 to 12 and B from 11 to 13, as if nobody had refused the second."""
    tx.execute("set local ticketdb.keep_overlaps = 'on'")
    pair = {
        reference: hire(tx, hall, *times, booking_reference=reference)
        for reference, times in {"A": ("10:00", "12:00"), "B": ("11:00", "13:00")}.items()
    }
    tx.execute("set local ticketdb.keep_overlaps = 'off'")
    assert overlaps(tx) == [("A", "B")]
    return pair


@pytest.mark.parametrize(
    ("reference", "starts", "ends"),
    [("A", "11:30", "12:30"), ("B", "10:30", "11:30"), ("A", "11:00", "13:00")],
)
def test_one_of_a_kept_pair_gives_up_time_but_takes_none_of_the_others(
    tx: psycopg.Connection, hall: int, reference: str, starts: str, ends: str
) -> None:
    booking = keep_pair(tx, hall)[reference]
    with conflict(tx, source="booking", space_id=hall):
        change(tx, "bookings", booking, start_datetime=f"{DAY} {starts}", end_datetime=f"{DAY} {ends}")
    assert overlaps(tx) == [("A", "B")]


def test_what_one_of_a_kept_pair_gives_up_is_the_others(tx: psycopg.Connection, hall: int) -> None:
    pair = keep_pair(tx, hall)
    change(tx, "bookings", pair["A"], end_datetime=f"{DAY} 11:00")
    assert overlaps(tx) == []
    with conflict(tx, reference="B"):
        hire(tx, hall, "11:00", "11:30")
    with conflict(tx, reference="B"):
        change(tx, "bookings", pair["A"], end_datetime=f"{DAY} 11:30")


def test_schedules_in_a_space_are_all_moved_a_day_on_by_one_statement(
    tx: psycopg.Connection, hall: int
) -> None:
    event = define(tx, space_id=hall, setup_minutes=600, teardown_minutes=600)
    for day in range(5):
        schedule(tx, event, schedule_date=DAY + timedelta(days=day))
    for step in (1, -1):
        tx.execute("update public.event_schedules set schedule_date = schedule_date + %s + 100", (step,))
    assert value(tx, "select count(*) from ticketdb.space_occupations") == 5
    assert rows(tx, "select * from ticketdb.space_problems") == []
    assert_sound(tx)
