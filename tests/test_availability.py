"""What can be bought: the availability check, and when sales begin and end."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from factories import (
    call,
    change,
    define,
    expect_error,
    lapsed_hold,
    pay,
    reserve,
    schedule,
    sell,
    sweep,
    ticket_type,
    value,
)

pytestmark = pytest.mark.usefixtures("sound")


STATES = {
    "fresh": lambda _tx, _s: None,
    "sold in part": lambda tx, s: sell(tx, s, 3),
    "held in part": lambda tx, s: reserve(tx, s, 3),
    "held in part, lapsed": lambda tx, s: lapsed_hold(tx, s, 3),
    "full of lapsed holds": lambda tx, s: [lapsed_hold(tx, s, 2), lapsed_hold(tx, s, 3)],
    "lapsed and live": lambda tx, s: [lapsed_hold(tx, s, 2), reserve(tx, s, 2), sell(tx, s, 1)],
    "sold out": lambda tx, s: sell(tx, s, 5),
    "cancelled": lambda tx, s: change(tx, "event_schedules", s, status="cancelled"),
    "completed": lambda tx, s: change(tx, "event_schedules", s, status="completed"),
    "blocked": lambda tx, s: change(tx, "event_schedules", s, is_blocked=True),
    "over": lambda tx, s: change(tx, "event_schedules", s, schedule_date="2020-01-01"),
    "inactive": lambda tx, _s: tx.execute("update public.event_definitions set is_active = false"),
}


TYPES = {
    "general admission": lambda _tx, _s: None,
    "type without limit": lambda tx, s: ticket_type(tx, s),
    "type with limit": lambda tx, s: ticket_type(tx, s, max_quantity=3),
    "inactive type": lambda tx, s: ticket_type(tx, s, is_active=False),
    "type of another event": lambda tx, _s: ticket_type(tx, schedule(tx)),
    "unknown type": lambda _tx, _s: 999_999,
}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("state", STATES)
def test_the_availability_check_agrees_with_reserving(tx: psycopg.Connection, state: str, kind: str) -> None:
    class_ = schedule(tx)
    chosen = TYPES[kind](tx, class_)
    if chosen and kind.startswith("type with"):
        lapsed_hold(tx, class_, 1, ticket_type_id=chosen)
        sweep(tx, class_)
    STATES[state](tx, class_)
    for quantity in (1, 2, 3, 5, 6):
        told = call(tx, "check_ticket_availability", class_, quantity, chosen)
        refusal = ""
        try:
            with tx.transaction(force_rollback=True):
                reserve(tx, class_, quantity, ticket_type_id=chosen)
        except psycopg.Error as error:
            refusal = error.sqlstate
        assert refusal == "" if told.is_available else refusal in ("PT404", "PT409")
        assert told.is_available == (told.tickets_available >= quantity)
        assert told.message


def test_a_missing_occurrence_is_an_answer_of_the_availability_check(tx: psycopg.Connection) -> None:
    told = call(tx, "check_ticket_availability", 999_999)
    assert (told.is_available, told.tickets_available) == (False, 0)


def test_the_class_is_on_sale_until_it_ends(tx: psycopg.Connection) -> None:
    now = value(tx, "select now() at time zone 'Asia/Kolkata'")
    event = define(tx)
    running = schedule(
        tx,
        event,
        schedule_date=now.date(),
        start_time=now.time(),
        end_time=(now - timedelta(minutes=1)).time(),
    )
    assert reserve(tx, running).status == "held"
    ended = now - timedelta(hours=2)
    over = schedule(
        tx,
        event,
        schedule_date=ended.date(),
        start_time=ended.time(),
        end_time=(ended + timedelta(hours=1)).time(),
    )
    with expect_error(tx, "PT409", "schedule_completed"):
        reserve(tx, over)


def test_a_hold_outlives_the_end_of_sales(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_)
    change(tx, "event_schedules", class_, schedule_date="2020-01-01")
    assert pay(tx, held.reservation_id).status == "confirmed"
