"""A booking that changes: attendees, class, ticket type, owner; many at once."""

from __future__ import annotations

import psycopg
import pytest
from bookings import followed
from factories import (
    NEXT_WEEK,
    book,
    change,
    define,
    expect_error,
    lapsed_hold,
    pool,
    reserve,
    row,
    rows,
    schedule,
    sell,
    ticket_type,
    value,
)

pytestmark = pytest.mark.usefixtures("sound")


@pytest.mark.parametrize("status", ["pending", "paid"])
@pytest.mark.parametrize("attendees", [1, 3, 5])
def test_a_change_of_attendees_is_one_of_quantity(
    tx: psycopg.Connection, status: str, attendees: int
) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status=status)
    change(tx, "bookings", booking, attendees=attendees)
    if status == "paid":
        assert followed(tx, booking) == ("confirmed", attendees, attendees, 0)
        assert pool(tx, class_) == (0, attendees)
    else:
        assert followed(tx, booking) == ("held", attendees, 0, 0)
        assert pool(tx, class_) == (attendees, 0)


@pytest.mark.parametrize("status", ["pending", "paid"])
def test_attendees_beyond_the_capacity_are_refused(tx: psycopg.Connection, status: str) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status=status)
    reserve(tx, class_, 2)
    before = followed(tx, booking)
    with expect_error(tx, "PT409", "sold_out", available=1, requested=2):
        change(tx, "bookings", booking, attendees=4)
    assert value(tx, "select attendees from public.bookings where id = %s", booking) == 2
    assert followed(tx, booking) == before


def test_more_attendees_take_seats_of_lapsed_holds(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status="paid")
    lapsed_hold(tx, class_, 3)
    change(tx, "bookings", booking, attendees=5)
    assert followed(tx, booking) == ("confirmed", 5, 5, 0)


@pytest.mark.parametrize("status", ["pending", "paid"])
@pytest.mark.parametrize("attendees", [None, 0])
def test_a_booking_that_does_not_say_how_many_is_for_one(
    tx: psycopg.Connection, status: str, attendees: int | None
) -> None:
    booking = book(tx, schedule(tx), status=status, attendees=attendees)
    assert followed(tx, booking)[1] == 1


@pytest.mark.parametrize("status", ["pending", "paid"])
@pytest.mark.parametrize("attendees", [-1, 10001])
def test_a_number_of_attendees_that_means_nothing_is_refused(
    tx: psycopg.Connection, status: str, attendees: int
) -> None:
    class_ = schedule(tx)
    with expect_error(tx, "PT400", "invalid_quantity", requested=attendees):
        book(tx, class_, status=status, attendees=attendees)
    booking = book(tx, class_, status=status)
    with expect_error(tx, "PT400", "invalid_quantity", requested=attendees):
        change(tx, "bookings", booking, attendees=attendees)


@pytest.mark.parametrize(("status", "expected"), [("pending", "held"), ("paid", "confirmed")])
def test_a_booking_may_name_its_class_later(tx: psycopg.Connection, status: str, expected: str) -> None:
    class_ = schedule(tx)
    booking = book(tx, None, status=status)
    assert followed(tx, booking) is None
    change(tx, "bookings", booking, event_schedule_id=class_)
    assert followed(tx, booking)[:2] == (expected, 2)


@pytest.mark.parametrize(("status", "expected"), [("pending", (2, 0)), ("paid", (0, 2))])
def test_a_booking_may_move_to_another_class(
    tx: psycopg.Connection, status: str, expected: tuple[int, int]
) -> None:
    first, second = schedule(tx), schedule(tx, ticket_price=70)
    booking = book(tx, first, status=status)
    tickets = "select id from public.event_tickets where status = 'valid'"
    before = rows(tx, tickets)
    change(tx, "bookings", booking, event_schedule_id=second)
    assert (pool(tx, first), pool(tx, second)) == ((0, 0), expected)
    assert rows(tx, tickets) == before
    event = value(tx, "select event_definition_id from public.bookings where id = %s", booking)
    assert event == value(tx, "select event_definition_id from public.event_schedules where id = %s", second)
    price = "select unit_price from public.ticket_reservations where booking_id = %s"
    assert value(tx, price, booking) == 70


@pytest.mark.parametrize("status", ["pending", "paid"])
def test_a_booking_does_not_move_to_a_full_class(tx: psycopg.Connection, status: str) -> None:
    first, full = schedule(tx), schedule(tx, max_tickets=2)
    sell(tx, full)
    booking = book(tx, first, status=status)
    before = pool(tx, first)
    with expect_error(tx, "PT409", "sold_out", available=1, requested=2):
        change(tx, "bookings", booking, event_schedule_id=full)
    assert (pool(tx, first), pool(tx, full)) == (before, (0, 1))


def test_a_booking_whose_hold_lapsed_and_that_is_paid_for_another_class_gets_that(
    tx: psycopg.Connection,
) -> None:
    first, second = schedule(tx), schedule(tx)
    booking = book(tx, first)
    change(tx, "bookings", booking, event_schedule_id=second, status="paid", attendees=3)
    assert (pool(tx, first), pool(tx, second)) == ((0, 0), (0, 3))
    assert followed(tx, booking) == ("confirmed", 3, 3, 0)


@pytest.mark.parametrize(
    ("status", "expected"), [("pending", ("released", 2, 0, 0)), ("paid", ("cancelled", 2, 0, 300))]
)
def test_a_booking_that_leaves_its_class_gives_its_seats_back(
    tx: psycopg.Connection, status: str, expected: tuple
) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status=status)
    change(tx, "bookings", booking, event_schedule_id=None)
    assert (followed(tx, booking), pool(tx, class_)) == (expected, (0, 0))
    assert value(tx, "select event_definition_id from public.bookings where id = %s", booking) is None


@pytest.mark.parametrize(("status", "expected"), [("pending", "released"), ("paid", "cancelled")])
def test_a_deleted_booking_gives_its_seats_back(tx: psycopg.Connection, status: str, expected: str) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status=status)
    tx.execute("delete from public.bookings where id = %s", (booking,))
    kept = row(tx, "select status, booking_id from public.ticket_reservations where schedule_id = %s", class_)
    assert (kept, pool(tx, class_)) == ((expected, None), (0, 0))
    due = value(tx, "select coalesce(sum(refund_due), 0) from public.ticket_payments")
    assert due == (300 if status == "paid" else 0)


@pytest.mark.parametrize("status", ["pending", "paid", "cancelled"])
def test_an_admin_booking_buys_nothing(tx: psycopg.Connection, status: str) -> None:
    class_ = schedule(tx, max_tickets=1)
    booking = book(tx, class_, status=status, is_admin_booking=True)
    assert (followed(tx, booking), pool(tx, class_)) == (None, (0, 0))


@pytest.mark.parametrize(
    ("status", "without", "with_"),
    [
        ("pending", ("released", 2, 0, 0), ("held", 2, 0, 0)),
        ("paid", ("cancelled", 2, 0, 300), ("confirmed", 2, 2, 0)),
    ],
)
def test_a_booking_may_become_the_venue_s_and_back(
    tx: psycopg.Connection, status: str, without: tuple, with_: tuple
) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, status=status, is_admin_booking=None)
    for is_admin, expected in ((True, without), (False, with_), (True, without), (None, with_)):
        change(tx, "bookings", booking, is_admin_booking=is_admin)
        assert followed(tx, booking) == expected


def calls(tx: psycopg.Connection) -> int:
    """How often this transaction ran a trigger function of ours for a booking."""
    query = """
        select coalesce(sum(pg_stat_get_xact_function_calls(p.oid)), 0)::int
        from pg_proc as p where p.proname in ('follow_booking', 'link_booking')
    """
    return value(tx, query)


def test_a_booking_without_a_class_costs_nothing(tx: psycopg.Connection) -> None:
    tx.execute("set local track_functions = 'all'")
    booking = book(tx, None, status="paid")
    change(tx, "bookings", booking, status="cancelled", attendees=9)
    tx.execute("delete from public.bookings where id = %s", (booking,))
    assert calls(tx) == 0
    assert rows(tx, "select * from public.ticket_reservations") == []
    book(tx, schedule(tx))
    assert calls(tx) == 2


def test_changes_that_do_not_concern_tickets_cost_nothing(tx: psycopg.Connection) -> None:
    booking = book(tx, schedule(tx))
    tx.execute("set local track_functions = 'all'")
    before = calls(tx)
    change(tx, "bookings", booking, customer_note="by the window", status="pending")
    assert calls(tx) == before


def test_a_booking_of_a_ticket_type_takes_from_its_limit(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    vip = ticket_type(tx, class_, max_quantity=3, price=150)
    booking = book(tx, class_, ticket_type_id=vip)
    assert pool(tx, class_, vip) == (2, 0)
    with expect_error(tx, "PT409", "ticket_type_sold_out", available=1, requested=2):
        book(tx, class_, ticket_type_id=vip)
    change(tx, "bookings", booking, status="paid")
    assert (pool(tx, class_), pool(tx, class_, vip)) == ((0, 2), (0, 2))
    with expect_error(tx, "PT409", "ticket_type_sold_out", available=1, requested=2):
        change(tx, "bookings", booking, attendees=4)


@pytest.mark.parametrize("status", ["pending", "paid"])
def test_a_booking_may_change_its_ticket_type(tx: psycopg.Connection, status: str) -> None:
    class_ = schedule(tx)
    plain, vip = ticket_type(tx, class_, price=10), ticket_type(tx, class_, max_quantity=2, price=20)
    booking = book(tx, class_, ticket_type_id=plain, status=status)
    change(tx, "bookings", booking, ticket_type_id=vip)
    assert (sum(pool(tx, class_, plain)), sum(pool(tx, class_, vip)), sum(pool(tx, class_))) == (0, 2, 2)
    price = "select unit_price from public.ticket_reservations where booking_id = %s"
    assert value(tx, price, booking) == 20
    change(tx, "bookings", booking, ticket_type_id=None)
    assert (sum(pool(tx, class_, vip)), sum(pool(tx, class_))) == (0, 2)


def test_a_booking_of_another_event_s_ticket_type_is_refused(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    foreign = ticket_type(tx, schedule(tx))
    with expect_error(tx, "PT404", "ticket_type_not_found", ticket_type_id=foreign):
        book(tx, class_, ticket_type_id=foreign)
    for status in ("pending", "paid"):
        booking = book(tx, class_, status=status)
        with expect_error(tx, "PT404", "ticket_type_not_found", ticket_type_id=foreign):
            change(tx, "bookings", booking, ticket_type_id=foreign)


def test_a_paid_booking_of_another_event_s_ticket_type_is_due_back(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    booking = book(tx, class_, ticket_type_id=ticket_type(tx, schedule(tx)), status="paid")
    assert (followed(tx, booking), pool(tx, class_)) == (("refund_due", 2, 0, 300), (0, 0))


def test_a_statement_over_many_bookings_is_followed_for_each(tx: psycopg.Connection) -> None:
    event = define(tx)
    first, second = schedule(tx, event), schedule(tx, event, schedule_date=NEXT_WEEK.replace(year=2040))
    bookings = [book(tx, s, attendees=n) for s in (second, first) for n in (1, 2)]
    tx.execute("update public.bookings set status = 'paid' where id = any(%s)", (bookings,))
    assert (pool(tx, first), pool(tx, second)) == ((0, 3), (0, 3))
    tx.execute("update public.bookings set attendees = attendees + 1")
    assert (pool(tx, first), pool(tx, second)) == ((0, 5), (0, 5))
    with expect_error(tx, "PT409", "sold_out", available=0, requested=1):
        tx.execute("update public.bookings set attendees = attendees + 1")
    tx.execute("update public.bookings set event_schedule_id = null where event_schedule_id = %s", (first,))
    tx.execute("update public.bookings set status = 'cancelled'")
    assert (pool(tx, first), pool(tx, second)) == ((0, 0), (0, 0))


def test_a_statement_that_inserts_more_bookings_than_there_are_seats_inserts_none(
    tx: psycopg.Connection,
) -> None:
    class_ = schedule(tx)
    with expect_error(tx, "PT409", "sold_out", available=0, requested=1):
        tx.execute(
            """
            insert into public.bookings (booking_reference, start_datetime, end_datetime, event_schedule_id)
            select 'many ' || n, now(), now(), %s from generate_series(1, 6) as n
            """,
            (class_,),
        )
    assert (rows(tx, "select * from public.bookings"), pool(tx, class_)) == ([], (0, 0))


def test_more_attendees_of_a_type_take_seats_of_its_lapsed_holds(tx: psycopg.Connection) -> None:
    class_ = schedule(tx)
    vip = ticket_type(tx, class_, max_quantity=3)
    booking = book(tx, class_, status="paid", ticket_type_id=vip)
    lapsed_hold(tx, class_, 1, ticket_type_id=vip)
    change(tx, "bookings", booking, attendees=3)
    assert (followed(tx, booking), pool(tx, class_, vip)) == (("confirmed", 3, 3, 0), (0, 3))


def test_fewer_attendees_keep_the_tickets_that_were_issued_first(tx: psycopg.Connection) -> None:
    booking = book(tx, schedule(tx), status="paid", attendees=4)
    issued = rows(tx, "select id from public.event_tickets order by id")
    change(tx, "bookings", booking, attendees=2)
    assert rows(tx, "select id from public.event_tickets where status = 'valid' order by id") == issued[:2]
