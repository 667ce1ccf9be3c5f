"""A pass is redeemed for a place, and a place that is given back is a visit again."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from factories import (
    call,
    change,
    counters,
    define,
    expect_constraint,
    expect_error,
    insert,
    reserve,
    rows,
    sell,
    status,
    value,
)
from pass_helpers import DAY, START, buy, occurrence, pass_row, pass_type, places, sell_pass, visits_type

pytestmark = pytest.mark.usefixtures("sound")
NOW = datetime.now(UTC)


def redeem(tx: psycopg.Connection, pass_id: int, schedule_id: int) -> object:
    return call(tx, "redeem_pass", pass_id, schedule_id)


def begin(tx: psycopg.Connection, schedule_id: int) -> None:
    """The occurrence has begun, and is over."""
    change(tx, "event_schedules", schedule_id, schedule_date=START - 40 * DAY)


def test_visit_becomes_a_confirmed_place_with_a_ticket(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    paid = sell_pass(tx, type_id)
    day = occurrence(tx, type_id, START)
    visit = redeem(tx, paid.pass_id, day)
    assert (visit.pass_id, visit.schedule_id, visit.status, visit.visits_left) == (
        paid.pass_id,
        day,
        "confirmed",
        2,
    )
    assert len(visit.ticket_codes) == 1
    assert counters(tx, day) == (4, 0, 1)
    assert call(tx, "check_in", visit.ticket_codes[0]).result == "admitted"


def test_redeeming_again_answers_with_the_place_that_is_there(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx, visits=1)
    paid = sell_pass(tx, type_id)
    day = occurrence(tx, type_id, START)
    assert redeem(tx, paid.pass_id, day) == redeem(tx, paid.pass_id, day)
    assert pass_row(tx, paid.pass_id).visits_used == 1


def test_no_more_visits_than_were_sold(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx, visits=2)
    paid = sell_pass(tx, type_id)
    for n in range(2):
        redeem(tx, paid.pass_id, occurrence(tx, type_id, START + n * DAY))
    with expect_error(tx, "PT409", "pass_not_valid", problem="used_up", pass_id=paid.pass_id):
        redeem(tx, paid.pass_id, occurrence(tx, type_id, START + 2 * DAY))
    with expect_constraint(tx, "visits_used_within_visits"):
        change(tx, "event_passes", paid.pass_id, visits_used=3)


@pytest.mark.parametrize("way", ["return_visit", "cancel_reservation"])
def test_place_given_back_is_a_visit_again(tx: psycopg.Connection, way: str) -> None:
    type_id = visits_type(tx, visits=1)
    paid = sell_pass(tx, type_id)
    day = occurrence(tx, type_id, START)
    visit = redeem(tx, paid.pass_id, day)
    back = call(tx, way, visit.reservation_id)
    assert back.status == "cancelled"
    assert call(tx, way, visit.reservation_id) == back
    assert (pass_row(tx, paid.pass_id).visits_left, counters(tx, day)) == (1, (5, 0, 0))
    again = redeem(tx, paid.pass_id, day)
    assert again.reservation_id != visit.reservation_id
    assert again.visits_left == 0


def test_visit_comes_back_whoever_writes(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    paid = sell_pass(tx, type_id)
    visit = redeem(tx, paid.pass_id, occurrence(tx, type_id, START))
    change(tx, "ticket_reservations", visit.reservation_id, status="cancelled")
    tx.execute(
        "update public.event_tickets set status = 'void' where reservation_id = %s", (visit.reservation_id,)
    )
    assert pass_row(tx, paid.pass_id).visits_left == 3


def test_what_has_begun_is_not_given_back_but_can_be_cancelled(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    paid = sell_pass(tx, type_id)
    day = occurrence(tx, type_id, START)
    visit = redeem(tx, paid.pass_id, day)
    begin(tx, day)
    with expect_error(tx, "PT409", "pass_not_valid", problem="begun", schedule_id=day):
        call(tx, "return_visit", visit.reservation_id)
    assert call(tx, "cancel_reservation", visit.reservation_id).status == "cancelled"
    assert pass_row(tx, paid.pass_id).visits_left == 3


def test_only_places_of_passes_are_returned(tx: psycopg.Connection) -> None:
    single = sell(tx, occurrence(tx, visits_type(tx), START))
    for unknown in (single, -1, None):
        with expect_error(tx, "PT404", "reservation_not_found"):
            call(tx, "return_visit", unknown)
    assert status(tx, single) == "confirmed"


def test_pass_is_good_for_its_event_and_its_period(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    paid = sell_pass(tx, type_id)
    for day, problem in (
        (occurrence(tx, visits_type(tx), START), "other_event"),
        (occurrence(tx, type_id, START - DAY), "outside_period"),
        (occurrence(tx, type_id, START + 10 * DAY), "outside_period"),
    ):
        with expect_error(tx, "PT409", "pass_not_valid", problem=problem, schedule_id=day):
            redeem(tx, paid.pass_id, day)
    with expect_error(tx, "PT404", "schedule_not_found"):
        redeem(tx, paid.pass_id, -1)
    with expect_error(tx, "PT404", "pass_not_found"):
        redeem(tx, -1, occurrence(tx, type_id, START))


def test_unpaid_and_cancelled_passes_are_good_for_nothing(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    day = occurrence(tx, type_id, START)
    held, paid = buy(tx, type_id), sell_pass(tx, type_id)
    call(tx, "cancel_pass", paid.pass_id)
    for pass_id, problem in ((held.pass_id, "held"), (paid.pass_id, "cancelled")):
        with expect_error(tx, "PT409", "pass_not_valid", problem=problem):
            redeem(tx, pass_id, day)


def test_full_occurrence_takes_no_visit(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    paid = sell_pass(tx, type_id)
    day = occurrence(tx, type_id, START)
    reserve(tx, day, 5)
    with expect_error(tx, "PT409", "sold_out"):
        redeem(tx, paid.pass_id, day)
    assert pass_row(tx, paid.pass_id).visits_left == 3


@pytest.mark.parametrize(
    ("columns", "reason"),
    [({"status": "cancelled"}, "schedule_cancelled"), ({"is_blocked": True}, "schedule_blocked")],
)
def test_what_does_not_take_place_takes_no_visit(
    tx: psycopg.Connection, columns: dict[str, object], reason: str
) -> None:
    type_id = visits_type(tx)
    paid = sell_pass(tx, type_id)
    day = occurrence(tx, type_id, START)
    change(tx, "event_schedules", day, **columns)
    with expect_error(tx, "PT409", reason):
        redeem(tx, paid.pass_id, day)


def test_monthly_pass_gets_back_a_place_that_it_gave_up(tx: psycopg.Connection) -> None:
    type_id = pass_type(tx)
    paid = sell_pass(tx, type_id)
    day = occurrence(tx, type_id, START)
    place = value(
        tx,
        "select id from public.ticket_reservations where pass_id = %s and schedule_id = %s",
        paid.pass_id,
        day,
    )
    assert call(tx, "return_visit", place).visits_left == 9
    assert START not in places(tx, paid.pass_id)
    assert redeem(tx, paid.pass_id, day).visits_left == 10


def test_pass_has_one_place_on_an_occurrence(tx: psycopg.Connection) -> None:
    type_id = visits_type(tx)
    paid = sell_pass(tx, type_id)
    day = occurrence(tx, type_id, START)
    redeem(tx, paid.pass_id, day)
    with expect_constraint(tx, "one_place_of_pass"):
        insert(
            tx, "ticket_reservations", schedule_id=day, quantity=1, unit_price=0, total_amount=0,
            expires_at=NOW, origin="pass", pass_id=paid.pass_id,
        )  # fmt: skip


def test_verify_inventory_tells_visits_that_are_off(tx: psycopg.Connection) -> None:
    definition = define(tx)
    paid = sell_pass(tx, visits_type(tx, definition))
    monthly = sell_pass(tx, pass_type(tx, definition))
    change(tx, "event_passes", paid.pass_id, visits_used=1)
    change(tx, "event_passes", monthly.pass_id, status="cancelled")
    problems = [
        (p.problem, p.expected, p.actual) for p in rows(tx, "select * from public.verify_inventory()")
    ]
    assert (f"visits of pass {paid.pass_id}", 0, 1) in problems
    assert len(problems) == 11
    change(tx, "event_passes", paid.pass_id, visits_used=0)
    change(tx, "event_passes", monthly.pass_id, status="active")
