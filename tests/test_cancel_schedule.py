"""Calling an occurrence off: holds go, sales are cancelled, payments are due back, holders are told."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest
from factories import (
    book,
    call,
    change,
    counters,
    define,
    expect_error,
    lapsed_hold,
    pay,
    reserve,
    row,
    rows,
    schedule,
    sell,
    status,
    ticket_type,
    user,
    value,
)
from house import House
from roles import acting
from shops import UNKNOWN

from ticketdb import ScheduleCancellation, TicketDB

pytestmark = pytest.mark.usefixtures("sound")


def messages(tx: psycopg.Connection) -> list[tuple[str, int, Decimal | None]]:
    return [
        (one.kind, one.reservation_id, one.details.get("refund_due"))
        for one in rows(
            tx,
            "select kind, reservation_id, details from public.ticket_notifications order by 2, id",
        )
    ]


def test_everything_held_and_sold_is_settled(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=40)
    sold, typed = sell(tx, show, 2), sell(tx, show, 1, ticket_type_id=ticket_type(tx, show, max_quantity=3))
    held, lapsed = reserve(tx, show, 3).reservation_id, lapsed_hold(tx, show)
    gone = sell(tx, show)
    call(tx, "cancel_reservation", gone)
    codes = [
        one.ticket_code
        for one in rows(tx, "select ticket_code from event_tickets where reservation_id = %s", sold)
    ]

    answer = call(tx, "cancel_schedule", show, "the teacher is ill")
    assert answer == (show, 1, 2, 450)
    assert [status(tx, one) for one in (sold, typed, held, lapsed, gone)] == [
        "cancelled", "cancelled", "released", "expired", "cancelled",
    ]  # fmt: skip
    kept = row(
        tx, "select status, tickets_sold, cancel_reason from public.event_schedules where id = %s", show
    )
    assert kept == ("cancelled", 0, "the teacher is ill")
    due = value(tx, "select sum(refund_due) from public.ticket_payments where reservation_id <> %s", gone)
    assert due == answer.refund_amount
    assert call(tx, "check_in", codes[0]).result == "void"
    assert rows(tx, "select from public.program_participants where is_active") == []
    told = [one for one in messages(tx) if one[0] == "schedule_cancelled"]
    assert told == [
        ("schedule_cancelled", sold, 200),
        ("schedule_cancelled", typed, 250),
        ("schedule_cancelled", held, None),
    ]  # fmt: skip
    assert value(
        tx, "select details ->> 'reason' from public.ticket_notifications where reservation_id = %s", held
    ) == "the teacher is ill"  # fmt: skip


def test_second_call_answers_like_the_first_and_tells_nobody_again(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    sell(tx, show, 2)
    reserve(tx, show)
    first = call(tx, "cancel_schedule", show, "rain")
    told = messages(tx)
    assert call(tx, "cancel_schedule", show, "something else") == first
    assert messages(tx) == told
    call(tx, "settle_refund", value(tx, "select payment_reference from public.ticket_payments"), "refund-1")
    assert call(tx, "cancel_schedule", show) == first


def test_nothing_is_sold_any_more(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    hold = reserve(tx, show).reservation_id
    call(tx, "cancel_schedule", show)
    with expect_error(tx, "PT409", "schedule_cancelled"):
        reserve(tx, show)
    # a payment that was on its way is kept, and due back
    late = pay(tx, hold)
    assert (late.status, late.refund_due) == ("refund_due", 100)
    assert rows(tx, "select from ticketdb.free_seats(%s, 0, 1) as f where f.free > 0", show) == []


def test_occurrence_that_nobody_bought_is_called_off(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    assert call(tx, "cancel_schedule", show) == (show, 0, 0, 0)
    assert messages(tx) == []


def test_occurrence_that_the_application_cancelled_is_settled_later(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    sold = sell(tx, show)
    change(tx, "event_schedules", show, status="cancelled")
    assert status(tx, sold) == "confirmed"
    assert call(tx, "cancel_schedule", show) == (show, 0, 1, 100)
    assert status(tx, sold) == "cancelled"


@pytest.mark.parametrize("sold_before", [True, False])
def test_occurrence_that_is_put_on_again_sells_again(tx: psycopg.Connection, *, sold_before: bool) -> None:
    show = schedule(tx)
    if sold_before:
        sell(tx, show, 2)
    call(tx, "cancel_schedule", show)
    change(tx, "event_schedules", show, status="scheduled")
    assert counters(tx, show) == (5, 0, 0)
    sold = sell(tx, show, 5)
    assert call(tx, "cancel_schedule", show) == (show, 0, 1, 500)
    assert status(tx, sold) == "cancelled"


def test_capacity_of_a_cancelled_one_can_be_changed(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    sell(tx, show, 2)
    call(tx, "cancel_schedule", show)
    for capacity in (9, 3):
        change(tx, "event_schedules", show, max_tickets=capacity)
    change(tx, "event_schedules", show, status="scheduled", max_tickets=4)
    assert counters(tx, show) == (4, 0, 0)


def test_booking_of_the_application_is_settled_and_its_row_left_to_it(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    booking = book(tx, show, status="paid")
    assert call(tx, "cancel_schedule", show) == (show, 0, 1, 300)
    assert value(tx, "select status from public.bookings where id = %s", booking) == "paid"
    change(tx, "bookings", booking, status="cancelled")
    assert call(tx, "cancel_schedule", show) == (show, 0, 1, 300)


def test_payment_that_went_back_already_is_not_due_again(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    reservation = sell(tx, show)
    extra = pay(tx, reservation, "twice")
    assert extra.refund_due == 100
    call(tx, "settle_refund", "twice", "refund-1")
    answer = call(tx, "cancel_schedule", show)
    assert value(tx, "select sum(refund_due) from public.ticket_payments") == 100
    assert value(tx, "select sum(refunded) from public.ticket_payments") == 100
    assert answer == call(tx, "cancel_schedule", show)


def test_unknown_occurrence_is_refused(tx: psycopg.Connection) -> None:
    for one in (UNKNOWN, None):
        with expect_error(tx, "PT404", "schedule_not_found"):
            call(tx, "cancel_schedule", one)


def test_it_takes_read_committed(db: str) -> None:
    with psycopg.connect(db) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        with expect_error(connection, "PT400", "invalid_argument"):
            call(connection, "cancel_schedule", 1)


def test_admin_cancels_and_a_buyer_does_not(tx: psycopg.Connection) -> None:
    tx.execute("select ticketdb.create_roles()")
    tx.execute("select ticketdb.grant_roles()")
    show = schedule(tx)
    sell(tx, show)
    with acting(tx, "authenticated", user_id=user(tx)):
        for one in (show, UNKNOWN):
            for function in ("public.cancel_schedule", "ticketdb.call_off_as_admin"):
                with expect_error(tx, "PT403", "not_allowed"):
                    tx.execute(f"select * from {function}(%s, null)", (one,))
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.transaction():
            tx.execute("select * from ticketdb.call_off_schedule(%s, null)", (show,))
    with acting(tx, "authenticated", app_metadata={"role": "admin"}):
        assert call(tx, "cancel_schedule", show).refund_amount == 100


def test_clients_cancel_over_http_and_in_python(house: House, db: str) -> None:
    event = define(house.shop)
    first, second = (schedule(house.shop, event, schedule_date=f"2031-01-0{n}") for n in (1, 2))
    sell(house.shop, first)
    answer = house.admin().post("/rpc/cancel_schedule", {"p_schedule_id": first, "p_reason": "rain"})
    assert answer.body == {
        "schedule_id": first, "holds_released": 0, "refunds_due": 1, "refund_amount": Decimal("100.00"),
    }  # fmt: skip
    assert house.visitor().post("/rpc/cancel_schedule", {"p_schedule_id": second}).status == 401
    with TicketDB(db) as client:
        assert client.cancel_schedule(second) == ScheduleCancellation(second, 0, 0, Decimal(0))
        assert client.verify_inventory() == []
