"""Payments: each is on record once, early, late or twice, and seats follow where there are any."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from factories import (
    call,
    change,
    define,
    expect_error,
    lapsed_hold,
    pay,
    pool,
    reserve,
    row,
    rows,
    schedule,
    sell,
    status,
    sweep,
    ticket_type,
)

pytestmark = pytest.mark.usefixtures("sound")


def payments(tx: psycopg.Connection, reservation_id: int) -> list[tuple[str, Decimal, Decimal]]:
    """Reference, amount and refund due of each payment of a reservation."""
    query = """
        select payment_reference, amount, refund_due
        from public.ticket_payments where reservation_id = %s order by id
    """
    return rows(tx, query, reservation_id)


def tickets(tx: psycopg.Connection, reservation_id: int) -> list[str]:
    """The status of each ticket of a reservation."""
    query = "select status from public.event_tickets where reservation_id = %s order by id"
    return [found.status for found in rows(tx, query, reservation_id)]


def test_a_payment_makes_one_valid_ticket_for_each_admission(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_, 3)
    sold = pay(tx, held.reservation_id, "upi-1", amount=300)
    assert sold[:3] == (held.reservation_id, "confirmed", 3)
    assert len(set(sold.ticket_codes)) == 3
    assert all(isinstance(code, UUID) for code in sold.ticket_codes)
    assert sold.refund_due == 0
    assert tickets(tx, held.reservation_id) == ["valid"] * 3
    assert payments(tx, held.reservation_id) == [("upi-1", 300, 0)]
    confirmed = "select status, confirmed_at is not null from public.ticket_reservations where id = %s"
    assert row(tx, confirmed, held.reservation_id) == ("confirmed", True)


def test_ticket_codes_are_unique_among_all_reservations(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=60)
    codes = [c for _ in range(3) for c in pay(tx, reserve(tx, class_, 20).reservation_id).ticket_codes]
    assert len(set(codes)) == 60


def test_without_an_amount_what_is_due_was_paid(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, ticket_price="33.35")
    held = reserve(tx, class_, 3)
    pay(tx, held.reservation_id, "cash")
    assert payments(tx, held.reservation_id) == [("cash", Decimal("100.05"), 0)]


@pytest.mark.parametrize("amount", ["199.99", "200.01", "0", "-200", "NaN", "200.001", "Infinity"])
def test_a_wrong_amount_records_nothing(tx: psycopg.Connection, amount: str) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_, 2)
    with expect_error(tx, "PT400", "amount_mismatch", due=200):
        pay(tx, held.reservation_id, "upi-1", amount=Decimal(amount))
    assert payments(tx, held.reservation_id) == []
    assert (status(tx, held.reservation_id), pool(tx, class_)) == ("held", (2, 0))
    assert pay(tx, held.reservation_id, "upi-1", amount=200).status == "confirmed"


def test_a_free_ticket_needs_a_reference_too(tx: psycopg.Connection) -> None:
    held = reserve(tx, schedule(tx, ticket_price=0), 2)
    sold = pay(tx, held.reservation_id, "free 1", amount=0)
    assert (sold.status, len(sold.ticket_codes)) == ("confirmed", 2)
    assert call(tx, "cancel_reservation", held.reservation_id).refund_due == 0


@pytest.mark.parametrize("amount", [200, None])
def test_the_same_payment_again_gets_the_first_answer(tx: psycopg.Connection, amount: int | None) -> None:
    class_ = schedule(tx)
    held = reserve(tx, class_, 2)
    first = pay(tx, held.reservation_id, "upi-1", amount=200)
    assert pay(tx, held.reservation_id, "upi-1", amount=amount) == first
    assert tickets(tx, held.reservation_id) == ["valid"] * 2
    assert len(payments(tx, held.reservation_id)) == 1
    assert pool(tx, class_) == (0, 2)


def test_the_same_late_payment_again_gets_the_first_answer(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    late = lapsed_hold(tx, class_, 2)
    sell(tx, class_, 5)
    first = pay(tx, late, "upi-1", amount=200)
    assert first.status == "refund_due"
    assert pay(tx, late, "upi-1", amount=200) == first


def test_a_reference_stands_for_one_reservation(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    first, second = reserve(tx, class_), reserve(tx, class_)
    pay(tx, first.reservation_id, "upi-1")
    with expect_error(tx, "PT409", "payment_reference_reused", payment_reference="upi-1"):
        pay(tx, second.reservation_id, "upi-1")
    assert (status(tx, second.reservation_id), payments(tx, second.reservation_id)) == ("held", [])


def test_a_reference_stands_for_one_amount(tx: psycopg.Connection) -> None:
    held = reserve(tx, schedule(tx))
    pay(tx, held.reservation_id, "upi-1", amount=100)
    with expect_error(tx, "PT409", "payment_reference_reused"):
        pay(tx, held.reservation_id, "upi-1", amount=99)
    assert payments(tx, held.reservation_id) == [("upi-1", 100, 0)]


@pytest.mark.parametrize("swept", [False, True])
def test_a_late_payment_gets_seats_that_nobody_took(tx: psycopg.Connection, swept: bool) -> None:
    class_ = schedule(tx)
    vip = ticket_type(tx, class_, max_quantity=3)
    late = lapsed_hold(tx, class_, 3, ticket_type_id=vip)
    if swept:
        sweep(tx, class_)
        assert status(tx, late) == "expired"
    sold = pay(tx, late, amount=750)
    assert (sold.status, sold.refund_due, len(sold.ticket_codes)) == ("confirmed", 0, 3)
    assert (pool(tx, class_), pool(tx, class_, vip)) == ((0, 3), (0, 3))


def test_a_late_payment_without_seats_is_due_back(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    late = lapsed_hold(tx, class_, 2)
    sell(tx, class_, 4)
    answer = pay(tx, late, "upi-1", amount=200)
    assert answer == (late, "refund_due", 4, [], 200)
    assert payments(tx, late) == [("upi-1", 200, 200)]
    assert (status(tx, late), tickets(tx, late), pool(tx, class_)) == ("refund_due", [], (0, 4))


def test_a_late_payment_takes_seats_of_other_lapsed_holds(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    late = lapsed_hold(tx, class_, 3)
    sweep(tx, class_)
    other = lapsed_hold(tx, class_, 5)
    assert pay(tx, late).status == "confirmed"
    assert (status(tx, other), pool(tx, class_)) == ("expired", (0, 3))


def test_a_late_payment_does_not_take_a_full_ticket_type(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    vip = ticket_type(tx, class_, max_quantity=2)
    late = lapsed_hold(tx, class_, 1, ticket_type_id=vip)
    reserve(tx, class_, 2, ticket_type_id=vip)
    assert pay(tx, late).status == "refund_due"
    assert (pool(tx, class_), pool(tx, class_, vip)) == ((2, 0), (2, 0))


def test_a_payment_after_release_gets_seats_that_are_free(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    released = reserve(tx, class_, 2).reservation_id
    call(tx, "release_reservation", released)
    assert pay(tx, released).status == "confirmed"
    assert pool(tx, class_) == (0, 2)


def test_a_payment_after_release_is_due_back_where_no_seat_is_left(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    released = reserve(tx, class_, 2).reservation_id
    call(tx, "release_reservation", released)
    reserve(tx, class_, 4)
    assert pay(tx, released) == (released, "refund_due", 0, [], 200)


def test_a_second_payment_is_kept_as_due_back(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sale = sell(tx, class_, 2)
    second = pay(tx, sale, "upi-2", amount=200)
    assert (second.status, second.refund_due, len(second.ticket_codes)) == ("refund_due", 200, 2)
    assert [found[1:] for found in payments(tx, sale)] == [(200, 0), (200, 200)]
    assert (status(tx, sale), pool(tx, class_)) == ("confirmed", (0, 2))
    assert pay(tx, sale, "upi-2", amount=200) == second
    assert call(tx, "cancel_reservation", sale).refund_due == 400


def test_a_payment_after_cancellation_is_due_back(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sale = sell(tx, class_, 2)
    call(tx, "cancel_reservation", sale)
    answer = pay(tx, sale, "upi-2")
    assert (answer.status, answer.refund_due, answer.ticket_codes) == ("refund_due", 400, [])
    assert (status(tx, sale), pool(tx, class_)) == ("cancelled", (0, 0))


@pytest.mark.parametrize(
    "hold", [lambda tx, s: reserve(tx, s, 2).reservation_id, lambda tx, s: lapsed_hold(tx, s, 2)]
)
@pytest.mark.parametrize("closed", [{"status": "cancelled"}, {"is_blocked": True}])
def test_a_payment_for_an_occurrence_called_off_meanwhile_is_due_back(
    tx: psycopg.Connection, hold: Callable[[psycopg.Connection, int], int], closed: dict
) -> None:
    class_ = schedule(tx)
    held = hold(tx, class_)
    change(tx, "event_schedules", class_, **closed)
    assert pay(tx, held, "upi-1") == (held, "refund_due", 0, [], 200)
    assert payments(tx, held) == [("upi-1", 200, 200)]
    assert (status(tx, held), pool(tx, class_)) == ("refund_due", (0, 0))


def test_an_event_taken_off_sale_keeps_its_holds(tx: psycopg.Connection) -> None:
    event = define(tx)
    held = reserve(tx, schedule(tx, event)).reservation_id
    change(tx, "event_definitions", event, is_active=False)
    assert pay(tx, held).status == "confirmed"


def test_cancellation_makes_tickets_void_and_the_payment_due_back(tx: psycopg.Connection) -> None:
    sale = sell(tx, schedule(tx), 2)
    assert call(tx, "cancel_reservation", sale).refund_due == 200
    assert tickets(tx, sale) == ["void", "void"]
    assert [found.refund_due for found in payments(tx, sale)] == [200]
    voided = "select count(voided_at) from public.event_tickets where reservation_id = %s"
    assert row(tx, voided, sale) == (2,)


def test_a_refund_due_can_be_cancelled_and_stays_due(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    late = lapsed_hold(tx, class_, 2)
    sell(tx, class_, 5)
    pay(tx, late)
    assert call(tx, "cancel_reservation", late) == (late, "cancelled", 200)


def test_an_occurrence_answers_with_all_its_sold_tickets(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sell(tx, class_, 3)
    assert pay(tx, reserve(tx, class_, 2).reservation_id).tickets_sold == 5


def test_a_payment_needs_read_committed(connect: Callable[..., psycopg.Connection]) -> None:
    connection = connect(autocommit=False)
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    with expect_error(connection, "PT400", "invalid_argument", isolation="repeatable read"):
        pay(connection, 1)
    connection.rollback()


def test_payments_with_participants_are_repeated_alike(tx: psycopg.Connection) -> None:
    held = reserve(tx, schedule(tx), 2)
    people = json.dumps([{"name": "Asha"}, {"name": "Dev"}])
    first = pay(tx, held.reservation_id, "upi-1", participants=people)
    assert pay(tx, held.reservation_id, "upi-1", participants=people) == first
    assert row(tx, "select count(*) from public.program_participants") == (2,)
