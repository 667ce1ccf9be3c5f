"""verify_inventory(): silent while all is well, and naming every kind of drift."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from factories import (
    assert_sound,
    book,
    call,
    change,
    lapsed_hold,
    pay,
    reserve,
    rows,
    schedule,
    sell,
    sweep,
    ticket_type,
)


def without_triggers(tx: psycopg.Connection, table: str, statement: str, *arguments: object) -> None:
    """Run a statement that the triggers do not see: how drift would come about."""
    tx.execute(f"alter table public.{table} disable trigger user")
    tx.execute(statement, arguments)
    tx.execute(f"alter table public.{table} enable trigger user")


@pytest.fixture
def vip(tx: psycopg.Connection) -> tuple[int, int]:
    """An occurrence with two general tickets sold, and one ticket of a type sold and one held."""
    class_ = schedule(tx)
    kind = ticket_type(tx, class_, max_quantity=3)
    sell(tx, class_, 2)
    sell(tx, class_, 1, ticket_type_id=kind)
    reserve(tx, class_, 1, ticket_type_id=kind)
    assert_sound(tx)
    return class_, kind


Drift = Callable[[psycopg.Connection, int, int], None]

DRIFTS: dict[str, tuple[Drift, list[tuple[str, int, int]]]] = {
    "tickets_sold": (
        lambda tx, s, _t: without_triggers(
            tx, "event_schedules", "update public.event_schedules set tickets_sold = 5 where id = %s", s
        ),
        [("tickets_sold", 3, 5)],
    ),
    "capacity of the occurrence": (
        lambda tx, s, _t: without_triggers(
            tx, "event_schedules", "update public.event_schedules set max_tickets = 9 where id = %s", s
        ),
        [("capacity", 9, 5)],
    ),
    "seats held": (
        lambda tx, s, _t: tx.execute(
            "update ticketdb.seat_buckets set held = 2 where schedule_id = %s and ticket_type_id = 0", (s,)
        ),
        [("seats held in bucket 0", 1, 2)],
    ),
    "seats sold": (
        lambda tx, s, _t: tx.execute(
            "update ticketdb.seat_buckets set sold = 2 where schedule_id = %s and ticket_type_id = 0", (s,)
        ),
        [("seats sold in bucket 0", 3, 2)],
    ),
    "seats of a type": (
        lambda tx, s, t: tx.execute(
            """
            update ticketdb.seat_buckets set held = 0, sold = 2
            where schedule_id = %s and ticket_type_id = %s
            """,
            (s, t),
        ),
        [
            ("seats held of ticket type {t} in bucket 0", 1, 0),
            ("seats sold of ticket type {t} in bucket 0", 1, 2),
        ],
    ),
    "limit of a type": (
        lambda tx, _s, t: without_triggers(
            tx, "ticket_types", "update public.ticket_types set max_quantity = 7 where id = %s", t
        ),
        [("limit of ticket type {t}", 7, 3)],
    ),
    "an uncounted hold": (
        lambda tx, s, _t: without_triggers(
            tx,
            "ticket_reservations",
            """
            insert into public.ticket_reservations (
                schedule_id, quantity, unit_price, total_amount, expires_at
            )
            values (%s, 4, 0, 0, now())
            """,
            s,
        ),
        [("seats held without a bucket", 4, None)],
    ),
    "oversold": (
        lambda tx, s, _t: without_triggers(
            tx,
            "ticket_reservations",
            """
            with sale as (
                insert into public.ticket_reservations (
                    schedule_id, quantity, unit_price, total_amount, expires_at, status, origin
                )
                values (%s, 4, 0, 0, now(), 'confirmed', 'legacy')
                returning id
            )
            insert into public.event_tickets (reservation_id)
            select s.id from sale as s, generate_series(1, 4)
            """,
            s,
        ),
        [("oversold", 5, 7), ("seats sold without a bucket", 4, None), ("tickets_sold", 7, 3)],
    ),
    "no bucket": (
        lambda tx, s, _t: tx.execute(
            "alter table ticketdb.seat_buckets disable trigger user;"
            f"delete from ticketdb.seat_buckets where schedule_id = {s} and ticket_type_id = 0"
        ),
        [("seats held in bucket 0", 1, None), ("seats sold in bucket 0", 3, None)],
    ),
    "no bucket of a type": (
        lambda tx, s, t: tx.execute(
            "delete from ticketdb.seat_buckets where schedule_id = %s and ticket_type_id = %s", (s, t)
        ),
        [
            ("seats held of ticket type {t} in bucket 0", 1, None),
            ("seats sold of ticket type {t} in bucket 0", 1, None),
        ],
    ),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_drift_is_named_with_both_numbers(tx: psycopg.Connection, vip: tuple[int, int], drift: str) -> None:
    plant, told = DRIFTS[drift]
    plant(tx, *vip)
    expected = [(vip[0], problem.format(t=vip[1]), should_be, is_now) for problem, should_be, is_now in told]
    assert rows(tx, "select * from public.verify_inventory()") == expected


@pytest.mark.parametrize(
    ("statement", "due", "valid"),
    [
        ("delete from public.event_tickets where reservation_id = %s", 2, 0),
        ("update public.event_tickets set status = 'void' where reservation_id = %s", 2, 0),
        ("insert into public.event_tickets (reservation_id) values (%s)", 2, 3),
    ],
)
def test_a_sale_with_a_wrong_number_of_tickets_is_named(
    tx: psycopg.Connection, statement: str, due: int, valid: int
) -> None:
    class_ = schedule(tx)
    sale = sell(tx, class_, 2)
    tx.execute(statement, (sale,))
    problem = f"valid tickets of reservation {sale}"
    assert rows(tx, "select * from public.verify_inventory()") == [(class_, problem, due, valid)]


def test_valid_tickets_of_a_cancelled_sale_are_named(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    sale = sell(tx, class_, 1)
    call(tx, "cancel_reservation", sale)
    tx.execute("update public.event_tickets set status = 'valid' where reservation_id = %s", (sale,))
    problem = f"valid tickets of reservation {sale}"
    assert rows(tx, "select * from public.verify_inventory()") == [(class_, problem, 0, 1)]


def test_every_occurrence_with_drift_is_named(tx: psycopg.Connection) -> None:
    first, second, third = schedule(tx), schedule(tx), schedule(tx)
    for class_ in (first, second, third):
        reserve(tx, class_)
    tx.execute("update ticketdb.seat_buckets set held = 2 where schedule_id = any(%s)", ([first, third],))
    found = rows(tx, "select schedule_id, problem from public.verify_inventory()")
    assert found == [(first, "seats held in bucket 0"), (third, "seats held in bucket 0")]


def test_lapsed_and_swept_holds_are_no_drift(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    kind = ticket_type(tx, class_, max_quantity=3)
    lapsed_hold(tx, class_, 2, ticket_type_id=kind)
    assert_sound(tx)
    sweep(tx, class_)
    assert_sound(tx)


def test_a_payment_without_seats_is_no_drift(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=1)
    late = lapsed_hold(tx, class_)
    sell(tx, class_)
    assert pay(tx, late).status == "refund_due"
    assert_sound(tx)


def test_a_paid_booking_of_a_type_that_never_got_a_seat_is_no_drift(tx: psycopg.Connection) -> None:
    class_ = schedule(tx, max_tickets=1)
    kind = ticket_type(tx, class_)
    sell(tx, class_)
    book(tx, class_, status="paid", ticket_type_id=kind)
    assert_sound(tx)


@pytest.mark.parametrize(("date", "problems"), [("2020-01-01", 0), ("2040-01-01", 1)])
def test_an_imported_sale_needs_tickets_only_until_its_occurrence_is_over(
    tx: psycopg.Connection, date: str, problems: int
) -> None:
    class_ = schedule(tx, schedule_date=date)
    tx.execute(
        """
        insert into public.ticket_reservations (
            schedule_id, quantity, unit_price, total_amount, expires_at, status, origin
        )
        values (%s, 3, 0, 0, now(), 'confirmed', 'legacy')
        """,
        (class_,),
    )
    found = rows(tx, "select expected, actual from public.verify_inventory() where schedule_id = %s", class_)
    assert found == [(3, 0)] * problems
    tx.execute("delete from public.ticket_reservations where schedule_id = %s", (class_,))


def test_verifying_writes_nothing(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    reserve(tx, class_)
    tx.execute("update ticketdb.seat_buckets set held = 0 where schedule_id = %s", (class_,))
    with tx.transaction(force_rollback=True):
        tx.execute("set transaction read only")
        assert rows(tx, "select schedule_id from public.verify_inventory()") == [(class_,)]
    change(tx, "event_schedules", class_, max_tickets=1)
    assert rows(tx, "select schedule_id from public.verify_inventory()") == [(class_,)]
