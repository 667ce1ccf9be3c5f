"""Overlaps that were there before, or that came with the link: kept, listed, and no worse."""

from __future__ import annotations

import psycopg
import pytest
from factories import assert_sound, call, change, define, insert, row, rows, schedule, value
from spaces import DAY, conflict, hire, occupied, overlaps


@pytest.fixture
def hall(tx: psycopg.Connection) -> int:
    return insert(tx, "spaces", name="Hall")


@pytest.fixture
def pair(tx: psycopg.Connection, hall: int) -> tuple[int, int]:
    """Two bookings, 10 to 12 and 11 to 13, which nobody refused."""
    first = hire(tx, hall, "10:00", "12:00", booking_reference="A")
    with_triggers_off(tx, f"update bookings set status = 'cancelled' where id = {first}")
    second = hire(tx, hall, "11:00", "13:00", booking_reference="B", status="cancelled")
    with_triggers_off(tx, "update bookings set status = 'approved'")
    assert value(tx, "select ticketdb.fill_space_occupations()") == 1
    assert value(tx, "select ticketdb.fill_space_occupations()") == 0
    return first, second


def with_triggers_off(tx: psycopg.Connection, statement: str) -> None:
    tx.execute("set local session_replication_role = replica")
    tx.execute(statement)
    tx.execute("set local session_replication_role = origin")


def test_an_overlap_is_kept_and_listed_with_its_time(
    tx: psycopg.Connection, hall: int, pair: tuple[int, int]
) -> None:
    assert len(occupied(tx, hall)) == 2
    listed = row(
        tx,
        "select start_datetime::time::text as starts, end_datetime::time::text as ends, space_name, "
        "array[booking_id, other_booking_id] as bookings from public.v_space_conflicts",
    )
    assert listed[:3] == ("11:00:00", "12:00:00", "Hall")
    assert sorted(listed.bookings) == sorted(pair)
    assert_sound(tx)


def test_neither_of_a_pair_is_refused_what_leaves_its_time_alone(
    tx: psycopg.Connection, pair: tuple[int, int]
) -> None:
    for one in pair:
        change(tx, "bookings", one, status="paid", customer_note="fine")
        change(tx, "bookings", one, attendees=7)
    assert overlaps(tx) == [("A", "B")]
    assert_sound(tx)


@pytest.mark.parametrize("which", [0, 1])
def test_one_of_a_pair_may_give_way_but_not_take_more(
    tx: psycopg.Connection, hall: int, pair: tuple[int, int], which: int
) -> None:
    with conflict(tx):
        hire(tx, hall, "11:00", "11:30")
    hire(tx, hall, "13:00", "14:00")
    hire(tx, hall, "09:00", "10:00")
    with conflict(tx):
        change(tx, "bookings", pair[which], start_datetime=f"{DAY} 09:30", end_datetime=f"{DAY} 13:30")
    change(tx, "bookings", pair[which], start_datetime=f"{DAY} 11:00", end_datetime=f"{DAY} 11:30")
    assert overlaps(tx) == [("A", "B")]
    assert_sound(tx)


@pytest.mark.parametrize("which", [0, 1])
def test_what_one_gives_up_goes_to_the_other_and_to_nobody_else(
    tx: psycopg.Connection, hall: int, pair: tuple[int, int], which: int
) -> None:
    change(tx, "bookings", pair[which], status="cancelled")
    assert overlaps(tx) == []
    assert_sound(tx)
    with conflict(tx):
        hire(tx, hall, "11:15", "11:45")
    with conflict(tx):
        change(tx, "bookings", pair[which], status="approved")


def test_of_three_at_once_the_time_goes_from_hand_to_hand(tx: psycopg.Connection, hall: int) -> None:
    three = []
    for name in "ABC":
        with_triggers_off(tx, "select 1")
        three.append(hire(tx, hall, "10:00", "12:00", booking_reference=name, status="cancelled"))
    with_triggers_off(tx, "update bookings set status = 'approved'")
    tx.execute("select ticketdb.fill_space_occupations()")
    assert overlaps(tx) == [("A", "B"), ("A", "C"), ("B", "C")]
    for number, one in enumerate(three, 1):
        tx.execute("delete from public.bookings where id = %s", (one,))
        assert_sound(tx)
        if number < 3:
            with conflict(tx):
                hire(tx, hall, "11:00", "13:00")
    hire(tx, hall, "11:00", "13:00")


def test_past_schedules_follow_their_event_even_where_somebody_was(tx: psycopg.Connection, hall: int) -> None:
    yoga = define(tx)
    schedule(tx, yoga, schedule_date="2020-01-01")
    tx.execute("update public.event_definitions set timezone = 'UTC' where id = %s", (yoga,))
    hire(tx, hall, "07:00", "08:00", start_datetime="2020-01-01 00:00", end_datetime="2020-01-02 00:00")
    change(tx, "event_definitions", yoga, space_id=hall)
    assert len(rows(tx, "select from public.v_space_conflicts")) == 1
    assert_sound(tx)


def test_the_link_keeps_what_the_application_let_overlap(tx: psycopg.Connection, hall: int) -> None:
    hire(tx, hall, "19:00", "21:00", booking_reference="GALA")
    show = hire(
        tx, hall, "19:00", "21:00", booking_reference="SHOW", booking_type="live-", event_type="concert",
        is_admin_booking=True, status="cancelled",
    )  # fmt: skip
    with_triggers_off(tx, f"update bookings set status = 'approved' where id = {show}")
    call(tx, "link_legacy_data")
    assert overlaps(tx) == [("GALA", "live-concert")]
    assert_sound(tx)


def test_verify_tells_what_the_triggers_did_not_see(tx: psycopg.Connection, hall: int) -> None:
    hire(tx, hall, "10:00", "12:00")
    with_triggers_off(tx, "update bookings set space_id = null")
    (problem,) = rows(tx, "select * from public.verify_inventory()")
    assert problem.schedule_id is None
    assert problem[2:] == (0, 1)
    tx.execute("select ticketdb.fill_space_occupations()")
    assert_sound(tx)
