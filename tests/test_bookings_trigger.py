"""The application sells through its own table: a booking that names an occurrence gets a reservation."""

from __future__ import annotations

from itertools import product
from typing import Any

import psycopg
import pytest
from bookings import followed, reservation
from factories import (
    assert_sound,
    book,
    call,
    change,
    expect_error,
    lapse,
    pay,
    pool,
    row,
    rows,
    schedule,
    sell,
    user,
    value,
)

pytestmark = pytest.mark.usefixtures("sound")


def test_a_pending_booking_is_a_hold(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    buyer = user(tx)
    booking = book(tx, class_, user_id=buyer)
    assert (followed(tx, booking), pool(tx, class_)) == (("held", 2, 0, 0), (2, 0))
    held = row(tx, "select * from public.ticket_reservations where booking_id = %s", booking)
    assert (held.user_id, held.unit_price, held.total_amount, held.origin) == (buyer, 100, 300, "booking")
    event = value(tx, "select event_definition_id from public.bookings where id = %s", booking)
    assert event == value(tx, "select event_definition_id from public.event_schedules where id = %s", class_)


def test_from_pending_to_completed_tickets_are_sold_once(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_)
    for status in ("paid", "confirmed", "completed"):
        change(tx, "bookings", booking, status=status)
        assert (followed(tx, booking), pool(tx, class_)) == (("confirmed", 2, 2, 0), (0, 2))
    paid = row(tx, "select payment_reference, amount, refund_due from public.ticket_payments")
    reference = value(tx, "select booking_reference from public.bookings where id = %s", booking)
    assert paid == (f"booking {reference}", 300, 0)


SOLD = ("paid", "confirmed", "completed")


PATHS = [path for length in (1, 2, 3) for path in product(("pending", *SOLD, "cancelled"), repeat=length)]


def model(path: tuple[str, ...]) -> tuple[Any, ...] | None:
    """What a booking that goes through these statuses must have ended with."""
    state, paid = None, False
    for status in path:
        if status in SOLD:
            state, paid = "confirmed", True
        elif status == "pending":
            state = state if state == "confirmed" else "held"
        elif state is not None:
            state = {"confirmed": "cancelled", "held": "released"}.get(state, state)
    if state is None:
        return None
    tickets = 2 if state == "confirmed" else 0
    return state, 2, tickets, 300 if paid and state != "confirmed" else 0


@pytest.mark.parametrize("first", ["pending", *SOLD, "cancelled"])
def test_statuses_may_come_in_every_order_and_repetition(tx: psycopg.Connection, first: str) -> None:
    class_ = schedule(tx)
    for path in (path for path in PATHS if path[0] == first):
        with tx.transaction(force_rollback=True):
            booking = book(tx, class_, status=first)
            for status in path[1:]:
                change(tx, "bookings", booking, status=status)
            assert followed(tx, booking) == model(path), path
            assert_sound(tx)


def test_every_other_status_holds_too(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status="awaiting payment")
    assert followed(tx, booking) == ("held", 2, 0, 0)
    change(tx, "bookings", booking, status="paid")
    change(tx, "bookings", booking, status="no-show")
    assert followed(tx, booking) == ("confirmed", 2, 2, 0)


def test_a_pending_booking_of_a_full_class_is_refused(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sell(tx, class_, 4)
    with expect_error(tx, "PT409", "sold_out", available=1, requested=2):
        book(tx, class_)
    assert rows(tx, "select * from public.bookings") == []


@pytest.mark.parametrize(
    ("closed", "reason"),
    [
        ({"status": "cancelled"}, "schedule_cancelled"),
        ({"is_blocked": True}, "schedule_blocked"),
        ({"schedule_date": "2020-01-01"}, "schedule_completed"),
    ],
)
def test_a_pending_booking_of_a_closed_class_is_refused(
    tx: psycopg.Connection, closed: dict, reason: str
) -> None:
    class_ = schedule(tx)
    change(tx, "event_schedules", class_, **closed)
    with expect_error(tx, "PT409", reason):
        book(tx, class_)


def test_a_lapsed_booking_never_blocks_a_buyer(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, attendees=5)
    lapse(tx, reservation(tx, booking))
    assert book(tx, class_, attendees=5) != booking
    assert followed(tx, booking) == ("expired", 5, 0, 0)


@pytest.mark.parametrize("attendees", [2, 1, 4])
def test_a_booking_paid_late_gets_seats_that_are_free(tx: psycopg.Connection, attendees: int) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_)
    lapse(tx, reservation(tx, booking))
    change(tx, "bookings", booking, status="paid", attendees=attendees)
    assert followed(tx, booking) == ("confirmed", attendees, attendees, 0)


@pytest.mark.parametrize("swept", [False, True])
def test_a_booking_paid_late_without_seats_goes_through_and_is_due_back(
    tx: psycopg.Connection, swept: bool
) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_)
    lapse(tx, reservation(tx, booking))
    sell(tx, class_, 5)
    if swept:
        tx.execute("select ticketdb.reclaim_lapsed_holds(%s)", (class_,))
    change(tx, "bookings", booking, status="paid")
    assert value(tx, "select status from public.bookings where id = %s", booking) == "paid"
    assert (followed(tx, booking), pool(tx, class_)) == (("refund_due", 2, 0, 300), (0, 5))
    for status in ("confirmed", "completed"):
        change(tx, "bookings", booking, status=status)
    assert followed(tx, booking) == ("refund_due", 2, 0, 300)


def test_a_booking_inserted_as_paid_without_seats_is_due_back(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sell(tx, class_, 5)
    booking = book(tx, class_, status="paid")
    assert (followed(tx, booking), pool(tx, class_)) == (("refund_due", 2, 0, 300), (0, 5))


def test_a_refund_that_is_due_stays_due_when_seats_come_back(tx: psycopg.Connection) -> None:
    """The booking only goes on from paid to completed; nobody asked for seats again."""
    class_ = schedule(tx)
    sale = sell(tx, class_, 5)
    booking = book(tx, class_, status="paid")
    call(tx, "cancel_reservation", sale)
    change(tx, "bookings", booking, status="completed")
    assert followed(tx, booking) == ("refund_due", 2, 0, 300)


def test_a_sale_cancelled_by_the_venue_is_not_sold_again_when_its_booking_goes_on(
    tx: psycopg.Connection,
) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status="paid")
    call(tx, "cancel_reservation", reservation(tx, booking))
    change(tx, "bookings", booking, status="completed")
    assert (followed(tx, booking), pool(tx, class_)) == (("cancelled", 2, 0, 300), (0, 0))


def test_cancelled_and_paid_after_all_without_seats_is_due_back(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status="paid")
    change(tx, "bookings", booking, status="cancelled")
    sell(tx, class_, 4)
    change(tx, "bookings", booking, status="paid")
    assert (followed(tx, booking), pool(tx, class_)) == (("refund_due", 2, 0, 300), (0, 4))


def test_cancelled_and_pending_again_without_seats_is_refused(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_)
    change(tx, "bookings", booking, status="cancelled")
    sell(tx, class_, 4)
    with expect_error(tx, "PT409", "sold_out", available=1, requested=2):
        change(tx, "bookings", booking, status="pending")
    assert followed(tx, booking) == ("released", 2, 0, 0)


def test_a_booking_of_an_unknown_class_is_refused(tx: psycopg.Connection) -> None:
    with pytest.raises(psycopg.errors.ForeignKeyViolation), tx.transaction():
        book(tx, 999_999)


def test_a_hold_given_up_by_function_leaves_the_booking_to_the_application(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_)
    call(tx, "release_reservation", reservation(tx, booking))
    assert value(tx, "select status from public.bookings where id = %s", booking) == "pending"
    change(tx, "bookings", booking, status="paid")
    assert followed(tx, booking) == ("confirmed", 2, 2, 0)


def test_a_total_of_less_than_nothing_counts_as_none(tx: psycopg.Connection) -> None:
    booking = book(tx, schedule(tx), total_amount=-5)
    held = "select total_amount from public.ticket_reservations where booking_id = %s"
    assert value(tx, held, booking) == 200


def test_a_booking_set_back_and_paid_again_gets_seats_that_came_back(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sale = sell(tx, class_, 5)
    booking = book(tx, class_, status="paid")
    call(tx, "cancel_reservation", sale)
    change(tx, "bookings", booking, status="pending")
    change(tx, "bookings", booking, status="paid")
    assert (followed(tx, booking), pool(tx, class_)) == (("confirmed", 2, 2, 0), (0, 2))


def test_a_new_payment_does_not_settle_a_refund_that_is_due(tx: psycopg.Connection) -> None:
    """Paid, cancelled, held again, and paid with another payment: the first one still goes back."""
    class_ = schedule(tx)
    booking = book(tx, class_, status="paid")
    change(tx, "bookings", booking, status="cancelled")
    change(tx, "bookings", booking, status="pending")
    pay(tx, reservation(tx, booking), "upi-2", amount=300)
    assert (followed(tx, booking), pool(tx, class_)) == (("confirmed", 2, 2, 300), (0, 2))


def test_a_second_payment_stays_due_back_when_its_booking_is_paid_after_all(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status="paid")
    pay(tx, reservation(tx, booking), "upi-2", amount=300)
    assert followed(tx, booking) == ("confirmed", 2, 2, 300)
    for status in ("cancelled", "paid"):
        change(tx, "bookings", booking, status=status)
    assert followed(tx, booking) == ("confirmed", 2, 2, 300)
