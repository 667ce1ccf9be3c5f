"""The outbox: what is told, in the transaction of the event, and claimed by one sender at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from factories import (
    book,
    call,
    change,
    define,
    expect_error,
    insert,
    lapsed_hold,
    pay,
    reserve,
    row,
    schedule,
    sell,
    sweep,
    ticket_type,
    user,
    value,
)
from outbox import claim, complete, kinds, make_due, messages

from ticketdb import TicketDB

pytestmark = pytest.mark.usefixtures("sound")
NOBODY = "00000000-0000-0000-0000-000000000000"


# -- what is told


def test_a_sale_is_confirmed_to_its_buyer_once(tx: psycopg.Connection) -> None:
    held = reserve(tx, schedule(tx), 2).reservation_id
    assert kinds(tx) == []
    pay(tx, held, "pay 1")
    pay(tx, held, "pay 1", amount=200)
    assert messages(tx) == [("ticket_confirmation", "pending")]


def test_a_paid_booking_is_confirmed(tx: psycopg.Connection) -> None:
    booking = book(tx, schedule(tx))
    change(tx, "bookings", booking, status="confirmed")
    book(tx, schedule(tx), status="paid")
    assert kinds(tx) == ["ticket_confirmation", "ticket_confirmation"]


def test_whoever_inserts_a_sale_has_it_confirmed_unless_it_is_imported_or_of_a_pass(
    tx: psycopg.Connection,
) -> None:
    sale = {"quantity": 1, "unit_price": 1, "total_amount": 1, "status": "confirmed"}
    now = datetime.now(UTC)
    made = {
        origin: insert(
            tx, "ticket_reservations", schedule_id=schedule(tx), origin=origin, expires_at=now, **sale
        )
        for origin in ("api", "waitlist", "pass", "legacy")
    }
    tx.execute("select ticketdb.issue_tickets(id, 1) from public.ticket_reservations")
    told = [origin for origin, sold in made.items() if kinds(tx, sold) == ["ticket_confirmation"]]
    # of a place of a pass, whatever takes it tells: redeeming does, buying the pass tells of all at once
    assert told == ["api", "waitlist"]


def test_a_late_payment_without_a_seat_is_a_refund_that_is_told(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=1)
    late = lapsed_hold(tx, show)
    sweep(tx, show)
    sell(tx, show)
    assert pay(tx, late, "late").status == "refund_due"
    assert kinds(tx, late) == ["refund_due"]
    told = value(tx, "select details from public.ticket_notifications where reservation_id = %s", late)
    assert told == {"payment_reference": "late", "payment_refund_due": 100.0}


def test_a_cancelled_sale_is_a_refund_that_is_told(tx: psycopg.Connection) -> None:
    sold = sell(tx, schedule(tx))
    call(tx, "cancel_reservation", sold)
    call(tx, "cancel_reservation", sold)
    assert kinds(tx) == ["ticket_confirmation", "refund_due"]


def test_an_event_that_is_undone_is_not_told(tx: psycopg.Connection) -> None:
    held = reserve(tx, schedule(tx)).reservation_id
    with tx.transaction(force_rollback=True):
        pay(tx, held)
    assert kinds(tx) == []


# -- what a sender gets


def test_a_sender_gets_all_that_it_needs(tx: psycopg.Connection) -> None:
    venue = insert(tx, "venues", name="Hall")
    space = insert(tx, "spaces", name="Room 2", venue_id=venue)
    show = schedule(tx, define(tx, title="Yoga", venue_id=venue, space_id=space))
    buyer = user(tx, username="asha@example.org", mobile="+91 1")
    vip = ticket_type(tx, show, name="VIP")
    paid = pay(tx, reserve(tx, show, 2, user_id=buyer, ticket_type_id=vip).reservation_id)
    (told,) = claim(tx)
    assert (told.kind, told.attempts, told.details) == ("ticket_confirmation", 1, {})
    assert (told.contact_name, told.contact_mobile, told.contact_email) == (
        "Asha Rao",
        "+91 1",
        "asha@example.org",
    )
    assert (told.venue_name, told.space_name, told.ticket_type) == ("Hall", "Room 2", "VIP")
    assert told.ticket_codes == paid.ticket_codes
    assert (told.quantity, told.total_amount, told.refund_due) == (2, 500, 0)
    assert (told.event_title, told.timezone) == ("Yoga", "Asia/Kolkata")
    assert f"{told.start_datetime:%H:%M}" == "07:00"
    assert told.starts_at - told.start_datetime.replace(tzinfo=UTC) == timedelta(hours=-5, minutes=-30)


def test_the_contact_of_an_order_goes_before_the_user(tx: psycopg.Connection) -> None:
    contact = '{"name": "Ravi", "mobile": "2", "email": "ravi@example.org"}'
    pay(tx, reserve(tx, schedule(tx), user_id=user(tx), contact=contact).reservation_id)
    (told,) = claim(tx)
    assert (told.contact_name, told.contact_mobile, told.contact_email) == ("Ravi", "2", "ravi@example.org")


def test_a_user_name_that_is_no_address_is_not_taken_for_one(tx: psycopg.Connection) -> None:
    pay(tx, reserve(tx, schedule(tx), user_id=user(tx, username="9876543210")).reservation_id)
    assert claim(tx)[0].contact_email is None


def test_what_is_not_true_any_more_is_skipped(tx: psycopg.Connection) -> None:
    sold = sell(tx, schedule(tx))
    booking = book(tx, schedule(tx), status="paid")
    change(tx, "bookings", booking, status="cancelled")
    change(tx, "bookings", booking, status="confirmed")
    call(tx, "cancel_reservation", sold)
    # of the booking the sale is true again, and the refund is not
    assert [(told.kind, told.reservation_id == sold) for told in claim(tx)] == [
        ("ticket_confirmation", False),
        ("ticket_confirmation", False),
        ("refund_due", True),
    ]
    assert sorted(messages(tx)) == [
        ("refund_due", "pending"),
        ("refund_due", "skipped"),
        ("ticket_confirmation", "pending"),
        ("ticket_confirmation", "pending"),
        ("ticket_confirmation", "skipped"),
    ]


def test_what_is_skipped_keeps_nothing_else_waiting(tx: psycopg.Connection) -> None:
    show = schedule(tx, max_tickets=10)
    for _ in range(3):
        change(tx, "ticket_reservations", sell(tx, show), status="cancelled")
    sold = sell(tx, show)
    assert [told.reservation_id for told in claim(tx, 1)] == [sold]
    tx.execute(
        "select ticketdb.issue_tickets(id, 0) from public.ticket_reservations where status <> 'confirmed'"
    )


# -- claims


def test_a_claimed_message_is_nobody_elses_until_its_lease_runs_out(tx: psycopg.Connection) -> None:
    sell(tx, schedule(tx))
    (first,) = claim(tx)
    assert claim(tx) == []
    make_due(tx)
    (second,) = claim(tx)
    assert (second.notification_id, second.attempts) == (first.notification_id, 2)
    assert second.lease_id != first.lease_id
    late = complete(tx, first)
    assert (late.status, late.is_counted) == ("pending", False)
    done = complete(tx, second)
    assert (done.status, done.is_counted) == ("sent", True)
    again = complete(tx, second, "no")
    assert (again.status, again.is_counted) == ("sent", False)
    make_due(tx)
    assert claim(tx) == []


def test_no_more_are_claimed_than_were_asked_for(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    sold = [sell(tx, show) for _ in range(3)]
    assert [told.reservation_id for told in claim(tx, 2)] == sold[:2]
    assert [told.reservation_id for told in claim(tx, 2)] == sold[2:]


def test_a_failure_is_tried_again_after_pauses_that_double_and_at_last_given_up(
    tx: psycopg.Connection,
) -> None:
    sell(tx, schedule(tx))
    pauses = []
    for _ in range(10):
        (told,) = claim(tx)
        result = complete(tx, told, "no answer")
        now = value(tx, "select clock_timestamp()")
        pauses.append(round((result.due_at - now) / timedelta(minutes=1)))
        if result.status == "pending":
            assert claim(tx) == []
        make_due(tx)
    assert pauses[:9] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert claim(tx) == []
    dead = row(
        tx,
        "select status, attempts, last_error, completed_at is not null from public.ticket_notifications",
    )
    assert tuple(dead) == ("dead", 10, "no answer", True)


def test_a_message_that_ends_its_sender_each_time_is_given_up(tx: psycopg.Connection) -> None:
    sell(tx, schedule(tx))
    for _ in range(10):
        assert len(claim(tx)) == 1
        make_due(tx)
    assert claim(tx) == []
    assert messages(tx) == [("ticket_confirmation", "dead")]


def test_what_was_given_up_or_sent_can_be_sent_again(tx: psycopg.Connection) -> None:
    sell(tx, schedule(tx))
    (told,) = claim(tx)
    # under way
    assert call(tx, "retry_notification", told.notification_id).attempts == 1
    assert claim(tx) == []
    complete(tx, told)
    assert call(tx, "retry_notification", told.notification_id).status == "pending"
    (again,) = claim(tx)
    assert (again.notification_id, again.attempts) == (told.notification_id, 1)


@pytest.mark.parametrize(
    ("limit", "lease"), [(0, "1 minute"), (1001, "1 minute"), (None, "1 minute"), (1, "0"), (1, None)]
)
def test_claims_that_make_no_sense_are_refused(
    tx: psycopg.Connection, limit: int | None, lease: str | None
) -> None:
    with expect_error(tx, "PT400", "invalid_argument"):
        tx.execute("select public.claim_notifications(%s, %s)", (limit, lease))


def test_a_message_that_is_not_there_is_refused(tx: psycopg.Connection) -> None:
    with expect_error(tx, "PT400", "invalid_argument", notification_id=-1):
        call(tx, "complete_notification", -1, NOBODY)
    with expect_error(tx, "PT400", "invalid_argument", notification_id=-1):
        call(tx, "retry_notification", -1)


def test_urgent_messages_wake_those_who_listen_and_sales_do_not(db: str) -> None:
    with psycopg.connect(db, autocommit=True) as shop, psycopg.connect(db, autocommit=True) as sender:
        sender.execute("listen ticketdb_notifications")
        sold = sell(shop, schedule(shop))
        sender.execute("select")
        assert list(sender.notifies(timeout=0)) == []
        call(shop, "cancel_reservation", sold)
        assert len(list(sender.notifies(timeout=10, stop_after=1))) == 1


def test_the_client_claims_completes_and_retries(tx: psycopg.Connection) -> None:
    show = schedule(tx)
    paid = pay(tx, reserve(tx, show).reservation_id)
    db = TicketDB(tx)
    (told,) = db.claim_notifications(lease=timedelta(minutes=5))
    assert told.ticket_codes == tuple(paid.ticket_codes)
    assert db.complete_notification(told.notification_id, told.lease_id, "no").status == "pending"
    assert db.retry_notification(told.notification_id).attempts == 0
