"""A sale from hold to cancellation, what the counters say at each step, and repeated orders."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest
from factories import (
    call,
    counters,
    define,
    expect_error,
    insert,
    lapsed_hold,
    pay,
    pool,
    reserve,
    rows,
    schedule,
    sell,
    status,
    ticket_type,
    user,
)

pytestmark = pytest.mark.usefixtures("sound")


def test_a_second_cancellation_answers_like_the_first(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sold = sell(tx, class_, 2)
    first = call(tx, "cancel_reservation", sold)
    assert call(tx, "cancel_reservation", sold) == first == (sold, "cancelled", 200)
    assert counters(tx, class_) == (5, 0, 0)


def test_what_is_paid_cannot_be_released(tx: psycopg.Connection) -> None:
    sold = sell(tx, schedule(tx))
    with expect_error(tx, "PT409", "already_confirmed"):
        call(tx, "release_reservation", sold)
    call(tx, "cancel_reservation", sold)
    with expect_error(tx, "PT410", "reservation_cancelled"):
        call(tx, "release_reservation", sold)


def test_the_price_is_that_of_type_then_occurrence_then_event(tx: psycopg.Connection) -> None:
    event = define(tx, default_ticket_price="10.10")
    plain, special, free = (
        schedule(tx, event, start_time=f"0{n}:00", ticket_price=price)
        for n, price in enumerate((None, "20.20", 0))
    )
    vip = ticket_type(tx, plain, price="30.30")
    for bought, kind, price in [
        (plain, None, "10.10"),
        (special, None, "20.20"),
        (free, None, "0"),
        (special, vip, "30.30"),
    ]:
        held = reserve(tx, bought, 2, ticket_type_id=kind)
        assert (held.unit_price, held.total_amount) == (Decimal(price), 2 * Decimal(price))
        assert (held.schedule_id, held.ticket_type_id, held.quantity) == (bought, kind, 2)


def test_the_same_key_and_arguments_are_one_reservation(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    buyer = user(tx)
    arguments = {
        "ticket_type_id": ticket_type(tx, class_),
        "user_id": buyer,
        "hold_for": timedelta(minutes=20),
        "idempotency_key": "order 1",
        "contact": '{"name": "Asha", "mobile": "98450"}',
    }
    first = reserve(tx, class_, 5, **arguments)
    assert reserve(tx, class_, 5, **arguments) == first
    assert pool(tx, class_) == (5, 0)
    pay(tx, first.reservation_id)
    assert reserve(tx, class_, 5, **arguments)[:7] == first[:7]


def test_a_key_is_told_from_others_whatever_the_session_s_interval_style(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    arguments = {"hold_for": timedelta(minutes=20), "idempotency_key": "order 1"}
    first = reserve(tx, class_, **arguments)
    tx.execute("set local intervalstyle = 'iso_8601'")
    assert reserve(tx, class_, **arguments).reservation_id == first.reservation_id


def test_orders_without_a_key_are_two(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    assert reserve(tx, class_).reservation_id != reserve(tx, class_).reservation_id
    assert pool(tx, class_) == (2, 0)


def test_reservation_codes_differ_and_can_be_read_out(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=50)
    codes = [reserve(tx, class_).reservation_code for _ in range(50)]
    assert len(set(codes)) == 50
    assert all(set(code[2:]) <= set("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for code in codes)


def test_an_order_stands_although_its_user_is_deleted(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    buyer = user(tx)
    sold = reserve(tx, class_, 2, user_id=buyer).reservation_id
    tx.execute("delete from public.users where id = %s", (buyer,))
    assert (status(tx, sold), counters(tx, class_)) == ("held", (3, 2, 0))


def test_an_occurrence_with_orders_cannot_be_deleted(tx: psycopg.Connection) -> None:
    event = define(tx)
    class_ = schedule(tx, event)
    lapsed_hold(tx, class_)
    for table, row_id in (("event_schedules", class_), ("event_definitions", event)):
        with pytest.raises(psycopg.errors.ForeignKeyViolation), tx.transaction():
            tx.execute(f"delete from public.{table} where id = %s", (row_id,))
    assert rows(tx, "select id from public.event_schedules where id = %s", class_) == [(class_,)]


def test_an_occurrence_without_orders_can_be_deleted(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    insert(tx, "ticket_types", event_definition_id=define(tx), name="VIP", price=1)
    tx.execute("delete from public.event_schedules where id = %s", (class_,))
    assert rows(tx, "select * from ticketdb.seat_buckets where schedule_id = %s", class_) == []
