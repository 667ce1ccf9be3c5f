"""Pauses and extensions move the end of a pass, and its places with it."""

from __future__ import annotations

import psycopg
import pytest
from factories import call, change, counters, define, expect_error, reserve, rows, value
from pass_helpers import (
    DAY,
    START,
    TODAY,
    buy,
    days,
    occurrence,
    pass_row,
    pass_type,
    places,
    sell_pass,
    visits_type,
)

pytestmark = pytest.mark.usefixtures("sound")
END = START + 9 * DAY


def pause(tx: psycopg.Connection, pass_id: int, first: object, last: object) -> object:
    return call(tx, "pause_pass", pass_id, first, last)


def test_pause_gives_places_back_and_takes_as_many_at_the_end(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    paid = sell_pass(tx, type_id)
    changed = pause(tx, paid.pass_id, START + 2 * DAY, START + 4 * DAY)
    assert changed == (paid.pass_id, END + 3 * DAY, 3, 3, [])
    assert places(tx, paid.pass_id) == days(START, 2) + days(START + 5 * DAY, 8)
    assert counters(tx, occurrence(tx, type_id, START + 3 * DAY)) == (5, 0, 0)
    assert counters(tx, occurrence(tx, type_id, END + DAY)) == (4, 0, 1)


def test_pause_beyond_the_end_moves_what_is_left_behind_it(tx: psycopg.Connection) -> None:
    paid = sell_pass(tx, pass_type(tx))
    changed = pause(tx, paid.pass_id, START + 8 * DAY, START + 14 * DAY)
    assert (changed.ends_on, changed.places_released, changed.places_added) == (END + 7 * DAY, 2, 2)
    assert places(tx, paid.pass_id) == days(START, 8) + days(START + 15 * DAY, 2)


def test_days_without_room_are_told(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    paid = sell_pass(tx, type_id)
    full = occurrence(tx, type_id, END + 2 * DAY)
    reserve(tx, full, 5)
    changed = pause(tx, paid.pass_id, START, START + 2 * DAY)
    assert (changed.places_released, changed.places_added, changed.full_schedules) == (3, 2, [full])


def test_pass_is_no_good_while_it_is_paused(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    paid = sell_pass(tx, type_id)
    day = occurrence(tx, type_id, START + DAY)
    call(tx, "redeem_pass", paid.pass_id, day)
    changed = pause(tx, paid.pass_id, START, START + 2 * DAY)
    assert (changed.places_released, changed.places_added, changed.ends_on) == (1, 0, END + 3 * DAY)
    assert pass_row(tx, paid.pass_id).visits_left == 3
    with expect_error(tx, "PT409", "pass_not_valid", problem="paused"):
        call(tx, "redeem_pass", paid.pass_id, day)
    assert call(tx, "redeem_pass", paid.pass_id, occurrence(tx, type_id, END + 3 * DAY)).status == "confirmed"


def test_view_tells_what_state_a_pass_is_in_today(tx: psycopg.Connection) -> None:
    paid = sell_pass(tx, visits_type(tx))
    assert pass_row(tx, paid.pass_id).state == "active"
    pause(tx, paid.pass_id, START, START)
    change(tx, "event_passes", paid.pass_id, starts_on=TODAY)
    tx.execute("update public.pass_pauses set paused_from = %s", (TODAY,))
    assert pass_row(tx, paid.pass_id).state == "paused"
    tx.execute("delete from public.pass_pauses")
    change(tx, "event_passes", paid.pass_id, starts_on=TODAY - DAY, ends_on=TODAY - DAY)
    assert pass_row(tx, paid.pass_id).state == "ended"


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (TODAY - DAY, START),
        (START - DAY, START),
        (START, START - DAY),
        (END + DAY, END + DAY),
        (START, START + 366 * DAY),
        (None, START),
        (START, None),
    ],
)
def test_pause_outside_the_pass_is_refused(tx: psycopg.Connection, first: object, last: object) -> None:
    paid = sell_pass(tx, visits_type(tx))
    with expect_error(tx, "PT400", "invalid_argument", pass_id=paid.pass_id):
        pause(tx, paid.pass_id, first, last)


def test_pauses_do_not_overlap_and_need_a_paid_pass(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    paid, held = sell_pass(tx, type_id), buy(tx, type_id)
    pause(tx, paid.pass_id, START, START + DAY)
    with expect_error(tx, "PT409", "pass_not_valid", problem="paused"):
        pause(tx, paid.pass_id, START + DAY, START + 2 * DAY)
    with expect_error(tx, "PT409", "pass_not_valid", problem="held"):
        pause(tx, held.pass_id, START, START)
    with expect_error(tx, "PT409", "pass_not_valid", problem="held"):
        call(tx, "extend_pass", held.pass_id, END + DAY)
    with expect_error(tx, "PT404", "pass_not_found"):
        pause(tx, -1, START, START)
    assert pause(tx, paid.pass_id, START + 2 * DAY, START + 2 * DAY).ends_on == END + 3 * DAY


def test_extension_adds_places_where_there_is_room(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    paid = sell_pass(tx, type_id)
    full = occurrence(tx, type_id, END + 2 * DAY)
    reserve(tx, full, 5)
    changed = call(tx, "extend_pass", paid.pass_id, END + 3 * DAY)
    assert changed == (paid.pass_id, END + 3 * DAY, 0, 2, [full])
    assert places(tx, paid.pass_id) == [*days(START, 11), END + 3 * DAY]
    assert pass_row(tx, paid.pass_id).visits == 10


def test_extension_gives_no_place_that_was_given_up(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    paid = sell_pass(tx, type_id)
    place = value(tx, "select min(id) from public.ticket_reservations where pass_id = %s", paid.pass_id)
    call(tx, "return_visit", place)
    call(tx, "extend_pass", paid.pass_id, END + DAY)
    assert places(tx, paid.pass_id) == days(START + DAY, 10)


@pytest.mark.parametrize("ends_on", [END - DAY, END + 367 * DAY, None])
def test_extension_to_a_date_that_cannot_be_is_refused(tx: psycopg.Connection, ends_on: object) -> None:
    paid = sell_pass(tx, visits_type(tx))
    with expect_error(tx, "PT400", "invalid_argument"):
        call(tx, "extend_pass", paid.pass_id, ends_on)


def test_what_is_sent_twice_moves_the_end_once(tx: psycopg.Connection) -> None:
    paid = sell_pass(tx, pass_type(tx))
    first = pause(tx, paid.pass_id, START, START + DAY)
    again = pause(tx, paid.pass_id, START, START + DAY)
    assert again == first._replace(places_released=0, places_added=0)
    longer = call(tx, "extend_pass", paid.pass_id, END + 4 * DAY)
    assert (longer.places_added, longer.ends_on) == (2, END + 4 * DAY)
    assert call(tx, "extend_pass", paid.pass_id, END + 4 * DAY) == longer._replace(places_added=0)


def test_pass_that_has_ended_is_extended_from_today(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx, define(tx, default_start_time="23:59:58", default_end_time="23:59:59"))
    paid = sell_pass(tx, type_id)
    tx.execute(
        "update public.ticket_reservations set status = 'cancelled' where pass_id = %s", (paid.pass_id,)
    )
    tx.execute("update public.event_tickets set status = 'void'")
    change(tx, "event_passes", paid.pass_id, starts_on=TODAY - 11 * DAY, ends_on=TODAY - 2 * DAY)
    call(tx, "extend_pass", paid.pass_id, TODAY + 2 * DAY)
    coming = [d for d in days(TODAY - DAY, 4) if d > TODAY]
    assert [d for d in places(tx, paid.pass_id) if d > TODAY] == coming
    assert rows(tx, "select from public.event_schedules where schedule_date < %s", TODAY) == []
